"""Sales orders that the hub makes at Unleashed: `ports.erp.ErpOrderMaking`.

Sources: Unleashed's page on sales orders: ``POST /SalesOrders/{guid}``; digests of it: the fields
that are required, that totals have to be the lines', that the currency has to be the customer's,
and the query parameter ``sendAccountingJournalOnly``. What a POST of a Guid that is there does, no
source tells: it is read first. The order's number is left to Unleashed: sources differ on whether
it can be set. A line of type Charge has no product.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from returns_hub.adapters.unleashed.account import UnleashedAccount, UnleashedResource
from returns_hub.adapters.unleashed.client import quoted
from returns_hub.adapters.unleashed.dates import day
from returns_hub.adapters.unleashed.errors import NotThere
from returns_hub.adapters.unleashed.order_translate import to_sales_order
from returns_hub.adapters.unleashed.reading import (
    Raw,
    guid_of,
    number_of,
    text_of,
    value_of,
)
from returns_hub.adapters.unleashed.signing import Query
from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.unleashed.sale_amounts import SaleLine
from returns_hub.domain.unleashed.sales_draft import SalesDraft
from returns_hub.domain.unleashed.sales_orders import SalesOrder
from returns_hub.domain.warehouse_orders import Recipient
from returns_hub.errors import Misconfigured, Permanent

ORDERS, TAXES, CURRENCIES = "/SalesOrders", "/Taxes", "/Currencies"
ORDER = f"{ORDERS}/{{guid}}"
JOURNAL_ONLY: Query = (("sendAccountingJournalOnly", True),)
CHARGE = "Charge"
LONGEST = {"reference": 500, "comments": 2048, "line": 1024}


class UnleashedOrderMaking(UnleashedResource):
    """`ports.erp.ErpOrderMaking`; taxes and currencies are read once for each object, a run."""

    def __init__(self, account: UnleashedAccount) -> None:
        super().__init__(account)
        self._taxes: dict[str, Raw] | None = None
        self._currencies: dict[str, Raw] | None = None

    def tax_rate(self, code: str) -> Decimal:
        """See `ErpOrderMaking.tax_rate`."""
        if self._taxes is None:
            rows = self._client.rows(TAXES, size=200)
            self._taxes = {text_of(row, "TaxCode"): row for row in rows}
        found = self._taxes.get(code)
        rate = _number(found, "TaxRate")
        if found is None or rate is None or value_of(found, "Obsolete") is True:
            raise Misconfigured(
                "unleashed.no_tax",
                f"Unleashed has no tax {code!r} in use; it has "
                f"{', '.join(sorted(self._taxes)) or 'none'}",
                after=900,
            )
        return rate

    def exchange_rate(self, currency: str) -> Decimal:
        """See `ErpOrderMaking.exchange_rate`. A currency shows its default rate for sales."""
        if currency == self._connection.base_currency:
            return Decimal(1)
        if self._currencies is None:
            # This list is not paged (a digest).
            try:
                content = self._client.read(CURRENCIES, template=CURRENCIES)
            except NotThere:
                content = None
            rows = value_of(content, "Items") if isinstance(content, dict) else content
            listed = (
                [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
            )
            self._currencies = {text_of(row, "CurrencyCode").upper(): row for row in listed}
        rate = _number(self._currencies.get(currency), "DefaultSellRate")
        if rate is None or rate <= 0:
            raise Misconfigured(
                "unleashed.no_exchange_rate",
                f"nothing tells the exchange rate of {currency}: where it is the currency of the "
                "account's books, name it in unleashed.base_currency; else give it a default sell "
                "rate in Unleashed",
                after=900,
            )
        return rate

    def make_order(self, draft: SalesDraft, send_by: datetime) -> str:
        """See `ErpOrderMaking.make_order`."""
        there = self._there(draft.guid)
        if there is not None:
            if _units(there) == draft.units():
                return draft.guid
            why = _other_goods(there, draft.units())
            raise Permanent("unleashed.other_goods", f"order {draft.reference[:60]}: {why}")
        answer = self._client.write(
            "POST",
            f"{ORDERS}/{quoted(draft.guid)}",
            template=ORDER,
            body=body_of(draft),
            query=JOURNAL_ONLY if draft.journal_only else (),
            send_by=send_by,
        )
        return (guid_of(answer) if isinstance(answer, Mapping) else "") or draft.guid

    def find_order(self, guid: str, units: Mapping[str, int]) -> LookUp:
        """See `ErpOrderMaking.find_order`."""
        there = self._there(guid)
        if there is None:
            return NotFound()
        if _units(there) != dict(units):
            return Inconclusive(_other_goods(there, units))
        return Found(guid)

    def exists(self, guid: str) -> bool:
        """Whether there is a sales order with our Guid, a deleted one as well."""
        return self._there(guid) is not None

    def _there(self, guid: str) -> SalesOrder | None:
        row = self._one(ORDERS, guid)
        return None if row is None else to_sales_order(row)


def body_of(draft: SalesDraft) -> dict[str, Any]:
    """A sales order as Unleashed takes it."""
    totals, person = draft.totals, draft.recipient
    return {
        "Guid": draft.guid,
        "OrderStatus": draft.status,
        "OrderDate": day(draft.ordered_on),
        "RequiredDate": day(draft.ordered_on),
        "SourceId": draft.source_id,
        "CustomerRef": draft.reference[: LONGEST["reference"]] or None,
        "Comments": draft.comments[: LONGEST["comments"]] or None,
        "Customer": {"CustomerCode": draft.customer_code},
        "Warehouse": {"WarehouseCode": draft.warehouse_code},
        "Currency": {"CurrencyCode": draft.currency},
        "ExchangeRate": draft.exchange_rate,
        "Tax": {"TaxCode": draft.tax_code},
        "TaxRate": draft.tax_rate,
        "SubTotal": totals.net,
        "TaxTotal": totals.tax,
        "Total": totals.gross,
        "SendAccountingJournalOnly": draft.journal_only,
        **_delivery(person),
        "SalesOrderLines": [
            _line(at, line, draft.tax_rate) for at, line in enumerate(draft.lines, start=1)
        ],
    }


def _line(at: int, line: SaleLine, rate: Decimal) -> dict[str, Any]:
    if line.sku:
        head: dict[str, Any] = {"Product": {"ProductCode": line.sku}}
    else:
        head = {"LineType": CHARGE}
    return {
        "LineNumber": at,
        **head,
        "OrderQuantity": line.quantity,
        "UnitPrice": line.unit_price,
        "LineTotal": line.total,
        "LineTax": line.tax,
        "TaxRate": rate,
        "Comments": line.description[: LONGEST["line"]] or None,
    }


def _delivery(person: Recipient) -> dict[str, Any]:
    name = " ".join(filter(None, (person.first_name, person.last_name)))
    lines = [line for line in person.address if line]
    names = [one for one in (name, person.company) if one]
    return {
        "DeliveryName": ", ".join(names) or None,
        "DeliveryStreetAddress": lines[0] if lines else None,
        "DeliveryStreetAddress2": ", ".join(lines[1:]) or None,
        "DeliveryCity": person.town or None,
        "DeliveryRegion": person.county or None,
        "DeliveryPostCode": person.postcode or None,
        "DeliveryCountry": person.country or None,
    }


def _units(order: SalesOrder) -> dict[str, int] | None:
    """Units of goods; None when nobody can make sense of them."""
    units: dict[str, int] = {}
    for line in order.lines:
        if line.is_charge or not line.sku:
            continue
        if line.quantity != line.quantity.to_integral_value():
            return None
        units[line.sku] = units.get(line.sku, 0) + int(line.quantity)
    return None if order.unreadable else units


def _other_goods(there: SalesOrder, wanted: Mapping[str, int]) -> str:
    said = ", ".join(f"{many} {sku}" for sku, many in sorted(wanted.items())) or "nothing"
    return (
        f"Unleashed has sales order {there.number[:60]} under the hub's own Guid, and it does not "
        f"hold {said}: somebody changed it; compare it, and replay or discard this"
    )


def _number(row: Raw | None, name: str) -> Decimal | None:
    try:
        return None if row is None else number_of(row, name)
    except ValueError:
        return None

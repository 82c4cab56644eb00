"""Unleashed as the store of record of a marketplace's orders and refunds.

`ports.sales_orders.SalesOrders` and `ports.refunds.CreditNotes`. A sales order's Guid follows from
the merchant and its number, so that whoever knows the number reads it by its Guid; one that was
exported is found by its source id, which has the number too. The marketplace's prices hold tax
(`final incl. tax`, its API).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from returns_hub.adapters.unleashed.account import UnleashedAccount, UnleashedResource
from returns_hub.adapters.unleashed.client import quoted
from returns_hub.adapters.unleashed.credit_notes import UnleashedCreditNotes
from returns_hub.adapters.unleashed.errors import NotThere
from returns_hub.adapters.unleashed.order_making import UnleashedOrderMaking
from returns_hub.adapters.unleashed.reading import (
    Raw,
    guid_of,
    number_or_none,
    part_of,
    text_of,
    value_of,
)
from returns_hub.domain.minor_units import amount_of
from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound, marker_of
from returns_hub.domain.unleashed.credits import CreditDraft, CreditLine, lines_worth
from returns_hub.domain.unleashed.guids import guid_for
from returns_hub.domain.unleashed.order_settings import MarketplaceOrders
from returns_hub.domain.unleashed.sale_amounts import line_of
from returns_hub.domain.unleashed.sales_draft import SalesDraft
from returns_hub.domain.unleashed.sales_orders import OF_MARKETPLACE, OUR_SOURCE
from returns_hub.domain.warehouse_orders import OrderDraft, draft_problem
from returns_hub.errors import Misconfigured, Permanent
from returns_hub.ports.refunds import CreditNoteDraft, CreditNoteLine

LONGEST_NUMBER = 100
ORDERS = "/SalesOrders"
DEFAULT_SINCE = timedelta(days=30)


def guid_of_number(merchant: str, number: str) -> str:
    """The Guid of the sales order with this number of ours."""
    return guid_for(f"marketplace-order/{merchant}/{number}")


class UnleashedMarketplaceOrders:
    """`ports.sales_orders.SalesOrders`; the ERP's id of an order is its Guid.

    Args:
        merchant: Whose.
        account: The account.
    """

    def __init__(self, merchant: str, account: UnleashedAccount) -> None:
        self._merchant = merchant
        self._making = UnleashedOrderMaking(account)
        self._connection = account.connection
        self._clock = account.clock

    def require_open(self) -> None:
        """See `SalesOrders.require_open`."""
        self._making.require_open()

    def create_sales_order(self, draft: OrderDraft, send_by: datetime) -> str:
        """See `SalesOrders.create_sales_order`."""
        problem = draft_problem(draft, LONGEST_NUMBER)
        if problem:
            raise Permanent("unleashed.bad_order", problem)
        return self._making.make_order(self._as_sale(draft), send_by)

    def find_sales_order(self, number: str, *, units: Mapping[str, int] | None = None) -> LookUp:
        """See `SalesOrders.find_sales_order`."""
        guid = guid_of_number(self._merchant, number)
        if units is None:
            return Found(guid) if self._making.exists(guid) else NotFound()
        found = self._making.find_order(guid, units)
        if isinstance(found, Inconclusive):
            return Inconclusive(f"order {number[:60]}: {found.why}")
        return found

    def _as_sale(self, draft: OrderDraft) -> SalesDraft:
        settings, mapped = self._connection.marketplace, self._connection.warehouses
        code = next((code for code, id_ in mapped.items() if id_ == draft.warehouse_id), None)
        if code is None:
            raise Misconfigured(
                "unleashed.unmapped",
                f"Mintsoft warehouse {draft.warehouse_id} is not in unleashed.warehouses",
            )
        customer, tax_code = customer_of(draft.currency, settings), settings.tax_code or ""
        rate = self._making.tax_rate(tax_code)
        bare = [item.sku for item in draft.items if item.unit_price_minor is None]
        if bare:
            raise Permanent(
                "unleashed.no_price",
                f"order {draft.number}: the price of one unit of {bare[0][:60]} is not known; say "
                "miinto.transfers.price_is, or make the sales order by hand",
            )
        lines = tuple(
            line_of(
                item.sku,
                item.quantity,
                amount_of(item.unit_price_minor or 0, draft.currency) * item.quantity,
                tax_rate=rate,
                currency=draft.currency,
                prices="gross",
            )
            for item in draft.items
        )
        return SalesDraft(
            guid=guid_of_number(self._merchant, draft.number),
            source_id=f"{OF_MARKETPLACE}{draft.number}",
            customer_code=customer,
            warehouse_code=code,
            currency=draft.currency,
            exchange_rate=self._making.exchange_rate(draft.currency),
            tax_code=tax_code,
            tax_rate=rate,
            ordered_on=self._clock.now().date(),
            lines=lines,
            recipient=draft.recipient,
            reference=draft.number,
            comments=draft.comments,
        )


def customer_of(currency: str, settings: MarketplaceOrders) -> str:
    """Code of the customer of orders in a currency.

    Raises:
        Misconfigured: The file names none.
    """
    code = settings.customers.get(currency)
    if code is None:
        raise Misconfigured(
            "unleashed.no_customer",
            f"unleashed.marketplace.customers names no customer of orders in {currency}",
            after=900,
        )
    return code


class UnleashedStoreCredits(UnleashedResource):
    """`ports.refunds.CreditNotes`; a note's number is its Guid.

    Args:
        merchant: Whose.
        account: The account.
    """

    def __init__(self, merchant: str, account: UnleashedAccount) -> None:
        super().__init__(account)
        self._merchant = merchant
        self._notes = UnleashedCreditNotes(account)
        self._clock = account.clock

    def create_credit_note(self, draft: CreditNoteDraft, send_by: datetime) -> str:
        """See `CreditNotes.create_credit_note`."""
        if not draft.lines:
            raise Permanent("unleashed.credit_nothing", "a credit note of nothing is not made")
        order = self._order(draft.order_number)
        currency = text_of(part_of(order, "Currency"), "CurrencyCode").upper()
        if currency and currency != draft.currency:
            raise Permanent(
                "unleashed.credit_currency",
                f"order {draft.order_number[:60]} is in {currency}, and the refund in "
                f"{draft.currency}; make the credit note by hand",
            )
        rate = _rate(order, draft.order_number)
        lines = [line for row in draft.lines for line in _lines(row, draft.currency, rate)]
        note = CreditDraft(
            marker=marker_of_reference(draft.reference),
            order_guid=guid_of(order),
            lines=tuple(lines),
            reason=self._connection.credit_notes.reason,
            comments=f"{draft.reason} ({draft.reference})",
            credited_on=draft.credited_at.date(),
        )
        return self._notes.make_note(note, send_by)

    def find_credit_note(self, reference: str, since: datetime | None = None) -> LookUp:
        """See `CreditNotes.find_credit_note`."""
        begin = since or self._clock.now() - DEFAULT_SINCE
        return self._notes.find_marker(marker_of_reference(reference), begin)

    def _order(self, number: str) -> Raw:
        """The sales order with this number of ours: made for the marketplace, or exported.

        Raises:
            Permanent: There is none.
        """
        guid = guid_of_number(self._merchant, number)
        try:
            return self._client.one(f"{ORDERS}/{quoted(guid)}", template=f"{ORDERS}/{{guid}}")
        except NotThere:
            pass
        wanted = f"{OUR_SOURCE}{number}"
        for row in self._client.rows(ORDERS, (("sourceId", wanted),), size=10):
            if text_of(row, "SourceId") == wanted:
                return row
        raise Permanent(
            "unleashed.credit_no_order",
            f"Unleashed has no sales order of order {number[:60]}; make the credit note by hand",
        )


def marker_of_reference(reference: str) -> str:
    """The marker of a credit note with this reference."""
    return marker_of(f"credit-note/{reference}")


def _lines(row: CreditNoteLine, currency: str, rate: Decimal) -> tuple[CreditLine, ...]:
    paid = amount_of(row.amount_minor, currency)
    net = line_of(
        row.sku, row.quantity, paid, tax_rate=rate, currency=currency, prices="gross"
    ).total
    return lines_worth(row.sku, row.quantity, net, returns=False)


def _rate(order: Raw, number: str) -> Decimal:
    """The order's rate of tax, as a share; 0 for one that shows no tax at all.

    Raises:
        Permanent: It has a tax, and which rate that is cannot be told: with another one more, or
            less, than what was paid would be credited.
    """
    tax = part_of(order, "Tax")
    shown = next((part for part in (order, tax) if value_of(part, "TaxRate") is not None), tax)
    rate = number_or_none(shown, "TaxRate")
    if rate is not None:
        return rate
    if value_of(shown, "TaxRate") is None and not text_of(tax, "TaxCode"):
        return Decimal()
    raise Permanent(
        "unleashed.credit_tax",
        f"order {number[:60]} in Unleashed does not show the rate of its tax; make the credit note "
        "by hand",
    )

"""Stock on hand and adjustments of Unleashed.

Sources: Unleashed's pages on StockOnHand (a product without any transaction has no row; without a
warehouse there is one row for all of them, with empty warehouse fields), StockAdjustments (whoever
makes one gives its Guid) and Products (``productId`` takes several Guids; obsolete products are
left out unless they are asked for). What ``NewQuantity`` means is a setting, see
`domain.unleashed.stock_settings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from returns_hub.adapters.unleashed import dates
from returns_hub.adapters.unleashed.account import (
    PRODUCTS,
    PRODUCTS_SIZE,
    UnleashedResource,
    lots_of,
)
from returns_hub.adapters.unleashed.client import any_of, quoted
from returns_hub.adapters.unleashed.dates import day
from returns_hub.adapters.unleashed.reading import (
    Raw,
    code_of,
    guid_of,
    is_tracked,
    keeps_stock,
    number_of,
    part_of,
    rows_of,
    status_of,
    text_of,
    value_of,
)
from returns_hub.adapters.unleashed.signing import Query
from returns_hub.domain.unleashed.stock_rows import (
    NO_UNITS,
    AdjustmentDraft,
    AdjustmentSeen,
    ProductFacts,
    StockPage,
    StockRow,
)
from returns_hub.errors import Misconfigured, Retryable

STOCK = "/StockOnHand"
ADJUSTMENTS = "/StockAdjustments"
ONE_ADJUSTMENT = f"{ADJUSTMENTS}/{{guid}}"
MOST_BY_ONE = 20
"""Codes that are looked up one by one; for more the list of products is read."""
MOST_LOTS = 50
"""Requests for products by Guid; for more the list of products is read."""


class UnleashedStock(UnleashedResource):
    """`ports.erp.ErpStockRoom`."""

    def account(self) -> str:
        """See `ErpStockRoom.account`."""
        return self._client.account

    # -- stock on hand ----------------------------------------------------------------------

    def pages(self, code: str, first: int = 1) -> Iterator[StockPage]:
        """See `ErpStockRoom.pages`."""
        size = self._connection.catalogue_page_size
        # What moved meanwhile is met by the next reading; to settle here would be to read 50,000
        # rows again for one of them.
        for page in self._client.pages(STOCK, _of(code), size=size, first=first, settle=False):
            yield StockPage(page.number, page.pages, _rows_in(code, page.rows))

    def changed(self, code: str, since: datetime) -> Iterator[StockRow]:
        """See `ErpStockRoom.changed`."""
        query = (*_of(code), ("modifiedSince", dates.since(since)))
        size = self._connection.catalogue_page_size
        for page in self._client.pages(STOCK, query, size=size, settle=False):
            yield from _rows_in(code, page.rows)

    def rows_of(self, code: str, guids: Iterable[str]) -> Mapping[str, StockRow]:
        """See `ErpStockRoom.rows_of`."""
        found: dict[str, StockRow] = {}
        for lot in lots_of(guids):
            query = (*_of(code), ("productId", any_of(lot)))
            for raw in self._client.rows(STOCK, query, size=PRODUCTS_SIZE, settle=False):
                for row in _rows_in(code, [raw]):
                    if row.guid in lot:
                        found[row.guid] = row
        return found

    # -- products ---------------------------------------------------------------------------

    def products_of(self, guids: Iterable[str]) -> Mapping[str, ProductFacts]:
        """See `ErpStockRoom.products_of`."""
        wanted = {guid.lower() for guid in guids}
        if len(lots_of(wanted)) > MOST_LOTS:
            return {p.guid: p for p in self._every_product() if p.guid in wanted}
        return {facts.guid: facts for facts in map(_facts, self._products(wanted))}

    def products_named(self, skus: Iterable[str]) -> Mapping[str, ProductFacts]:
        """See `ErpStockRoom.products_named`."""
        wanted = set(skus)
        if len(wanted) <= MOST_BY_ONE:
            guids = self._account.keys.find("product", sorted(wanted))
            found = self.products_of(guids.values())
            return {p.sku: p for p in found.values() if p.sku in wanted}
        named = {p.sku: p for p in self._every_product() if p.sku in wanted}
        rows = ({"ProductCode": p.sku, "Guid": p.guid} for p in named.values())
        self._account.keys.learn("product", rows)
        return named

    def _every_product(self) -> Iterator[ProductFacts]:
        size = self._connection.catalogue_page_size
        query: Query = (("includeObsolete", True),)
        for raw in self._client.rows(PRODUCTS, query, size=size, settle=False):
            yield _facts(raw)

    # -- adjustments ------------------------------------------------------------------------

    def adjust(self, draft: AdjustmentDraft, send_by: datetime) -> str:
        """See `ErpStockRoom.adjust`."""
        self._client.write(
            "POST",
            f"{ADJUSTMENTS}/{quoted(draft.guid)}",
            template=ONE_ADJUSTMENT,
            body=_body(draft),
            send_by=send_by,
        )
        return draft.guid

    def read_adjustment(self, guid: str) -> AdjustmentSeen | None:
        """See `ErpStockRoom.read_adjustment`."""
        raw = self._one(ADJUSTMENTS, guid)
        if raw is None:
            return None
        if guid_of(raw) != guid.lower():
            raise _unreadable("an adjustment that was asked for by its Guid has another one")
        try:
            lines = rows_of(raw, "StockAdjustmentLines")
        except ValueError as error:
            raise _unreadable(str(error)) from None
        return AdjustmentSeen(
            guid=guid_of(raw),
            number=text_of(raw, "AdjustmentNumber"),
            status=status_of(raw, "Status"),
            warehouse_code=text_of(part_of(raw, "Warehouse"), "WarehouseCode"),
            quantities=tuple(
                (text_of(part_of(line, "Product"), "ProductCode"), _needed(line, "NewQuantity"))
                for line in lines
            ),
        )


def _of(code: str) -> Query:
    return (("warehouseCode", code),)


def _rows_in(code: str, rows: list[dict[str, object]]) -> tuple[StockRow, ...]:
    return tuple(row for raw in rows if (row := _row(code, raw)) is not None)


def _row(code: str, raw: Raw) -> StockRow | None:
    """A row; None for one without a product.

    Raises:
        Misconfigured: It is another warehouse's, or all of them together.
    """
    sku = text_of(raw, "ProductCode")
    guid = guid_of(raw, "ProductGuid") or guid_of(raw)
    if not sku or not guid:
        return None
    where = code_of(raw, "WarehouseCode")
    if where != code:
        raise Misconfigured(
            "unleashed.other_stock",
            f"Unleashed was asked for the stock of warehouse {code} and shows that of "
            f"{where or 'all warehouses'}; nothing is adjusted on it",
        )
    return StockRow(
        sku=sku,
        guid=guid,
        on_hand=_needed(raw, "QtyOnHand"),
        allocated=_number(raw, "AllocatedQty") or NO_UNITS,
        on_purchase=_number(raw, "OnPurchase") or NO_UNITS,
        average_cost=_number(raw, "AvgCost"),
    )


def _facts(raw: Raw) -> ProductFacts:
    costs = (_number(raw, name) for name in ("DefaultPurchasePrice", "LastCost"))
    return ProductFacts(
        sku=text_of(raw, "ProductCode"),
        guid=guid_of(raw),
        keeps_stock=keeps_stock(raw),
        is_tracked=is_tracked(raw),
        is_obsolete=value_of(raw, "Obsolete") is True,
        other_cost=next((cost for cost in costs if cost), None),
    )


def _body(draft: AdjustmentDraft) -> dict[str, object]:
    return {
        "Guid": draft.guid,
        "Warehouse": {"WarehouseCode": draft.warehouse_code},
        "AdjustmentReason": draft.reason,
        "AdjustmentDate": day(draft.day),
        "Status": "Completed",
        "StockAdjustmentLines": [
            {
                "LineNumber": number,
                "Product": {"ProductCode": line.sku},
                "NewQuantity": line.new_quantity,
                "NewActualValue": line.new_value,
                "Comments": draft.comment,
            }
            for number, line in enumerate(draft.lines, start=1)
        ],
    }


def _number(raw: Raw, name: str) -> Decimal | None:
    try:
        return number_of(raw, name)
    except ValueError as error:
        raise _unreadable(str(error)) from None


def _needed(raw: Raw, name: str) -> Decimal:
    found = _number(raw, name)
    if found is None:
        # No number is not 0: on that a whole stock would be booked away.
        raise _unreadable(f"{name} is missing")
    return found


def _unreadable(what: str) -> Retryable:
    return Retryable("unleashed.unreadable", f"Unleashed's stock cannot be read: {what}", after=300)

"""Mintsoft as the warehouse: `ports.Warehouse`.

Sources: Mintsoft's Swagger (Return, Product, Warehouse), and recorded behaviour of client projects
for ``CreateExternalReturn`` and for searches that return other clients' rows. Unknown query
parameters and unreadable dates are ignored by Mintsoft, never rejected; so every filter is checked
again here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from returns_hub.adapters.mintsoft.answers import one, rows_of, whole_number
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.errors import NotThere, created_id
from returns_hub.adapters.mintsoft.models import (
    NewExternalReturn,
    NewReturnItem,
    Product,
    Return,
    ReturnReason,
    WarehouseRow,
)
from returns_hub.adapters.mintsoft.pages import PAGE_SIZE, give_each
from returns_hub.adapters.mintsoft.times import to_naive, zone
from returns_hub.adapters.mintsoft.translate import comments_of, to_receipt
from returns_hub.adapters.mintsoft.whose import client_filter
from returns_hub.domain.merchant import MintsoftConnection
from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.receipts import Receipt
from returns_hub.errors import Permanent, Retryable
from returns_hub.ports import Capabilities, Clock, ExternalReturnDraft, Reason, ReceiptPage

MOST_LOOK_UP_DAYS = 20
MOST_ROWS_WITHOUT_ITEMS = 50


class MintsoftWarehouse:
    """One client's part of a 3PL's Mintsoft."""

    def __init__(
        self,
        client: MintsoftClient,
        connection: MintsoftConnection,
        *,
        clock: Clock,
        proven: Callable[[], Capabilities],
    ) -> None:
        self._client = client
        self._connection = connection
        self._clock = clock
        self._proven = proven
        self._zone = zone(connection.time_zone)

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
        self._client.require_open()

    # -- products ---------------------------------------------------------------------------

    def find_product(self, sku: str) -> int | None:
        """See `ports.Warehouse.find_product`.

        ``LookupProductId`` also searches alternative codes and does not tell case apart, so the
        product it gives is read and must have exactly this SKU and client.
        """
        product = self._product(sku)
        return product.id if product else None

    def _product(self, sku: str) -> Product | None:
        query: dict[str, str | int] = {"SKU": sku, **client_filter(self._connection)}
        found = self._client.read_call("/api/Product/LookupProductId", query)
        product_id = whole_number(found)
        if product_id == 0:
            return None
        try:
            content = self._client.read(f"/api/Product/{product_id}", template="/api/Product/{id}")
        except NotThere:
            return None
        product = one(Product, content)
        exact = product.sku == sku and product.client_id == self._connection.client_id
        return product if exact else None

    # -- external returns: writing ----------------------------------------------------------

    def create_external_return(self, draft: ExternalReturnDraft, send_by: datetime) -> int:
        """See `ports.Warehouse.create_external_return`.

        Looked up by the marker in the items' comments: `look_up_external_return` says when that
        is conclusive.
        """
        comments = comments_of(draft)
        body = NewExternalReturn(
            client_id=client_filter(self._connection).get("ClientId"),
            warehouse_id=draft.warehouse_id,
            reference=draft.reference[: self._connection.reference_length],
            items=tuple(
                NewReturnItem(
                    sku=item.sku,
                    product_id=item.product_id,
                    quantity=item.quantity,
                    return_reason_id=item.reason_id,
                    comments=comments,
                )
                for item in draft.items
            ),
        )
        path = "/api/Return/CreateExternalReturn"
        content = self._client.write(
            "POST",
            path,
            template=path,
            body=body.model_dump(by_alias=True, exclude_none=True),
            send_by=send_by,
        )
        return created_id(content)

    # -- external returns: looking up -------------------------------------------------------

    def look_up_external_return(self, marker: str, since: datetime) -> LookUp:
        """See `ports.Warehouse.look_up_external_return`.

        ``SearchByDate`` compares a day of the record: the day it was made, or that of its last
        update; either lies between the claim and now, so every such day is searched. That a
        record shows up there at all, with its comments, is what the probe proves on this tenant;
        until then finding nothing proves nothing.
        """
        days = list(self._days(since - timedelta(days=1), self._clock.now() + timedelta(days=1)))
        if len(days) > MOST_LOOK_UP_DAYS:
            return Inconclusive(
                f"the create was tried {len(days)} days ago; search Mintsoft for "
                f"{marker} in the comments of returns"
            )
        for day in days:
            rows, _ = self._rows_of_day(day)
            for row in rows or ():
                if any(marker in (item.comments or "") for item in row.items or ()):
                    if self._is_ours(row):
                        return Found(str(row.id))
                    return Inconclusive(
                        f"record {row.id} in Mintsoft has {marker} and no such client"
                    )
            if rows is None:
                return Inconclusive("the search by date gave more rows than can be looked through")
        if self._proven().marker_look_up:
            return NotFound()
        return Inconclusive(
            f"a create had no answer, and it is not proven that Mintsoft's search by date would "
            f"show the record; look in Mintsoft for {marker} in the comments of returns"
        )

    def find_by_reference(self, reference: str, skus: Mapping[str, int], since: datetime) -> LookUp:
        """See `ports.Warehouse.find_by_reference`.

        No more than the last `MOST_LOOK_UP_DAYS` days are searched.
        """
        matches: set[int] = set()
        now = self._clock.now()
        earliest = now - timedelta(days=MOST_LOOK_UP_DAYS)
        start = since - timedelta(days=1)
        is_whole = start >= earliest
        for day in self._days(max(start, earliest), now + timedelta(days=1)):
            page = self.search_by_date(day)
            is_whole = is_whole and page.complete
            for receipt in page.receipts:
                if receipt.reference == reference and receipt.units() == dict(skus):
                    matches.add(receipt.external_return_id)
        if len(matches) > 1:
            return Inconclusive(f"{len(matches)} records in Mintsoft fit {reference}")
        if matches:
            return Found(str(matches.pop()))
        if not is_whole:
            return Inconclusive(
                f"not every record since {start:%Y-%m-%d} was looked through for {reference}; "
                "look for it in Mintsoft"
            )
        return NotFound()

    # -- external returns: reading ----------------------------------------------------------

    def read_external_return(self, external_return_id: int) -> Receipt | None:
        """See `ports.Warehouse.read_external_return`."""
        row = self._read_row(external_return_id)
        return to_receipt(row, self._zone) if row and self._is_ours(row) else None

    def list_updated_since(self, since: datetime, most_calls: int) -> ReceiptPage:
        """See `ports.Warehouse.list_updated_since`.

        A row may slip from a page to another between two calls; the reads of a later run overlap.
        """
        found: dict[tuple[int, str], Receipt] = {}

        def take(row: Return) -> None:
            for receipt in self._receipts([row]):
                if receipt.updated_at >= since:
                    found[receipt.external_return_id, receipt.version] = receipt

        given = give_each(
            lambda number: self._list(number, since),
            lambda row: (row.id, row.last_updated),
            take,
            most_calls,
        )
        return ReceiptPage(tuple(found.values()), given.calls, complete=given.complete)

    def search_by_date(self, day: datetime) -> ReceiptPage:
        """See `ports.Warehouse.search_by_date`."""
        rows, calls = self._rows_of_day(day)
        if rows is None:
            return ReceiptPage((), calls, complete=False)
        ours = [row for row in rows if self._is_ours(row)]
        return ReceiptPage(tuple(self._receipts(ours)), calls)

    def sku_of_barcode(self, barcode: str) -> str | None:
        """See `ports.Warehouse.sku_of_barcode`.

        ``SearchBarcode`` takes a part of a barcode of 7 characters or fewer for the product; so the
        product that it names must have the barcode whole, and be this client's.
        """
        try:
            content = self._client.read(
                "/api/Product/SearchBarcode",
                template="/api/Product/SearchBarcode",
                query={"Barcode": barcode},
            )
        except NotThere:
            return None
        sku = content.get("SKU") if isinstance(content, dict) else None
        if not isinstance(sku, str) or not sku.strip():
            return None
        return sku if barcode in self.barcodes(sku) else None

    def barcodes(self, sku: str) -> frozenset[str]:
        """See `ports.Warehouse.barcodes`: the product's EAN and UPC."""
        product = self._product(sku)
        codes = (product.ean, product.upc) if product else ()
        return frozenset(code.strip() for code in codes if code and code.strip())

    def _rows_of_day(self, day: datetime) -> tuple[list[Return] | None, int]:
        """Every client's rows, ours and those of no client with their items, and the calls made."""
        query = {"Date": to_naive(day, self._zone)[:10]}
        rows = rows_of(Return, self._client.read_call("/api/Return/SearchByDate", query))
        known = {None, self._connection.client_id}
        without = [row for row in rows if row.items is None and row.client_id in known]
        if len(without) > MOST_ROWS_WITHOUT_ITEMS:
            return None, 1
        whole = [row for row in rows if row.items is not None]
        whole += [row for bare in without if (row := self._read_row(bare.id))]
        return whole, 1 + len(without)

    def _read_row(self, external_return_id: int) -> Return | None:
        path = f"/api/Return/{external_return_id}"
        try:
            return one(Return, self._client.read(path, template="/api/Return/{id}"))
        except NotThere:
            return None

    # -- what this tenant can do ------------------------------------------------------------

    def probe(
        self, known: Receipt | None, marker: str | None, made_at: datetime | None
    ) -> Capabilities:
        """See `ports.Warehouse.probe`."""
        now = self._clock.now()
        by_date: bool | None = None
        look_up: bool | None = None
        if known is not None:
            same_day = self.search_by_date(known.updated_at).receipts
            there = [r for r in same_day if r.external_return_id == known.external_return_id]
            # A record made and updated within two days is found whichever day is compared.
            apart = made_at is not None and known.updated_at - made_at > timedelta(days=2)
            by_date = bool(there) if apart else None
            look_up = bool(there) and any(marker in text for text in there[0].markers if marker)
        return Capabilities(
            returns_list=self._probe_list(now),
            by_date_is_updated=by_date,
            marker_look_up=look_up,
            probed_at=now,
        )

    def _probe_list(self, now: datetime) -> bool | None:
        """Whether the list exists and its filter is honoured; None when nothing can be told."""
        try:
            everything = self._list(1, None)
            future = self._list(1, now + timedelta(days=2))
        except Permanent:
            return False
        except Retryable:
            return None
        if future:
            return False
        return True if everything else None

    def reasons(self) -> tuple[Reason, ...]:
        """See `ports.Warehouse.reasons`."""
        content = self._client.read_call("/api/Return/Reasons")
        return tuple(
            Reason(row.id, row.name or "", bool(row.active), row.stock_action or "")
            for row in rows_of(ReturnReason, content)
        )

    def warehouse_ids(self) -> dict[int, str]:
        """See `ports.Warehouse.warehouse_ids`."""
        content = self._client.read_call("/api/Warehouse")
        return {row.id: row.name or "" for row in rows_of(WarehouseRow, content) if row.active}

    # -- helpers ----------------------------------------------------------------------------

    def _is_ours(self, row: Return) -> bool:
        return row.client_id == self._connection.client_id

    def _list(self, page_number: int, since: datetime | None) -> list[Return]:
        """One page of the list of returns. Its parameters are inferred from Mintsoft's other lists.

        Raises:
            Permanent: This tenant has no such list.
        """
        query: dict[str, str | int] = {"PageNo": page_number, "Limit": PAGE_SIZE}
        query |= client_filter(self._connection)
        query["IncludeReturnItems"] = "true"
        if since is not None:
            query["SinceLastUpdated"] = to_naive(since, self._zone)
        content = self._client.read_call("/api/Return/List", query)
        return rows_of(Return, content)

    def _receipts(self, rows: list[Return]) -> Iterator[Receipt]:
        for row in rows:
            if self._is_ours(row):
                receipt = (
                    to_receipt(row, self._zone)
                    if row.items is not None
                    else self.read_external_return(row.id)
                )
                if receipt is not None:
                    yield receipt

    def _days(self, start: datetime, end: datetime) -> Iterator[datetime]:
        day = start
        while day.date() <= end.date():
            yield day
            day += timedelta(days=1)

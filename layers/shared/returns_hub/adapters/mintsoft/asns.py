"""Mintsoft as the warehouse that expects goods: `ports.goods.AsnWarehouse`.

Sources: Mintsoft's Swagger (ASN, NewASN), and recorded behaviour of client projects: the list caps
its pages at 100 rows and shows items only with ``IncludeASNItems``, some writes are made with GET,
a deletion is for good, and nothing stops a second ASN with the same PO reference.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from returns_hub.adapters.mintsoft.answers import one, rows_of
from returns_hub.adapters.mintsoft.asn_models import AsnRow, AsnStatus
from returns_hub.adapters.mintsoft.asn_translate import STATUSES, changed_body, to_asn, to_body
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.errors import NotThere, created_id, require_done
from returns_hub.adapters.mintsoft.pages import PAGE_SIZE, Walk, walk, walk_all
from returns_hub.adapters.mintsoft.times import to_naive, zone
from returns_hub.adapters.mintsoft.whose import client_filter
from returns_hub.domain.merchant import MintsoftConnection
from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.warehouse_asns import (
    Asn,
    AsnChange,
    AsnDraft,
    AsnPage,
    AsnStage,
    asn_problem,
)
from returns_hub.errors import Permanent, Verdict

ASN = "/api/ASN"
MOST_LOOK_UP_CALLS = 20
LOOK_UP_OVERLAP = timedelta(minutes=90)
"""The zone of Mintsoft's times is not proven: an hour, and clocks that differ."""


class MintsoftAsns:
    """One client's ASNs in a 3PL's Mintsoft."""

    def __init__(self, client: MintsoftClient, connection: MintsoftConnection) -> None:
        self._client = client
        self._connection = connection
        self._zone = zone(connection.time_zone)

    def require_open(self) -> None:
        """See `ports.goods.AsnWarehouse.require_open`."""
        self._client.require_open()

    # -- making and finding -----------------------------------------------------------------

    def create_asn(self, draft: AsnDraft, send_by: datetime) -> int:
        """See `ports.goods.AsnWarehouse.create_asn`."""
        problem = asn_problem(draft, self._connection.goods.po_reference_length)
        if problem:
            raise Permanent("mintsoft.bad_asn", problem)
        client_id = client_filter(self._connection).get("ClientId")
        body = to_body(draft, client_id, self._connection.goods.goods_in_type)
        content = self._client.write(
            "PUT",
            ASN,
            template=ASN,
            body=body.model_dump(by_alias=True, exclude_none=True),
            send_by=send_by,
        )
        return created_id(content)

    def find_asn(self, draft: AsnDraft, since: datetime) -> LookUp:
        """See `ports.goods.AsnWarehouse.find_asn`.

        There is no filter by reference, so the list of what changed since the first try is read:
        an ASN that was made since then is in it, whatever became of it, unless it was deleted.
        """
        read = self._read(since - LOOK_UP_OVERLAP, MOST_LOOK_UP_CALLS, thoroughly=True)
        alike: list[Asn] = []
        for row in read.rows:
            asn = to_asn(row, self._zone)
            if asn.marker.casefold() == draft.marker.casefold():
                if self._is_ours(row):
                    return Found(str(row.id))
                return Inconclusive(f"ASN {row.id} has {draft.marker} and is another client's")
            if self._is_ours(row) and _could_be(asn, draft):
                alike.append(asn)
        if alike:
            return Inconclusive(
                f"Mintsoft has ASN {alike[0].asn_id} for {draft.reference} with the same goods and "
                "without our marker: is it the same?"
            )
        if read.next_page is not None:
            return Inconclusive(
                f"Mintsoft has too many ASNs to look through for {draft.marker}; look for it in "
                f"the comments of ASNs for {draft.reference}"
            )
        return NotFound()

    def asns_with_reference(self, reference: str, since: datetime, most_calls: int) -> AsnPage:
        """See `ports.goods.AsnWarehouse.asns_with_reference`."""
        page = self.asns_updated_since(since, most_calls)
        found = tuple(asn for asn in page.asns if asn.reference == reference)
        return AsnPage(found, page.calls, page.complete)

    # -- reading ----------------------------------------------------------------------------

    def read_asn(self, asn_id: int) -> Asn | None:
        """See `ports.goods.AsnWarehouse.read_asn`."""
        row = self._row(asn_id)
        return to_asn(row, self._zone) if row else None

    def asns_updated_since(
        self,
        since: datetime,
        most_calls: int,
        stages: frozenset[AsnStage] | None = None,
        *,
        first_page: int = 1,
    ) -> AsnPage:
        """See `ports.goods.AsnWarehouse.asns_updated_since`."""
        read = self._read(since, most_calls, stages, first_page=first_page)
        found: dict[str, Asn] = {}
        for row in read.rows:
            asn = to_asn(row, self._zone) if self._is_ours(row) else None
            if asn and asn.updated_at >= since and (stages is None or asn.stage in stages):
                found[asn.key] = asn
        complete = read.next_page is None
        return AsnPage(tuple(found.values()), read.calls, complete, read.next_page)

    def _read(
        self,
        since: datetime,
        most_calls: int,
        stages: frozenset[AsnStage] | None = None,
        *,
        thoroughly: bool = False,
        first_page: int = 1,
    ) -> Walk[AsnRow]:
        query: dict[str, str | int] = {"Limit": PAGE_SIZE, "IncludeASNItems": "true"}
        query |= client_filter(self._connection)
        query["SinceLastUpdated"] = to_naive(since, self._zone)
        wanted = [str(number) for number, (_, stage) in STATUSES.items() if stage in (stages or ())]
        if wanted and AsnStage.UNKNOWN not in (stages or ()):
            query["ASNStatusId"] = ";".join(wanted)

        def page(number: int) -> list[AsnRow]:
            content = self._client.read_call(f"{ASN}/List", query | {"PageNo": number})
            return rows_of(AsnRow, content)

        def key(row: AsnRow) -> tuple[int, str]:
            return row.id, row.last_updated

        if thoroughly:
            return walk_all(page, key, most_calls)
        return walk(page, key, most_calls, first_page)

    def _row(self, asn_id: int) -> AsnRow | None:
        try:
            content = self._client.read(f"{ASN}/{asn_id}", template=f"{ASN}/{{id}}")
        except NotThere:
            return None
        row = one(AsnRow, content)
        return row if self._is_ours(row) else None

    def unknown_asn_statuses(self) -> tuple[str, ...]:
        """See `ports.goods.AsnWarehouse.unknown_asn_statuses`."""
        said = []
        for row in rows_of(AsnStatus, self._client.read_call(f"{ASN}/Statuses")):
            known = STATUSES.get(row.id)
            if known is None:
                said.append(f"ASN status {row.id} {row.name} is not known: it leads to no decision")
            elif (row.name or "").strip().upper() != known[0]:
                said.append(f"ASN status {row.id} is {row.name}, and we take it for {known[0]}")
        return tuple(said)

    # -- confirming, changing, taking back ----------------------------------------------------

    def confirm_asn(self, asn_id: int, send_by: datetime) -> None:
        """See `ports.goods.AsnWarehouse.confirm_asn`. Mintsoft confirms with GET."""
        asn = self.read_asn(asn_id)
        if asn is None:
            raise _no_such_asn(asn_id)
        if asn.stage is not AsnStage.DRAFT:
            return
        content = self._client.write(
            "GET",
            f"{ASN}/{asn_id}/Confirm",
            template=f"{ASN}/{{id}}/Confirm",
            send_by=send_by,
        )
        require_done(content)

    def update_asn(self, asn_id: int, change: AsnChange, send_by: datetime) -> None:
        """See `ports.goods.AsnWarehouse.update_asn`.

        The header goes without items. No source tells that Mintsoft keeps them then, so they are
        looked at afterwards.
        """
        row = self._row(asn_id)
        if row is None:
            raise _no_such_asn(asn_id)
        asn = to_asn(row, self._zone)
        if asn.has(change):
            return
        _require_not_begun(asn)
        if change.packages is not None and change.packages < 1:
            raise Permanent("mintsoft.bad_asn", f"ASN {asn.reference}: needs at least one package")
        body = changed_body(row, asn, change, client_filter(self._connection).get("ClientId"))
        content = self._client.write(
            "POST",
            f"{ASN}/{asn_id}",
            template=f"{ASN}/{{id}}",
            body=body.model_dump(by_alias=True, exclude_none=True),
            send_by=send_by,
        )
        require_done(content)
        self._require_goods(asn)

    def _require_goods(self, before: Asn) -> None:
        try:
            after = self.read_asn(before.asn_id)
        except Verdict:
            return
        if (
            after
            and None not in (after.items, before.items)
            and (after.announced() != before.announced())
        ):
            raise Permanent(
                "mintsoft.asn_goods_changed",
                f"ASN {before.reference} (id {before.asn_id}) was changed, and its items are not "
                "what they were; set them right in Mintsoft",
            )

    def cancel_asn(self, asn_id: int, send_by: datetime) -> None:
        """See `ports.goods.AsnWarehouse.cancel_asn`. Mintsoft has no other way than to delete."""
        asn = self.read_asn(asn_id)
        if asn is None:
            return
        _require_not_begun(asn)
        if asn.items is None:
            raise Permanent(
                "mintsoft.asn_begun",
                f"Mintsoft does not show what came of ASN {asn.reference}; delete it there",
            )
        try:
            content = self._client.write(
                "DELETE", f"{ASN}/{asn_id}", template=f"{ASN}/{{id}}", send_by=send_by
            )
        except Permanent:
            # Somebody else may have deleted it a moment ago.
            if self.read_asn(asn_id) is None:
                return
            raise
        require_done(content)

    # -- helpers ----------------------------------------------------------------------------

    def _is_ours(self, row: AsnRow) -> bool:
        return row.client_id == self._connection.client_id


def _could_be(asn: Asn, draft: AsnDraft) -> bool:
    """Without a marker, and otherwise like the draft."""
    same = asn.reference == draft.reference and asn.warehouse_id == draft.warehouse_id
    return same and not asn.marker and (asn.items is None or asn.announced() == draft.units())


def _require_not_begun(asn: Asn) -> None:
    if asn.is_begun:
        raise Permanent(
            "mintsoft.asn_begun",
            f"ASN {asn.reference} is {asn.status_word} in Mintsoft; the hub changes and cancels "
            "those only on which nobody has worked",
        )


def _no_such_asn(asn_id: int) -> Permanent:
    return Permanent("mintsoft.no_such_asn", f"Mintsoft has no ASN {asn_id} of this client")

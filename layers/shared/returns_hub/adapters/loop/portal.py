"""Loop, or Redo's Loop-compatible host, as the returns portal: `ports.ReturnsPortal`.

Source: Loop's reference (docs.loopreturns.com: return data, return actions) and Redo's page on its
Loop-compatible API. No action takes an idempotency key, so each write says how it is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError

from returns_hub.adapters.loop import models
from returns_hub.adapters.loop.client import LoopClient
from returns_hub.adapters.loop.errors import NONE_THERE
from returns_hub.adapters.loop.translate import Unreadable, status_of, to_return, to_summary
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.portals import LoopConnection
from returns_hub.domain.returns import (
    LineStatus,
    PortalAbilities,
    PortalReturn,
    ReturnStatus,
    ReturnSummary,
)
from returns_hub.errors import Permanent, Retryable
from returns_hub.ports import Clock, RecentReturns

LIST = "/warehouse/return/list"
DETAILS = "/warehouse/return/details"
PAGE_SIZE = 100
LONGEST_SPAN = timedelta(days=119)
"""Loop lists at most 120 days at once; a day is left for the rounding of both ends."""
STATES = (None, "review", "cancelled")
"""Without a state the list holds open, closed and expired ones; these two have to be asked for."""
LISTED = ("open", "closed", "expired", "review", "cancelled")
LOOK_BACKS = (timedelta(days=1), timedelta(days=7), timedelta(days=30), LONGEST_SPAN)
RETURN_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
MOST_READINGS = 6
"""Of one list of several pages, until it gives nothing new."""
LONGEST_NOTE = 254
"""Characters: "must be less than 255 characters" (the 422 of creating a note)."""
NO_NOTES = 422
ABILITIES = PortalAbilities(
    processes_lines=False,
    chooses_restock=False,
    rejects_lines=False,
    longest_comment=LONGEST_NOTE,
)
"""The dialect processes a return only as a whole."""

Read = TypeVar("Read")


class LoopPortal:
    """One merchant's returns in Loop's dialect."""

    def __init__(self, client: LoopClient, connection: LoopConnection, *, clock: Clock) -> None:
        self._client = client
        self._connection = connection
        self._clock = clock

    @property
    def abilities(self) -> PortalAbilities:
        """See `ports.ReturnsPortal.abilities`: the dialect processes a return only as a whole."""
        return ABILITIES

    def parse(
        self,
        body: Mapping[str, Any],
        order: Mapping[str, Any] | None,  # noqa: ARG002 - its name is in the return's own body
    ) -> PortalReturn:
        """See `ports.ReturnsPortal.parse`."""
        try:
            return to_return(models.Return.model_validate(body), self._connection)
        except (ValidationError, Unreadable) as error:
            raise Permanent(
                "loop.unreadable", f"the return in the message cannot be read: {_why(error)}"
            ) from None

    def require_open(self) -> None:
        """See `ports.ReturnsPortal.require_open`."""
        self._client.require_open()

    def read_return(self, return_id: str) -> PortalReturn:
        """See `ports.ReturnsPortal.read_return`.

        Raises:
            Permanent: The portal does not know it (it says so under HTTP 200).
            Retryable: Also when the answer is about another return.
        """
        named, naming = self._client.name(return_id)
        query = naming or {"return_id": named}
        content = self._client.read(DETAILS, query, template=DETAILS)
        found = _answered(
            lambda: to_return(models.Return.model_validate(content), self._connection)
        )
        if found.id != return_id:
            raise Retryable("loop.unreadable", "the portal answered with another return", after=300)
        return found

    def returns_updated(
        self, since: datetime, until: datetime, status: ReturnStatus | None = None
    ) -> Iterator[ReturnSummary]:
        """See `ports.ReturnsPortal.returns_updated`; with `status` those only that are in it.

        Three lists, since one leaves out what was cancelled or is under review. The order is not
        documented, nor whether `until` is included: it may be, and is read again by the next run.
        """
        states = STATES if status is None else tuple(w for w in LISTED if status_of(w) is status)
        seen: set[tuple[str, datetime]] = set()
        while since < until:
            ends = min(since + LONGEST_SPAN, until)
            for state in states:
                yield from self._listed(since, ends, state, seen)
            since = ends

    def returns_of_order(self, order_name: str) -> tuple[ReturnSummary, ...]:
        """See `ports.ReturnsPortal.returns_of_order`.

        Loop's details are asked for by ``order_name``; they tell of one return, whatever the order
        has beside it.
        """
        try:
            content = self._client.read(DETAILS, {"order_name": order_name}, template=DETAILS)
        except Permanent as verdict:
            if verdict.code == "loop.not_found":
                return ()
            raise
        found = _answered(
            lambda: to_return(models.Return.model_validate(content), self._connection)
        )
        return (
            ReturnSummary(
                id=found.id,
                status=found.status,
                created_at=found.created_at,
                updated_at=found.updated_at,
            ),
        )

    def recent_returns(self, limit: int) -> RecentReturns:
        """See `ports.ReturnsPortal.recent_returns`: at most four calls and 100 returns.

        The list's order is not documented, so times that reach further and further back are asked
        for, one page each, until there are enough. What is cancelled or under review is not in it.
        """
        wanted, now = min(limit, PAGE_SIZE), self._clock.now()
        found: dict[str, PortalReturn] = {}
        unreadable: dict[str, None] = {}
        for span in LOOK_BACKS:
            query: dict[str, str | int] = {
                "from": _second(now - span),
                "to": _second(now),
                "filter": "created_at",
                "paginate": "true",
                "pageSize": wanted,
            }
            for row in _rows(self._client.read(LIST, query, template=LIST)):
                try:
                    read = to_return(models.Return.model_validate(row), self._connection)
                except (ValidationError, Unreadable) as error:
                    unreadable[f"{_id_in(row)} {_why(error)}"] = None
                else:
                    found[read.id] = read
            if len(found) + len(unreadable) >= wanted:
                break
        newest = sorted(found.values(), key=lambda read: read.created_at, reverse=True)
        return RecentReturns(tuple(newest[:wanted]), tuple(unreadable))

    def _listed(
        self,
        since: datetime,
        until: datetime,
        state: str | None,
        seen: set[tuple[str, datetime]],
    ) -> Iterator[ReturnSummary]:
        """What a list holds and was not `seen` yet.

        A page's cursor may stand for a place in the list (it does not at Loop, as far as its
        examples show). A return that changes meanwhile then leaves the list, and one of those
        behind it is on no page: so a list of several pages is read until nothing new is in it.
        """
        query: dict[str, str | int] = {
            "from": _second(since),
            "to": _second(until + timedelta(milliseconds=999)),
            "filter": "updated_at",
            "paginate": "true",
            "pageSize": PAGE_SIZE,
        }
        if state is not None:
            query["state"] = state
        for _ in range(MOST_READINGS):
            pages = news = 0
            for page in self._client.pages(LIST, query):
                pages += 1
                for row in _rows(page):
                    found = self._summary(row)
                    if (found.id, found.updated_at) not in seen:
                        seen.add((found.id, found.updated_at))
                        news += 1
                        yield found
            if pages == 1 or not news:
                return
        raise Retryable("loop.list_moves", "the portal's list changes faster than it can be read")

    def _summary(self, row: Any) -> ReturnSummary:
        return _answered(
            lambda: to_summary(models.ReturnInList.model_validate(row), self._connection)
        )

    def comments(self, return_id: str) -> tuple[str, ...]:
        """See `ports.ReturnsPortal.comments`: notes, all of them at once; 422 when none."""
        named, naming = self._client.name(return_id)
        content = self._client.read(
            f"/warehouse/return/{named}/notes",
            naming,
            template="/warehouse/return/{id}/notes",
            none_is=NO_NOTES,
        )
        if content is NONE_THERE:
            return ()
        found = _answered(lambda: models.Notes.model_validate(content))
        return tuple(note.content for note in found.notes if note.content)

    def add_comment(self, return_id: str, text: str, send_by: datetime) -> None:
        """See `ports.ReturnsPortal.add_comment`.

        Looked up by the marker in the text among all notes of the return: conclusive, because the
        list of notes has no pages.

        Raises:
            Permanent: It is longer than a note may be; nothing was sent.
        """
        if len(text) > LONGEST_NOTE:
            raise Permanent(
                "loop.note_too_long",
                f"a note has at most {LONGEST_NOTE} characters, not {len(text)}",
            )
        self._client.act(return_id, "note", send_by, body={"content": text})

    def flag(self, return_id: str, send_by: datetime) -> None:
        """See `ports.ReturnsPortal.flag`.

        Looked up by reading the state back (``review``): conclusive, and flagging again changes
        nothing.
        """
        self._client.act(return_id, "flag", send_by)

    def set_status(self, return_id: str, status: ReturnStatus, send_by: datetime) -> None:
        """Flag (`FLAGGED`), close (`REJECTED`) or cancel (`DELETED`) the return.

        These are Redo's words for what its Loop-compatible host does. Loop itself reads ``closed``
        after a close, as after processing.

        Raises:
            Permanent: The dialect has no call for this status.
        """
        match status:
            case ReturnStatus.FLAGGED:
                self.flag(return_id, send_by)
            case ReturnStatus.REJECTED:
                self.close(return_id, send_by)
            case ReturnStatus.DELETED:
                self.cancel(return_id, send_by)
            case _:
                raise Permanent(
                    "loop.no_such_status",
                    f"this portal's API cannot make a return {status.value}; nothing was sent",
                )

    def process(self, return_id: str, lines: Sequence[LineToProcess], send_by: datetime) -> None:
        """See `ports.ReturnsPortal.process`: the whole return, or nothing at all.

        The return is read once more just before, so that nothing is paid that was not decided. The
        call only queues the return. Looked up by reading the state back, which can confirm but
        never deny: it may still be in the queue.

        Raises:
            Permanent: `lines` are not all open lines of the return, their restock choice is not
                what the portal does by itself, or the return is closed by now; nothing was sent.
                Also when the portal refuses it, e.g. because the return was flagged.
        """
        self._require_whole(self.read_return(return_id), lines)
        self._client.act(return_id, "process", send_by)

    def _require_whole(self, now: PortalReturn, lines: Sequence[LineToProcess]) -> None:
        if now.is_closed:
            raise Permanent(
                "loop.not_open", f"the return is {now.status_word} by now; nothing was sent"
            )
        chosen = {line.line_id for line in lines}
        open_lines = {line.id for line in now.lines if line.status is LineStatus.OPEN}
        if chosen != open_lines:
            raise Permanent(
                "loop.whole_return_only",
                "this portal processes a return only as a whole, and "
                f"{len(chosen & open_lines)} of its {len(open_lines)} open lines were chosen; "
                "nothing was sent",
            )
        does = self._connection.portal_restocks
        if any(line.restock is not does for line in lines):
            raise Permanent(
                "loop.whole_return_only",
                "this portal's own setting decides about stock: it "
                f"{'restocks' if does else 'does not restock'} the goods of a processed return "
                f"(loop.portal_restocks), and for some lines the other was decided; nothing was "
                "sent",
            )

    def close(self, return_id: str, send_by: datetime) -> None:
        """Close the return without its outcomes; on Redo's host this cancels (rejects) it.

        Looked up by reading the state back: a closed return is confirmed, an open one not done.
        """
        self._client.act(return_id, "close", send_by)

    def cancel(self, return_id: str, send_by: datetime) -> None:
        """Cancel the return; on Redo's host this resets it to its initial state.

        At Loop it is looked up as `close` is. On Redo's host a reset return may look as it did
        before, so an unknown outcome cannot be looked up there.
        """
        self._client.act(return_id, "cancel", send_by)

    def remove(self, return_id: str, line_ids: Sequence[str], send_by: datetime) -> None:
        """Remove lines **and process the rest of the return**: this moves money.

        Only lines with a refund or store credit can be removed (Loop's reference). Looked up by
        reading the lines back: gone is confirmed.
        """
        if not line_ids:
            raise Permanent("loop.no_lines", "no line was named, so there is nothing to remove")
        self._client.act(return_id, "remove", send_by, query={"line_item_id": ",".join(line_ids)})

    def check_access(self) -> str:
        """See `ports.ReturnsPortal.check_access`."""
        now = self._clock.now()
        query: dict[str, str | int] = {
            "from": _second(now - timedelta(hours=1)),
            "to": _second(now),
            "filter": "updated_at",
            "paginate": "true",
            "pageSize": 1,
        }
        _rows(self._client.read(LIST, query, template=LIST))
        return "the key reads returns (scope Returns)"


def _second(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _rows(page: Any) -> list[Any]:
    """The returns of a page, or of a list without pages."""
    rows = page.get("returns") if isinstance(page, dict) else page
    if not isinstance(rows, list):
        raise Retryable("loop.unreadable", "the portal's answer has no returns", after=300)
    return rows


def _id_in(row: Any) -> str:
    """The row's number, when it is one; anything else in there may be personal."""
    given = str(row.get("id")) if isinstance(row, dict) else ""
    return given if RETURN_ID.fullmatch(given) else "a row without an id"


def _answered(read: Callable[[], Read]) -> Read:
    """What an answer tells; one that cannot be read is asked for again, later."""
    try:
        return read()
    except (ValidationError, Unreadable) as error:
        raise Retryable(
            "loop.unreadable", f"the portal's answer cannot be read: {_why(error)}", after=300
        ) from None


def _why(error: ValidationError | Unreadable) -> str:
    """Where, or what is wrong; never a value of theirs."""
    if isinstance(error, Unreadable):
        return str(error)
    return f"at {'.'.join(map(str, error.errors()[0]['loc'])) or 'its top'}"

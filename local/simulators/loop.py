"""A simulator of Loop's API and, with a setting, of Redo's host that is compatible with it.

Built from Loop's reference (return data, return actions, pagination, rate limits, error codes) and
Redo's page on its Loop-compatible API: one key in ``X-Authorization``, 300 requests a minute,
refusals under HTTP 200, a list that leaves out states it is not asked for and at most 120 days of
it, notes below 255 characters with 422 for none, and `process` which only queues the whole return.
What no source tells is a setting.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from local.simulators.admin import CallLog
from local.simulators.clock import Now, system_now
from local.simulators.faults import FaultPlan
from local.simulators.serving import Serving, usual_actions
from local.simulators.wire import Reply, Request, json_reply

BASE = "/api/v1"
STATES = ("open", "closed", "cancelled", "expired", "review")
LISTED_UNASKED = frozenset({"open", "closed", "expired"})
LONGEST_SPAN = timedelta(days=120)
LARGEST_PAGE = 750
LONGEST_NOTE = 254


@dataclass(frozen=True)
class Settings:
    """Which host it is, and what the sources do not tell."""

    host: Literal["loop", "redo"] = "loop"
    processing_seconds: float = 0.5
    processing_fails: bool = False
    process_closed: Literal["refuse", "pay_again"] = "refuse"
    flagged_process: bool = False
    pages: bool = True
    cursor: Literal["key", "place"] = "key"
    next_page: Literal["right", "same", "elsewhere"] = "right"
    times: Literal["offset", "plain"] = "plain"
    ids: Literal["number", "text"] = "number"
    taken: Literal["text", "true"] = "text"
    no_notes: Literal["422", "empty"] = "422"
    unknown_return: Literal["200", "404"] = "200"
    requests_a_minute: int = 300


@dataclass
class Books:
    """What really happened."""

    submissions: Counter[str] = field(default_factory=Counter)
    payments: Counter[str] = field(default_factory=Counter)
    states: dict[str, list[str]] = field(default_factory=dict)
    removed: dict[str, list[str]] = field(default_factory=dict)
    details: list[dict[str, Any]] = field(default_factory=list)


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """The reply of a request that is refused."""

    def __init__(self, status: int, content: Any) -> None:
        super().__init__(status)
        self.reply = json_reply(status, content)


def refused(message: str, code: str = "") -> Refusal:
    """A refusal the way actions give it: HTTP 200 with errors in the body."""
    return Refusal(200, {"errors": {"message": message} | ({"code": code} if code else {})})


def invalid(name: str, why: str) -> Refusal:
    """A refusal of what was sent."""
    return Refusal(422, {"message": "invalid", "errors": {name: [why]}})


class LoopSimulator(Serving):
    """The core. A return is put in Loop's shape, with ``redo_id`` for Redo's host."""

    def __init__(self, now: Now = system_now, settings: Settings | None = None) -> None:
        self._now = now
        self.settings = settings or Settings()
        self.keys: set[str] = set()
        self.returns: dict[str, dict[str, Any]] = {}
        self.notes: dict[str, list[dict[str, Any]]] = {}
        self.books = Books()
        self.faults = FaultPlan()
        self.calls = CallLog()
        self._queue: dict[str, datetime] = {}
        self._recent: dict[str, deque[datetime]] = {}

    # -- serving ----------------------------------------------------------------------------

    def _settle(self) -> None:
        self._finish_processing()

    def _carry_out(self, request: Request) -> Reply:
        try:
            return self._route(request)
        except Refusal as refusal:
            return refusal.reply

    def _route(self, request: Request) -> Reply:
        path = request.path.removeprefix(BASE)
        if path == request.path:
            raise Refusal(404, {"message": "Not Found"})
        self._authenticate(request)
        if (request.method, path) == ("GET", "/warehouse/return/list"):
            return self._list(request)
        if (request.method, path) == ("GET", "/warehouse/return/details"):
            return json_reply(200, self._shown(self._one(request.query.get("return_id"), request)))
        found = re.fullmatch(r"/warehouse/return/([^/]+)/([a-z]+)", path)
        actions: dict[tuple[str, str], Callable[[Request, dict[str, Any]], Reply]] = {
            ("POST", "process"): self._process,
            ("POST", "flag"): self._flag,
            ("POST", "close"): self._close,
            ("POST", "cancel"): self._cancel,
            ("POST", "remove"): self._remove,
            ("GET", "notes"): self._read_notes,
            ("POST", "note"): self._add_note,
        }
        answer = actions.get((request.method, found.group(2))) if found else None
        if found is None or answer is None:
            raise Refusal(404, {"message": "Not Found"})
        return answer(request, self._one(found.group(1), request))

    def _authenticate(self, request: Request) -> None:
        key = request.headers.get("x-authorization", "")
        if key not in self.keys:
            problem = {"code": "401", "http_code": "GEN-UNAUTHORIZED", "message": "Unauthorized."}
            raise Refusal(401, {"error": problem})
        recent = self._recent.setdefault(key, deque())
        while recent and recent[0] <= self._now() - timedelta(minutes=1):
            recent.popleft()
        if len(recent) >= self.settings.requests_a_minute:
            raise Refusal(429, {"message": "Too Many Attempts."})
        recent.append(self._now())

    def _one(self, name: str | None, request: Request) -> dict[str, Any]:
        """The return that the request names: by its number, or at Redo by ``redo_return_id``."""
        by_redo = request.query.get("redo_return_id")
        if self.settings.host == "redo" and by_redo and name in {None, "0"}:
            found = next((r for r in self.returns.values() if r.get("redo_id") == by_redo), None)
        else:
            found = self.returns.get(name or "")
        if found is not None:
            return found
        message = "No return found with this ID."
        if self.settings.unknown_return == "404":
            raise Refusal(404, {"message": message})
        if request.path.endswith("/details"):
            raise Refusal(200, {"error": {"message": message}})
        raise refused(message)

    def _shown(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """The return as this host writes ids and times."""
        shown = deepcopy(dict(found))
        shown["id"] = int(shown["id"]) if self.settings.ids == "number" else str(shown["id"])
        if self.settings.times == "plain":
            for name in ("created_at", "updated_at"):
                shown[name] = _moment(shown[name]).strftime("%Y-%m-%d %H:%M:%S")
        if self.settings.host == "loop":
            shown.pop("redo_id", None)
        return shown

    def _taken(self) -> Reply:
        return json_reply(200, "true" if self.settings.taken == "text" else True)

    # -- reading ----------------------------------------------------------------------------

    def _list(self, request: Request) -> Reply:
        query = request.query
        since, until = self._span(query)
        by = query.get("filter", "created_at")
        state = query.get("state")
        if state is not None and state not in STATES:
            raise invalid("state", "is invalid")
        wanted = LISTED_UNASKED if state is None else {state}
        rows = [
            row
            for row in self.returns.values()
            if row["state"] in wanted and since <= _moment(row[by]) <= until
        ]
        rows.sort(key=lambda row: (row[by], row["id"]), reverse=True)
        if query.get("paginate") != "true" or not self.settings.pages:
            return json_reply(200, [self._shown(row) for row in rows])
        size = self._page_size(query.get("pageSize", "100"))
        rows = self._after(query.get("cursor", ""), by, rows)
        content: dict[str, Any] = {
            "returns": [self._shown(row) for row in rows[:size]],
            "nextPageUrl": None,
            "previousPageUrl": None,
        }
        if len(rows) > size or (self.settings.next_page == "same" and rows):
            content["nextPageUrl"] = self._next_page(request, self._cursor(query, by, rows, size))
        return json_reply(200, content)

    def _after(self, cursor: str, by: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What is behind the cursor: a key of the order, or a place in the list."""
        if not cursor:
            return rows
        if self.settings.cursor == "place":
            if not (cursor.isascii() and cursor.isdigit()):
                raise invalid("cursor", "is invalid")
            return rows[int(cursor) :]
        return [row for row in rows if f"{row[by]}|{row['id']}" < cursor]

    def _cursor(
        self, query: Mapping[str, str], by: str, rows: list[dict[str, Any]], size: int
    ) -> str:
        if self.settings.cursor == "place":
            return str(int(query.get("cursor") or 0) + size)
        last = rows[min(size, len(rows)) - 1]
        return f"{last[by]}|{last['id']}"

    def _span(self, query: Mapping[str, str]) -> tuple[datetime, datetime]:
        now = self._now()
        try:
            until = _moment(query["to"]) if "to" in query else now
            since = _moment(query["from"]) if "from" in query else until - timedelta(hours=24)
        except ValueError:
            raise Refusal(422, {"message": "invalid", "errors": {"from": ["no date"]}}) from None
        if until - since > LONGEST_SPAN or query.get("filter", "created_at") not in {
            "created_at",
            "updated_at",
        }:
            raise Refusal(422, {"message": "invalid", "errors": {"to": ["at most 120 days"]}})
        return since, until

    def _page_size(self, text: str) -> int:
        if not text.isdigit() or not 1 <= int(text) <= LARGEST_PAGE:
            raise invalid("pageSize", "1 to 750")
        return int(text)

    def _next_page(self, request: Request, cursor: str) -> str:
        """As Loop's example shows it: without some of the parameters, but with the cursor."""
        host = request.headers.get("host", "127.0.0.1")
        if self.settings.next_page == "elsewhere":
            host = "collector.example.test"
        if self.settings.next_page == "same":
            cursor = "0" if self.settings.cursor == "place" else "\uffff"
        kept = {n: v for n, v in request.query.items() if n in {"to", "filter", "pageSize"}}
        return f"https://{host}{request.path}?{urlencode({**kept, 'cursor': cursor})}"

    def _read_notes(self, _: Request, found: dict[str, Any]) -> Reply:
        notes = self.notes.get(found["id"], [])
        if not notes and self.settings.no_notes == "422":
            raise Refusal(422, "false")
        return json_reply(200, {"notes": notes})

    # -- writing ----------------------------------------------------------------------------

    def _add_note(self, request: Request, found: dict[str, Any]) -> Reply:
        try:
            content = request.json()["content"]
        except (ValueError, KeyError, TypeError):
            content = None
        if not isinstance(content, str) or not content or len(content) > LONGEST_NOTE:
            text = "Content is required and must be less than 255 characters."
            raise Refusal(422, {"errors": {"message": text}})
        notes = self.notes.setdefault(found["id"], [])
        notes.append({"id": len(notes) + 1, "content": content, "created_at": _text(self._now())})
        return self._taken()

    def _process(self, request: Request, found: dict[str, Any]) -> Reply:
        if request.body:
            try:
                self.books.details.append(request.json())
            except ValueError:
                raise invalid("body", "is not JSON") from None
        self._require_processable(found)
        self.books.submissions[found["id"]] += 1
        self._queue[found["id"]] = self._now() + timedelta(seconds=self.settings.processing_seconds)
        return self._taken()

    def _require_processable(self, found: dict[str, Any]) -> None:
        state = found["state"]
        if state == "review" and not self.settings.flagged_process:
            text = "Return is open and therefore cannot be processed."
            raise refused(text, "UNPROCESSABLE_FLAGGED_RETURN")
        if state == "cancelled":
            raise Refusal(
                200, {"message": "Return is cancelled and therefore cannot be processed."}
            )
        if state == "expired" or (state == "closed" and self.settings.process_closed == "refuse"):
            raise refused(
                f"Return is {state} and therefore cannot be processed.", "UNPROCESSABLE_RETURN"
            )

    def _flag(self, _: Request, found: dict[str, Any]) -> Reply:
        if found["state"] in {"closed", "cancelled"}:
            text = f"Return is {found['state']} and therefore cannot be flagged."
            raise refused(text, "UNPROCESSABLE_RETURN")
        self.set_state(found["id"], "review")
        return self._taken()

    def _close(self, _: Request, found: dict[str, Any]) -> Reply:
        """Without its outcomes. At Redo this is how a return is cancelled."""
        self._require_open(found, "closed")
        self.set_state(found["id"], "cancelled" if self.settings.host == "redo" else "closed")
        return self._taken()

    def _cancel(self, _: Request, found: dict[str, Any]) -> Reply:
        """At Redo it resets the return, which is then as it was at first."""
        self._require_open(found, "cancelled")
        self.set_state(found["id"], "open" if self.settings.host == "redo" else "cancelled")
        return self._taken()

    def _require_open(self, found: dict[str, Any], verb: str) -> None:
        if found["state"] in {"closed", "cancelled"}:
            text = f"Return is {found['state']} and therefore cannot be {verb}."
            raise refused(text, "UNPROCESSABLE_RETURN")
        if found["state"] == "expired" and verb == "cancelled":
            raise Refusal(200, {"content": "Return is expired and cannot be processed."})

    def _remove(self, request: Request, found: dict[str, Any]) -> Reply:
        """Takes line items off and processes what is left."""
        names = [name for name in request.query.get("line_item_id", "").split(",") if name]
        if not names:
            raise Refusal(422, {"error": {"message": "The line item id field is required."}})
        if found["state"] != "open":
            raise Refusal(422, {"message": "Return cannot be modified."})
        left = [row for row in found["line_items"] if str(row["line_item_id"]) not in names]
        if len(found["line_items"]) - len(left) != len(names):
            raise Refusal(422, {"message": "Not all line items qualify for removal"})
        found["line_items"] = left
        self.books.removed.setdefault(found["id"], []).extend(names)
        self._queue[found["id"]] = self._now()
        return self._taken()

    def _finish_processing(self) -> None:
        for return_id, done_at in list(self._queue.items()):
            if done_at <= self._now():
                del self._queue[return_id]
                if not self.settings.processing_fails:
                    self.books.payments[return_id] += 1
                    self.set_state(return_id, "closed")

    # -- for tests and the local stack ------------------------------------------------------

    def set_state(self, return_id: str, state: str) -> None:
        """Change a return's state, as the team or the portal itself would."""
        found = self.returns[return_id]
        found["state"] = state
        found["updated_at"] = _text(self._now())
        self.books.states.setdefault(return_id, []).append(state)

    def put(self, body: dict[str, Any]) -> None:
        """Add a return, or change it."""
        self.returns[str(body["id"])] = deepcopy(body) | {"id": str(body["id"])}

    def seed(self, content: dict[str, Any]) -> None:
        """Add keys and returns."""
        self.keys |= set(content.get("keys", []))
        for body in content.get("returns", []):
            self.put(body)

    def all_books(self) -> dict[str, Any]:
        """What really happened."""
        self._finish_processing()
        return {
            "submissions": dict(self.books.submissions),
            "payments": dict(self.books.payments),
            "states": {name: list(words) for name, words in self.books.states.items()},
            "removed": {name: list(ids) for name, ids in self.books.removed.items()},
            "details": list(self.books.details),
            "returns": {name: found["state"] for name, found in self.returns.items()},
            "notes": {name: [n["content"] for n in rows] for name, rows in self.notes.items()},
            "queued": sorted(self._queue),
        }

    def _admin_actions(self) -> dict[str, Callable[[Any], Any]]:
        def state(content: Any) -> Any:
            self.set_state(content["return_id"], content["state"])
            return {"ok": True}

        return usual_actions(self) | {"state": state}


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

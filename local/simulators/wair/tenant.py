"""A tenant of WAIR's simulator: what it has, and its uploads."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.simulators.wair.advice import AdviceBook
from local.simulators.wair.sets import FIELDS, KeptSet, records_of
from local.simulators.wair.settings import Settings
from local.simulators.wire import Reply, Request, json_reply

MOST_MUTATIONS = 100_000


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """A refusal: its status, and what it says, one sentence for each fault."""

    def __init__(self, status: int, *errors: str) -> None:
        super().__init__(status)
        self.status = status
        self.errors = list(errors)


class Tenant:
    """What one tenant has."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.users: dict[str, str] = {}
        self.sets = {name: KeptSet(name) for name in FIELDS}
        self.advice = AdviceBook()
        self.open_batch = ""
        self.batches = Counter[str]()
        self.journal: list[dict[str, Any]] = []
        self.mutations: list[dict[str, Any]] = []
        self.refusals = Counter[str]()

    def books(self) -> dict[str, Any]:
        """What really happened, whatever the callers were told."""
        stock: dict[str, dict[str, Any]] = {}
        for record in self.sets["stock"].records.values():
            stock.setdefault(record["locationId"], {})[record["skuId"]] = record["quantity"]
        return {
            "stock": stock,
            "sets": {
                name: [*kept.records.values()]
                for name, kept in self.sets.items()
                if name != "stock"
            },
            "unfinished_full_loads": [
                n for n, kept in self.sets.items() if kept.staged is not None
            ],
            "batches": {"open": int(bool(self.open_batch)), **self.batches},
            "journal": self.journal,
            "mutations": self.mutations,
            "refusals": dict(self.refusals),
            "advice_read": dict(self.advice.read),
        }


@dataclass(frozen=True)
class UploadDesk:
    """Takes one call of an upload.

    Args:
        tenant: Whose.
        settings: What no page tells.
        now: When it comes.
        dice: Make the ids of batches.
    """

    tenant: Tenant
    settings: Settings
    now: datetime
    dice: random.Random

    def start(self) -> Reply:
        """``POST /Batch/start``."""
        tenant = self.tenant
        if tenant.open_batch and self.settings.start_while_open == "refuse":
            raise Refused(400, "A batch is already open.")
        if not tenant.open_batch:
            tenant.open_batch = f"b-{self.dice.getrandbits(48):012x}"
            tenant.batches["started"] += 1
        self._note("batch_started", batch=tenant.open_batch)
        match self.settings.batch_answer:
            case "id":
                return json_reply(200, {"batchId": tenant.open_batch})
            case "text":
                return Reply(200, {"Content-Type": "text/plain"}, tenant.open_batch.encode())
            case _:
                return Reply(200)

    def stop(self) -> Reply:
        """``POST /Batch/stop``: what was not loaded to its end is dropped."""
        tenant = self.tenant
        if not tenant.open_batch:
            if self.settings.stop_when_closed == "refuse":
                raise Refused(400, "No batch is open.")
            return Reply(200)
        self._note("batch_stopped", batch=tenant.open_batch)
        tenant.batches["stopped"] += 1
        tenant.open_batch = ""
        for kept in tenant.sets.values():
            kept.staged = None
        return Reply(200)

    def take(self, name: str, request: Request) -> Reply:
        """A call with records of one set."""
        tenant, settings = self.tenant, self.settings
        full, more = (_flag(request, flag) for flag in ("fullLoad", "moreRecordsAvailable"))
        if request.query.keys() - {"fullLoad", "moreRecordsAvailable"}:
            raise Refused(400, "There is no such parameter.")
        if not tenant.open_batch and settings.outside_batch == "refuse":
            raise Refused(400, "No batch is open: start one before data is sent.")
        records = records_of(name, object_of(request), settings)
        replaces = full and settings.full_load == "replaces"
        batch = tenant.open_batch
        self._note("told", set=name, rows=len(records), full=full, more=more, batch=batch)
        for key, before, after in tenant.sets[name].load(records, full=replaces, more=more):
            if name == "stock":
                self._book(key, before, after)
        return Reply(200)

    def _book(self, key: tuple[str, ...], before: Any, after: Any) -> None:
        """WAIR keeps mutations: the difference is one."""
        if len(self.tenant.mutations) < MOST_MUTATIONS:
            units = (after or {}).get("quantity", 0) - (before or {}).get("quantity", 0)
            self.tenant.mutations.append(
                {"at": _text(self.now), "location": key[0], "sku": key[1], "units": units}
            )

    def _note(self, what: str, **more: Any) -> None:
        journal = self.tenant.journal
        journal.append({"number": len(journal) + 1, "at": _text(self.now), "what": what, **more})


def object_of(request: Request) -> dict[str, Any]:
    """The body, which has to be a JSON object."""
    try:
        content = request.json()
    except ValueError:
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(content, dict):
        raise Refused(400, "The body is not an object.")
    return content


def _flag(request: Request, name: str) -> bool:
    text = request.query.get(name, "false").lower()
    if text not in {"true", "false"}:
        raise Refused(400, f"{name} is true or false.")
    return text == "true"


def whole_of(request: Request, name: str, default: int) -> int:
    """A whole number of the query."""
    text = request.query.get(name, str(default))
    if not text.isdecimal():
        raise Refused(400, f"{name} is not a whole number.")
    return int(text)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")

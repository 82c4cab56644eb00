"""The set-up check (R13): what has to be right before a merchant goes live, found out by reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from returns_hub.domain.merchant import Merchant, ReceiptStrategy
from returns_hub.domain.portal_limits import limits_of
from returns_hub.errors import Misconfigured, Retryable, UnknownOutcome, Verdict
from returns_hub.flows.find_receipts import choose
from returns_hub.ports import Capabilities, ReturnsPortal, Warehouse

OLD_LIVE_FROM = timedelta(days=365)
SEEN_WITHIN_DAYS = 3


class Mark(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One check: what was looked at, how it came out, and what to do."""

    check: str
    mark: Mark
    text: str
    is_unreachable: bool = False

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


@dataclass(frozen=True)
class Subject:
    """What a check looks at."""

    merchant: Merchant
    warehouse: Warehouse
    portal: ReturnsPortal
    read_secret: Callable[[str], object]
    probe: Callable[[], Capabilities]
    now: datetime


def run_checks(subject: Subject) -> Iterator[Finding]:
    """Every check, one by one; a failing one does not stop the others."""
    for check in (
        _secrets,
        _portal,
        _portal_limits,
        _warehouses,
        _reasons,
        _capabilities,
        _client,
        _going_live,
    ):
        try:
            yield from check(subject)
        except Verdict as verdict:
            name = check.__name__.strip("_").replace("_", " ")
            yield Finding(name, Mark.FAIL, verdict.reason, _is_unreachable(verdict))


def _is_unreachable(verdict: Verdict) -> bool:
    waits = isinstance(verdict, Retryable | UnknownOutcome)
    return waits and not isinstance(verdict, Misconfigured)


def _secrets(subject: Subject) -> Iterator[Finding]:
    merchant = subject.merchant
    wanted = {
        merchant.portal_connection.secret: ("api_key",)
        if merchant.portal == "loop"
        else ("api_token",),
        merchant.mintsoft.secret: ("api_key",)
        if merchant.mintsoft.authentication == "api_key"
        else ("username", "password"),
    }
    for name, fields in wanted.items():
        check = f"secret {name}"
        try:
            content = subject.read_secret(name)
        except Verdict as verdict:
            yield Finding(check, Mark.FAIL, verdict.reason, _is_unreachable(verdict))
            continue
        missing = [f for f in fields if not (isinstance(content, dict) and content.get(f))]
        if missing:
            text = f"has no {missing[0]}; set it with: hub secrets set {merchant.merchant} {name}"
            yield Finding(check, Mark.FAIL, text)
        else:
            yield Finding(check, Mark.OK, f"holds {' and '.join(fields)}")


def _portal(subject: Subject) -> Iterator[Finding]:
    if subject.merchant.portal == "loop":
        yield Finding("Loop key", Mark.OK, subject.portal.check_access())
        return
    yield Finding("Redo token", Mark.OK, subject.portal.check_access())
    yield Finding(
        "Redo write scope",
        Mark.WARN,
        "returns_write cannot be proven without writing; see that the token has it in Redo "
        "(Settings, Developer)",
    )


def _portal_limits(subject: Subject) -> Iterator[Finding]:
    """What the portal's API cannot do for this file."""
    for limit in limits_of(subject.merchant, subject.portal.abilities):
        mark = Mark.FAIL if limit.is_contradiction else Mark.WARN
        yield Finding(f"portal limit: {limit.name}", mark, limit.text)


def _warehouses(subject: Subject) -> Iterator[Finding]:
    connection = subject.merchant.mintsoft
    known = subject.warehouse.warehouse_ids()
    yield Finding("Mintsoft key", Mark.OK, f"reads {len(known)} active warehouses")
    wanted: dict[str, int] = dict(connection.warehouses.by_location)
    if connection.warehouses.merchant_address is not None:
        wanted["merchant address"] = connection.warehouses.merchant_address
    else:
        yield Finding(
            "fallback warehouse",
            Mark.WARN,
            "warehouses.merchant_address is not set: shipments to unmapped locations are skipped",
        )
    for place, number in wanted.items():
        check = f"warehouse {number} ({place})"
        if number in known:
            yield Finding(check, Mark.OK, known[number])
        else:
            have = ", ".join(f"{n} {name}" for n, name in sorted(known.items()))
            yield Finding(check, Mark.FAIL, f"is not an active warehouse; there are: {have}")


def _reasons(subject: Subject) -> Iterator[Finding]:
    reasons = subject.merchant.mintsoft.reasons
    if reasons.is_placeholder:
        yield Finding(
            "reasons",
            Mark.WARN,
            "the default is 0, a placeholder: the map is not validated; set the real id before "
            "going live",
        )
        return
    known = {reason.id: reason for reason in subject.warehouse.reasons()}
    wanted = {"default": reasons.default, **reasons.map}
    for word, number in wanted.items():
        found = known.get(number)
        check = f"reason {number} ({word})"
        if found is None:
            active = ", ".join(f"{r.id} {r.name}" for r in known.values() if r.active)
            yield Finding(check, Mark.FAIL, f"does not exist; there are: {active}")
        elif not found.active:
            yield Finding(check, Mark.FAIL, f"{found.name} is switched off in Mintsoft")
        else:
            yield Finding(check, Mark.OK, f"{found.name} ({found.stock_action})")


def _capabilities(subject: Subject) -> Iterator[Finding]:
    found = subject.probe()
    configured = subject.merchant.flows.process_receipts.strategy
    strategy = choose(configured, found)
    proven = {
        ReceiptStrategy.LIST: bool(found.returns_list),
        ReceiptStrategy.BY_DATE: bool(found.by_date_is_updated),
    }
    why = {
        "list": "the list of returns honours its updated-since filter",
        "by_date": "the search by date compares the day of the last update",
        "due_ids": "our own open external returns are read by id; no list is proven here",
    }
    if proven.get(strategy, True):
        yield Finding("finding receipts", Mark.OK, f"{strategy.value}: {why[strategy.value]}")
    else:
        yield Finding(
            "finding receipts",
            Mark.WARN,
            f"the file says {strategy.value}, and it is not proven that {why[strategy.value]}; "
            f"auto would use {choose(ReceiptStrategy.AUTO, found).value}",
        )
    if found.marker_look_up:
        yield Finding("look-up by marker", Mark.OK, "proven: a lost answer can be looked up")
    else:
        yield Finding(
            "look-up by marker",
            Mark.WARN,
            "not proven yet (an open external return made by the hub is needed): until then a "
            "create whose answer is lost is parked for a person if it cannot be found",
        )


def _client(subject: Subject) -> Iterator[Finding]:
    """Whether the key can read anything of this client: a wrong id reads nothing, without error."""
    client = subject.merchant.mintsoft.client_id
    check = f"client {client}"
    for day in range(SEEN_WITHIN_DAYS):
        page = subject.warehouse.search_by_date(subject.now - timedelta(days=day))
        if page.receipts:
            found = page.receipts[0].external_return_id
            yield Finding(check, Mark.OK, f"external return {found} of this client was read")
            return
    yield Finding(
        check,
        Mark.WARN,
        f"no external return of this client in the last {SEEN_WITHIN_DAYS} days: it is not proven "
        "that the id is the brand's; see Mintsoft (Clients)",
    )


def _going_live(subject: Subject) -> Iterator[Finding]:
    flows = subject.merchant.flows
    modes = {
        "creating external returns": flows.create_external_returns.mode,
        "processing receipts": flows.process_receipts.mode,
    }
    for name, mode in modes.items():
        yield Finding(name, Mark.OK, f"mode {mode.value}")
    live_from = subject.merchant.live_from
    if live_from is None:
        text = "is not set; it is needed before a flow may be live: the moment of the switch"
        yield Finding("live_from", Mark.WARN, text)
    elif subject.now - live_from > OLD_LIVE_FROM:
        text = f"{live_from:%Y-%m-%d} is over a year ago; is that the moment of the switch?"
        yield Finding("live_from", Mark.WARN, text)
    else:
        text = f"{live_from:%Y-%m-%d %H:%M} UTC; returns approved earlier are never announced again"
        yield Finding("live_from", Mark.OK, text)
    if subject.merchant.portal_name != "Redo":
        yield Finding(
            "the old connector",
            Mark.WARN,
            "what announced and processed this merchant's returns in Loop until now must be off "
            "before live: no API tells whether it is",
        )
        return
    yield Finding(
        "the old connector",
        Mark.WARN,
        "Redo's own Mintsoft integration must be off before live (Redo, Settings, Returns & "
        "Claims, Integrations): no API tells whether it is",
    )

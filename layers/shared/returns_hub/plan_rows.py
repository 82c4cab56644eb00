"""What a trial left behind, told as the rows of a plan."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from returns_hub.adapters.dynamodb.items import plain
from returns_hub.adapters.trial.book import Message, Request
from returns_hub.adapters.trial.tables import Changed
from returns_hub.domain.operations import OperationState, sync_step_key
from returns_hub.domain.plans import CREATES, LEADS_ON, CursorMove, Does, PlanRow, about_of, kind_of
from returns_hub.settings import Settings

if TYPE_CHECKING:
    from returns_hub.trial import TrialHub

CURSOR = "cursor#"
NAMES = ("merchant", "return_id", "flow", "key", "shop", "order", "refund_id", "event_id")
"""Of a message: what it is about. Nothing else of it is told, since it may be personal."""
TOLD: dict[str, Does] = {"skipped": "skip", "would_send": "hold", "due_set": "wait"}
"""Facts of timelines that make a row, and what it does."""


def queue_names(settings: Settings) -> dict[str, str]:
    """The queues' names by their addresses."""
    ending = "_queue_url"
    return {
        str(url): name.removesuffix(ending).replace("_", "-")
        for name, url in settings
        if name.endswith(ending) and not name.endswith("dead_letter_queue_url") and url
    }


def rows_of(trial: TrialHub, *, followed: frozenset[str]) -> tuple[PlanRow, ...]:
    """The rows.

    Args:
        trial: That was run.
        followed: Queues whose messages it dealt with itself; these are no rows.
    """
    settings, names = trial.settings, queue_names(trial.settings)
    changed = list(trial.tables.changed())
    requests = {request.key: request for request in trial.book.requests if request.key}
    steps = dict(_steps(changed))
    rows = [
        _of_operation(plain(one.after), one, requests.get(one.key[0]), steps.get(one.key[0], ""))
        for one in changed
        if one.table == settings.ledger_table and one.after is not None
    ]
    loose = {request.what: request for request in trial.book.requests if not request.key}
    rows += [_of_loose(request) for request in loose.values()]
    rows += [row for one in changed if one.table == settings.parked_table for row in _parked(one)]
    rows += [
        _of_message(message, names)
        for message in trial.book.messages
        if names.get(message.to, "") not in followed
    ]
    rows += [
        PlanRow(does="update", partner="secrets", key=name)
        for name in dict.fromkeys(trial.book.secrets)
    ]
    rows += [
        PlanRow(does="update", partner="files", key=name, summary=f"{size} bytes")
        for name, size in trial.book.files.items()
    ]
    timelines = {settings.returns_table, settings.sync_table, settings.market_table}
    rows += _of_timelines(changed, timelines)
    return tuple(rows)


def cursors_of(trial: TrialHub) -> tuple[CursorMove, ...]:
    """Cursors that would move."""
    moves = []
    for one in trial.tables.changed():
        if one.table != trial.settings.control_table or not one.key[0].startswith(CURSOR):
            continue
        before, after = _value(one.before), _value(one.after)
        if before != after:
            name = one.key[0].removeprefix(CURSOR)
            moves.append(CursorMove(name=name, before=before, after=after))
    return tuple(moves)


def kept_of(trial: TrialHub) -> dict[str, int]:
    """Rows of the hub's own tables that would change, by the setting that names the table."""
    words = {
        str(value): name.removesuffix("_table")
        for name, value in trial.settings
        if name.endswith("_table") and value
    }
    return dict(Counter(words.get(one.table, one.table) for one in trial.tables.changed()))


def _value(item: dict[str, Any] | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(plain(item or {}).get("value", "{}"))
    return found


def _of_operation(
    row: dict[str, Any], one: Changed, request: Request | None, summary: str
) -> PlanRow:
    key, state = one.key[0], OperationState(row["state"])
    told = PlanRow(
        does="update",
        partner=request.partner if request else "hub",
        key=key,
        about=about_of(key),
        summary=summary,
        code=row.get("code", ""),
        reason=row.get("reason", ""),
        request=request.what if request else "",
        content=request.content if request else "",
        depends=request.depends or kind_of(key) in LEADS_ON if request else False,
    )
    if state is OperationState.CONFIRMED and request is not None:
        return told.model_copy(update={"does": "create" if _creates(key) else "update"})
    if state is OperationState.CONFIRMED:
        was = plain(one.before or {}).get("state", "")
        if was == OperationState.CLAIMED.value:
            reason = "begun earlier; a look-up finds it done"
            return told.model_copy(update={"does": "found", "reason": reason})
        return told
    if state is OperationState.REJECTED:
        return told.model_copy(update={"does": "nothing"})
    why = told.reason or "begun earlier; whether it was done cannot be told yet"
    return told.model_copy(update={"does": "wait", "reason": why})


def _creates(key: str) -> bool:
    kind = kind_of(key)
    if not kind.startswith("sync/"):
        return kind in CREATES
    return key.rsplit("/", 1)[-1].startswith(("create", "make", "order", "asn", "add"))


def _of_loose(request: Request) -> PlanRow:
    """A request that no operation makes: a log-in, or what the flow looks after itself."""
    return PlanRow(
        does="update",
        partner=request.partner,
        key=request.what,
        request=request.what,
        content=request.content,
        depends=True,
    )


def _parked(one: Changed) -> Iterator[PlanRow]:
    row = plain(one.after or {})
    if row.get("state") == "open":
        yield PlanRow(
            does="park",
            partner="hub",
            key=one.key[1],
            about=row.get("subject", ""),
            summary=row.get("flow", ""),
            code=row.get("code", ""),
            reason=row.get("reason", ""),
        )
    elif row:
        yield PlanRow(
            does="update", partner="parked", key=one.key[1], summary=f"closed: {row.get('state')}"
        )


def _of_message(message: Message, names: dict[str, str]) -> PlanRow:
    try:
        content = json.loads(message.body)
    except ValueError:
        content = None
    found = content if isinstance(content, dict) else {}
    about = " ".join(str(found[name]) for name in NAMES if found.get(name))
    return PlanRow(
        does="send",
        partner="queue",
        key=names.get(message.to, message.to),
        about=about,
        summary=f"after {message.delay} s" if message.delay else "",
    )


def _steps(changed: list[Changed]) -> Iterator[tuple[str, str]]:
    """Of records kept in step: each planned step's operation, and its summary."""
    for one in changed:
        subject, fact = _fact(one)
        if fact.get("kind") == "step_planned":
            merchant, _, rest = subject.partition("#sync#")
            flow, _, key = rest.partition("#")
            yield sync_step_key(merchant, flow, key, fact["step"]), str(fact.get("summary", ""))


def _of_timelines(changed: list[Changed], tables: set[str]) -> list[PlanRow]:
    """What new events tell; one row that says so for what was looked at and left as it is."""
    rows: list[PlanRow] = []
    for one in changed:
        if one.table not in tables:
            continue
        subject, fact = _fact(one)
        does = TOLD.get(str(fact.get("kind")))
        if does is None:
            continue
        rows.append(
            PlanRow(
                does=does,
                partner=str(fact.get("partner", "hub")),
                about=_subject(subject),
                summary=_first(fact, "summary", "operation", "due_kind", "flow"),
                code=_first(fact, "code"),
                reason=_first(fact, "reason"),
            )
        )
    return rows


def _fact(one: Changed) -> tuple[str, dict[str, Any]]:
    """The partition, and the fact of an event that is new."""
    if one.before is not None or one.after is None or not one.key[1].startswith("EVENT#"):
        return one.key[0], {}
    event = json.loads(plain(one.after).get("event", "{}"))
    return one.key[0], dict(event.get("fact", {}))


def _subject(partition: str) -> str:
    """A partition without its merchant: ``return 66aa…``, ``sync orders SO-1``."""
    _, _, rest = partition.partition("#")
    return rest.replace("#", " ")


def _first(fact: dict[str, Any], *names: str) -> str:
    return next((str(fact[name]) for name in names if fact.get(name)), "")

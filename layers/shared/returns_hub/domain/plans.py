"""What a run would do, told beforehand by a trial, and how it is held against what was done."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.domain.operations import OperationState
from returns_hub.domain.unleashed import names

Does = Literal["create", "update", "nothing", "wait", "skip", "hold", "park", "send", "found"]
"""What a row tells: a write to a partner (``create``, ``update``); one that a look-up found done
(``found``); a message to a queue (``send``); work set aside for a person (``park``); a write of a
flow that is in shadow (``hold``); what is left for later (``wait``), left out (``skip``), or in
order as it is (``nothing``)."""
WRITES: frozenset[Does] = frozenset({"create", "update"})
OURS = frozenset({"hub", "queue", "secrets", "files", "parked"})
"""Partners of rows that leave nothing at a partner."""
CREATES = frozenset(
    {
        "create-external-return",
        "create-order",
        "comment",
        "order-comment",
        "rma-request",
        "sandbox-return",
        "tell-despatch",
    }
)
"""Kinds of operations that make something new; the first word of the key."""
LEADS_ON = frozenset({"decide-transfer"})
"""Kinds of operations after which the same run finds more to do, by the partner's answer: of an
accepted transfer Miinto makes an order."""
_OF_TIME = re.compile(r"/\d{8}T\d{6}Z-\d+/")
"""In the key of a part of a feed: when its batch was opened, which a plan cannot know."""


class PlanRow(Frozen):
    """One line of a plan. Nothing in it is personal data.

    Args:
        does: See `Does`.
        partner: Whose books change; those in `OURS` are the hub's own.
        key: Of a write the operation's key in the ledger; else what names it: a queue, a secret, a
            file, a parked item.
        about: The return, order or record that it is about.
        summary: In a few words.
        code: Of the reason.
        reason: In a sentence.
        request: Of a write the first request that is sent: its method and path, without ids.
        content: A short hash of that request's body, so that two plans can be told apart; empty
            where it has none, or names what a write before it makes.
        depends: What comes after it depends on the partner's answer, and is not told here.
    """

    does: Does
    partner: str = ""
    key: str = ""
    about: str = ""
    summary: str = ""
    code: str = ""
    reason: str = ""
    request: str = ""
    content: str = ""
    depends: bool = False

    @property
    def is_write(self) -> bool:
        """Whether a partner's books would change."""
        return self.does in WRITES and self.partner not in OURS

    @property
    def place(self) -> tuple[str, ...]:
        """What tells the row from every other one, in two plans of the same work."""
        if self.does in WRITES or self.does == "found":
            return ("operation", lasting(self.key))
        return (self.does, lasting(self.key), self.about, self.code)


class CursorMove(Frozen):
    """A cursor that would move."""

    name: str
    before: dict[str, Any] = Field(default_factory=dict)
    after: dict[str, Any] = Field(default_factory=dict)


class Plan(Frozen):
    """What one run would have done at `at`.

    Args:
        plan_id: ``merchant/job/time``.
        job: The function, or ``replay``.
        subject: What was asked for beside the job, e.g. the parked items of a replay.
        config_version: Of the merchant's file.
        rows: In the order in which the run came to them.
        cursors: Those that would move.
        kept: Rows of the hub's own tables that would change, by table.
        told: What the run said of itself.
        whole: Whether the run came to its end.
        why_not: What cut it off.
        seconds: How long the trial took.
    """

    plan_id: str
    merchant: str
    job: str
    subject: str = ""
    at: UtcTime
    config_version: int
    rows: tuple[PlanRow, ...] = ()
    cursors: tuple[CursorMove, ...] = ()
    kept: dict[str, int] = Field(default_factory=dict)
    told: dict[str, Any] = Field(default_factory=dict)
    whole: bool = True
    why_not: str = ""
    seconds: float = 0.0

    @property
    def writes(self) -> tuple[PlanRow, ...]:
        """The rows by which a partner's books would change."""
        return tuple(row for row in self.rows if row.is_write)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows do what."""
        return dict(Counter(row.does for row in self.rows))


class PlanLine(Frozen):
    """A plan in a list."""

    plan_id: str
    merchant: str
    job: str
    subject: str = ""
    at: UtcTime
    config_version: int
    counts: dict[str, int]
    whole: bool


def plan_id_of(merchant: str, job: str, at: datetime) -> str:
    """The id of a plan made at this moment."""
    return f"{merchant}/{job}/{at:%Y%m%dT%H%M%S%fZ}"


def line_of(plan: Plan) -> PlanLine:
    """The plan's line in a list."""
    return PlanLine(
        plan_id=plan.plan_id,
        merchant=plan.merchant,
        job=plan.job,
        subject=plan.subject,
        at=plan.at,
        config_version=plan.config_version,
        counts=plan.counts,
        whole=plan.whole,
    )


def lasting(key: str) -> str:
    """An operation's key without the time that some have in them."""
    return _OF_TIME.sub("/*/", key)


def kind_of(key: str) -> str:
    """The first word of an operation's key; of a record kept in step, with its flow."""
    words = key.split("/", 2)
    return "/".join(words[:2]) if words[0] == "sync" and len(words) > 1 else words[0]


def about_of(key: str) -> str:
    """What an operation's key is about: the words between the merchant and the rest."""
    words = key.split("/")
    if words[0] == "sync":
        return "/".join((words[1], *words[3:4]))
    return words[2] if len(words) > 2 else ""


class Difference(Frozen):
    """Between two plans: rows only in the one, only in the other, and those that changed."""

    gone: tuple[PlanRow, ...] = ()
    new: tuple[PlanRow, ...] = ()
    changed: tuple[tuple[PlanRow, PlanRow], ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether both plans do the same."""
        return not (self.gone or self.new or self.changed)


def difference(one: Plan, other: Plan) -> Difference:
    """What `other` does differently from `one`."""
    before, after = _by_place(one.rows), _by_place(other.rows)
    changed = [
        (before[place], after[place])
        for place in before
        if place in after and _lasting(before[place]) != _lasting(after[place])
    ]
    return Difference(
        gone=tuple(row for place, row in before.items() if place not in after),
        new=tuple(row for place, row in after.items() if place not in before),
        changed=tuple(changed),
    )


def _by_place(rows: Iterable[PlanRow]) -> dict[tuple[str, ...], PlanRow]:
    """Rows by their place; several with one place are told apart by their number."""
    seen: Counter[tuple[str, ...]] = Counter()
    found: dict[tuple[str, ...], PlanRow] = {}
    for row in rows:
        seen[row.place] += 1
        found[*row.place, str(seen[row.place])] = row
    return found


def _lasting(row: PlanRow) -> PlanRow:
    return row.model_copy(update={"key": lasting(row.key)})


class Standing(Frozen):
    """How an operation stands in the ledger; `state` None when it was never begun."""

    key: str
    state: OperationState | None = None
    settled_at: UtcTime | None = None
    partner_id: str = ""
    code: str = ""
    reason: str = ""


Outcome = Literal["done", "not_done", "refused", "in_work", "unknown"]


class Checked(Frozen):
    """One write of a plan, and what became of it."""

    row: PlanRow
    outcome: Outcome
    partner_id: str = ""
    why: str = ""


class Check(Frozen):
    """A plan held against the ledger.

    Args:
        plan_id: The plan.
        checked: Each of its writes.
        beyond: Writes of the job's kinds that were done since, and are not in the plan.
        beyond_known: Whether these were looked for.
    """

    plan_id: str
    checked: tuple[Checked, ...]
    beyond: tuple[Standing, ...] = ()
    beyond_known: bool = True

    @property
    def is_exact(self) -> bool:
        """Whether what was done is the plan, all of it and nothing beside it."""
        done = all(row.outcome == "done" for row in self.checked)
        return done and self.beyond_known and not self.beyond


def check_plan(
    plan: Plan, ledger: Mapping[str, Standing], since: Iterable[Standing] | None
) -> Check:
    """Hold a plan against the ledger.

    Args:
        plan: The plan.
        ledger: How its operations stand, by key; what is left out was never begun.
        since: Operations of the merchant that were settled since the plan was made; None when
            nobody looked.
    """
    beyond, open_ones = [], {lasting(row.key): row.key for row in plan.writes}
    stands = dict(ledger)
    kinds = {kind_of(row.key) for row in plan.rows if row.does in WRITES} | KINDS.get(
        plan.job, frozenset()
    )
    for one in since or ():
        planned = open_ones.get(lasting(one.key))
        if planned is not None:
            stands[planned] = one
        elif kind_of(one.key) in kinds and one.state is OperationState.CONFIRMED:
            beyond.append(one)
    return Check(
        plan_id=plan.plan_id,
        checked=tuple(_checked(row, stands.get(row.key), plan.at) for row in plan.writes),
        beyond=tuple(beyond),
        beyond_known=since is not None,
    )


def _checked(row: PlanRow, stands: Standing | None, at: datetime) -> Checked:
    if stands is None or stands.state is None:
        return Checked(row=row, outcome="not_done", why="it was never begun")
    match stands.state:
        case OperationState.CONFIRMED:
            if stands.settled_at is not None and stands.settled_at < at:
                return Checked(row=row, outcome="not_done", why="it was done before the plan")
            return Checked(row=row, outcome="done", partner_id=stands.partner_id)
        case OperationState.REJECTED:
            return Checked(row=row, outcome="refused", why=stands.reason or stands.code)
        case OperationState.RELEASED:
            return Checked(row=row, outcome="not_done", why=stands.reason or stands.code)
        case OperationState.CLAIMED:
            why = "it was begun, and its end is not known yet"
            return Checked(row=row, outcome="in_work", why=why)


_OF_RETURNS = frozenset({"comment", "flag"})
KINDS: dict[str, frozenset[str]] = {
    "create_external_return": frozenset({"create-external-return"}) | _OF_RETURNS,
    "poll_mintsoft": frozenset({"process", "refund-home"}) | _OF_RETURNS,
    "watch_returns": frozenset({"refund-home"}) | _OF_RETURNS,
    "check_webhooks": frozenset({"webhook", "webhook-replay"}),
    "miinto_rma": frozenset(
        {
            "decide-transfer",
            "create-order",
            "cancel-order",
            "order-comment",
            "send-tracking",
            "push-stock",
            "rma-request",
        }
    ),
    "unleashed_sync": frozenset(
        f"sync/{flow}"
        for flow in (
            names.ORDERS,
            names.SHIPMENTS,
            names.DESPATCHES,
            names.DISPATCHED,
            names.PRODUCTS,
            names.CUSTOMERS,
            names.PURCHASE_ORDERS,
            names.RECEIPTS,
            names.TRANSFERS,
            names.ASSEMBLIES,
            names.STOCK,
            names.ORDER_EXPORT,
            names.CREDIT_NOTES,
            names.CREDITS_THERE,
        )
    ),
    "wair_sync": frozenset({"feed", "tell-despatch"}),
    "catch_up_redo": frozenset(),
}
"""Kinds of writes that are a job's, whether a plan of it has any or not."""

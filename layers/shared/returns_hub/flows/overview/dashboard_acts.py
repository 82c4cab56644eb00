"""A person acts from a dashboard: parked work and dead letters, replayed or discarded.

CloudWatch tells a widget no caller, so an act is recorded under the dashboard's name and the
request's id; the account's own log of invocations knows the person by that id (docs/widgets.md).

The order, and why an act that is cut off anywhere does no harm:

1. a lease: a merchant's acts from dashboards are done one at a time, so that a double click acts
   once;
2. what is acted on is read and held against what the person saw; what changed since is refused;
3. the budget of acts is taken; an act beyond it is refused, and is on no record as done;
4. the act is recorded as asked, done, and recorded with its end. One that stays asked was cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from returns_hub.domain.audit import Act
from returns_hub.domain.base import short_hash
from returns_hub.domain.privacy import masked
from returns_hub.errors import Conflict, Permanent, Retryable, Verdict
from returns_hub.flows.dead_letters import READABLE, Dead, LetterDesk, again, can_be_kept, read
from returns_hub.flows.operator import Desk, discard, replay
from returns_hub.flows.queue_message import UNKNOWN_MERCHANT
from returns_hub.ports import Cursors, Merchants, ParkedItem, Telemetry
from returns_hub.ports.dead_letters import DeadLetters, LetterRound
from returns_hub.ports.desk import ActBudget, ParkedLooks, ParkedRow
from returns_hub.ports.overview import AuditTrail

MOST_AT_ONCE = 25
"""Items of one cause that one act is about, at most."""
LOOK_AT_MOST = 200
"""Dead letters of a queue that are looked at, at most: 10 in a request."""
LEASE_SECONDS = 60.0
SECONDS_EACH = 1.0
Verb = Literal["parked replay", "parked discard", "dlq replay", "dlq discard"]
VERBS: tuple[Verb, ...] = ("parked replay", "parked discard", "dlq replay", "dlq discard")
DONE = frozenset({"replayed", "discarded"})


@dataclass(frozen=True)
class ActAsked:
    """What a person asks for.

    Args:
        verb: What is to be done.
        merchant: Whose work; `_unknown` of messages that name none.
        parked_id: One parked item; or `flow`, `code`, `after` and `count` name the first ones of a
            page.
        seen: How often the item had been parked, or `seen_of` the page, when the person looked.
        queue: Of a dead letter.
        message_id: The dead letter.
        note: Why, in the person's words.
    """

    verb: Verb
    merchant: str = ""
    parked_id: str = ""
    seen: str = ""
    flow: str = ""
    code: str = ""
    after: str = ""
    count: int = 0
    queue: str = ""
    message_id: str = ""
    note: str = ""


@dataclass(frozen=True)
class ActDesk:
    """What acts from a dashboard need. `desk` and `letters` act in the dashboard's name."""

    who: str
    request: str
    desk: Desk
    letters: LetterDesk
    parked: ParkedLooks
    queues: Callable[[], Sequence[DeadLetters]]
    audit: AuditTrail
    budget: ActBudget
    cursors: Cursors
    merchants: Merchants
    telemetry: Telemetry


@dataclass
class Told:
    """What came of an act: outcome -> how many, and a sentence where something is to be said."""

    counts: dict[str, int] = field(default_factory=dict)
    why: str = ""

    @property
    def done(self) -> int:
        """How many were acted on."""
        return sum(count for outcome, count in self.counts.items() if outcome in DONE)

    def add(self, outcome: str) -> None:
        """One more."""
        self.counts[outcome] = self.counts.get(outcome, 0) + 1


def act(asked: ActAsked, desk: ActDesk) -> Told:
    """Do what is asked; see the module for the order.

    Raises:
        Permanent: It is refused, and why.
        Retryable: Nothing was done, or not all of it: it can be asked for again, and what is done
            is not done again.
    """
    if asked.verb.endswith("discard") and not asked.note:
        raise Permanent("act.no_note", "a discard needs a note that says why; nothing was done")
    is_known = asked.merchant == UNKNOWN_MERCHANT or asked.merchant in desk.merchants.all_ids()
    if asked.verb.startswith("parked") and not is_known:
        raise Permanent("merchant.unknown", "there is no such merchant; nothing was done")
    with _alone(asked, desk):
        try:
            told = (
                _on_parked(asked, desk)
                if asked.verb.startswith("parked")
                else _on_letter(asked, desk)
            )
        except Verdict:
            desk.telemetry.count("OperatorActs", flow=asked.verb, outcome="refused")
            raise
    desk.telemetry.count(
        "OperatorActs", flow=asked.verb, outcome="done" if told.done else "refused"
    )
    return told


@contextmanager
def _alone(asked: ActAsked, desk: ActDesk) -> Iterator[None]:
    name = f"dashboard-acts/{asked.merchant or asked.queue or UNKNOWN_MERCHANT}"
    lease = desk.cursors.acquire(name, desk.request, LEASE_SECONDS)
    if lease is None:
        words = "another act is being done; look again, and then ask for this one if it is needed"
        raise Retryable("act.in_work", words, after=5)
    try:
        yield
    finally:
        desk.cursors.release(lease)


# ---------------------------------------------------------------- parked work


def seen_of(rows: Iterable[ParkedRow]) -> str:
    """What a page was when a person looked at it, in a word."""
    return short_hash("\n".join(f"{row.parked_id} {row.times}" for row in rows))


def _on_parked(asked: ActAsked, desk: ActDesk) -> Told:
    items = [_one(asked, desk)] if asked.parked_id else _first_of_page(asked, desk)
    told = Told()
    _take(len(items), desk)
    for number, item in enumerate(items, start=1):
        act_id = desk.request if len(items) == 1 else f"{desk.request}.{number}"

        def do(item: ParkedItem = item) -> str:
            if asked.verb == "parked replay":
                return replay(item, desk.desk)
            return discard(item, desk.desk, asked.note)

        subject, return_id = item.parked_id, item.subject if "/" not in item.subject else ""
        told.add(_recorded(asked, desk, act_id, (item.merchant, subject, return_id), do))
    return told


def _one(asked: ActAsked, desk: ActDesk) -> ParkedItem:
    item = desk.parked.read(asked.merchant, asked.parked_id)
    if item is None:
        raise Permanent("parked.unknown", "there is no such parked item any more; nothing was done")
    if item.state != "open":
        by = masked(item.closed_by) or "somebody"
        raise Permanent("parked.closed", f"it was {item.state} by {by} before; nothing was done")
    if asked.seen != str(item.times or 1):
        words = "it was parked again since you looked; look again. Nothing was done"
        raise Permanent("parked.changed", words)
    return item


def _first_of_page(asked: ActAsked, desk: ActDesk) -> list[ParkedItem]:
    if asked.verb == "parked discard":
        words = "items are discarded one at a time; nothing was done"
        raise Permanent("act.one_at_a_time", words)
    if not (asked.flow and asked.code and 0 < asked.count <= MOST_AT_ONCE):
        words = f"say which: an item, or up to {MOST_AT_ONCE} of one cause; nothing was done"
        raise Permanent("act.no_subject", words)
    page = desk.parked.page(
        asked.merchant, flow=asked.flow, code=asked.code, after=asked.after, limit=asked.count
    )
    if asked.seen != seen_of(page.rows) or len(page.rows) != asked.count:
        words = "the list changed since you looked; look again. Nothing was done"
        raise Permanent("parked.changed", words)
    found = (desk.parked.read(asked.merchant, row.parked_id) for row in page.rows)
    return [item for item in found if item is not None]


# ---------------------------------------------------------------- dead letters


def look_at(queue: DeadLetters, most: int = LOOK_AT_MOST) -> tuple[list[Dead], bool]:
    """Dead letters of a queue, oldest first, and whether these are all; each is given back at once.

    `most` / 10 requests or a few more, and one that counts. Looking counts as a receive.
    """
    with queue.round() as letters:
        found = [read(letter, queue.contract) for letter in islice(letters, most)]
        is_whole = letters.is_whole
    found.sort(key=lambda dead: (dead.letter.sent_at, dead.message_id))
    return found, is_whole


def _on_letter(asked: ActAsked, desk: ActDesk) -> Told:
    queues = [queue for queue in desk.queues() if queue.name == asked.queue]
    if not queues or not asked.message_id:
        raise Permanent("act.no_subject", "say which dead letter; nothing was done")
    found, is_whole = look_at(queues[0])
    chosen = [dead for dead in found if dead.message_id == asked.message_id]
    if not chosen:
        gone = "it is gone" if is_whole else "it is not among those that the queue gave out now"
        raise Permanent("dlq.gone", f"{gone}; nothing was done. Look again in a minute")
    (dead,) = chosen
    if asked.verb == "dlq replay" and dead.code != READABLE:
        words = "this release cannot read it, so it would come back; mend it with hub dlq edit"
        raise Permanent("dlq.unreadable", f"{words}. Nothing was done")
    if asked.verb == "dlq discard" and not can_be_kept(dead):
        words = "it is too long to be kept whole, so it stays; save it with hub dlq show --payload"
        raise Permanent("dlq.too_long", words)
    _take(1, desk)

    def do() -> str:
        with closing(again(queues, chosen, SECONDS_EACH)) as received:
            for letters, one in received:
                return _carry_out(asked, desk, letters, one)
        return "gone"

    known = dead.merchant if dead.merchant != UNKNOWN_MERCHANT else ""
    subject = (known, f"{asked.queue} {dead.message_id}", dead.return_id if known else "")
    told = Told()
    told.add(_recorded(asked, desk, desk.request, subject, do))
    return told


def _carry_out(asked: ActAsked, desk: ActDesk, letters: LetterRound, dead: Dead) -> str:
    if asked.verb == "dlq replay":

        def told() -> None:
            desk.letters.tell(dead, "dead_letter_replayed")

        letters.send_again(dead.letter, dead.letter.body, told)
        return "replayed"

    def keep() -> None:
        desk.letters.keep(dead, asked.note)
        desk.letters.tell(dead, "dead_letter_discarded", asked.note)

    letters.take_out(dead.letter, keep)
    return "discarded"


# ---------------------------------------------------------------- both


def _take(acts: int, desk: ActDesk) -> None:
    if acts > desk.budget.most:
        words = f"at most {desk.budget.most} acts a minute are let through; nothing was done"
        raise Permanent("act.too_many", words)
    wait = desk.budget.take(acts)
    if wait:
        words = f"too many acts from dashboards; try again in {wait:.0f} s. Nothing was done"
        raise Retryable("act.too_many", words, after=wait)


def _recorded(
    asked: ActAsked,
    desk: ActDesk,
    act_id: str,
    subject: tuple[str, str, str],
    do: Callable[[], str],
) -> str:
    """Do it between its two records; what came of it."""
    merchant, about, return_id = subject
    begun = Act(
        act_id=act_id,
        at=desk.desk.clock.now(),
        who=desk.who,
        through="dashboard",
        verb=asked.verb,
        merchant="" if merchant == UNKNOWN_MERCHANT else merchant,
        subject=about,
        return_id=return_id,
        note=masked(asked.note),
    )
    try:
        desk.audit.record(begun)
    except Conflict:
        words = "this very request was dealt with before; nothing more was done"
        raise Permanent("act.done_before", words) from None
    try:
        outcome = do()
    except Verdict as verdict:
        end = {"outcome": "failed", "told": masked(verdict.reason)}
        desk.audit.record(begun.model_copy(update=end))
        raise
    end = {"outcome": "done" if outcome in DONE else "refused", "told": outcome}
    desk.audit.record(begun.model_copy(update=end))
    return outcome

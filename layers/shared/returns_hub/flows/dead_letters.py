"""What a dead letter is to whoever looks after them: who it is about, what is wrong with it, what
may be shown of it, and what becomes of it by a person's hand.

Nothing here loses a message. It is deleted only after it was sent again, or kept among the parked
work. Ended in between, it stays and is found by the next look, and doing the same twice is
harmless: the ledger and the timeline know what was done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from returns_hub.domain.base import MerchantId, UtcTime
from returns_hub.domain.events import ReturnId
from returns_hub.domain.facts import OperatorActed
from returns_hub.domain.relay.settings import TargetName
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Permanent
from returns_hub.flows import make_external_return, process_lines
from returns_hub.flows.miinto import run, store_refund_message
from returns_hub.flows.operator import record_act
from returns_hub.flows.queue_message import UNKNOWN_MERCHANT
from returns_hub.flows.relay import despatch_message, order_change_message
from returns_hub.ports import Clock, ParkedItem, Parking, ReturnsStore
from returns_hub.ports.dead_letters import HOLD_SECONDS, DeadLetters, Letter, LetterRound

FLOWS = {
    "approved-returns": make_external_return.FLOW,
    "poll-mintsoft": process_lines.FLOW,
    "store-refunds": store_refund_message.FLOW,
    "miinto-rma": run.FLOW,
    "unleashed-sync": "unleashed_sync",
    "order-changes": order_change_message.FLOW,
    "despatches": despatch_message.FLOW,
    "wair-sync": "wair_sync",
    "drift-report": "drift_report",
}
READABLE = "readable"
LONGEST_HOLD = 43_200
"""Seconds; SQS hides a message no longer."""
LONGEST_KEPT = 200_000
"""Bytes of a payload among the parked work; an item of DynamoDB holds 400 KB in all."""
BODIES = ("return", "order")
FORMS: dict[str, TypeAdapter[Any]] = {
    "schema": TypeAdapter(Annotated[str, Field(pattern=r"^[a-z-]{1,40}/[0-9]{1,4}$")]),
    "merchant": TypeAdapter(MerchantId),
    "return_id": TypeAdapter(ReturnId),
    "occurred_at": TypeAdapter(UtcTime),
    "target": TypeAdapter(TargetName),
    "source": TypeAdapter(Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]),
}
"""The envelope's fields, shown when they have the form that the contract gives them; a text of
another form may be anything, personal data too."""
Act = Literal["dead_letter_replayed", "dead_letter_edited", "dead_letter_discarded"]


@dataclass(frozen=True)
class Dead:
    """A dead letter, and what the release that runs here makes of it."""

    letter: Letter
    merchant: str
    return_id: str
    code: str
    reason: str

    @property
    def message_id(self) -> str:
        """As SQS calls it."""
        return self.letter.message_id

    @property
    def wrong(self) -> str:
        """What is wrong with it, for a line."""
        return f"{self.code}: {self.reason}" if self.reason else self.code

    @property
    def about(self) -> str:
        """Whose it is, for a line."""
        return f"return {self.return_id} of {self.merchant}" if self.return_id else self.merchant


def read(letter: Letter, contract: Callable[[str], object]) -> Dead:
    """What the release that runs here makes of a message."""
    merchant, return_id = names_in(letter.body)
    code, reason = judged(letter.body, contract)
    return Dead(letter, merchant, return_id, code, reason)


def judged(body: str, contract: Callable[[str], object]) -> tuple[str, str]:
    """What is wrong with a body, as (code, reason); `READABLE` when nothing is."""
    try:
        contract(body)
    except Permanent as verdict:
        return verdict.code, verdict.reason
    except Exception as error:  # noqa: BLE001 - it may be the very fault that brought it here
        return "fault", f"reading it ends in {type(error).__name__}"
    return READABLE, ""


def names_in(body: str) -> tuple[str, str]:
    """The merchant and the return that a message names, even if it is no good otherwise."""
    try:
        content = read_json(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return UNKNOWN_MERCHANT, ""
    merchant, return_id = (_in_form(content, name) for name in ("merchant", "return_id"))
    return merchant or UNKNOWN_MERCHANT, return_id


def _in_form(content: dict[str, Any], name: str) -> str:
    """A field of the envelope, when it is a text of the contract's form; else an empty one."""
    value = content.get(name)
    try:
        FORMS[name].validate_python(value)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""


def envelope(body: str) -> dict[str, str] | str:
    """A body without what may be personal data."""
    try:
        content = read_json(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return f"hidden: {len(body)} characters that are no JSON object"
    told: dict[str, str] = {}
    others = 0
    for name in content:
        if name in BODIES:
            told[name] = "hidden"
        elif name in FORMS:
            told[name] = _in_form(content, name) or "hidden: not of the contract's form"
        else:
            others += 1
    if others:
        told["others"] = f"hidden: {others} that the contract does not know"
    return told


# ---------------------------------------------------------------- acting


@dataclass(frozen=True)
class LetterDesk:
    """What a person's acts on dead letters need.

    Args:
        who: Who acts; goes onto timelines.
        trace: How the act is found elsewhere, e.g. a request's id; goes onto timelines too.
        known: Merchants with a file.
    """

    who: str
    returns: ReturnsStore
    parking: Parking
    clock: Clock
    known: frozenset[str]
    trace: str = ""

    def tell(self, dead: Dead, act: Act, note: str = "") -> bool:
        """Put the act on the timeline of the return that the message names; False when there is
        none that the hub knows."""
        if not dead.return_id or dead.merchant == UNKNOWN_MERCHANT:
            return True
        told = " ".join(filter(None, (note, self.trace)))
        fact = OperatorActed(act=act, subject=f"dead letter {dead.message_id}", note=told)
        return record_act(self.returns, self.clock, dead.merchant, dead.return_id, self.who, fact)

    def keep(self, dead: Dead, note: str) -> None:
        """Keep a message among the parked work, closed, before it is taken out of its queue."""
        why = f"discarded by {self.who}: {note}"
        item = ParkedItem(
            # A merchant without a file is in no list of parked work.
            merchant=dead.merchant if dead.merchant in self.known else UNKNOWN_MERCHANT,
            parked_id=f"dead-letter/{dead.message_id}",
            flow=FLOWS[dead.letter.queue],
            code="operator.discarded",
            reason=f"{why} ({self.trace})" if self.trace else why,
            subject=dead.return_id,
            payload=kept(dead),
        )
        self.parking.park(item)
        self.parking.close(item, "discarded", self.who, note)


def kept(dead: Dead) -> str:
    """What is kept of a discarded message: all of it, but for bodies that the portal still has."""
    body = dead.letter.body
    if dead.code != READABLE:
        return body
    content = read_json(body)
    if not any(name in content for name in BODIES):
        return body
    return json.dumps({name: value for name, value in content.items() if name not in BODIES})


def can_be_kept(dead: Dead) -> bool:
    """Whether it can be kept whole; one that cannot is not discarded."""
    return len(kept(dead).encode("utf-8", "replace")) <= LONGEST_KEPT


def again(
    queues: Iterable[DeadLetters], chosen: Sequence[Dead], seconds_each: float
) -> Generator[tuple[LetterRound, Dead], None, None]:
    """Receive the chosen messages again: a hold does not outlast a person's thinking."""
    for queue in queues:
        left = {dead.message_id for dead in chosen if dead.letter.queue == queue.name}
        if not left:
            continue
        hold = min(LONGEST_HOLD, HOLD_SECONDS + int(len(left) * seconds_each))
        with queue.round(hold) as letters:
            for letter in letters:
                if letter.message_id in left:
                    left.remove(letter.message_id)
                    yield letters, read(letter, queue.contract)
                if not left:
                    break

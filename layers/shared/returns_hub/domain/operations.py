"""A write to a partner, before and after: the ledger's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote

from returns_hub.domain.base import short_hash

LONGEST_NAME = 600
"""Characters of a record's key in an operation's; a key of DynamoDB has 2048 bytes."""
CLOCKS_DIFFER_SECONDS = 5.0
"""How far two of our environments' clocks may be apart; AWS keeps them within milliseconds."""


class OperationState(StrEnum):
    """Where an operation stands in the ledger."""

    CLAIMED = "CLAIMED"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    RELEASED = "RELEASED"


@dataclass(frozen=True)
class Operation:
    """One write to a partner, identified so that it is done once.

    Args:
        key: Deterministic; the same write always has the same key.
        merchant: Whose write it is.
        request_seconds: The longest from sending a request to its being carried out, or never.
        settle_seconds: After that, how long until a look-up shows what it made.
        give_up_seconds: After this an outcome that cannot be observed goes to a person.
        retry_rejected: A person had it done again, so what the partner refused may be sent anew.
    """

    key: str
    merchant: str
    request_seconds: float
    settle_seconds: float
    give_up_seconds: float
    retry_rejected: bool = False

    @property
    def lease_seconds(self) -> float:
        """How long a claim holds: time to get to sending, to be carried out, and to be seen.

        Whoever takes over afterwards looks up at once, so all three have to fit.
        """
        return self.request_seconds + self.unseen_seconds

    @property
    def unseen_seconds(self) -> float:
        """How long what was sent may stay invisible to a look-up, clocks that differ included."""
        return self.request_seconds + self.settle_seconds + CLOCKS_DIFFER_SECONDS

    def send_by(self, claim: Claim) -> datetime:
        """The last moment to send under this claim.

        What is sent later could still be invisible when the next owner looks.
        """
        return claim.lease_until - timedelta(seconds=self.unseen_seconds)

    @property
    def marker(self) -> str:
        """A short word derived from the key, written into the record to find it again."""
        return marker_of(self.key)


MARKER = re.compile(r"RH-[0-9a-f]{20}", re.IGNORECASE)
"""What a marker looks like."""


def marker_of(key: str) -> str:
    """The marker of an operation's key: 3 letters and 20 hexadecimal digits."""
    return f"RH-{short_hash(key, 20)}"


def create_external_return_key(
    merchant: str, return_id: str, shipment_key: str, attempt: int = 0
) -> str:
    """One external return for each shipment of a return; see `_again` for `attempt`."""
    return _again(f"create-external-return/{merchant}/{return_id}/{shipment_key}", attempt)


def sync_step_key(merchant: str, flow: str, key: str, step: str, attempt: int = 0) -> str:
    """One write of a flow that keeps records in step, whatever is in the record's key.

    `attempt` counts how often a person vouched that it was never carried out.
    """
    name = quote(key, safe="")
    if len(name) > LONGEST_NAME:
        name = f"={short_hash(key, 64)}"
    again = f"+{attempt}" if attempt else ""
    return f"sync/{flow}/{merchant}/{name}{again}/{step}"


def _again(key: str, attempt: int) -> str:
    """The key of an operation that a person vouched was never carried out under its former key."""
    return f"{key}/again-{attempt}" if attempt else key


def comment_key(merchant: str, return_id: str, about: str) -> str:
    """One comment for each thing said about a return."""
    return f"comment/{merchant}/{return_id}/{about}"


def process_key(merchant: str, return_id: str, batch: int, attempt: int = 0) -> str:
    """One process call for each batch of lines committed on the return's timeline."""
    return _again(f"process/{merchant}/{return_id}/{batch}", attempt)


def flag_key(merchant: str, return_id: str, receipt: str) -> str:
    """One flag for each version of a receipt."""
    return f"flag/{merchant}/{return_id}/{receipt}"


def status_key(merchant: str, return_id: str, status: str, request: str) -> str:
    """One change of status for each request that a person makes."""
    return f"status/{merchant}/{return_id}/{status}/{request}"


def sandbox_return_key(merchant: str, order_id: str, line_ids: Iterable[str], number: int) -> str:
    """One test return for each `number` of the same lines of an order."""
    return f"sandbox-return/{merchant}/{order_id}/{'+'.join(sorted(line_ids))}/{number}"


def refund_home_key(merchant: str, refund_id: str, target: str) -> str:
    """One telling of a refund for each target."""
    return f"refund-home/{merchant}/{refund_id}/{target}"


def store_refund_key(merchant: str, refund_id: str) -> str:
    """What a store's refund of this id asked for when it came first."""
    return f"store-refund/{merchant}/{refund_id}"


def rma_request_key(
    merchant: str, shop_slug: str, order: int, source: str, attempt: int = 0
) -> str:
    """One RMA request for each version of a receipt, and for each refund of a store."""
    return _again(f"rma-request/{merchant}/{shop_slug}/{order}/{source}", attempt)


def tell_despatch_key(merchant: str, target: str, event_id: str) -> str:
    """One telling of each revision of a despatch to each target."""
    return f"tell-despatch/{merchant}/{target}/{event_id}"


class ClaimedFrom(StrEnum):
    """What the record said before this claim; decides whether a look-up comes first."""

    NOTHING = "nothing"
    RELEASED = "released"
    UNSETTLED = "unsettled"


@dataclass(frozen=True)
class Claim:
    """The right to send, until `lease_until`, under a fence that only rises."""

    key: str
    owner: str
    fence: int
    lease_until: datetime
    first_claimed_at: datetime
    claimed_from: ClaimedFrom


@dataclass(frozen=True)
class HeldElsewhere:
    """Someone else holds the claim until then; the first try was at `first_claimed_at`."""

    lease_until: datetime
    first_claimed_at: datetime


@dataclass(frozen=True)
class Settled:
    """The operation has ended: confirmed with the partner's id, or rejected with a reason."""

    state: OperationState
    partner_id: str = ""
    code: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Found:
    """The look-up found what the write made."""

    partner_id: str


@dataclass(frozen=True)
class NotFound:
    """The look-up is conclusive: the write did not happen."""


@dataclass(frozen=True)
class Inconclusive:
    """The look-up cannot tell; `why` in a sentence for an operator."""

    why: str


LookUp = Found | NotFound | Inconclusive


class Rehearsed(Exception):  # noqa: N818 - a trial's way to stop a request, not a fault
    """In a trial: the request would be sent now, and the partner is not asked.

    It is no verdict: only what runs operations takes it, as done with an id that is made up, so
    that the flow goes on by its own code. Nothing that runs for real raises it.
    """

    def __init__(self, what: str, taken_as: Callable[[str], str]) -> None:
        super().__init__(f"not sent, this is a trial: {what}")
        self._taken_as = taken_as

    def made_by(self, key: str) -> str:
        """The id that stands for what the operation with this key would make."""
        return self._taken_as(key)

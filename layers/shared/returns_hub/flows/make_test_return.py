"""A test return in the portal's sandbox, made once (R13: a test return end to end)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from returns_hub.domain.operations import Claim, LookUp, marker_of, sandbox_return_key
from returns_hub.errors import Permanent
from returns_hub.flows.operation import Done
from returns_hub.flows.world import World
from returns_hub.ports import SandboxLine, SandboxReturnDraft, SandboxReturns, ShipFrom

SETTLE_SECONDS = 30.0
GIVE_UP_SECONDS = 3600.0


@dataclass(frozen=True)
class SandboxReturnAsked:
    """What the test return is to be; the same words always mean the same return.

    Args:
        shop: The shop's system in the portal's words, e.g. ``shopify``.
        order_id: The order's id there.
        lines: What comes back.
        ship_from: Where it is sent from.
        number: Another one of the same lines gets another number.
    """

    shop: str
    order_id: str
    lines: tuple[SandboxLine, ...]
    ship_from: ShipFrom
    number: int = 1


def require_sandbox(world: World) -> None:
    """Raise unless the merchant's live file says that it is a sandbox.

    Raises:
        Permanent: It does not.
    """
    if not world.live.merchant.sandbox:
        raise Permanent(
            "merchant.not_sandbox",
            f"{world.merchant} is not marked as a sandbox, so no test return is made there; "
            "only a tenant for tests may say sandbox: true in its file",
        )


def make_test_return(world: World, portal: SandboxReturns, asked: SandboxReturnAsked) -> Done:
    """Make the test return; its id is the partner's id of what is done.

    Looked up among the portal's newest returns by order, lines and time. When none is found it is
    sent again with the same idempotency key, which the portal takes for the same request.

    Raises:
        Permanent: The merchant is no sandbox, or the portal refuses it.
        Retryable: Known not done, or another run is at it.
        UnknownOutcome: It may have been made; come back when the claim's lease has ended.
    """
    require_sandbox(world)
    line_ids = (line.order_line_id for line in asked.lines)
    key = sandbox_return_key(world.merchant, asked.order_id, line_ids, asked.number)
    marker = marker_of(key)
    draft = SandboxReturnDraft(
        shop=asked.shop,
        order_id=asked.order_id,
        lines=asked.lines,
        ship_from=asked.ship_from,
        note=f"Test return of the returns hub [{marker}]",
        idempotency_key=marker,
    )
    operation = world.operation(
        key, settle=SETTLE_SECONDS, give_up=GIVE_UP_SECONDS, retry_rejected=True
    )

    def send(send_by: datetime) -> str:
        return portal.make_return(draft, send_by)

    def look_up(claim: Claim) -> LookUp:
        return portal.find_made(draft, claim.first_claimed_at)

    return world.run(operation, send=send, look_up=look_up)

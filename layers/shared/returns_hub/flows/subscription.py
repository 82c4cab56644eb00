"""The portal's subscription that calls the hub's door: made, kept whole, and replayed (R14, X1).

What people and the schedule ask for; how it is done is in `flows.subscription_steps`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from returns_hub.domain.overview.keys import ENDS_AT
from returns_hub.domain.subscriptions import Step, new_token
from returns_hub.errors import Conflict, Permanent, Retryable, Verdict
from returns_hub.flows.operation import Done
from returns_hub.flows.parked import OPERATOR_NEEDED
from returns_hub.flows.subscription_steps import (
    BUSY,
    Memory,
    Report,
    Webhook,
    held,
    keep,
    look,
    make_whole,
    memory_of,
    replay_since,
)
from returns_hub.flows.world import REQUEST_SECONDS, World

FLOW = "check_webhooks"
LEAST_SECONDS = REQUEST_SECONDS
"""With less time left no scheduled look is begun: one at a whole subscription is one request."""


def status(webhook: Webhook) -> Report:
    """How the subscription stands; by reads alone."""
    standing = look(webhook, webhook.wanted())
    return Report(standing, memory_of(webhook.world.stores.cursors.read(webhook.cursor)))


def ensure(
    webhook: Webhook,
    *,
    remove_duplicates: bool = False,
    tell: Callable[[Step], object] = lambda _: None,
) -> Report:
    """Make the subscription whole, and replay what it missed.

    Args:
        webhook: What it needs.
        remove_duplicates: Also delete what delivers to our address besides it.
        tell: Told of each step when it is done.

    Raises:
        Retryable: Someone else is at it, or the portal cannot be asked; also when it does not show
            yet what it took.
        Permanent: The portal refuses.
        UnknownOutcome: A write may have been carried out; the next look finds out.
    """
    with held(webhook) as (lease, memory):
        return make_whole(webhook, lease, memory, tell=tell, remove_duplicates=remove_duplicates)


def make_token(webhook: Webhook) -> bool:
    """Write a random token into the secret when it holds none; whether it did."""
    with held(webhook) as (lease, _):
        lease.run.is_idle = True
        content = dict(webhook.read_secret())
        if content.get("token"):
            return False
        webhook.write_secret({**content, "token": new_token()})
        return True


def rotate_token(webhook: Webhook, tell: Callable[[Step], object] = lambda _: None) -> Report:
    """Change the token, so that no delivery is refused meanwhile; see `ensure` for what it raises.

    The door takes the former token too, until the next change. A change that was not finished is
    finished first: else the token that the portal still uses would be forgotten here.
    """
    with held(webhook) as (lease, known):
        memory = make_whole(webhook, lease, known, tell=tell).memory
        former = webhook.wanted().token.get_secret_value()
        memory = keep(webhook, lease, memory.but(token_unsent=True))
        content = dict(webhook.read_secret())
        # When the former token ends says nothing of the new one.
        content.pop(ENDS_AT, None)
        webhook.write_secret({**content, "token": new_token(), "previous_token": former})
        return make_whole(webhook, lease, memory, tell=tell)


def replay(webhook: Webhook, start: datetime, *, again: bool = False) -> Done:
    """Have everything since `start` told again.

    Args:
        webhook: What it needs.
        start: From when on.
        again: A person wants it although the same was asked for before.

    Raises:
        Permanent: There is no whole subscription, or whether the same replay was made is unknown.
        UnknownOutcome: It may have begun.
    """
    with held(webhook) as (lease, known):
        memory = known
        standing = look(webhook, webhook.wanted())
        if standing.ours is None or standing.is_harmed:
            raise Permanent(
                "webhook.not_whole", f"the subscription is {standing.word}; ensure it first"
            )
        if again:
            memory = keep(webhook, lease, memory.but(replays=memory.replays + 1))
        done = replay_since(webhook, standing.ours.id, start, memory.replays)
        if done.how != "already":
            keep(webhook, lease, memory.replayed(start, webhook.world.stores.clock.now()))
        return done


def check(webhook: Webhook) -> str:
    """A scheduled look: repair what is lost or altered, and say so; what was found, in a word.

    Returns:
        ``whole``, ``created`` (it was never seen whole before), ``repaired``, ``token_changed`` (a
        change of token was finished), ``duplicated`` (nothing is lost), or ``busy`` when somebody
        else is at it.

    Raises:
        Verdict: It could not be done; a later look tries again.
    """
    world = webhook.world
    try:
        with held(webhook) as (lease, memory):
            steps: list[Step] = []
            report = make_whole(webhook, lease, memory, tell=steps.append)
            word = _outcome(memory, report, steps)
    except Retryable as verdict:
        if verdict.code != BUSY:
            raise
        word = "busy"
    except Conflict:
        world.stores.telemetry.log("the lease was lost; another run goes on", cursor=webhook.cursor)
        word = "busy"
    world.stores.telemetry.count("WebhookChecks", merchant=world.merchant, outcome=word)
    return word


def check_failed(world: World, verdict: Verdict) -> None:
    """Count and log a look that could not be done; what waits for a person is told as such."""
    world.run_failed(verdict, flow=FLOW)
    if isinstance(verdict, Permanent):
        world.stores.telemetry.count(OPERATOR_NEEDED)


def _outcome(before: Memory, report: Report, steps: list[Step]) -> str:
    if before.damage or (before.whole_at and any(step.is_repair for step in steps)):
        return "repaired"
    if any(step.is_repair for step in steps):
        return "created"
    if steps:
        return "token_changed"
    return "duplicated" if report.standing.duplicates else "whole"

"""The steps that make the portal's subscription whole, under the lease of its cursor.

What is wrong is judged anew from the portal's own list before each write; each write is an
operation of the ledger whose key has a generation, which ends when what became of the write is
known: so it is done once, and a subscription that was repaired can be repaired again tomorrow.

After a loss everything since the subscription was last seen whole is owed a replay. A replay cannot
be looked up, so it is never sent again on a guess: one without an answer is told of, and a person
asks once more. Asked for twice it does no harm, for the hub takes each version of a return once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict

from returns_hub.domain.base import UtcTime
from returns_hub.domain.operations import Claim, Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.subscriptions import (
    HARMLESS,
    Standing,
    Step,
    Subscription,
    Wanted,
    differences,
    judge,
    next_step,
    replay_key,
    shows_token,
    step_key,
    token_of,
)
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from returns_hub.flows import cursor_names
from returns_hub.flows.lease import MARGIN_SECONDS, reported
from returns_hub.flows.operation import Done
from returns_hub.flows.parked import OPERATOR_NEEDED
from returns_hub.flows.world import World
from returns_hub.ports import Lease, WebhookSubscriptions

REPAIRED = "WebhookRepaired"
"""The metric, over all merchants, that the webhook's alarm watches."""
BUSY = "webhook.busy"
SETTLE_SECONDS = 30.0
GIVE_UP_SECONDS = 24 * 3600.0
OVERLAP = timedelta(hours=1)
"""Deliveries that were being retried when the subscription was last seen whole are lost with it."""
REPLAY_TAKES = timedelta(days=1)
"""A replay may be under way for so long; its deliveries are lost with the subscription too."""
LONGEST_REPLAY = timedelta(days=30)
MOST_STEPS = 20


class Memory(BaseModel):
    """The cursor: what is known of the subscription from earlier looks.

    Args:
        generation: Of the keys of the next repair.
        whole_at: When it was last seen whole.
        damage: What was wrong with it and is not told as repaired yet; empty for nothing.
        owed: From when on a replay is owed.
        not_replayed: From when on a replay was owed that may not have been made, or was refused.
        replays: Of the keys of replays: rises with each damage, and when a person wants the same
            replay once more.
        replayed_from: From when on the last replay was.
        replayed_at: When it was asked for.
        token_unsent: The token was changed here and the portal may not have it yet.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    generation: int = 0
    whole_at: UtcTime | None = None
    damage: str = ""
    owed: UtcTime | None = None
    not_replayed: UtcTime | None = None
    replays: int = 0
    replayed_from: UtcTime | None = None
    replayed_at: UtcTime | None = None
    token_unsent: bool = False

    @property
    def replay_under_way(self) -> datetime | None:
        """From when on a replay tells that may not have ended when it was last seen whole."""
        if self.replayed_at is None or self.whole_at is None:
            return None
        return self.replayed_from if self.whole_at - self.replayed_at < REPLAY_TAKES else None

    def replayed(self, start: datetime, at: datetime) -> Memory:
        """The same after a replay; what it covers is not owed any more."""
        owed, left = self.owed, self.not_replayed
        return self.but(
            owed=None if owed and start <= owed else owed,
            not_replayed=None if left and start <= left else left,
            replayed_from=start,
            replayed_at=at,
        )

    def but(self, **changes: object) -> Memory:
        """The same with changes."""
        return self.model_copy(update=changes)


@dataclass(frozen=True)
class Webhook:
    """What looking after one merchant's subscription needs.

    Args:
        world: The merchant's.
        subscriptions: The portal's.
        url: Where deliveries have to go.
        external_id: Our key for the subscription.
        secret: The name of the secret with the token.
        read_secret: Its content as it is now, past every cache; empty when it is not set.
        write_secret: Stores it.
    """

    world: World
    subscriptions: WebhookSubscriptions
    url: str
    external_id: str
    secret: str
    read_secret: Callable[[], Mapping[str, str]]
    write_secret: Callable[[Mapping[str, str]], object]

    @property
    def cursor(self) -> str:
        """The name of the cursor and its lease."""
        return cursor_names.subscription(self.world.merchant)

    def wanted(self) -> Wanted:
        """The subscription as it should be.

        Raises:
            Misconfigured: No token is set, or none that can be sent.
        """
        content = self.read_secret()
        if not content.get("token"):
            raise Misconfigured(
                "secret.missing",
                f"secret {self.secret} holds no token; make one with: "
                f"hub redo webhook ensure {self.world.merchant} --make-token",
            )
        former = content.get("previous_token")
        return Wanted(
            external_id=self.external_id,
            url=self.url,
            token=token_of(content["token"], self.secret),
            former_token=token_of(former, self.secret) if former else None,
        )


@dataclass(frozen=True)
class Report:
    """How the subscription stands, and what is remembered of it."""

    standing: Standing
    memory: Memory

    @property
    def is_whole(self) -> bool:
        """Whether deliveries come, once each, and none of the past is missing."""
        missing = self.memory.owed or self.memory.not_replayed
        return self.standing.word == "whole" and missing is None


@contextmanager
def held(webhook: Webhook) -> Iterator[tuple[Lease, Memory]]:
    """The cursor under its lease: one at a time looks after the subscription."""
    stores = webhook.world.stores
    seconds = stores.clock.remaining() + MARGIN_SECONDS
    lease = stores.cursors.acquire(webhook.cursor, stores.owner, seconds)
    if lease is None:
        raise Retryable(BUSY, "somebody else looks after the subscription now", after=60)
    try:
        with reported(lease):
            yield lease, memory_of(lease.value)
    finally:
        stores.cursors.release(lease)


def memory_of(value: Mapping[str, Any]) -> Memory:
    """What a cursor's value says."""
    return Memory.model_validate(dict(value), extra="ignore")


def keep(webhook: Webhook, lease: Lease, memory: Memory) -> Memory:
    """Store what is known now; see `ports.Cursors.advance` for what it raises."""
    webhook.world.stores.cursors.advance(lease, memory.model_dump(mode="json"))
    return memory


def look(webhook: Webhook, wanted: Wanted) -> Standing:
    """How the subscription stands in the portal's own list."""
    return judge(wanted, webhook.subscriptions.list())


def make_whole(
    webhook: Webhook,
    lease: Lease,
    memory: Memory,
    *,
    tell: Callable[[Step], object],
    remove_duplicates: bool = False,
) -> Report:
    """See `flows.subscription.ensure`."""
    wanted = webhook.wanted()
    sent: set[Step] = set()
    for _ in range(MOST_STEPS):
        looked_at = webhook.world.stores.clock.now()
        standing = look(webhook, wanted)
        memory = _note_damage(webhook, lease, memory, standing)
        step = next_step(
            standing, remove_duplicates=remove_duplicates, token_unsent=memory.token_unsent
        )
        if step is None:
            memory = _note_whole(webhook, lease, memory, standing, looked_at)
            return Report(standing, memory)
        if step in sent:
            break
        done = _do(webhook, wanted, step, memory.generation)
        memory = memory.but(generation=memory.generation + 1)
        if done.how != "already":
            # An operation that had ended before says nothing about the damage that is there now.
            sent.add(step)
            tell(step)
            memory = memory.but(token_unsent=memory.token_unsent and step.act == "delete")
        memory = keep(webhook, lease, memory)
    raise Retryable(
        "webhook.not_seen",
        "the portal took the change of the subscription and does not show it; the next look "
        "tries again",
        after=300,
    )


def _note_damage(webhook: Webhook, lease: Lease, memory: Memory, standing: Standing) -> Memory:
    """Remember, before anything is mended, from when on events may be missing.

    A subscription that was never seen whole lost nothing: it is only being made.
    """
    if not standing.is_harmed or memory.damage or memory.whole_at is None:
        return memory
    earliest = webhook.world.stores.clock.now() - LONGEST_REPLAY
    starts = [
        memory.whole_at - OVERLAP,
        memory.owed,
        memory.not_replayed,
        memory.replay_under_way,
    ]
    start = max(earliest, min(start for start in starts if start is not None))
    words = sorted(standing.differences - HARMLESS)
    webhook.world.stores.telemetry.log(
        "the subscription is not whole",
        merchant=webhook.world.merchant,
        standing=standing.word,
        altered=",".join(words),
        last_seen_whole=memory.whole_at.isoformat(),
    )
    damage = ",".join([standing.word, *words])
    new = memory.but(damage=damage, owed=start, not_replayed=None, replays=memory.replays + 1)
    return keep(webhook, lease, new)


def _note_whole(
    webhook: Webhook, lease: Lease, memory: Memory, standing: Standing, looked_at: datetime
) -> Memory:
    """It is whole: tell of a repair, and pay the replay that is owed."""
    telemetry = webhook.world.stores.telemetry
    if memory.damage:
        telemetry.count(REPAIRED)
        telemetry.log("the subscription was repaired", merchant=webhook.world.merchant)
    memory = keep(webhook, lease, memory.but(damage="", whole_at=looked_at))
    if memory.owed is None or standing.ours is None:
        return memory
    try:
        replay_since(webhook, standing.ours.id, memory.owed, memory.replays)
    except (Permanent, UnknownOutcome) as verdict:
        telemetry.count(OPERATOR_NEEDED)
        telemetry.log(
            "a replay may not have been made; ask for it once more: hub redo webhook replay",
            merchant=webhook.world.merchant,
            since=memory.owed.isoformat(),
            code=verdict.code,
            reason=verdict.reason,
        )
        return keep(webhook, lease, memory.but(owed=None, not_replayed=memory.owed))
    now = webhook.world.stores.clock.now()
    return keep(webhook, lease, memory.replayed(memory.owed, now))


def _do(webhook: Webhook, wanted: Wanted, step: Step, generation: int) -> Done:
    """One step, as an operation.

    A step that the portal refused before may be sent anew: the refusal was about what the merchant
    file or the secret said then, and no step can make anything twice.
    """
    world, portal = webhook.world, webhook.subscriptions
    send: Callable[[datetime], None]
    match step.act:
        case "create":
            send = partial(portal.put, wanted)
        case "change":
            send = partial(portal.change, step.subscription, wanted)
        case "delete":
            send = partial(portal.delete, step.subscription)
    operation = world.operation(
        step_key(world.merchant, generation, step),
        settle=SETTLE_SECONDS,
        give_up=GIVE_UP_SECONDS,
        retry_rejected=True,
    )

    def send_it(send_by: datetime) -> str:
        send(send_by)
        return step.subscription

    return world.run(operation, send=send_it, look_up=lambda _: _look_up(webhook, wanted, step))


def _look_up(webhook: Webhook, wanted: Wanted, step: Step) -> LookUp:
    """Whether a step that nobody heard the end of is done: conclusive, by the portal's own words.

    Done once more it would set the same, so a wrong "not found" makes nothing twice.
    """
    found: Subscription | None
    if step.act == "create":
        found = look(webhook, wanted).ours
    else:
        found = webhook.subscriptions.read(step.subscription)
    if step.act == "delete":
        return NotFound() if found else Found(step.subscription)
    if found is None or differences(wanted, found) or not shows_token(wanted, found):
        return NotFound()
    return Found(found.id)


def replay_since(webhook: Webhook, subscription: str, start: datetime, number: int) -> Done:
    """One replay, as an operation that nobody can look up."""
    world = webhook.world
    operation = world.operation(
        replay_key(world.merchant, subscription, start, number),
        settle=SETTLE_SECONDS,
        give_up=0.0,
    )
    why = (
        f"whether the portal began the replay since {start:%Y-%m-%d %H:%M} UTC is not known; asked "
        "for once more it does no harm, each version of a return is taken once"
    )

    def send(send_by: datetime) -> str:
        try:
            webhook.subscriptions.replay(subscription, start, send_by)
        except UnknownOutcome as verdict:
            raise UnknownOutcome(verdict.code, f"{why} ({verdict.reason})") from None
        return subscription

    def look_up(_: Claim) -> LookUp:
        return Inconclusive(why)

    return world.run(operation, send=send, look_up=look_up)

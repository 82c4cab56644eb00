"""The ERP's subscription to the hub's door: made once, its key stored before anything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from returns_hub.domain.base import short_hash
from returns_hub.domain.operations import Claim, Found, LookUp, NotFound
from returns_hub.domain.unleashed.notices import EVENTS
from returns_hub.errors import Permanent, Retryable, Verdict
from returns_hub.flows.world import World
from returns_hub.ports.deliveries import Deliveries
from returns_hub.ports.erp.webhooks import MOST_SUBSCRIPTIONS, ErpSubscription, ErpWebhooks

LEASE_SECONDS = 120.0
FIELD = "signature_key"
LOST = "unleashed.key_lost"


@dataclass(frozen=True)
class Subscribing:
    """What making a subscription needs.

    Args:
        world: The merchant's.
        webhooks: The account's subscriptions.
        url: Where deliveries of this merchant go.
        secret: The name of the secret with the keys.
        read_secret: Its content; empty when it was never set.
        write_secret: Sets it.
        deliveries: What was delivered.
    """

    world: World
    webhooks: ErpWebhooks
    url: str
    secret: str
    read_secret: Callable[[], Mapping[str, str]]
    write_secret: Callable[[Mapping[str, str]], object]
    deliveries: Deliveries

    @property
    def cursor(self) -> str:
        """The name under which it is remembered what was made."""
        return f"unleashed-webhook/{self.world.merchant}"

    def ours(self) -> tuple[ErpSubscription, ...]:
        """Subscriptions that deliver to our address. 1 request."""
        return ours_of(self.webhooks.subscriptions(), self.url)


def ours_of(listed: Sequence[ErpSubscription], url: str) -> tuple[ErpSubscription, ...]:
    """Those of the list that deliver to this address."""
    return tuple(one for one in listed if one.url.rstrip("/") == url.rstrip("/"))


def missing_events(found: Sequence[ErpSubscription]) -> tuple[str, ...]:
    """Events that none of these delivers."""
    told = {event for one in found for event in one.events}
    return tuple(event for event in EVENTS if event not in told)


def subscribe(it: Subscribing, events: Sequence[str] = EVENTS) -> str:
    """Make the subscription, unless there is one, and store its key; never shown.

    Returns:
        ``made``; ``already`` when this hub made one before, that is still there.

    Raises:
        Permanent: There is one whose key is not known here, or no room for one more.
        Retryable: Somebody else is at it, or the account cannot be asked.
        UnknownOutcome: It may have been made; the next try finds out.
    """
    cursors, stores = it.world.stores.cursors, it.world.stores
    lease = cursors.acquire(it.cursor, stores.owner, LEASE_SECONDS)
    if lease is None:
        raise Retryable("unleashed.busy", "somebody else makes the subscription now", after=30)
    try:
        number, known = int(lease.value.get("made", 0)), str(lease.value.get("id", ""))
        if _is_there(it, known):
            return "already"
        operation = it.world.operation(
            f"unleashed-webhook/{it.world.merchant}/{short_hash(it.url)}/{number}",
            settle=60.0,
            give_up=3600.0,
            retry_rejected=True,
        )

        def send(by: datetime) -> str:
            return _make(it, events, by)

        def look_up(_: Claim) -> LookUp:
            """Conclusive: the list is whole, and nobody else has the address."""
            found = it.ours()
            return Found(found[0].id) if found else NotFound()

        done = it.world.run(operation, send=send, look_up=look_up)
        cursors.advance(
            lease,
            {"made": number + 1, "id": done.partner_id if done.how == "sent" else known},
        )
        if done.how == "looked_up":
            raise _lost(it, done.partner_id)
        if done.how == "already":
            raise Retryable(
                "unleashed.busy", "the one made before was taken off; ask once more", after=0
            )
        return "made"
    finally:
        cursors.release(lease)


def is_subscribed(it: Subscribing) -> bool:
    """Whether `subscribe` would find the one that this hub made; by reads alone.

    Raises:
        Permanent, Retryable: As `subscribe`.
    """
    return _is_there(it, str(it.world.stores.cursors.read(it.cursor).get("id", "")))


def _is_there(it: Subscribing, known: str) -> bool:
    """Whether one that this hub made is there.

    Raises:
        Permanent: One is there whose key is not known here, or no more can be made.
    """
    listed = it.webhooks.subscriptions()
    found = ours_of(listed, it.url)
    if any(one.id == known for one in found) and it.read_secret().get(FIELD):
        return True
    if found:
        raise _lost(it, found[0].id)
    if len(listed) >= MOST_SUBSCRIPTIONS:
        raise Permanent(
            "unleashed.no_room",
            f"the account has {len(listed)} subscriptions, the most that Unleashed allows; take "
            "one off in Unleashed",
        )
    return False


def _make(it: Subscribing, events: Sequence[str], by: datetime) -> str:
    # First the secret is read: one that cannot be reached must not cost the only showing of a key.
    content = dict(it.read_secret())
    made = it.webhooks.subscribe(it.url, events, by)
    keys = " ".join(filter(None, (content.get(FIELD, "").strip(), made.key)))
    try:
        it.write_secret(content | {FIELD: keys})
    except Verdict:
        raise _lost(it, made.id) from None
    return made.id


def _lost(it: Subscribing, subscription: str) -> Permanent:
    return Permanent(
        LOST,
        f"subscription {subscription} delivers to {it.url}, and whether secret {it.secret} has its "
        "key is not known, which Unleashed shows once: take the subscription off in Unleashed and "
        f"subscribe again, or set the key by hand: hub secrets set {it.world.merchant} {it.secret}",
    )

"""Despatches upstream: each part of an order that left is put onto the queue, once for each target.

The source is the warehouse's list of orders that changed. A record is one order of the warehouse's,
so a part of a split one is a record of its own. What is told of it has a revision, which rises when
it changes (tracking that comes later); a revision that was begun and not told yet gives way to the
newer one. What the queue holds is told by `tell_despatch`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from returns_hub.domain.base import plain_word
from returns_hub.domain.bundles import Bills
from returns_hub.domain.file_types import Mode
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.operations import LookUp, NotFound
from returns_hub.domain.relay.counting import despatch_of, digest_of
from returns_hub.domain.relay.despatch import MOST_REVISIONS, RelayedDespatch
from returns_hub.domain.relay.telling import Told, newest_revision, step_name, told_by
from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.warehouse_orders import OrderStage, WarehouseOrder
from returns_hub.errors import Misconfigured, Permanent, Skip
from returns_hub.flows.bundles.look import bills_of
from returns_hub.flows.long_orders import cut_off, orders_from
from returns_hub.flows.sync.cursor import SyncCursor, cursor_name
from returns_hub.flows.sync.run import run_sync
from returns_hub.flows.sync.shape import Change, Plan, Reached, Step
from returns_hub.flows.wair.feed_world import FeedWorld

NAME = "relay.despatches"
MOST_CALLS = 60
"""Pages of the warehouse's list, of a hundred orders each, for who needs all of it at once."""
WAREHOUSE_OVERLAP = timedelta(minutes=90)
"""How far the warehouse's list is read back at least: the zone of its times is not proven, so an
hour, and clocks that differ."""


@dataclass(frozen=True)
class Again:
    """A person wants a despatch told once more.

    Args:
        request: Stands for their wish; the same one counts once.
        targets: Names of those who are told.
    """

    request: str
    targets: frozenset[str]


class DespatchSource:
    """`flows.sync.shape.Source` and `LongList` of what left the warehouse."""

    name = NAME
    basis = ""

    def __init__(self, world: FeedWorld, again: Again | None = None) -> None:
        self._world = world
        self._relay = world.world.live.merchant.despatch_relay
        self._again = again

    @property
    def mode(self) -> Mode:
        """See `Source.mode`."""
        return self._relay.mode

    @property
    def every(self) -> timedelta:
        """See `Source.every`."""
        return timedelta(minutes=self._relay.every_minutes)

    @property
    def overlap(self) -> timedelta:
        """See `Source.overlap`; at least `WAREHOUSE_OVERLAP`."""
        return max(timedelta(minutes=self._relay.overlap_minutes), WAREHOUSE_OVERLAP)

    @property
    def first_look_back(self) -> timedelta:
        """See `Source.first_look_back`."""
        return timedelta(hours=self._relay.first_look_back_hours)

    # -- what left ------------------------------------------------------------------------------

    def pull(self, since: datetime) -> Iterator[Change[WarehouseOrder]]:
        """Orders of the channels that are told of, and that left."""
        channels = self._channels()
        page = self._world.orders.orders_updated_since(since, MOST_CALLS)
        yield from self._changes(page.orders, channels)
        if not page.complete:
            raise cut_off(f"{MOST_CALLS} pages hold")

    def pull_from(self, since: datetime, place: str) -> Iterator[Change[WarehouseOrder] | Reached]:
        """See `LongList.pull_from`; the places are those of `orders_from`."""
        channels = self._channels()
        for told in orders_from(self._world.orders, since, place):
            if isinstance(told, Reached):
                yield told
                continue
            yield from self._changes(told, channels)

    def read(self, key: str) -> Change[WarehouseOrder] | None:
        """One order."""
        order = self._world.orders.read_order(int(key)) if key.isdecimal() else None
        return self._change(order) if order is not None else None

    def _changes(
        self, rows: Iterable[WarehouseOrder], channels: frozenset[int] | None
    ) -> Iterator[Change[WarehouseOrder]]:
        for row in sorted(rows, key=lambda row: row.updated_at):
            if channels is not None and row.channel_id not in channels:
                continue
            order = self._whole(row)
            if order.is_shipped:
                yield self._change(order)

    def _change(self, order: WarehouseOrder) -> Change[WarehouseOrder]:
        version = digest_of(order) if order.is_shipped else f"{order.stage.value}-{order.version}"
        if self._again is not None:
            version = f"{version}+{self._again.request}"
        return Change(str(order.order_id), version, order.updated_at, order)

    def _whole(self, row: WarehouseOrder) -> WarehouseOrder:
        """A row that shows its status and, where it left, its items."""
        is_clear = bool(row.status_word)
        if is_clear and (row.items is not None or not row.is_shipped):
            return row
        return self._world.orders.read_order(row.order_id) or row

    def _channels(self) -> frozenset[int] | None:
        """Ids of the sales channels that are told of; None for all.

        Raises:
            Misconfigured: The file names one that the warehouse does not have.
        """
        wanted = self._relay.channels
        if not wanted:
            return None
        there = self._world.sales.channels()
        found: set[int] = set()
        for name in wanted:
            ids = {
                number
                for number, word in there.items()
                if name == str(number) or plain_word(name) == plain_word(word)
            }
            if not ids:
                raise Misconfigured(
                    "relay.no_such_channel",
                    f"despatch_relay.channels names {name[:60]}, and Mintsoft has: "
                    f"{', '.join(sorted(there.values()))[:200] or 'none'}",
                )
            found |= ids
        return frozenset(found)

    # -- what is told ---------------------------------------------------------------------------

    def plan(self, change: Change[WarehouseOrder], state: SyncState) -> Plan:
        """One step for each target that was not told this yet."""
        order = change.content
        if not order.is_shipped:
            raise self._not_there_any_more(order, state)
        self._require_of_now(order)
        digest = digest_of(order)
        wanted = self._revisions(digest, state)
        closing = [
            _give_way(step)
            for step in state.open_steps
            if (told := Told.of(step)) is not None and wanted.get(told.target) != told.revision
        ]
        telling = {
            name: number for name, number in wanted.items() if not _done(state, name, number)
        }
        if not telling:
            return Plan(closing, outcome="told")
        if max(telling.values()) > MOST_REVISIONS:
            raise Permanent(
                "relay.too_many_revisions",
                f"what is told of order {order.order_id} changed {MOST_REVISIONS} times",
            )
        parts, bills = self._parts_of(order), self._bills
        steps = [
            self._step(order, parts, bills, target=name, revision=number, digest=digest)
            for name, number in telling.items()
        ]
        return Plan([*closing, *steps], outcome="told")

    def _not_there_any_more(self, order: WarehouseOrder, state: SyncState) -> Permanent | Skip:
        if any(step.how for step in state.steps):
            return Permanent(
                "relay.taken_back",
                f"order {order.order_id} was told as despatched, and Mintsoft shows it as "
                f"{order.status_word}: tell those who were told, and discard this",
            )
        return Skip("relay.not_despatched", "it is not despatched (any more)")

    def _require_of_now(self, order: WarehouseOrder) -> None:
        live_from = self._world.world.live.merchant.live_from
        if live_from is not None and (order.despatched_at or order.updated_at) < live_from:
            raise Skip(
                "relay.before_live", "it left before live_from, when others told of despatches"
            )

    def _revisions(self, digest: str, state: SyncState) -> dict[str, int]:
        """By target the revision that it is to have been told; whoever was told the same before
        has what it needs."""
        newest = newest_revision(state)
        before = [told for step in state.steps if (told := Told.of(step)) is not None]
        same = [told.revision for told in before if told.digest == digest]
        fresh = newest if same and max(same) == newest else newest + 1
        found: dict[str, int] = {}
        for target in self._relay.targets:
            mine = told_by(state, target.name)
            if mine is not None and mine.digest == digest:
                found[target.name] = mine.revision
            else:
                found[target.name] = fresh
        if self._again is None:
            return found
        asked_before = {told.revision for told in before if told.request == self._again.request}
        number = max(asked_before, default=newest + 1)
        return found | {name: number for name in found if name in self._again.targets}

    def _step(
        self,
        order: WarehouseOrder,
        parts: tuple[WarehouseOrder, ...],
        bills: Bills,
        *,
        target: str,
        revision: int,
        digest: str,
    ) -> Step:
        merchant, outbox = self._world.merchant, self._world.outbox
        despatch = despatch_of(merchant, order, parts, revision, bills)
        message = RelayedDespatch(merchant=merchant, target=target, despatch=despatch)

        def send(by: datetime) -> str:
            if outbox is None:
                raise Misconfigured("settings.missing", "this function was given no such queue")
            outbox.put(message, by)
            return ""

        request = self._again.request if self._again is not None else ""
        units = sum(line.despatched for line in despatch.lines)
        return Step(
            name=step_name(target, revision),
            partner=target,
            summary=f"tell {target} that {units} units of {order.number} left"
            + (f" (revision {revision})" if revision > 1 else ""),
            send=send,
            look_up=_cannot_be_searched,
            settle=0.0,
            told=Told(target, revision, digest, request).to_json(),
            does="create" if revision == 1 else "update",
        )

    def _parts_of(self, order: WarehouseOrder) -> tuple[WarehouseOrder, ...]:
        """All orders that share a number with it."""
        if order.parts == 1 and len(order.numbers) == 1:
            return (order,)
        found: dict[int, WarehouseOrder] = {}
        for number in order.numbers:
            for part in self._world.orders.orders_with_number(number):
                found[part.order_id] = self._with_items(part)
        return tuple(found.values())

    def _with_items(self, part: WarehouseOrder) -> WarehouseOrder:
        if part.items is not None and part.stage is not OrderStage.UNKNOWN:
            return part
        return self._world.orders.read_order(part.order_id) or part

    @cached_property
    def _bills(self) -> Bills:
        """Of bundles, read once for each run that tells anything."""
        return bills_of(self._world)


def _cannot_be_searched(_: object) -> LookUp:
    """A queue cannot be searched, and what is on it twice is told once: `NotFound` is harmless."""
    return NotFound()


def _give_way(step: StepState) -> Step:
    """Closes a step that a newer revision, or a target's leaving the file, has made idle. Nothing
    is sent; where its message is on the queue all the same, it is passed over there."""
    return Step(
        name=step.name,
        partner="hub",
        summary="nothing: it gives way to what is newer",
        send=lambda _: "",
        look_up=_cannot_be_searched,
        settle=0.0,
        # Equal to nothing: should the order change back, it is told all the same.
        told=step.told | {"digest": ""},
    )


def _done(state: SyncState, target: str, revision: int) -> bool:
    return state.done(step_name(target, revision))


# -- for the schedule ---------------------------------------------------------------------------


def is_on(merchant: Merchant) -> bool:
    """Whether the file has it switched on."""
    return merchant.despatch_relay.mode is not Mode.OFF


def is_due(world: FeedWorld, now: datetime) -> bool:
    """Whether its interval is over, or something comes back; a run that is at work is left."""
    standing = world.stores.cursors.standing(cursor_name(NAME, world.merchant))
    if standing.held_until is not None:
        return False
    cursor = SyncCursor.of(standing.value)
    return bool(cursor.later) or cursor.is_due(DespatchSource(world), now)


def run(world: FeedWorld, now: bool = False) -> Mapping[str, int]:
    """One run, under the lease of its cursor; how many records ended in which way."""
    return run_sync(DespatchSource(world), world.sync, now=now)

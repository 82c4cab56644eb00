"""Which of Unleashed's records the warehouse's orders were made for, and what was sent of each.

An order of the warehouse is ours when a step of ours made it, or by its external reference; a part
that was split off, and an order that was merged into another, by the number that they share with
one that is. Nothing of an order that is not ours is asked of Unleashed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from returns_hub.domain.base import short_hash
from returns_hub.domain.unleashed.despatches import sent_by
from returns_hub.domain.unleashed.echoes import guid_in, is_for_unleashed
from returns_hub.domain.unleashed.names import ORDER, ORDERS, SHIPMENTS
from returns_hub.domain.warehouse_orders import OrderStage, WarehouseOrder
from returns_hub.errors import Permanent
from returns_hub.flows.sync.shape import Change
from returns_hub.flows.unleashed.erp_world import ErpWorld

Kind = Literal["orders", "shipments"]
KINDS: dict[str, Kind] = {"order": "orders", "shipment": "shipments"}
"""By the word in an external reference."""
FLOWS: dict[Kind, str] = {"orders": ORDERS, "shipments": SHIPMENTS}


@dataclass(frozen=True)
class RecordKey:
    """One record of Unleashed: a sales order or a shipment."""

    kind: Kind
    guid: str

    @property
    def text(self) -> str:
        """As the record's key."""
        return f"{self.kind}/{self.guid}"

    @property
    def imported_by(self) -> str:
        """The flow that makes the warehouse's orders of such records."""
        return FLOWS[self.kind]

    @staticmethod
    def of(text: str) -> RecordKey:
        """The key in a text that `text` made."""
        kind, _, guid = text.partition("/")
        return RecordKey("shipments" if kind == "shipments" else "orders", guid)


@dataclass(frozen=True)
class Sent:
    """What the warehouse shows of one record of Unleashed's.

    Args:
        key: The record.
        parts: The warehouse's orders of it: several where it was split; a merged one holds goods of
            others too.
        mates: Other records of Unleashed's whose goods are in a merged order.
        unknown: Numbers in a merged order of which nobody knows whether they are ours.
    """

    key: RecordKey
    parts: tuple[WarehouseOrder, ...]
    mates: tuple[RecordKey, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def shipped(self) -> tuple[WarehouseOrder, ...]:
        """Parts that left."""
        return tuple(part for part in self.parts if part.is_shipped)

    @property
    def cancelled(self) -> tuple[WarehouseOrder, ...]:
        """Parts that will not leave."""
        return tuple(part for part in self.parts if part.is_cancelled)

    @property
    def waiting(self) -> tuple[WarehouseOrder, ...]:
        """Parts that are still to leave."""
        return tuple(p for p in self.parts if not p.is_shipped and not p.is_cancelled)

    @property
    def merged(self) -> tuple[WarehouseOrder, ...]:
        """Parts that hold goods of others too."""
        return tuple(part for part in self.parts if len(part.numbers) > 1)

    @property
    def is_news(self) -> bool:
        """Whether there is anything to tell of."""
        return bool(self.shipped or self.cancelled)

    @property
    def number(self) -> str:
        """For people."""
        return self.parts[0].number if self.parts else self.key.text

    def own_units(self) -> Counter[str]:
        """Units that left in orders that hold nothing else."""
        return sent_by(part for part in self.shipped if len(part.numbers) == 1)

    def change(self) -> Change[Sent]:
        """As the source of despatches shows it: what is acted on makes the version."""
        seen = [
            (
                part.order_id,
                part.number,
                part.stage.value,
                sorted(part.units().items()),
                part.tracking_number,
                part.courier,
                part.despatched_at,
            )
            for part in sorted(self.parts, key=lambda part: part.order_id)
        ]
        at = max((part.updated_at for part in self.parts), default=None)
        return Change(self.key.text, short_hash(repr(seen), 24), at, self)


@dataclass
class SentOrders:
    """Finds and reads them, for one run."""

    world: ErpWorld
    _by_number: dict[str, tuple[WarehouseOrder, ...]] = field(default_factory=dict)
    _resolved: dict[str, RecordKey | None] = field(default_factory=dict)

    # -- from the warehouse's side --------------------------------------------------------------

    def since(self, since: datetime, most_calls: int) -> tuple[list[Sent], bool]:
        """What changed at the warehouse, and whether that is all of it."""
        page = self.world.orders.orders_updated_since(since, most_calls)
        return self.of_rows(page.orders), page.complete

    def of_rows(self, rows: Iterable[WarehouseOrder]) -> list[Sent]:
        """The records that some orders of the warehouse are of, each once, as its newest shows."""
        found: dict[str, Sent] = {}
        for row in sorted(rows, key=lambda row: row.updated_at):
            for sent in self.of_row(row):
                found[sent.key.text] = sent
        return list(found.values())

    def of_row(self, row: WarehouseOrder) -> Iterator[Sent]:
        """The records that an order of the warehouse is of, each with all of its parts."""
        if len(row.numbers) > 1:
            yield from self._of_merged(row)
            return
        key = self._key_of(row)
        prefix = self.world.connection.orders.number_prefix
        if key is None and (row.parts == 1 or not row.number.startswith(prefix)):
            return
        parts = self._parts_of(row)
        if key is None:
            keys = (found for part in parts if (found := self._key_of(part)))
            key = next(keys, None)
        if key is not None:
            yield Sent(key, parts)

    def _key_of(self, row: WarehouseOrder) -> RecordKey | None:
        reference = row.external_reference
        if is_for_unleashed(reference):
            named = (
                RecordKey(kind, guid)
                for word, kind in KINDS.items()
                if (guid := guid_in(reference, word))
            )
            return next(named, None)
        made_by, merchant = self.world.sync.records.made_by, self.world.merchant
        made = (
            RecordKey(kind, found)
            for kind in KINDS.values()
            if (found := made_by(merchant, FLOWS[kind], str(row.order_id)))
        )
        return next(made, None)

    def _parts_of(self, row: WarehouseOrder) -> tuple[WarehouseOrder, ...]:
        if row.parts == 1:
            return (self._whole(row),)
        parts = self._numbered(row.number)
        others = [part for part in parts if part.order_id != row.order_id]
        found = [*others, row] if len(others) == len(parts) else list(parts)
        return tuple(self._whole(part) for part in found)

    def _whole(self, row: WarehouseOrder) -> WarehouseOrder:
        if row.items is not None and row.stage is not OrderStage.UNKNOWN:
            return row
        return self.world.orders.read_order(row.order_id) or row

    def _numbered(self, number: str) -> tuple[WarehouseOrder, ...]:
        if number not in self._by_number:
            self._by_number[number] = self.world.orders.orders_with_number(number)
        return self._by_number[number]

    # -- merged orders ----------------------------------------------------------------------------

    def _of_merged(self, row: WarehouseOrder) -> Iterator[Sent]:
        whole = self._whole(row)
        first = self._key_of(row)
        named = {number: self._resolve(number, first) for number in row.numbers}
        keys = dict.fromkeys(key for key in named.values() if key is not None)
        if first is not None:
            keys[first] = None
        unknown: tuple[str, ...] = ()
        if first is not None and first.kind == "shipments":
            # Which of the numbers is the first's own may not be known; all others are in doubt.
            unknown = tuple(number for number, key in named.items() if key is None)
        for key in keys:
            others = tuple(other for other in keys if other != key)
            beside = [p for p in self._beside(key, named) if p.order_id != whole.order_id]
            yield Sent(key, (*beside, whole), others, unknown)

    def _beside(
        self, key: RecordKey, named: dict[str, RecordKey | None]
    ) -> Iterator[WarehouseOrder]:
        """Parts of a record that were not merged."""
        for number, found in named.items():
            if found == key:
                for part in self._numbered(number):
                    if part.numbers == (number,):
                        yield self._whole(part)

    def _resolve(self, number: str, first: RecordKey | None) -> RecordKey | None:
        """The record with a number that the warehouse joined to another one's."""
        if number not in self._resolved:
            self._resolved[number] = self._asked_for(number, first)
        return self._resolved[number]

    def _asked_for(self, number: str, first: RecordKey | None) -> RecordKey | None:
        prefix = self.world.connection.orders.number_prefix
        if not number.startswith(prefix):
            return None
        own, erp = number.removeprefix(prefix), self.world.erp.despatches
        if first is not None and first.kind == "shipments":
            shipment = erp.shipment(first.guid)
            siblings = erp.shipments_of(shipment.order_number) if shipment else ()
            guid = next((one.guid for one in siblings if one.number == own), None)
            key = RecordKey("shipments", guid) if guid else None
        else:
            try:
                guid = erp.order_guid(own)
            except Permanent:
                # It holds what no number of Unleashed's can be asked for with: somebody else's.
                return None
            key = RecordKey("orders", guid) if guid else None
        return key if key is not None and self._was_made(key) else None

    def _was_made(self, key: RecordKey) -> bool:
        return self.world.sync.load(key.imported_by, key.guid).was_begun

    # -- from the record's side -------------------------------------------------------------------

    def of_key(self, key: RecordKey) -> Sent | None:
        """A record as the warehouse shows it now; None when the warehouse has nothing of it."""
        row = self._made_for(key)
        numbers = [row.number] if row is not None else self._own_numbers(key)
        for number in numbers:
            rows = (row,) if row is not None else self._numbered(number)
            for one in rows:
                for sent in self.of_row(one):
                    if sent.key == key:
                        return sent
        return None

    def _made_for(self, key: RecordKey) -> WarehouseOrder | None:
        made = self.world.sync.load(key.imported_by, key.guid).partner_id(ORDER)
        return self.world.orders.read_order(int(made)) if made.isdigit() else None

    def _own_numbers(self, key: RecordKey) -> Sequence[str]:
        """The number of a record whose order was merged into another, or was never learned."""
        erp, prefix = self.world.erp.despatches, self.world.connection.orders.number_prefix
        found = erp.sold_order(key.guid) if key.kind == "orders" else erp.shipment(key.guid)
        return [f"{prefix}{found.number}"] if found is not None else []

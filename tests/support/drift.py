"""A merchant's world for looks for drift, around the worlds of other tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from returns_hub.domain.drift.findings import Difference
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.comparisons import COMPARISONS
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.flows.wair.feed_world import FeedWorld
from returns_hub.flows.world import World
from tests.support.fake_orders import FakeOrdersWarehouse
from tests.support.findings import FakeFindings
from tests.support.sync import FakeSyncStore
from tests.support.worlds import Bench

NOTHING = cast(Any, None)


class DriftBench:
    """Looks at a world that stays: what was found is kept from look to look.

    Args:
        bench: Any bench with a `world()` and a clock.
        more: Fields of the drift world (`erp`, `market`), each made anew for a look.
    """

    def __init__(self, bench: Any | None = None, **more: Any) -> None:
        self.bench = bench or Bench()
        self.bench.clock.left = 840.0
        self.findings = FakeFindings()
        self.records: Any = getattr(self.bench, "records", None) or FakeSyncStore(self.bench.clock)
        orders = getattr(self.bench, "orders", None)
        self.orders: Any = orders or FakeOrdersWarehouse(self.bench.clock)
        self.more = more

    def world(self) -> DriftWorld:
        """The world of one look, beginning now."""
        return drift_world(
            self.bench.world(),
            self.findings,
            records=self.records,
            orders=self.orders,
            **{name: make() for name, make in self.more.items()},
        )

    def later(self, **by: float) -> DriftBench:
        """Time goes on, by two hours unless it is said."""
        self.bench.clock.advance(**(by or {"hours": 2}))
        return self

    def seen(self, comparison: str) -> list[Difference]:
        """What a comparison shows now; it has to apply."""
        world, made = self.world(), comparison_named(comparison)
        assert made.applies(world), f"{comparison} does not apply"
        found = list(made.differences(world))
        assert {difference.kind for difference in found} <= made.kinds
        return found

    def kinds(self, comparison: str) -> list[str]:
        """The kinds that it shows now."""
        return [difference.kind for difference in self.seen(comparison)]


def comparison_named(name: str) -> Comparison:
    """One comparison."""
    return next(made for made in COMPARISONS if made.name == name)


def drift_world(
    world: World,
    findings: FakeFindings | None = None,
    *,
    records: Any = None,
    orders: Any = None,
    **more: Any,
) -> DriftWorld:
    """A drift world around a merchant's; what is not given is not there."""
    clock = cast(Any, world.stores.clock)
    feed = FeedWorld(
        sync=SyncWorld(world, records or FakeSyncStore(clock)),
        orders=orders or FakeOrdersWarehouse(clock),
        order_changes=NOTHING,
        products=NOTHING,
        sales=NOTHING,
        kept=NOTHING,
    )
    return DriftWorld(
        feed=feed, findings=findings or FakeFindings(), at=world.stores.clock.now(), **more
    )


def showing(
    name: str, differences: Iterable[Difference], *, kinds: Iterable[str] = ()
) -> Comparison:
    """A comparison that shows these."""
    shown = tuple(differences)
    of = frozenset(kinds) | {difference.kind for difference in shown}
    return Comparison(name, of, lambda _: True, lambda _: iter(shown))

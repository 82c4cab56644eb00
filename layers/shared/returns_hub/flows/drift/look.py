"""One look at one merchant: every comparison that applies, and what became of what was found.

A look writes to no partner. It works under a lease, so that one merchant is looked at once at a
time. A comparison that cannot be made fails alone, and nothing of its kinds is resolved. The look
itself is written last: one that was cut off did not happen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from returns_hub.domain.drift.findings import Finding, Folded, Look, Standing
from returns_hub.domain.drift.folding import Folding
from returns_hub.domain.drift.limits import is_over_limit
from returns_hub.domain.drift.words import LONGEST_TEXT, shortened
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Retryable, Verdict
from returns_hub.flows import cursor_names
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.comparisons import COMPARISONS
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.lease import leased

FLOW = "drift_report"
BEGIN_SECONDS = 90.0
"""With less time left no further comparison is begun."""
KEEP_SECONDS = 45.0
"""What keeping and reporting take; a comparison that is still at work by then is given up."""
LOOK_BACK = timedelta(days=30)
"""A finding resolved within this time has a past when it comes back."""
MOST_RESOLVED = 2000
NOT_COMPARED = "drift.not_compared"
"""The code of a look of which a part could not be made; the look itself says which."""
NO_TIME = "no time: the look had to end before this comparison was made to its end"
NEVER = Look(at=datetime.min.replace(tzinfo=UTC))

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Looked:
    """What a look found.

    Args:
        folded: What it made of the findings before it.
        over_limit: Whether more counts than the merchant's file lets pass.
        last: The look before it that came to its end; None for the first.
    """

    folded: Folded
    over_limit: bool
    last: Look | None = None

    @property
    def look(self) -> Look:
        """The look."""
        return self.folded.look

    @property
    def counts(self) -> Mapping[str, int]:
        """How many findings stand where; and how many comparisons could not be made."""
        standings = Counter(finding.standing.value for finding in self.folded.findings)
        return {**dict(sorted(standings.items())), "not_compared": len(self.look.failed)}


def look_at(
    world: DriftWorld,
    *,
    keep: bool = True,
    comparisons: Sequence[Comparison] | None = None,
    progress: Progress | None = None,
) -> Looked | None:
    """Look at one merchant.

    Args:
        world: The merchant's.
        keep: Keep what was found; else nothing is written anywhere, and no lease is taken.
        comparisons: In place of all of them.
        progress: Told how far the look is, and what it compares now.

    Returns:
        None while another look holds the lease.

    Raises:
        Retryable: The hub's own stores cannot be asked.
    """
    made = COMPARISONS if comparisons is None else comparisons
    if not keep:
        return _Looking(world, made, progress).run()
    stores = world.stores
    name = lease_name(world.merchant)
    with leased(stores, name) as lease:
        if lease is None:
            return None
        looking = _Looking(world, made, progress)
        looked = looking.run()
        folded = looked.folded
        world.findings.keep(world.merchant, folded.look, folded.changed, folded.forgotten)
        if folded.look.failed:
            # The look came to its end all the same; nothing of these kinds is resolved.
            lease.run.failing, lease.run.is_partial = NOT_COMPARED, True
        lease.run.found_new = any(f.standing is Standing.NEW for f in folded.changed)
        _tell_lint(world, looking.lints, folded.look)
        tell(world, looked)
        return looked


def lease_name(merchant: str) -> str:
    """The lease of a merchant's look."""
    return cursor_names.drift_look(merchant)


def _tell_lint(world: DriftWorld, lints: frozenset[str], look: Look) -> None:
    """Keep that the look made lints, or could not make some; they have no lease of their own."""
    if not lints:
        return
    failing = NOT_COMPARED if lints & look.failed.keys() else ""
    world.stores.cursors.beat(cursor_names.lint(world.merchant), failing)


class _Looking:
    """One look; it writes nothing."""

    def __init__(
        self, world: DriftWorld, comparisons: Sequence[Comparison], progress: Progress | None
    ) -> None:
        self._world = world
        self._comparisons = comparisons
        self._progress = progress
        self._failed: dict[str, str] = {}
        self.lints: frozenset[str] = frozenset()
        self._kinds: set[str] = set()
        self._edges: dict[str, datetime] = {}

    def run(self) -> Looked:
        world = self._world
        settings = world.world.live.merchant.drift
        last = world.findings.last_look(world.merchant)
        before = tuple(self._before())
        applying = [each for each in self._in_turn(last) if each.applies(world)]
        self.lints = frozenset(each.name for each in applying if each.is_lint)
        off = self._kinds_off(applying)
        areas = areas_off(world.world.live.merchant)
        dropped = [f for f in before if f.difference.area in areas or f.difference.kind in off]
        gone = {finding.id for finding in dropped}
        folding = Folding(
            (finding for finding in before if finding.id not in gone),
            world.at,
            timedelta(minutes=settings.grace_minutes),
            last=last or NEVER,
        )
        for number, comparison in enumerate(applying):
            if self._progress is not None:
                self._progress(number / len(applying), comparison.name)
            self._compare(comparison, folding)
        look = Look(
            at=world.at,
            kinds=frozenset(self._kinds),
            failed=dict(sorted(self._failed.items())),
            apart=self._apart(),
        )
        folded = folding.done(look, self._edges)
        ids = (finding.id for finding in dropped if finding.standing is not Standing.RESOLVED)
        folded = replace(folded, forgotten=(*folded.forgotten, *ids))
        return Looked(folded, is_over_limit(folded.look, settings), last)

    def _before(self) -> Iterator[Finding]:
        """Findings as the look before left them; those resolved lately first, so that of one that
        is open again the open row counts."""
        world = self._world
        resolved = world.findings.resolved_since(world.merchant, world.at - LOOK_BACK)
        yield from islice(resolved, MOST_RESOLVED)
        yield from world.findings.open_findings(world.merchant)

    def _in_turn(self, last: Look | None) -> list[Comparison]:
        """Those that the last look could not make come first, so that none is always the last;
        lints behind all others, since a slow one would take their time."""
        failed = last.failed if last is not None else {}
        return sorted(self._comparisons, key=lambda one: (one.is_lint, one.name not in failed))

    def _kinds_off(self, applying: Sequence[Comparison]) -> frozenset[str]:
        """Kinds that the merchant's file has compared no more. Nobody knows what became of what
        was found of them: it is not resolved, and no difference that anybody could mend."""
        made = {kind for comparison in applying for kind in comparison.kinds}
        left = (each for each in self._comparisons if not each.is_put_off(self._world))
        return frozenset(kind for each in left for kind in each.kinds) - made

    def _compare(self, comparison: Comparison, folding: Folding) -> None:
        clock, telemetry = self._world.stores.clock, self._world.stores.telemetry
        if clock.remaining() < BEGIN_SECONDS:
            self._failed[comparison.name] = NO_TIME
            return
        try:
            for difference in comparison.differences(self._world):
                folding.see(difference)
                if clock.remaining() < KEEP_SECONDS:
                    self._failed[comparison.name] = NO_TIME
                    return
        except Verdict as verdict:
            self._world.world.tell_if_misconfigured(verdict)
            self._failed[comparison.name] = shortened(verdict.reason, LONGEST_TEXT)
        except Exception as fault:  # noqa: BLE001 - the other comparisons go on
            word = type(fault).__name__
            self._failed[comparison.name] = f"a fault of the hub's own ({word})"
            telemetry.count("Faults")
            telemetry.log("fault", flow=FLOW, comparison=comparison.name, fault=word)
        else:
            self._kinds |= comparison.kinds
            if comparison.looks_back_to is not None:
                edge = comparison.looks_back_to(self._world)
                self._edges |= dict.fromkeys(comparison.kinds, edge)

    def _apart(self) -> dict[str, int]:
        """Work in hand, which is no difference."""
        try:
            causes = self._world.stores.parking.causes(self._world.merchant).causes
        except Retryable:
            return {}
        parked = sum(cause.count for cause in causes)
        return {"parked": parked} if parked else {}


def areas_off(merchant: Merchant) -> frozenset[str]:
    """Areas that the merchant's file has switched off: of them nothing is kept."""
    switches = {
        "returns": merchant.drift.returns,
        "stock": merchant.drift.stock,
        "orders": merchant.drift.orders,
        "lint": merchant.lint.enabled,
    }
    return frozenset(area for area, is_on in switches.items() if not is_on)


def tell(world: DriftWorld, looked: Looked) -> None:
    """Count and log what a look found. Ids never become dimensions."""
    telemetry, merchant, look = world.stores.telemetry, world.merchant, looked.look
    for standing in (Standing.NEW, Standing.RECURRING, Standing.RESOLVED):
        number = sum(
            finding.standing is standing
            and (standing is not Standing.RESOLVED or finding.resolved_at == look.at)
            for finding in looked.folded.findings
        )
        telemetry.count("DriftFindings", number, merchant=merchant, outcome=standing.value)
    for kind, number in look.counted.items():
        telemetry.count("DriftFindings", number, merchant=merchant, code=kind)
    telemetry.count("DriftUnits", sum(look.units.values()), merchant=merchant)
    for currency, worth in look.value.items():
        telemetry.count("DriftValue", float(worth), merchant=merchant, code=currency)
    telemetry.count("DriftLooks", merchant=merchant, outcome="kept")
    if look.failed:
        telemetry.count("DriftNotCompared", len(look.failed), merchant=merchant)
    telemetry.log(
        "looked for drift",
        merchant=merchant,
        counted=dict(look.counted),
        units=sum(look.units.values()),
        suspected=sum(look.suspected.values()),
        not_compared=dict(look.failed),
        over_limit=looked.over_limit,
        milliseconds=round((world.stores.clock.now() - look.at).total_seconds() * 1000),
    )

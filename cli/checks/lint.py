"""SKUs and maps: counts by kind and the worst examples; `hub lint` tells every one.

The first pages of Mintsoft's products are looked at, so that the check stays quick; what a system
lacks is then told of a small catalogue alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from cli.checks.model import Area, Check, Finding, Partner, Subject, ok, skipped, warning
from cli.lint_desk import Found, in_words, worst
from returns_hub.domain.drift.findings import Difference
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.lint.lints import LINTS, Lint, but_ignored
from returns_hub.flows.lint.read_skus import MINTSOFT, Reading
from returns_hub.flows.lint.skus import lint_reading
from returns_hub.flows.lint.time_left import NO_TIME

MOST_CALLS = 20
"""Pages of Mintsoft's products, of a hundred."""
EXAMPLES = 3
READS_EVERYTHING = frozenset({"lint.wair_items"})
"""These hold one whole catalogue against another, which takes too long here; `hub lint` does."""
NEEDS: dict[str, tuple[Partner, ...]] = {
    "lint.locations": ("portal",),
    "lint.couriers": ("mintsoft", "unleashed"),
}


def _found(
    world: DriftWorld, name: str, differences: Iterator[Difference], fine: str
) -> Iterator[Finding]:
    """A row for each kind; what could not be looked at is told behind them."""
    found = Found()
    found.take(name, differences)
    for kind, count in found.counts.items():
        rows = found.by_kind[kind]
        examples = [in_words(row) for row in worst(rows, EXAMPLES)]
        more = f" and {count - EXAMPLES} more" if count > EXAMPLES else ""
        yield warning(
            kind.removeprefix("lint."),
            f"{count}: {'; '.join(examples)}{more}",
            rows[0].mend,
            count=count,
            examples=examples,
        )
    title = name.removeprefix("lint.")
    for verdict in found.trouble.values():
        if verdict.code != NO_TIME:
            raise verdict
        yield skipped(title, verdict.reason, f"hub lint {world.merchant}, or more --timeout")
    if not found.by_kind and not found.trouble:
        yield ok(title, fine)


def _skus(world: DriftWorld) -> Iterator[Finding]:
    reading = Reading(world, MOST_CALLS)
    found = but_ignored(world, lint_reading(reading))
    yield from _found(world, "lint.skus", found, "nothing is wrong with SKUs")
    told = ", ".join(f"{count} of {system}" for system, count in reading.counted.items())
    if reading.whole:
        yield ok("products looked at", told or "there are none", **reading.counted)
    else:
        yield ok(
            "products looked at",
            f"{told}: the first of {MINTSOFT} alone; hub lint {world.merchant} looks at all",
            **reading.counted,
        )


def _check(lint: Lint) -> Check:
    """A check of one lint, where the stack has what it needs and the file has it on."""

    def look(subject: Subject) -> Iterator[Finding]:
        if subject.lint_of is None:
            return
        world = subject.lint_of()
        if lint.name == "lint.skus":
            yield from _skus(world)
        else:
            yield from _found(world, lint.name, lint.differences(world), "nothing is wrong")

    return Check(
        lint.name.removeprefix("lint."),
        look,
        NEEDS.get(lint.name, ("mintsoft",)),
        applies=lambda subject: subject.lint_of is not None and subject.merchant.lint.enabled,
    )


AREA = Area(
    "lint",
    "SKUs and maps",
    tuple(_check(lint) for lint in LINTS if lint.name not in READS_EVERYTHING),
)

"""Whether the report found exactly what was planted, and nothing before there was anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from local.run.drift_stage import Planted
from local.run.judgement import Wrongs
from returns_hub.domain.drift.findings import Finding, Look, Standing


@dataclass(frozen=True)
class DriftBooks:
    """What the judge reads.

    Args:
        kinds: Every kind that there is.
        not_planted: Kind -> why a run cannot plant it.
        by_design: What the samples hold.
        busy: Looks that were made while the story was told, by merchant.
        before: What counted before anything was planted.
        planted: What was planted.
        found: What counts in the end.
        pages: Merchant -> the page of the last look.
        failed: Comparisons that the looks could not make, with why.
    """

    kinds: Collection[str] = ()
    not_planted: Mapping[str, str] = field(default_factory=dict)
    by_design: Collection[Planted] = ()
    busy: Mapping[str, Iterable[Look]] = field(default_factory=dict)
    before: Collection[Planted] = ()
    planted: Collection[Planted] = ()
    found: Mapping[Planted, Finding] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass
class DriftJudgement(Wrongs):
    """What came of it; `lost` is what was planted and not found.

    Args:
        found: What was planted and found, with its finding, by kind and subject.
        counts: As the last line of `make run` has them.
    """

    found: list[tuple[Planted, Finding]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def judge_drift(books: DriftBooks) -> DriftJudgement:
    """Judge the last part of a run."""
    planted, by_design = set(books.planted), set(books.by_design)
    judgement = DriftJudgement()
    judgement.unexpected += _busy(books, {one.kind for one in by_design})
    judgement.unexpected += _before(books)
    for one in sorted(planted):
        if one in books.found:
            judgement.found.append((one, books.found[one]))
        else:
            judgement.lost.append(f"drift was planted and not found: {_said(one)}")
    beyond = sorted(set(books.found) - planted - by_design)
    judgement.unexpected += (f"drift was found that nobody planted: {_said(one)}" for one in beyond)
    judgement.unexpected += _of_kinds(books)
    judgement.unexpected += _findings(books)
    judgement.unexpected += _pages(books)
    for name, why in books.failed.items():
        judgement.unexpected.append(f"drift: {name} could not be compared: {why}")
    judgement.counts = {
        "drift_kinds": len({one.kind for one, _ in judgement.found}),
        "drift_planted": len(planted),
        "drift_found": len(judgement.found),
        "drift_beyond": len(beyond),
        "drift_by_design": len(by_design & set(books.found)),
    }
    return judgement


def _said(one: Planted) -> str:
    return f"{one.kind} of {one.merchant}, {one.subject}"


def _busy(books: DriftBooks, by_design: Collection[str]) -> Iterator[str]:
    """Looks while everybody was at work."""
    for merchant, looks in books.busy.items():
        kinds = Counter[str]()
        looked = 0
        for look in looks:
            looked += 1
            kinds.update(look.counted.keys() - by_design)
        for kind, times in sorted(kinds.items()):
            yield f"a false alarm of {merchant} while the run was busy, in {times} looks: {kind}"
        if not looked:
            yield f"nobody looked for drift at {merchant} while the run was busy"


def _before(books: DriftBooks) -> Iterator[str]:
    """What counted before anything was planted, against what the samples hold."""
    before, by_design = set(books.before), set(books.by_design)
    for one in sorted(before - by_design):
        yield f"a false alarm before anything was planted: {_said(one)}"
    for one in sorted(by_design - before):
        yield f"drift that the samples hold was not found: {_said(one)}"


def _of_kinds(books: DriftBooks) -> Iterator[str]:
    planted = {one.kind for one in books.planted}
    for kind in sorted(set(books.kinds) - planted - set(books.not_planted)):
        yield f"nothing of {kind} was planted"
    for kind in sorted((planted | set(books.not_planted)) - set(books.kinds)):
        yield f"{kind} is no kind of drift"


def _findings(books: DriftBooks) -> Iterator[str]:
    """What each finding has to tell a person."""
    for one, finding in books.found.items():
        difference = finding.difference
        if not (difference.cause and difference.mend and difference.says):
            yield f"drift: {_said(one)} tells no cause, no next step, or nothing of what is said"
        is_new = finding.standing is Standing.NEW or finding.looks > 1
        if one in set(books.planted) and not is_new:
            yield f"drift: {_said(one)} is {finding.standing.value} after {finding.looks} looks"


def _pages(books: DriftBooks) -> Iterator[str]:
    """Each page has what counts."""
    for one in books.found:
        if one.kind not in books.pages.get(one.merchant, ""):
            yield f"the page of {one.merchant} does not have {one.kind}"

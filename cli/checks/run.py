"""Making the checks: each by itself, none in the way of another, and all within a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cli.checks.model import Area, Check, Finding, Partner, Result, Subject
from returns_hub.errors import Misconfigured, Retryable, UnknownOutcome, Verdict

LEAST_SECONDS = 6.5
"""With less than this left nothing is begun: a request to a partner would not be either."""
SLOW_SECONDS = 5.0
SAYS_NOTHING_OF_OTHERS = frozenset(
    {
        "redo.forbidden",
        "miinto.forbidden",
        "miinto.shop_not_active",
        "miinto.no_product_map",
        "unleashed.no_such_list",
        "unleashed.query_refused",
        "wair.no_such_call",
        "wair.no_such_list",
        "wair.read_back_unfit",
        "wair.advice_unfit",
        "wair.no_advice",
    }
)
"""A missing scope, or one shop's trouble: the next read may stand on another one."""


def run_checks(subject: Subject, areas: Iterable[Area]) -> Iterator[Finding]:
    """Every check of the areas, one by one; a failing one does not stop the others.

    A partner that is not there, that takes long not to answer, that wants fewer requests or refuses
    the key is not asked again: every further check that needs it fails at once, with the reason.
    """
    closed: dict[Partner, Verdict] = {}
    for area in areas:
        for check in area.checks:
            for finding in _made(check, subject, closed):
                yield replace(finding, area=area.name, merchant=subject.merchant.merchant)


def is_unreachable(verdict: Verdict) -> bool:
    """Whether it may pass by itself: something was not reached, nothing has to be mended."""
    waits = isinstance(verdict, Retryable | UnknownOutcome)
    return waits and not isinstance(verdict, Misconfigured)


def _made(check: Check, subject: Subject, closed: dict[Partner, Verdict]) -> Iterator[Finding]:
    if not check.applies(subject):
        return
    if subject.world.stores.clock.remaining() < LEAST_SECONDS:
        yield Finding(
            check.name,
            Result.FAILED,
            "was not looked at: the time is up",
            "give it more time with --timeout",
            unreachable=True,
        )
        return
    for partner in closed.keys() & set(check.asks):
        verdict = closed[partner]
        why = f"was not looked at: {verdict.reason}"
        yield Finding(check.name, Result.FAILED, why, unreachable=is_unreachable(verdict))
        return
    began = subject.world.stores.clock.monotonic()
    try:
        yield from check.look(subject)
    except Verdict as verdict:
        took = subject.world.stores.clock.monotonic() - began
        for partner in check.asks:
            if _closes(verdict, _code_of(partner, subject), took):
                closed[partner] = verdict
        yield from_verdict(check.name, verdict)
    except Exception as error:  # noqa: BLE001 - a fault in one check must not hide the others
        what = f"the check itself failed ({type(error).__name__})"
        yield Finding(check.name, Result.FAILED, what, "this is a fault of the hub's: report it")


def from_verdict(name: str, verdict: Verdict) -> Finding:
    """The failed row that a verdict makes."""
    to_do = ""
    if is_unreachable(verdict):
        to_do = "see that it can be reached from here, and check again"
    return Finding(name, Result.FAILED, verdict.reason, to_do, unreachable=is_unreachable(verdict))


def _code_of(partner: Partner, subject: Subject) -> str:
    """What the codes of this partner's verdicts begin with."""
    return subject.merchant.portal if partner == "portal" else partner


def _closes(verdict: Verdict, partner: str, took: float) -> bool:
    """Whether asking this partner more is no use; one error that came quickly does not tell."""
    if verdict.code in SAYS_NOTHING_OF_OTHERS:
        return False
    if not verdict.code.startswith((f"{partner}.", "secret.")):
        return False
    is_closed = verdict.code.endswith((".unreachable", ".rate_limited"))
    return is_closed or isinstance(verdict, Misconfigured) or took > SLOW_SECONDS

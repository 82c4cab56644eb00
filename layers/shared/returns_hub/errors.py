"""The four verdicts: every failure is one of them, grouped by what has to happen next.

==================  ==================  ==========================================================
verdict             meaning             what happens
==================  ==================  ==========================================================
`Retryable`         known not done      the work comes back after `after` seconds
`Permanent`         known refused       parked with the reason and the payload, shown to operators
`UnknownOutcome`    may have happened   the claim stays; look up before any repeat, or park
`Skip`              done or not ours    recorded once, counted
==================  ==================  ==========================================================

Adapters map what a vendor says to a verdict in one place per partner; flows only ever see these.
"""

from __future__ import annotations


class Verdict(Exception):  # noqa: N818 - a verdict is not always an error
    """Base of the four verdicts.

    Args:
        code: A bounded, dotted word for metrics and filters, e.g. ``mintsoft.unknown_sku``.
        reason: One sentence in the field's words: what was wrong and what to do. Never holds a
            secret or personal data; it is shown to operators and written to logs.
    """

    def __init__(self, code: str, reason: str) -> None:
        # Partners' words are in many a reason, and one must not break a line of a log or a list.
        told = reason if reason.isprintable() else "".join(map(_printable, reason))
        super().__init__(f"{code}: {told}")
        self.code = code
        self.reason = told


class Retryable(Verdict):
    """Known not done; may be tried again.

    Args:
        code: See `Verdict`.
        reason: See `Verdict`.
        after: Seconds to wait before the next try.
        rate: When it waits for its turn: turns a second. Whoever sends it back can spread all
            that waits over the time it takes.
    """

    def __init__(
        self, code: str, reason: str, *, after: float = 30.0, rate: float | None = None
    ) -> None:
        super().__init__(code, reason)
        self.after = after
        self.rate = rate


class Permanent(Verdict):
    """Known refused: the same request will be refused again, so a person has to act."""


class Misconfigured(Retryable):
    """A secret, a permission or a setting is missing or wrong; an operator has to mend it.

    Nothing was done, and it is not about this piece of work: every other one meets the same. So
    the work waits, as it does while a partner is away, instead of being parked piece by piece.
    """

    def __init__(self, code: str, reason: str, *, after: float = 300.0) -> None:
        super().__init__(code, reason, after=after)


class UnknownOutcome(Verdict):
    """The request may have been carried out; never repeat it before a look-up.

    Args:
        code: See `Verdict`.
        reason: See `Verdict`.
        after: Seconds after which looking again pays; by then a claim's lease has ended.
    """

    def __init__(self, code: str, reason: str, *, after: float = 190.0) -> None:
        super().__init__(code, reason)
        self.after = after


class Skip(Verdict):
    """Already done, or not ours to do."""


class Conflict(Exception):  # noqa: N818 - a lost race, not a fault
    """Someone else wrote first; the loser re-reads and decides again. Never leaves a flow."""


def _printable(letter: str) -> str:
    if letter.isprintable():
        return letter
    return " " if letter.isspace() else "\ufffd"

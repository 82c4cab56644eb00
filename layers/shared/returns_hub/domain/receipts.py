"""What the warehouse confirmed, matched to what the customer announced (R8 to R10, R16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.domain.merchant import ProcessReceipts, ShortLine
from returns_hub.domain.returns import LineStatus, PortalReturn, ReturnLine

UNMATCHED_NOTE = "Items received by Mintsoft could not be matched to return products"


class ReceivedRow(Frozen):
    """One row of an external return: units of a SKU. A serialised unit has a row of its own."""

    sku: str
    quantity: int


class Receipt(Frozen):
    """An external return as the warehouse holds it.

    `version` is the warehouse's own word for the last change; (`external_return_id`, `version`)
    identifies what was read, whatever the time was. `markers` are the texts that may hold ours.
    """

    external_return_id: int
    version: str
    confirmed: bool
    updated_at: UtcTime
    reference: str = ""
    rows: tuple[ReceivedRow, ...] = ()
    markers: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Identifies this version of this external return."""
        return f"{self.external_return_id}@{self.version}"

    def units(self) -> dict[str, int]:
        """Units received for each SKU, summed over the rows."""
        total: Counter[str] = Counter()
        for row in self.rows:
            if row.quantity > 0:
                total[row.sku.strip()] += row.quantity
        return dict(total)


class LineOutcome(StrEnum):
    """What became of one line, or of one SKU that no line announced."""

    MATCHED = "matched"
    ALREADY_DONE = "already_done"
    SHORT = "short"
    NOT_RECEIVED = "not_received"
    OVER = "over"
    UNMATCHED = "unmatched"


class Finding(Frozen):
    """One row of the comparison: a SKU, expected and received units, and the outcome."""

    sku: str
    line_id: str | None
    expected: int
    received: int
    outcome: LineOutcome


class Action(StrEnum):
    """What the findings ask for."""

    PROCESS = "process"
    FLAG = "flag"
    WAIT = "wait"
    NOTHING = "nothing"
    SKIP_CLOSED = "skip_closed"


class LineToProcess(Frozen):
    """A line to process, and whether its goods go back on sale."""

    line_id: str
    sku: str
    restock: bool


class Decision(Frozen):
    """What to do about a return now, by which rule, and why."""

    action: Action
    rule: str
    findings: tuple[Finding, ...] = ()
    lines: tuple[LineToProcess, ...] = ()
    note: str = ""


def _share(
    lines: Sequence[ReturnLine], committed: frozenset[str], received: int
) -> tuple[list[Finding], int]:
    """Hand received units of one SKU to its lines: finished ones first, kept ones last."""
    findings = []
    left = received
    done_first = sorted(
        lines,
        key=lambda line: (
            line.id not in committed and line.status is LineStatus.OPEN,
            line.keep_item,
        ),
    )
    for line in done_first:
        finished = line.id in committed or line.status is not LineStatus.OPEN
        given = min(left, line.quantity)
        left -= given
        if finished:
            outcome = LineOutcome.ALREADY_DONE
        elif given == line.quantity:
            outcome = LineOutcome.MATCHED
        else:
            outcome = LineOutcome.SHORT if given else LineOutcome.NOT_RECEIVED
        findings.append(
            Finding(
                sku=(line.sku or "").strip(),
                line_id=line.id,
                expected=line.quantity,
                received=given,
                outcome=outcome,
            )
        )
    return findings, left


def compare(
    portal_return: PortalReturn,
    received: Mapping[str, int],
    committed: frozenset[str],
) -> tuple[Finding, ...]:
    """Compare all units received so far with the return's lines, SKU by SKU.

    Args:
        portal_return: The return, read just now.
        received: Units per SKU, summed over every confirmed external return of this return, so
            that several confirmations and several parcels add up (R16).
        committed: Lines that a process call was made for, or is about to be.
    """
    by_sku: dict[str, list[ReturnLine]] = {}
    for line in portal_return.lines:
        sku = (line.sku or "").strip()
        if sku and (not line.keep_item or sku in received):
            by_sku.setdefault(sku, []).append(line)
    findings: list[Finding] = []
    for sku, lines in by_sku.items():
        rows, left = _share(lines, committed, received.get(sku, 0))
        findings += rows
        if left:
            expected = sum(line.quantity for line in lines)
            findings.append(
                Finding(
                    sku=sku,
                    line_id=None,
                    expected=expected,
                    received=received[sku],
                    outcome=LineOutcome.OVER,
                )
            )
    for sku, units in received.items():
        if sku not in by_sku:
            findings.append(
                Finding(
                    sku=sku, line_id=None, expected=0, received=units, outcome=LineOutcome.UNMATCHED
                )
            )
    return tuple(findings)


def decide(
    portal_return: PortalReturn,
    received: Mapping[str, int],
    committed: frozenset[str],
    policy: ProcessReceipts,
    *,
    more_expected: bool,
) -> Decision:
    """Decide what a return's receipts mean for the portal. Pure: the same input, the same answer.

    Args:
        portal_return: As for `compare`.
        received: As for `compare`.
        committed: As for `compare`.
        policy: The merchant's switches for receipts.
        more_expected: Another external return of this return is not confirmed yet, so a short
            line may still be filled.
    """
    if portal_return.is_closed:
        return Decision(action=Action.SKIP_CLOSED, rule="R10 closed return")
    findings = compare(portal_return, received, committed)
    unknown = [line.id for line in portal_return.lines if line.status is LineStatus.UNKNOWN]
    if unknown:
        note = f"line {unknown[0]} is in a state the hub has not been told of; no decision is made"
        return Decision(action=Action.FLAG, rule="unknown line state", findings=findings, note=note)
    if any(finding.outcome is LineOutcome.UNMATCHED for finding in findings):
        return Decision(
            action=Action.FLAG,
            rule="R9 unmatched SKU",
            findings=findings,
            note=_note(UNMATCHED_NOTE, findings, {LineOutcome.UNMATCHED}),
        )
    short = [finding for finding in findings if finding.outcome is LineOutcome.SHORT]
    if short and policy.short_line is ShortLine.FLAG and not more_expected:
        return Decision(
            action=Action.FLAG,
            rule="short line: flag",
            findings=findings,
            note=_note("Fewer units were received than announced", findings, {LineOutcome.SHORT}),
        )
    wanted = {LineOutcome.MATCHED}
    if policy.short_line is ShortLine.PROCESS and not more_expected:
        wanted.add(LineOutcome.SHORT)
    chosen = {finding.line_id for finding in findings if finding.outcome in wanted}
    lines = tuple(
        LineToProcess(
            line_id=line.id,
            sku=(line.sku or "").strip(),
            restock=policy.restock and not line.keep_item,
        )
        for line in portal_return.lines
        if line.id in chosen
    )
    if lines:
        return Decision(
            action=Action.PROCESS, rule="R8 all SKUs match", findings=findings, lines=lines
        )
    action = Action.WAIT if short else Action.NOTHING
    return Decision(action=action, rule="R8 nothing new", findings=findings)


def _note(headline: str, findings: Sequence[Finding], about: set[LineOutcome]) -> str:
    rows = [
        f"{finding.sku}: expected {finding.expected}, received {finding.received}"
        for finding in findings
        if finding.outcome in about
    ]
    shown = "; ".join(rows[:20])
    more = f" and {len(rows) - 20} more" if len(rows) > 20 else ""
    return f"{headline} ({shown}{more})"

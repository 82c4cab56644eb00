"""What the warehouse found that speaks against accepting positions of an RMA. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from returns_hub.domain.case import Case
from returns_hub.domain.matching import Finding, compare
from returns_hub.domain.notes import row_of
from returns_hub.domain.policy import Matching
from returns_hub.domain.receipts import Condition
from returns_hub.domain.returns import ReturnLine
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Permanent

BAD = frozenset({Condition.QUARANTINE, Condition.SCRAP})


def against_warehouse(
    lines: Sequence[ReturnLine], case: Case | None, matching: Matching
) -> list[str]:
    """A sentence for each line of which not all came, or not all is good.

    Args:
        lines: The lines that are to be accepted.
        case: All that has come of the return; None when nothing has been confirmed.
        matching: The merchant's aliases and bundles.
    """
    if case is None:
        return [
            f"{line.sku or 'no SKU'} (position {line.id}): the warehouse has not got it"
            for line in lines
        ]
    findings = {f.line_id: f for f in compare(case.lines, case.goods, matching) if f.line_id}
    return [
        row_of(findings[line.id])
        for line in lines
        if line.id in findings and is_against(findings[line.id])
    ]


def is_against(finding: Finding) -> bool:
    """Whether goods are missing, in quarantine or scrapped."""
    is_bad = any(units and word in BAD for word, units in finding.conditions.items())
    return finding.received < finding.expected or is_bad


def require_not_against(
    chosen: Sequence[ReturnLine],
    case: Case | None,
    state: ReturnState,
    matching: Matching,
    *,
    is_refused: bool,
) -> tuple[str, ...]:
    """What the warehouse's finding says against accepting, in sentences.

    Raises:
        Permanent: There is something, and `is_refused`: the person did not insist.
    """
    made = [s.external_return_id for s in state.shipments if s.external_return_id is not None]
    if not made and case is None:
        return ("the warehouse was not told of it, so nothing is known of its goods",)
    rows = against_warehouse(chosen, case, matching)
    if rows and is_refused:
        raise Permanent(
            "rma.against_warehouse",
            f"the warehouse's finding is against it: {'; '.join(rows)}. Accepting is final, since "
            "Miinto pays the buyer; say --against-warehouse if you mean it",
        )
    return tuple(rows)

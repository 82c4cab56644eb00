"""Deliberate defects between Unleashed and the warehouse that the simulation has to see."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, TWICE, Check, Defect, Edit

FLOWS = "flows/unleashed"


def days(first: int, runs: int) -> Check:
    """Seeds of the simulation, their days with Unleashed alone."""
    return Check(
        "simulation",
        ("--seed", str(first), "--runs", str(runs), "--jobs", "1", "--world", "erp"),
    )


OF_SIMULATED_UNLEASHED = (
    Defect(
        "simulated: what left the warehouse and Unleashed was not told of is adjusted as well",
        TWICE,
        (
            Edit(
                f"{FLOWS}/untold.py",
                "    untold_despatches,\n    untold_receipts,\n",
                "    untold_receipts,\n",
            ),
        ),
        (days(1, 12),),
    ),
    Defect(
        "simulated: stock is adjusted while nobody knows whether an assembly's order was made",
        TWICE,
        (Edit(f"{FLOWS}/moves_untold.py", "if _may_be_made(state, name):", "if False:"),),
        (days(9, 3),),
    ),
    Defect(
        "simulated: an ASN whose answer was lost is made again on a guess",
        TWICE,
        (
            Edit(
                f"{FLOWS}/purchase_orders.py",
                "return asns.find_asn(draft, claim.first_claimed_at)",
                "return NotFound()",
            ),
        ),
        (days(1, 20),),
    ),
    Defect(
        "simulated: a part that was booked in is receipted, and the whole once more",
        TWICE,
        (
            Edit(
                f"{FLOWS}/receipts.py",
                'if self._settings.part_deliveries == "when_complete":',
                "if False:",
            ),
        ),
        (days(1, 20),),
    ),
    Defect(
        "simulated: a transfer is completed whatever came of it",
        TOLD,
        (Edit(f"{FLOWS}/move_plan.py", "    if not other:\n", "    if other or not other:\n"),),
        (days(1, 20),),
    ),
    Defect(
        "simulated: an edit of an order ends nowhere",
        LOST,
        (
            Edit(
                f"{FLOWS}/order_edits.py",
                "steps = tuple(self._to_send(edit, changes, sent, held))",
                "steps: tuple[Step, ...] = ()",
            ),
        ),
        (days(1, 20),),
    ),
)

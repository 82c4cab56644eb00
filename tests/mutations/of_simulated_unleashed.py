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
        (days(1, 2),),
    ),
    Defect(
        "simulated: what a person booked while they were asked about it is adjusted back",
        TWICE,
        (
            Edit(
                f"{FLOWS}/despatches/dispatched_there.py",
                "if sent is not None and (sent.waiting or not is_told):",
                "if sent is not None and sent.waiting:",
            ),
        ),
        (days(414, 2),),
    ),
    Defect(
        "simulated: an ASN whose answer was lost is made again on a guess",
        TWICE,
        (
            Edit(
                "adapters/mintsoft/asns.py",
                "if asn.marker.casefold() == draft.marker.casefold():",
                "if False:",
            ),
            Edit("adapters/mintsoft/asns.py", "        if alike:\n", "        if False:\n"),
        ),
        (days(1, 2),),
    ),
    Defect(
        "simulated: a transfer is completed whatever came of it",
        TOLD,
        (Edit(f"{FLOWS}/moves/plan.py", "    if not other:\n", "    if other or not other:\n"),),
        (days(7, 2),),
    ),
    Defect(
        "simulated: an edit of an order ends nowhere",
        LOST,
        (
            Edit(
                f"{FLOWS}/orders/edits.py",
                "steps = tuple(self._to_send(edit, changes, sent, held))",
                "steps: tuple[Step, ...] = ()",
            ),
        ),
        (days(4, 2),),
    ),
)

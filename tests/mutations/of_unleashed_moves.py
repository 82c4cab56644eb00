"""Deliberate defects: transfers and assemblies of Unleashed."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, TWICE, Check, Defect, Edit, tests

TRANSFERS = tests("flow/unleashed/test_transfers.py")
TROUBLE = tests("flow/unleashed/test_transfers_trouble.py")
ASSEMBLIES = tests("flow/unleashed/test_assemblies.py")
UNTOLD = tests("flow/unleashed/test_moves_untold.py")
LONG_LISTS = tests("flow/unleashed/test_long_move_lists.py")
ADAPTERS = tests("contract/test_unleashed_moves.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*where),), checks)


OF_UNLEASHED_MOVES = (
    _defect(
        "a transfer is completed though other units came",
        TWICE,
        ("flows/unleashed/moves/plan.py", "    if not other:\n", "    if True:\n"),
        TRANSFERS,
    ),
    _defect(
        "an ASN that was booked in before it was known is never looked at again",
        LOST,
        (
            "flows/unleashed/moves/plan.py",
            "return Plan(steps, outcome=WAITS, again=True)",
            "return Plan(steps, outcome=WAITS)",
        ),
        TROUBLE,
    ),
    _defect(
        "an ASN whose id is an order's is taken for another transfer's",
        LOST,
        (
            "flows/unleashed/moves/source.py",
            "made_for = named or self._world",
            "made_for = self._world",
        ),
        TRANSFERS,
    ),
    _defect(
        "the warehouse's list of ASNs is read from its front in each run for moves",
        LOST,
        (
            "flows/unleashed/moves/source.py",
            'asns_from(self._world.asns, back, "" if is_first else page)',
            'asns_from(self._world.asns, back, "")',
        ),
        LONG_LISTS,
    ),
    _defect(
        "a refusal to complete what is completed already is a fault",
        TOLD,
        (
            "adapters/unleashed/moves.py",
            "if isinstance(self.completed(guid), Found):",
            "if False:",
        ),
        ADAPTERS,
    ),
    _defect(
        "an assembly with batches is completed",
        LOST,
        ("flows/unleashed/moves/plan.py", "    if why_not:\n", "    if False:\n"),
        ASSEMBLIES,
    ),
    _defect(
        "somebody else's order with the transfer's number is taken for ours",
        LOST,
        (
            "flows/unleashed/moves/steps.py",
            "        require_ours(world.orders, made, draft.number, draft.external_reference)\n",
            "",
        ),
        TROUBLE,
    ),
    _defect(
        "goods of a transfer that left are adjusted and then completed",
        TWICE,
        (
            "flows/unleashed/moves/untold.py",
            "InFlight(despatched=sent.get(sku, 0), ordered",
            "InFlight(despatched=0, ordered",
        ),
        UNTOLD,
    ),
    _defect(
        "goods are adjusted though the warehouse may have a transfer's order that nobody knows of",
        TWICE,
        ("flows/unleashed/moves/untold.py", "if _may_be_made(state, name):", "if False:"),
        UNTOLD,
    ),
    _defect(
        "what the warehouse holds for a transfer is taken off free stock",
        TWICE,
        (
            "flows/unleashed/moves/untold.py",
            "ordered=-held.get(sku, 0)",
            "ordered=0 * len(held)",
        ),
        UNTOLD,
    ),
    _defect(
        "a transfer that is deleted afterwards is forgotten",
        TOLD,
        (
            "flows/unleashed/moves/plan.py",
            "    if not left or state.done(",
            "    if left or state.done(",
        ),
        TRANSFERS,
    ),
)

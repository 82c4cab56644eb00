"""Deliberate defects: the proof of the RMA contract, and what operators see of Miinto."""

from __future__ import annotations

from tests.mutations.model import SHADOW, STORES, TOLD, TWICE, Defect, Edit, tests

PROOF = tests("flow/test_rma_proof.py")
CHECKED = tests("unit/cli/test_miinto_checks.py")
VERBS = tests("unit/cli/test_miinto_verbs.py")
FAILED_ONCE = tests("fuzz/test_fuzz.py::test_what_failed_once_holds")

OF_MIINTO_OPERATORS = (
    Defect(
        "a key of a rule's file is told as it is, on several lines",
        TOLD,
        (
            Edit(
                "flows/miinto/what_if.py",
                'letter if letter.isprintable() else "\\ufffd" for letter in text',
                "letter for letter in text",
            ),
        ),
        (FAILED_ONCE,),
    ),
    Defect(
        "kept grants that are nested without end stop the hub of Miinto",
        TOLD,
        (
            Edit(
                "adapters/miinto/privileges.py",
                "(ValueError, KeyError, TypeError, IndexError, RecursionError)",
                "(ValueError, KeyError, TypeError, IndexError)",
            ),
        ),
        (FAILED_ONCE,),
    ),
    Defect(
        "an RMA that is not as the file says leaves the contract proven",
        SHADOW,
        (
            Edit(
                "cli/checks/miinto_rmas.py",
                "is_proven_before and why and not looked.is_contradicted:",
                "is_proven_before and why:",
            ),
        ),
        (CHECKED,),
    ),
    Defect(
        "goods without an RMA are said to be found where nobody looks for them",
        TOLD,
        (
            Edit(
                "cli/checks/miinto_rmas.py",
                "    if strategy is ReceiptStrategy.DUE_IDS:",
                "    if configured is ReceiptStrategy.DUE_IDS:",
            ),
        ),
        (CHECKED,),
    ),
    Defect(
        "a proof of another RMA contract counts",
        SHADOW,
        (
            Edit(
                "domain/miinto/rma_proof.py",
                "proof.proven and proof.contract == contract_of(connection)",
                "proof.proven",
            ),
        ),
        (PROOF, CHECKED),
    ),
    Defect(
        "lines of an RMA are sent under a contract that was never proven",
        TWICE,
        (
            Edit(
                "flows/process_lines.py",
                "    require_proven(world)\n    number",
                "    number",
            ),
        ),
        (PROOF,),
    ),
    Defect(
        "an RMA is announced under a contract that was never proven",
        SHADOW,
        (
            Edit(
                "flows/announce_return.py",
                "    if mode is Mode.LIVE:\n        require_proven(world)\n",
                "",
            ),
        ),
        (PROOF,),
    ),
    Defect(
        "an empty list of RMAs proves the contract",
        SHADOW,
        (
            Edit(
                "cli/checks/miinto_rmas.py",
                "    if not why and not looked.seen:\n",
                "    if not why and not looked.seen:\n        pass\n    elif False:\n",
            ),
        ),
        (CHECKED,),
    ),
    Defect(
        "a kept proof is never replaced",
        TOLD,
        (
            Edit(
                "adapters/dynamodb/control.py",
                "        self._proofs.pop(merchant, None)\n",
                "",
            ),
        ),
        (STORES,),
    ),
    Defect(
        "a buyer is shown whole before it is kept who looks",
        TOLD,
        (
            Edit(
                "cli/miinto/orders.py",
                "        state = _note_who_looks(desk, state, reach.caller())\n"
                "    live, trouble = _read(desk, shop_id, order)\n",
                "        pass\n"
                "    live, trouble = _read(desk, shop_id, order)\n"
                "    if unmasked:\n"
                "        state = _note_who_looks(desk, state, reach.caller())\n",
            ),
        ),
        (VERBS,),
    ),
    Defect(
        "a masked buyer has a whole name",
        TOLD,
        (Edit("cli/miinto/words.py", "name=initials(customer.name),", "name=customer.name,"),),
        (VERBS,),
    ),
)

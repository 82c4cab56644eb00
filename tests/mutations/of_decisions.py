"""Deliberate defects: matching goods to lines, and the decision table."""

from __future__ import annotations

from tests.mutations.model import DECISIONS, LOST, POLICIES, SEEDS, TOLD, TWICE, Defect, Edit

MATCHING = "domain/matching.py"
CHOICES = "domain/choices.py"
BOUNDS = "domain/bounds.py"
ENGINE = "domain/decisions.py"

OF_DECISIONS = (
    Defect(
        "units of a finished line are handed to an open one",
        TWICE,
        (
            Edit(
                MATCHING,
                "key=lambda line: (line.standing is Standing.OPEN, line.keep_item)",
                "key=lambda line: line.keep_item",
            ),
        ),
        (DECISIONS,),
    ),
    Defect(
        "a unit is handed out twice",
        TWICE,
        (Edit(MATCHING, "        self._rows[sku] = rest\n", ""),),
        (DECISIONS,),
    ),
    Defect(
        "an alias goes before the same SKU",
        TWICE,
        (
            Edit(
                MATCHING,
                'choices = (sku, matching.aliases.get(sku, ""), as_sku)',
                'choices = (matching.aliases.get(sku, ""), sku, as_sku)',
            ),
        ),
        (DECISIONS,),
    ),
    Defect(
        "parts of a bundle make up more than there are",
        TWICE,
        (
            Edit(
                MATCHING,
                "pool.left(part) // units for part",
                "-(-pool.left(part) // units) for part",
            ),
        ),
        (DECISIONS,),
    ),
    Defect(
        "a short barcode identifies goods",
        TWICE,
        (Edit("flows/make_case.py", "len(code) >= SHORTEST_BARCODE", "code"),),
        (POLICIES,),
    ),
    Defect(
        "a barcode of two products identifies one of them",
        TWICE,
        (Edit("flows/make_case.py", "if len(fits) == 1:", "if fits:"),),
        (POLICIES,),
    ),
    Defect(
        "the least careful row counts",
        TWICE,
        (
            Edit(
                CHOICES,
                "careful = min(choices, key=lambda choice",
                "careful = max(choices, key=lambda choice",
            ),
        ),
        (DECISIONS,),
    ),
    Defect(
        "damaged goods of a short line go back on sale",
        TOLD,
        (
            Edit(
                CHOICES,
                'return careful.model_copy(update={"sellable": sellable})',
                'return careful.model_copy(update={"sellable": careful is not None})',
            ),
        ),
        (DECISIONS,),
    ),
    Defect(
        "a limit is not asked about",
        TWICE,
        (Edit(BOUNDS, "units > limits.most_units:", "units > 10 * limits.most_units:"),),
        (DECISIONS,),
    ),
    Defect(
        "worth in another currency counts as within the limit",
        TWICE,
        (
            Edit(
                BOUNDS,
                "if case.value is None or case.currency != limits.currency:",
                "if case.value is None:",
            ),
        ),
        (DECISIONS,),
    ),
    Defect(
        "a share is rounded up",
        TWICE,
        (
            Edit(BOUNDS, "rounding=ROUND_DOWN", "rounding=ROUND_UP"),
            Edit(BOUNDS, "from decimal import ROUND_DOWN,", "from decimal import ROUND_UP,"),
        ),
        (DECISIONS,),
    ),
    Defect(
        "a share of a value without its last zeros loses coins",
        TOLD,
        (
            Edit(
                BOUNDS,
                "max(-int(line.value.as_tuple().exponent), _places_of(currency))",
                "max(-int(line.value.as_tuple().exponent), 0)",
            ),
        ),
        (DECISIONS,),
    ),
    Defect(
        "a share is paid though nobody knows what an amount counts for",
        TWICE,
        (Edit(BOUNDS, ' or counts in {"unknown", "never"}', ""),),
        (DECISIONS,),
    ),
    Defect(
        "a whole-return portal is sent a part",
        TWICE,
        (
            Edit(
                ENGINE,
                "    if held and not abilities.processes_lines:",
                "    if not held and False:",
            ),
        ),
        (DECISIONS,),
    ),
    Defect(
        "a hold never ends",
        LOST,
        (
            Edit(
                CHOICES,
                "return case.age_seconds >= policy.hold_hours * 3600",
                "return case.age_seconds < 0",
            ),
        ),
        (DECISIONS, POLICIES),
    ),
    Defect(
        "nobody looks again when a hold ends",
        LOST,
        (
            Edit(
                "flows/settle_receipt.py",
                "        return world.stores.clock.now() >= known.until\n",
                "        return False\n",
            ),
        ),
        (POLICIES,),
    ),
    Defect(
        "goods that fit nothing are passed over in silence",
        TOLD,
        (Edit(ENGINE, "        if strangers:\n", "        if strangers and False:\n"),),
        (DECISIONS, SEEDS),
    ),
    Defect(
        "an answer is not carried out",
        LOST,
        (
            Edit(
                "flows/settle_receipt.py",
                "        and not known.anew\n        and any(",
                "        and any(",
            ),
        ),
        (POLICIES,),
    ),
    Defect(
        "a difference that was processed is not told",
        TOLD,
        (
            Edit(
                "flows/settle_receipt.py",
                "                _tell_differences(case.receipt, decision.note, state, world)\n",
                "                pass\n",
            ),
        ),
        (POLICIES,),
    ),
    Defect(
        "scrapped goods count as good ones",
        TOLD,
        (
            Edit(
                "adapters/mintsoft/translate.py",
                '"Scrap": Condition.SCRAP',
                '"Scrap": Condition.GOOD',
            ),
        ),
        (POLICIES,),
    ),
    Defect(
        "the warehouse's words are kept on the timeline",
        TOLD,
        (
            Edit(
                "flows/settle_receipt.py",
                "            note=decision.note,\n            goods=case.goods,",
                "            note=str(case.receipt.rows),\n            goods=case.goods,",
            ),
        ),
        (POLICIES,),
    ),
)

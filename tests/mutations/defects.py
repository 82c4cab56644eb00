"""Deliberate defects. Each one breaks a promise of the hub, and a test has to catch it.

An old text has to occur exactly once in its file: `test_defects.py` holds the list to it.
"""

from __future__ import annotations

from tests.mutations.model import Defect
from tests.mutations.of_flows import OF_ANNOUNCING, OF_RECEIPTS
from tests.mutations.of_operations import OF_AN_OPERATION, OF_THE_LEDGER, OF_THE_OTHER_STORES
from tests.mutations.of_operators import OF_BATCHES, OF_OPERATORS
from tests.mutations.of_partners import OF_THE_GATE, OF_THE_PARTNERS
from tests.mutations.of_redo import OF_REDO

DEFECTS: tuple[Defect, ...] = (
    *OF_AN_OPERATION,
    *OF_THE_LEDGER,
    *OF_THE_OTHER_STORES,
    *OF_ANNOUNCING,
    *OF_RECEIPTS,
    *OF_THE_PARTNERS,
    *OF_THE_GATE,
    *OF_OPERATORS,
    *OF_BATCHES,
    *OF_REDO,
)

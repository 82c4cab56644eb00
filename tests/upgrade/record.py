"""Writes down what a release stores in the middle of a day, for the tests of the releases after it.

It runs in that release's tree: from there, with this folder in its place,
``PYTHONPATH=layers/shared:. python -m tests.upgrade.record FILE``. docs/upgrades.md tells when.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from local.simulators.faults import Fault, FaultKind
from returns_hub.errors import UnknownOutcome
from tests.support.worlds import item, shipment
from tests.upgrade.stage import Stage

CREATE = "CreateExternalReturn"


def a_day() -> Stage:
    """Returns in the middle of their way, cursors that have moved, and one answer that was lost."""
    stage = Stage()
    stage.apply()
    stage.people("put", 1, [item(11, "TEE")])
    stage.tell(1)
    stage.people("put", 2, [item(21, "MUG")])
    stage.tell(2)
    stage.catch_up()
    stage.people("put", 3, [item(31, "CAP"), item(32, "TEE")])
    stage.tell(3)
    stage.people("receive", stage.state_of(2).shipments[0].external_return_id)
    stage.poll()
    stage.people("put", 4, [item(41, "TEE", 2)])
    stage.mintsoft.faults.add(Fault(FaultKind.TIMEOUT_AFTER, path=CREATE))
    try:
        stage.tell(4)
    except UnknownOutcome:
        pass
    else:
        raise AssertionError("the answer was not lost")
    stage.people("put", 6, [item(61, "GONE")])
    stage.tell(6)
    two = [shipment("sg_one", ["item71"]), shipment("sg_two", ["item72"])]
    lines = [item(71, "TEE"), item(72, "MUG", shipmentGroupIds=["sg_two"])]
    stage.people("put", 7, lines, {"shipments": two})
    stage.tell(7)
    stage.people("status", 7, "rejected")
    stage.tell(7)
    stage.catch_up()
    stage.watch()
    stage.poll()
    stage.people("receive", stage.state_of(3).shipments[0].external_return_id)
    stage.people("put", 5, [item(51, "CAP")])
    return stage


def as_text(written: dict[str, Any]) -> str:
    """A row, and what befell a partner, in a line each."""

    def lines(entries: list[Any]) -> str:
        return "[\n" + ",\n".join(json.dumps(one, sort_keys=True) for one in entries) + "\n]"

    tables = (f'"{name}": {lines(rows)}' for name, rows in written["rows"].items())
    rows = "{" + ",\n".join(tables) + "}"
    return f'{{"now": {written["now"]},\n"rows": {rows},\n"log": {lines(written["log"])}}}\n'


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(as_text(a_day().written()), encoding="utf-8")

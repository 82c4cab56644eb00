"""The simulator of a receiver of despatches refuses what is no event, whatever it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.clock import SetClock
from local.simulators.receiver import COUNTS, FIELDS, ReceiverSimulator, Settings
from local.simulators.wire import Request
from tests.support.fakes import START

LINE: dict[str, Any] = {"sku": "TEE", "components": [], **dict.fromkeys(COUNTS, 0)}


@pytest.mark.parametrize(
    "lines",
    [
        "TEE",
        ["TEE"],
        [{"sku": "TEE"}],
        [LINE | {"ordered": "1"}],
        [LINE | {"components": None}],
        [LINE | {"components": [{"sku": "SOCK"}]}],
    ],
    ids=str,
)
def test_lines_without_counts_are_refused(lines: object) -> None:
    receiver = ReceiverSimulator(SetClock(START), Settings(signature=False))
    event = dict.fromkeys(FIELDS) | {"schema": "despatch/1", "id": "e1", "lines": lines}
    headers = {"content-type": "application/json", "idempotency-key": "e1"}
    body = json.dumps(event).encode()
    assert receiver.handle(Request("POST", "/despatches", {}, headers, body)).status == 400
    assert not receiver.books.taken

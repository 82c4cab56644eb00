"""Looking for a credit note in a list that cannot tell its notes apart."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from returns_hub.adapters.unleashed.account import UnleashedAccount
from returns_hub.adapters.unleashed.credit_notes import UnleashedCreditNotes
from returns_hub.domain.operations import Found, NotFound
from returns_hub.domain.unleashed.settings import UnleashedConnection
from returns_hub.errors import Retryable
from tests.support.fakes import START
from tests.support.unleashed_wire import UnleashedBench, guid

MARKER = "hub-0123456789ab"


def notes_of(*rows: dict[str, Any]) -> UnleashedCreditNotes:
    bench = UnleashedBench()
    bench.wire.lists("/CreditNotes", list(rows))
    client = bench.client()
    keys = bench.natural_keys(client)
    return UnleashedCreditNotes(UnleashedAccount(client, UnleashedConnection(), keys, bench.clock))


def test_a_marked_note_is_found_beside_another() -> None:
    rows = [
        {"Guid": guid(1), "Comments": MARKER},
        {"Guid": guid(2), "Comments": "hub-ba9876543210"},
    ]

    assert notes_of(*rows).find_marker(MARKER, START) == Found(guid(1))
    assert notes_of().find_marker(MARKER, START) == NotFound()


def test_a_list_with_a_note_without_a_guid_is_no_answer() -> None:
    rows = [{"Guid": "", "Comments": MARKER}, {"Guid": "", "Comments": "another"}]

    with pytest.raises(Retryable, match="without a Guid"):
        notes_of(*rows).find_marker(MARKER, START)


def test_what_goes_back_into_stock_is_told_by_product() -> None:
    def line(sku: str, quantity: object, *, back: object = True) -> dict[str, Any]:
        return {"Product": {"ProductCode": sku}, "CreditQuantity": quantity, "Return": back}

    lines = [
        *(line("TEE", 2), line("TEE", 0.5), line("MUG", 1, back=False), line("CAP", "many")),
        *(line("CAP", 4), line("BAG", 1, back="true")),
    ]
    warehouse = {"WarehouseCode": "MAIN"}
    rows = {"Guid": guid(1), "Status": "Completed", "Warehouse": warehouse, "CreditLines": lines}
    (note,) = notes_of(rows).changed_since(START)
    assert note.warehouse_code == "MAIN"
    assert note.restocked == {"TEE": Decimal("2.5"), "CAP": Decimal(4)}


@pytest.mark.parametrize("lines", [None, "", 7, {}, ["TEE"], [{"Return": True, "Product": "TEE"}]])
def test_of_lines_that_cannot_be_read_nothing_goes_back(lines: object) -> None:
    (note,) = notes_of({"Guid": guid(1), "CreditLines": lines}).changed_since(START)
    assert note.warehouse_code == ""
    assert not any(note.restocked.values())

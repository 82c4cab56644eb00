"""The whole way of a return whose portal speaks Loop's dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.loop import Settings
from returns_hub.domain.facts import Flagged, ReceiptTaken, ShipmentsPlanned, WouldSend
from returns_hub.errors import Retryable, UnknownOutcome
from returns_hub.flows.catch_up import catch_up
from returns_hub.flows.way import Way
from tests.support.loop_worlds import (
    REDO_ID,
    RETURN,
    LoopBench,
    label,
    line_item,
    loop_return,
)

AT_LOOP: dict[str, Any] = {}
AT_REDO = {"host": "redo"}
BY_REDO_ID = {"host": "redo", "address_returns_by": "redo_return_id"}
HOSTS = pytest.mark.parametrize("connection", [AT_LOOP, AT_REDO, BY_REDO_ID], ids=lambda c: str(c))


def announced(
    *items: dict[str, Any], connection: dict[str, Any] | None = None, **changes: Any
) -> LoopBench:
    """A return whose goods are announced and on their way."""
    host = (connection or {}).get("host", "loop")
    bench = LoopBench(Settings(host=host), **(connection or {}))
    bench.put(loop_return(list(items) or [line_item(1, "TEE")], **changes))
    assert bench.approve() == "announced"
    return bench


@HOSTS
def test_from_the_approval_to_the_money(connection: dict[str, Any]) -> None:
    bench = announced(
        line_item(1, "TEE"), line_item(2, "TEE"), line_item(3, "MUG"), connection=connection
    )
    (made,) = bench.external_returns()
    assert sorted((row.sku, row.quantity) for row in made.rows) == [
        ("MUG", 1),
        ("TEE", 1),
        ("TEE", 1),
    ]
    assert (made.warehouse_id, made.reference) == (3, "#5501")
    (note,) = bench.comments()
    assert "external return 41 is announced to warehouse 3" in note

    bench.receive(41)
    assert bench.poll() == {"processed": 1}
    bench.clock.advance(seconds=5)

    books = bench.books()
    assert (books["payments"], books["submissions"]) == ({RETURN: 1}, {RETURN: 1})
    assert books["returns"] == {RETURN: "closed"}
    assert bench.state().outcome == "processed"
    assert bench.poll() == {}


def test_the_warehouse_reads_whose_return_it_is() -> None:
    (made,) = announced().external_returns()
    assert made.rows[0].comments.startswith(f"Loop return {RETURN} [RH-")
    (made,) = announced(connection=BY_REDO_ID).external_returns()
    assert made.rows[0].comments.startswith(f"Redo return {REDO_ID} [RH-")


def test_each_label_is_an_external_return_and_the_last_one_pays_for_all() -> None:
    labels = [label("A", [501]), label("B", [502])]
    bench = announced(line_item(1, "TEE"), line_item(2, "MUG"), labels=labels)
    assert len(bench.external_returns()) == 2
    assert len(bench.comments()) == 2


def test_a_reason_of_the_customers_is_mapped_by_its_text() -> None:
    bench = LoopBench()
    bench.file["mintsoft"]["reasons"]["map"] = {"arrived damaged": 2, "quality": 1}
    bench.put(loop_return([line_item(1, "TEE")]))
    bench.approve()
    (plan,) = bench.facts(ShipmentsPlanned)
    assert plan.shipments[0].lines[0].reason_id == 2


@pytest.mark.parametrize("state", ["review", "closed", "cancelled", "expired"])
def test_only_an_open_return_is_announced(state: str) -> None:
    bench = LoopBench()
    bench.put(loop_return([line_item(1, "TEE")], state=state))
    assert bench.approve() == "skipped"
    assert not bench.external_returns()


def test_a_message_may_hold_the_return_in_loops_shape() -> None:
    bench = LoopBench()
    body = loop_return([line_item(1, "TEE")])
    bench.put(body)
    assert bench.approve(bench.message(body=body)) == "announced"
    assert bench.sent("details") == 0


def test_a_long_note_is_cut_to_what_loop_takes_and_keeps_its_marker() -> None:
    bench = announced(*[line_item(n, "TEE") for n in range(1, 60)])
    (note,) = bench.comments()

    assert len(note) == 254
    assert note.startswith("Mintsoft external return 41 is announced")
    assert "\u2026 [RH-" in note
    assert note.endswith("]")


def test_a_long_note_whose_answer_was_lost_is_found_by_its_marker() -> None:
    bench = LoopBench()
    bench.put(loop_return([line_item(n, "TEE") for n in range(1, 60)]))
    bench.loop.faults.add(Fault(FaultKind.RESET_AFTER, path="/note$"))
    with pytest.raises(UnknownOutcome):
        bench.approve()
    bench.clock.advance(minutes=4)

    assert bench.approve() == "announced"
    assert len(bench.comments()) == 1
    assert len(bench.external_returns()) == 1


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RESET_AFTER,
        FaultKind.ERROR_500_AFTER,
        FaultKind.TIMEOUT_AFTER,
        FaultKind.HTML_200_AFTER,
        FaultKind.CUT_OFF_AFTER,
    ],
)
def test_a_process_call_whose_answer_is_lost_is_watched_not_repeated(kind: FaultKind) -> None:
    bench = announced()
    bench.receive(41)
    bench.loop.faults.add(Fault(kind, path="/process$"))

    assert bench.poll() == {"later": 1}
    bench.clock.advance(minutes=5)

    assert bench.poll() == {"processed": 1}
    assert bench.books()["payments"] == {RETURN: 1}
    assert bench.sent("process") == 1


@pytest.mark.parametrize("kind", [FaultKind.RESET_BEFORE, FaultKind.ERROR_500_BEFORE])
def test_a_process_call_that_never_came_to_anything_goes_to_a_person(kind: FaultKind) -> None:
    bench = announced()
    bench.receive(41)
    bench.loop.faults.add(Fault(kind, path="/process$"))
    endings = []
    for _ in range(8):
        endings.append(bench.poll())
        bench.clock.advance(minutes=5)

    assert endings[0] == {"later": 1}
    assert {"parked": 1} in endings
    assert bench.sent("process") == 1
    assert bench.books()["payments"] == {}


def test_a_busy_portal_makes_it_wait() -> None:
    bench = announced()
    bench.receive(41)
    bench.loop.faults.add(Fault(FaultKind.HTTP_429, path="/process$"))

    assert bench.poll() == {"later": 1}
    bench.clock.advance(minutes=5)
    assert bench.poll() == {"processed": 1}
    assert bench.books()["submissions"] == {RETURN: 1}


def test_a_part_of_a_return_is_never_paid() -> None:
    bench = announced(line_item(1, "TEE"), line_item(2, "MUG"))
    bench.receive(41, ("TEE", 1))

    bench.poll()

    assert bench.sent("process") == 0
    assert bench.books()["payments"] == {}


def test_what_loop_refuses_under_200_is_shown_to_a_person_in_its_words() -> None:
    bench = announced()
    bench.loop.set_state(RETURN, "review")
    bench.receive(41)

    assert bench.poll() == {"parked": 1}

    (parked,) = bench.parking.list_parked("example")
    assert "UNPROCESSABLE_FLAGGED_RETURN" in parked.reason
    assert bench.books()["payments"] == {}


def test_a_wrong_sku_flags_the_return_once_with_its_note() -> None:
    bench = announced()
    bench.receive(41, ("CAP", 1))
    bench.loop.faults.add(Fault(FaultKind.RESET_AFTER, path="/flag$"))
    assert bench.poll() == {"later": 1}
    bench.clock.advance(minutes=5)

    assert bench.poll() == {"flagged": 1}
    assert bench.books()["states"] == {RETURN: ["review"]}
    assert len(bench.comments()) == 2
    assert "CAP: expected 0, received 1" in bench.comments()[-1]


def test_the_timeline_has_the_whole_note_where_loops_is_cut() -> None:
    skus = [f"A-{n:03d}-{'x' * 20}" for n in range(12)]
    bench = announced()
    bench.mintsoft.seed(
        {
            "products": {
                str(2000 + n): {"sku": s, "name": s, "client_id": 12} for n, s in enumerate(skus)
            }
        }
    )
    bench.receive(41, *((sku, 1) for sku in skus))
    assert bench.poll() == {"flagged": 1}

    (flagged,) = bench.facts(Flagged)
    assert len(bench.comments()[-1]) == 254
    assert skus[-1] in flagged.note
    assert skus[-1] not in bench.comments()[-1]


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_a_closed_return_is_skipped(state: str) -> None:
    bench = announced()
    bench.loop.set_state(RETURN, state)
    bench.receive(41)

    assert bench.poll() == {"skipped_closed": 1}
    assert bench.sent("process") == 0


def test_a_state_that_we_were_not_told_of_decides_nothing() -> None:
    bench = announced()
    bench.loop.set_state(RETURN, "marinating")
    bench.receive(41)

    assert bench.poll() == {"parked": 1}
    assert bench.sent("process") == bench.sent("flag") == 0


def test_shadow_writes_nothing_and_names_the_portal() -> None:
    bench = LoopBench()
    bench.file["flows"]["create_external_returns"]["mode"] = "shadow"
    bench.put(loop_return([line_item(1, "TEE")]))

    assert bench.approve() == "shadow"
    assert {fact.partner for fact in bench.facts(WouldSend)} == {"mintsoft", "loop"}
    assert not [r for r in bench.to_loop.requests if r.method == "POST"]


def test_shadow_of_a_receipt_names_the_portal() -> None:
    bench = announced()
    bench.file["flows"]["process_receipts"]["mode"] = "shadow"
    bench.receive(41)

    assert bench.poll() == {"shadow": 1}
    assert bench.facts(WouldSend)[-1].partner == "loop"
    assert bench.facts(ReceiptTaken)[-1].decision == "process"
    assert bench.sent("process") == 0


@HOSTS
def test_what_nobody_told_of_is_caught_up(connection: dict[str, Any]) -> None:
    bench = LoopBench(Settings(host=connection.get("host", "loop")), **connection)
    bench.file["flows"]["catch_up"] = {"enabled": True}
    bench.put(loop_return([line_item(1, "TEE")], updated_at="2026-03-02T08:55:00.000Z"))
    sent: list[str] = []

    assert catch_up(bench.world(), Way(sent.append, int)) == {"sent": 1}
    assert json.loads(sent[0])["return_id"] == bench.return_id
    assert bench.approve(sent[0]) == "announced"
    bench.clock.advance(minutes=5)
    assert catch_up(bench.world(), Way(sent.append, int)) in ({"sent_before": 1}, {"known": 1})


def test_catching_up_stays_behind_a_list_that_did_not_end() -> None:
    bench = LoopBench(Settings(next_page="same"))
    bench.file["flows"]["catch_up"] = {"enabled": True}
    bench.put(loop_return([line_item(1, "TEE")], updated_at="2026-03-02T08:55:00.000Z"))
    sent: list[str] = []

    assert catch_up(bench.world(), Way(sent.append, int)) == {"failed": 1}
    bench.loop.settings = Settings()
    bench.clock.advance(minutes=5)
    catch_up(bench.world(), Way(sent.append, int))
    assert {json.loads(text)["return_id"] for text in sent} == {RETURN}


def test_a_key_that_is_refused_makes_the_message_wait() -> None:
    bench = LoopBench()
    bench.keys = ["wrong"]
    bench.put(loop_return([line_item(1, "TEE")]))
    with pytest.raises(Retryable):
        bench.approve()
    assert bench.telemetry.total("Misconfigured", code="loop.key_refused") == 1
    assert not bench.parking.list_parked("example")

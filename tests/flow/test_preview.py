"""What a replay would do, told before it is done: it agrees with what the replay then does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from returns_hub.flows import make_external_return, receive_webhook
from returns_hub.flows.miinto import decide_transfer, orders_by_hand, refund_due, request_rma
from returns_hub.flows.operator import NEXT_RUN_LOOKS, replay
from returns_hub.flows.overview.preview import PreviewStep, preview
from returns_hub.flows.queue_message import UNKNOWN_MERCHANT
from returns_hub.flows.relay import despatch_message, order_change_message
from tests.flow.test_operator import add_product, unknown_sku
from tests.support.widget_samples import rich
from tests.support.widgets import Dashboard
from tests.support.worlds import RETURN_ID

FLOWS = sorted(
    {
        make_external_return.FLOW,
        "process_receipts",
        request_rma.FLOW,
        decide_transfer.FLOW,
        refund_due.FLOW,
        order_change_message.FLOW,
        despatch_message.FLOW,
        *orders_by_hand.FLOWS,
        *receive_webhook.FLOWS,
        *NEXT_RUN_LOOKS,
    }
)


def standings(found: tuple[PreviewStep, ...]) -> list[str]:
    return [step.standing for step in found]


@pytest.mark.parametrize("flow", FLOWS)
def test_it_refuses_just_what_a_replay_refuses(flow: str) -> None:
    it = Dashboard()
    item = it.park(1, flow=flow, parked_id=f"{flow}/x", subject="", payload="{}")
    told = preview(item, it.returns)
    done = replay(item, it.desk("pat").desk)
    assert bool(told.refused) == (done != "replayed")
    assert told.refused or told.wakes


def test_what_is_closed_is_not_done_again() -> None:
    it = Dashboard()
    item = it.park(1)
    it.parking.close(item, "discarded", "pat")
    closed = it.parking.items["example", item.parked_id]
    assert preview(closed, it.returns).in_words() == ("nothing: it was discarded by pat",)


def test_a_shipment_that_was_refused_is_sent_and_what_is_made_is_skipped() -> None:
    office = unknown_sku()
    item = office.parked()
    told = preview(item, office.bench.returns)
    assert standings(told.steps) == ["sent"]
    assert "refused with mintsoft.unknown_sku" in told.steps[0].words
    add_product(office.bench)
    replay(item, office.desk)
    office.deliver()
    made = preview(replace(item, state="open"), office.bench.returns)
    assert standings(made.steps) == ["skipped", "skipped"]


def test_a_write_without_an_answer_is_looked_up_unless_a_person_vouches() -> None:
    office = unknown_sku()
    item = replace(office.parked(), code="operation.unknown_outcome")
    assert standings(preview(item, office.bench.returns).steps) == ["looked up"]
    vouched = preview(item, office.bench.returns, send_again=True)
    assert standings(vouched.steps) == ["sent"]
    assert "you vouch" in vouched.steps[0].words


def test_another_shipment_that_is_parked_by_itself_is_left() -> None:
    office = unknown_sku()
    other = replace(office.parked(), parked_id="create_external_return/x/another")
    assert standings(preview(other, office.bench.returns).steps) == ["left"]


def test_a_return_that_the_hub_does_not_know_is_taken_as_new() -> None:
    it = Dashboard()
    assert standings(preview(it.park(5), it.returns).steps) == ["sent"]


def test_a_message_of_a_merchant_that_has_no_file_is_told_as_sent_again() -> None:
    it = Dashboard()
    item = it.park(1, merchant=UNKNOWN_MERCHANT, code="merchant.unknown", subject=RETURN_ID)
    told = preview(item, it.returns)
    assert standings(told.steps) == ["sent"]
    assert replay(item, it.desk("pat").desk) == "replayed"


@pytest.mark.parametrize(
    ("code", "send_again", "wanted"),
    [
        ("operation.unknown_outcome", False, "looked up"),
        ("operation.unknown_outcome", True, "sent"),
        ("redo.refused", False, "sent"),
    ],
)
def test_a_process_call_is_told_by_what_became_of_it(
    code: str, send_again: bool, wanted: str
) -> None:
    it = rich()
    item = it.parking.items["example", "process_receipts/66aa01f0c0ffee0000000001/batch-1"]
    told = preview(replace(item, code=code), it.returns, send_again=send_again)
    assert standings(told.steps)[0] == wanted


def test_nothing_is_written_and_nothing_sent() -> None:
    office = unknown_sku()
    item, before = office.parked(), office.bench.returns.load("example", RETURN_ID)
    preview(item, office.bench.returns)
    assert office.parked() == item
    assert not office.to_returns
    assert office.bench.returns.load("example", RETURN_ID) is before

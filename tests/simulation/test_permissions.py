"""Functions of the simulation live under the policies of template.yaml."""

from __future__ import annotations

import pytest

from tests.simulation.environment import SETTINGS
from tests.simulation.permissions import AccessDenied, permissions_of, told
from tests.simulation.scenario import STARTS, Line, ReturnPlan, Scenario
from tests.simulation.world import RESOURCES, Simulation

PLAN = ReturnPlan(1, "alpha", 10.0, (Line("TEE"),), (0.1,), False, ())
PREFIX = SETTINGS.secret_prefix


def test_the_door_reads_webhook_tokens_and_no_other_secret() -> None:
    door = permissions_of("RedoWebhookFunction", PREFIX)
    door.require_secret("get_secret_value", f"{PREFIX}/alpha/redo-webhook")
    for name in ("redo", "mintsoft", "webhook-of-redo"):
        with pytest.raises(AccessDenied):
            door.require_secret("get_secret_value", f"{PREFIX}/alpha/{name}")


def test_an_index_and_each_row_of_a_batch_need_a_statement_of_their_own() -> None:
    poll = permissions_of("PollMintsoftFunction", PREFIX)
    query = {"TableName": "ReturnsTable", "IndexName": "open-external-returns"}
    poll.require_table("query", query)
    with pytest.raises(AccessDenied, match=r"dynamodb:Query on ReturnsTable.Arn/index/due-returns"):
        poll.require_table("query", query | {"IndexName": "due-returns"})
    with pytest.raises(AccessDenied, match="LedgerTable"):
        poll.require_table("batch_get_item", {"RequestItems": {"LedgerTable": {}}})
    with pytest.raises(AccessDenied, match=r"sqs:SendMessage on ApprovedReturnsQueue.Arn"):
        poll.require_queue("send_message", "approved-returns")


def test_a_function_is_told_only_of_what_it_works_with() -> None:
    assert told("CheckWebhooksFunction") == {"REDO_WEBHOOK_URL"}
    assert told("CatchUpRedoFunction") == {"APPROVED_RETURNS_QUEUE_URL"}


def test_what_is_not_allowed_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RESOURCES, "create", "CatchUpRedoFunction")
    run = Simulation(Scenario(seed=1, start=STARTS[0], returns=(PLAN,))).run()
    assert "create-1: AccessDenied" in run.faults[0]

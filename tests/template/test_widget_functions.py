"""The dashboard's functions: one that shows and one that acts."""

from __future__ import annotations

from typing import Any


def _allowed(resources: dict[str, Any], function: str) -> dict[str, set[str]]:
    (policy,) = resources[f"{function}Role"]["Properties"]["Policies"]
    return {s["Sid"]: set(s["Action"]) for s in policy["PolicyDocument"]["Statement"]}


def test_the_function_that_shows_widgets_may_read_and_nothing_else(
    resources: dict[str, Any],
) -> None:
    assert _allowed(resources, "OpsWidgetsFunction") == {
        "MerchantFiles": {"dynamodb:Query"},
        "Overviews": {"dynamodb:GetItem"},
        "Returns": {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"},
        "ReturnsByStep": {"dynamodb:Query"},
        "ParkedWork": {"dynamodb:GetItem", "dynamodb:Query"},
        "Findings": {"dynamodb:Query"},
        "Acts": {"dynamodb:Query"},
        "LookAtDeadLetters": {
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            "sqs:ChangeMessageVisibility",
        },
    }


def test_the_function_that_acts_may_not_read_a_secret_or_ask_a_partner(
    resources: dict[str, Any],
) -> None:
    allowed = _allowed(resources, "OpsActsFunction")
    assert set(allowed) == {
        "MerchantFiles",
        "LeasesAndTheBudgetOfActs",
        "ParkedWork",
        "TimelinesOfReturns",
        "TimelinesOfOrders",
        "TimelinesOfRecords",
        "RecordActs",
        "WakeFlows",
        "TakeOutDeadLetters",
    }
    actions = set().union(*allowed.values())
    assert not {one for one in actions if one.startswith("secretsmanager:")}
    assert "dynamodb:DeleteItem" not in actions
    assert allowed["WakeFlows"] == {"sqs:SendMessage"}


def test_both_know_every_queue_and_its_dead_letters(resources: dict[str, Any]) -> None:
    from returns_hub.flows.dead_letters import FLOWS

    for name in ("OpsWidgetsFunction", "OpsActsFunction"):
        variables = resources[name]["Properties"]["Environment"]["Variables"]
        for queue in FLOWS:
            word = queue.replace("-", "_").upper()
            assert f"{word}_QUEUE_URL" in variables, (name, queue)
            assert f"{word}_DEAD_LETTER_QUEUE_URL" in variables, (name, queue)


def test_an_act_is_never_repeated_by_aws_and_its_limit_is_a_parameter(
    resources: dict[str, Any], translation: dict[str, Any]
) -> None:
    config = resources["OpsActsFunctionEventInvokeConfig"]["Properties"]
    assert config["MaximumRetryAttempts"] == 0
    variables = resources["OpsActsFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["ACTS_PER_MINUTE"] == {"Ref": "DashboardActsPerMinute"}
    assert translation["template"]["Parameters"]["DashboardActsPerMinute"]["Default"] == 30
    shows = resources["OpsWidgetsFunction"]["Properties"]["Environment"]["Variables"]
    assert shows["OPS_ACTS_ARN"] == {"Fn::GetAtt": ["OpsActsFunction", "Arn"]}

"""What functions may do: these actions and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template.parts import of_type


def test_the_check_of_subscriptions_may_do_what_it_does_and_nothing_else(
    resources: dict[str, Any],
) -> None:
    (policy,) = resources["CheckWebhooksFunctionRole"]["Properties"]["Policies"]
    allowed = {
        statement["Sid"]: set(statement["Action"])
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    }
    assert allowed == {
        "Ledger": {"dynamodb:UpdateItem"},
        "CursorsLeasesGates": {"dynamodb:UpdateItem"},
        "MerchantFiles": {"dynamodb:GetItem", "dynamodb:Query"},
        "ReadSecrets": {"secretsmanager:GetSecretValue"},
    }


def test_who_looks_at_what_is_due_may_do_no_more_than_that(resources: dict[str, Any]) -> None:
    (target,) = (
        rule["Targets"][0]["Arn"]["Fn::GetAtt"][0]
        for rule in of_type(resources, "AWS::Events::Rule").values()
        if rule["Targets"][0]["Arn"]["Fn::GetAtt"][0] == "WatchReturnsFunction"
    )
    function = resources[target]["Properties"]
    role = resources[function["Role"]["Fn::GetAtt"][0]]["Properties"]
    (policy,) = role["Policies"]
    allowed = {
        statement["Sid"]: set(statement["Action"])
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    }
    assert allowed == {
        "Returns": {"dynamodb:GetItem", "dynamodb:PutItem"},
        "DueReturns": {"dynamodb:Query"},
        "Ledger": {"dynamodb:UpdateItem"},
        "LeasesGatesCapabilities": {"dynamodb:GetItem", "dynamodb:UpdateItem"},
        "HandOverCreditNotes": {"dynamodb:GetItem", "dynamodb:PutItem"},
        "Park": {"dynamodb:UpdateItem"},
        "MerchantFiles": {"dynamodb:GetItem", "dynamodb:Query"},
        "ReadSecrets": {"secretsmanager:GetSecretValue"},
        "KeepSessionKey": {"secretsmanager:PutSecretValue", "secretsmanager:CreateSecret"},
        "Marketplace": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"},
        "TellRefunds": {"sqs:SendMessage"},
        "TellRefundsOnTheBus": {"events:PutEvents"},
    }
    queues = {"APPROVED_RETURNS_QUEUE_URL", "POLL_MINTSOFT_QUEUE_URL"}
    assert not queues & function["Environment"]["Variables"].keys()


def test_a_stores_refunds_may_do_what_they_do_and_nothing_else(resources: dict[str, Any]) -> None:
    (policy,) = resources["StoreRefundsFunctionRole"]["Properties"]["Policies"]
    allowed = {
        statement["Sid"]: set(statement["Action"])
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    }
    assert allowed == {
        "Marketplace": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"},
        "WasItOurs": {"dynamodb:GetItem", "dynamodb:PutItem"},
        "Ledger": {"dynamodb:UpdateItem"},
        "LeasesAndGates": {"dynamodb:GetItem", "dynamodb:UpdateItem"},
        "Park": {"dynamodb:UpdateItem"},
        "MerchantFiles": {"dynamodb:GetItem"},
        "PostponeCopyAndSpread": {
            "sqs:ChangeMessageVisibility",
            "sqs:SendMessage",
            "sqs:GetQueueAttributes",
        },
        "ReadSecrets": {"secretsmanager:GetSecretValue"},
        "KeepSessionKey": {"secretsmanager:PutSecretValue", "secretsmanager:CreateSecret"},
    }
    function = resources["StoreRefundsFunction"]["Properties"]["Environment"]["Variables"]
    assert "REFUNDS_QUEUE_URL" not in function


@pytest.mark.parametrize("function", ["PollMintsoftFunction", "WatchReturnsFunction"])
def test_who_takes_decisions_home_may_tell_the_refunds_queue_and_the_one_bus(
    resources: dict[str, Any], function: str
) -> None:
    (policy,) = resources[f"{function}Role"]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    allowed = {s["Sid"]: s for s in statements if s["Effect"] == "Allow"}
    assert allowed["TellRefunds"]["Resource"] == {"Fn::GetAtt": ["RefundsQueue", "Arn"]}
    assert allowed["TellRefunds"]["Action"] == ["sqs:SendMessage"]
    bus = allowed["TellRefundsOnTheBus"]["Resource"]["Fn::Sub"]
    assert bus.endswith(":event-bus/${RefundsBus}")
    variables = resources[function]["Properties"]["Environment"]["Variables"]
    assert variables["REFUNDS_QUEUE_URL"] == {"Ref": "RefundsQueue"}
    assert variables["REFUNDS_BUS"] == {"Ref": "RefundsBus"}


def test_flows_of_the_ERP_may_do_what_they_do_and_nothing_else(resources: dict[str, Any]) -> None:
    (policy,) = resources["UnleashedSyncFunctionRole"]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    allowed = {s["Sid"]: s for s in statements if s["Effect"] == "Allow"}
    assert {sid: set(statement["Action"]) for sid, statement in allowed.items()} == {
        "RecordsKeptInStepAndDeliveries": {
            "dynamodb:BatchGetItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        },
        "RecordsInWork": {"dynamodb:Query"},
        "ReturnsToCredit": {"dynamodb:GetItem"},
        "TellStoreRefunds": {"sqs:SendMessage"},
        "Ledger": {"dynamodb:UpdateItem"},
        "CursorsLeasesGatesCalls": {"dynamodb:GetItem", "dynamodb:UpdateItem"},
        "ParkAndAskedBefore": {"dynamodb:UpdateItem", "dynamodb:Query"},
        "MerchantFiles": {"dynamodb:GetItem", "dynamodb:Query"},
        "IdsByCode": {"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"},
        "HandOutFlows": {
            "sqs:SendMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueAttributes",
        },
        "ReadSecrets": {"secretsmanager:GetSecretValue"},
        "KeepSessionKey": {"secretsmanager:PutSecretValue", "secretsmanager:CreateSecret"},
    }
    index = allowed["RecordsInWork"]["Resource"]["Fn::Sub"]
    assert index == "${SyncTable.Arn}/index/sync-in-work"
    function = resources["UnleashedSyncFunction"]["Properties"]
    queues = {name for name in function["Environment"]["Variables"] if name.endswith("QUEUE_URL")}
    assert queues == {"UNLEASHED_SYNC_QUEUE_URL", "STORE_REFUNDS_QUEUE_URL"}
    assert function["MemorySize"] == 256


def test_the_relay_may_tell_and_park_and_nothing_else(resources: dict[str, Any]) -> None:
    (policy,) = resources["DespatchRelayFunctionRole"]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    allowed = {s["Sid"]: s for s in statements if s["Effect"] == "Allow"}
    assert {sid: set(statement["Action"]) for sid, statement in allowed.items()} == {
        "Gates": {"dynamodb:UpdateItem"},
        "MerchantFiles": {"dynamodb:GetItem"},
        "Park": {"dynamodb:UpdateItem"},
        "IsOneNewer": {"dynamodb:GetItem"},
        "Ledger": {"dynamodb:UpdateItem"},
        "ReadSecrets": {"secretsmanager:GetSecretValue"},
        "PostponeCopyAndSpread": {
            "sqs:SendMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueAttributes",
        },
    }


def test_changes_of_orders_may_do_what_they_do_and_nothing_else(resources: dict[str, Any]) -> None:
    (policy,) = resources["OrderChangesFunctionRole"]["Properties"]["Policies"]
    statements = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert {one["Sid"]: set(one["Action"]) for one in statements} == {
        "CursorsLeasesGates": {"dynamodb:UpdateItem"},
        "MerchantFiles": {"dynamodb:GetItem"},
        "Park": {"dynamodb:UpdateItem"},
        "RecordsKeptInStep": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"},
        "Ledger": {"dynamodb:UpdateItem"},
        "ReadSecrets": {"secretsmanager:GetSecretValue"},
        "KeepSessionKey": {"secretsmanager:PutSecretValue", "secretsmanager:CreateSecret"},
        "OwnQueue": {
            "sqs:ChangeMessageVisibility",
            "sqs:SendMessage",
            "sqs:GetQueueAttributes",
        },
    }

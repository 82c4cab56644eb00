"""Rules over template.yaml: what must be true of every queue, function, table and policy."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.stack import NOT_EMULATED, ROOT, LocalStackError, Stack, rate_seconds
from tests.template.parts import of_type

SAM = ROOT / ".venvs" / "sam" / "bin" / "sam"
DAY = 86400


def test_every_queue_has_a_dead_letter_queue_that_keeps_longer_and_an_alarm(
    resources: dict[str, Any],
) -> None:
    queues = of_type(resources, "AWS::SQS::Queue")
    targets = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]: queue
        for queue in queues.values()
        if "RedrivePolicy" in queue
    }
    alarmed = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in of_type(resources, "AWS::CloudWatch::Alarm").values()
        for dimension in alarm["Dimensions"]
        if alarm["Namespace"] == "AWS/SQS"
    }
    for name, queue in queues.items():
        assert queue["SqsManagedSseEnabled"] is True, name
        if name in targets:
            assert queue["MessageRetentionPeriod"] == 14 * DAY
            assert queue["MessageRetentionPeriod"] > targets[name]["MessageRetentionPeriod"]
            assert name in alarmed
        else:
            assert "RedrivePolicy" in queue, name


def test_every_queue_event_reports_item_failures_within_limits(resources: dict[str, Any]) -> None:
    queues = of_type(resources, "AWS::SQS::Queue")
    functions = of_type(resources, "AWS::Lambda::Function")
    for mapping in of_type(resources, "AWS::Lambda::EventSourceMapping").values():
        queue = queues[mapping["EventSourceArn"]["Fn::GetAtt"][0]]
        function = functions[mapping["FunctionName"]["Ref"]]
        least = 6 * function["Timeout"] + mapping["MaximumBatchingWindowInSeconds"]
        assert queue["VisibilityTimeout"] >= least
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["ScalingConfig"]["MaximumConcurrency"]


def test_functions_run_python_3_11_on_arm64_with_a_log_group_that_forgets(
    resources: dict[str, Any], translation: dict[str, Any]
) -> None:
    groups = of_type(resources, "AWS::Logs::LogGroup")
    assert translation["template"]["Parameters"]["Architecture"]["Default"] == "arm64"
    for name, function in of_type(resources, "AWS::Lambda::Function").items():
        assert function["Runtime"] == "python3.11"
        assert function["Architectures"] == [{"Ref": "Architecture"}]
        group = groups[function["LoggingConfig"]["LogGroup"]["Ref"]]
        assert group["RetentionInDays"], name


def test_rules_tick_every_five_minutes_and_repeat_nothing(resources: dict[str, Any]) -> None:
    others = {
        "CheckWebhooksFunctionEveryFifteenMinutes": "rate(15 minutes)",
        "DriftReportFunctionEveryHour": "rate(1 hour)",
    }
    for name, rule in of_type(resources, "AWS::Events::Rule").items():
        assert rule["ScheduleExpression"] == others.get(name, "rate(5 minutes)")
        (target,) = rule["Targets"]
        assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0
        assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 300
    for config in of_type(resources, "AWS::Lambda::EventInvokeConfig").values():
        assert config["MaximumRetryAttempts"] == 0


def test_tables_are_on_demand_recoverable_encrypted_and_kept(resources: dict[str, Any]) -> None:
    for name, table in of_type(resources, "AWS::DynamoDB::Table").items():
        assert table["BillingMode"] == "PAY_PER_REQUEST", name
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["SSESpecification"] == {"SSEEnabled": True}
        assert resources[name]["DeletionPolicy"] == "RetainExceptOnCreate"
        assert resources[name]["UpdateReplacePolicy"] == "Retain"
        if name not in {"ControlTable", "MerchantsTable"}:
            assert table["TimeToLiveSpecification"]["AttributeName"] == "expires_at"


def test_policies_name_actions_and_resources(resources: dict[str, Any]) -> None:
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                assert not [a for a in statement["Action"] if "*" in a], name
                resource = json.dumps(statement["Resource"])
                assert resource != '"*"', name
        for managed in role.get("ManagedPolicyArns", []):
            assert "FullAccess" not in json.dumps(managed), name


def test_nothing_in_the_environment_looks_like_a_secret(resources: dict[str, Any]) -> None:
    for function in of_type(resources, "AWS::Lambda::Function").values():
        for name, value in function["Environment"]["Variables"].items():
            assert name == "SECRET_PREFIX" or not any(
                word in name for word in ("KEY", "TOKEN", "PASSWORD", "SECRET")
            ), name
            assert isinstance(value, str | dict)


def test_the_local_stack_honours_or_names_every_resource(translation: dict[str, Any]) -> None:
    Stack(translation, {"Stage": "local"}, stack_name="x")
    broken = json.loads(json.dumps(translation))
    broken["template"]["Resources"]["Odd"] = {"Type": "AWS::Odd::Thing", "Properties": {}}
    with pytest.raises(LocalStackError, match="Odd"):
        Stack(broken, {"Stage": "local"}, stack_name="x")


def test_what_the_emulator_drops_in_silence_is_written_down(resources: dict[str, Any]) -> None:
    assert set(NOT_EMULATED["AWS::DynamoDB::Table"]) == {
        "PointInTimeRecoverySpecification",
        "SSESpecification",
    }


def test_doors_are_thin() -> None:
    for door in (ROOT / "functions").glob("*/app.py"):
        text = door.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 40, door
        assert "boto3" not in text


def run_sam(*arguments: str) -> subprocess.CompletedProcess[str]:
    if not SAM.exists():
        pytest.fail("the SAM CLI is missing: python3.11 tools/setup.py sam")
    uv = ROOT / ".venvs" / "uv" / "bin" / "uv"
    environment = {
        **os.environ,
        "SAM_CLI_TELEMETRY": "0",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "HUB_UV": str(uv),
    }
    return subprocess.run(
        [str(SAM), *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_sam_validates_and_lints_it() -> None:
    done = run_sam("validate", "--lint")
    assert done.returncode == 0, done.stdout + done.stderr


def test_sam_builds_a_layer_with_valid_bytecode_and_nothing_unneeded(tmp_path: Path) -> None:
    done = run_sam("build", "--build-dir", str(tmp_path / "b"), "--no-cached")
    assert done.returncode == 0, done.stdout + done.stderr

    layer = tmp_path / "b" / "SharedLayer" / "python"
    assert (layer / "returns_hub" / "bootstrap.py").exists()
    for absent in ("boto3", "botocore", "pytest", "aws_xray_sdk", "yaml", "rich"):
        assert not (layer / absent).exists(), absent
    native = list(layer.glob("pydantic_core/*.so"))
    assert native
    assert all("aarch64" in path.name for path in native)
    stale = [
        source
        for source in (layer / "returns_hub").rglob("*.py")
        if not _has_valid_bytecode(source)
    ]
    assert not stale
    size = sum(path.stat().st_size for path in layer.rglob("*") if path.is_file())
    assert size < 40 * 1024 * 1024


def _has_valid_bytecode(source: Path) -> bool:
    """Whether the bytecode is taken whatever the source's time is (PEP 552, unchecked hash)."""
    compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-311.pyc"
    return compiled.exists() and compiled.read_bytes()[4:8] == b"\x01\x00\x00\x00"


def test_the_simulations_queues_are_the_templates(resources: dict[str, Any]) -> None:
    from tests.simulation.scenario import scenario
    from tests.simulation.world import Simulation

    queues = Simulation(scenario(0)).queues
    for name, resource in (
        ("approved-returns", "ApprovedReturnsQueue"),
        ("poll-mintsoft", "PollMintsoftQueue"),
    ):
        content = resources[resource]["Properties"]
        assert queues[name].visibility == content["VisibilityTimeout"]
        assert queues[name].most_receives == content["RedrivePolicy"]["maxReceiveCount"]


def test_an_alarm_watches_the_repairs_of_subscriptions(resources: dict[str, Any]) -> None:
    from returns_hub.runs import CHECK_WEBHOOKS_SECONDS

    rule = resources["CheckWebhooksFunctionEveryFifteenMinutes"]["Properties"]
    assert rate_seconds(rule["ScheduleExpression"]) == CHECK_WEBHOOKS_SECONDS


def test_the_check_of_subscriptions_may_do_what_it_does_and_nothing_else(
    resources: dict[str, Any],
) -> None:
    (policy,) = resources["CheckWebhooksFunctionRole"]["Properties"]["Policies"]
    allowed = {
        statement["Sid"]: set(statement["Action"])
        for statement in policy["PolicyDocument"]["Statement"]
    }
    assert allowed == {
        "Ledger": {"dynamodb:UpdateItem"},
        "CursorsLeasesGates": {"dynamodb:UpdateItem"},
        "MerchantFiles": {"dynamodb:GetItem", "dynamodb:Query"},
        "ReadSecrets": {"secretsmanager:GetSecretValue"},
    }


# -- the webhook's door ---------------------------------------------------------------------------


def test_the_door_is_let_through_by_one_route_with_a_throttle(resources: dict[str, Any]) -> None:
    (api,) = of_type(resources, "AWS::ApiGatewayV2::Api").values()
    assert {path: list(methods) for path, methods in api["Body"]["paths"].items()} == {
        "/webhooks/redo/{merchant}": ["post"],
        "/webhooks/loop/{merchant}": ["post"],
        "/webhooks/unleashed/{merchant}": ["post"],
    }
    (stage,) = of_type(resources, "AWS::ApiGatewayV2::Stage").values()
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] <= 200
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] <= 400


def test_the_access_log_has_no_personal_data_and_no_header(resources: dict[str, Any]) -> None:
    (stage,) = of_type(resources, "AWS::ApiGatewayV2::Stage").values()
    line = stage["AccessLogSettings"]["Format"]
    assert set(json.loads(line).values()) == {
        "$context.requestTime",
        "$context.requestId",
        "$context.routeKey",
        "$context.status",
        "$context.responseLatency",
        "$context.integrationStatus",
        "$context.integrationLatency",
        "$context.integrationErrorMessage",
    }


@pytest.mark.parametrize(
    ("door", "more"),
    [
        ("RedoWebhookFunction", {"IsTheReturnKnown": ["dynamodb:GetItem"]}),
        ("LoopWebhookFunction", {}),
        (
            "UnleashedWebhookFunction",
            {"DeliveriesTaken": ["dynamodb:GetItem", "dynamodb:UpdateItem"]},
        ),
    ],
)
def test_a_door_may_read_no_secret_but_webhook_tokens(
    resources: dict[str, Any], door: str, more: dict[str, Any]
) -> None:
    from fnmatch import fnmatchcase

    (policy,) = resources[f"{door}Role"]["Properties"]["Policies"]
    allowed = {s["Sid"]: s for s in policy["PolicyDocument"]["Statement"]}
    assert {sid: s["Action"] for sid, s in allowed.items()} == more | {
        "MerchantFiles": ["dynamodb:GetItem"],
        "Park": ["dynamodb:UpdateItem"],
        "Enqueue": ["sqs:SendMessage"],
        "ReadWebhookTokensOnly": ["secretsmanager:GetSecretValue"],
    }
    pattern = allowed["ReadWebhookTokensOnly"]["Resource"]["Fn::Sub"].rpartition("secret:")[2]
    made = pattern.replace("${AWS::StackName}", "hub")
    assert fnmatchcase("hub/example/redo-webhook-AbCdEf", made)
    assert fnmatchcase("hub/example/loop-webhook-AbCdEf", made)
    assert fnmatchcase("hub/example/webhook-AbCdEf", made)
    for other in ("redo", "loop", "mintsoft", "mintsoft-session", "webhook-redo"):
        assert not fnmatchcase(f"hub/webhook/{other}-AbCdEf", made), other


def test_the_names_that_a_file_may_give_the_token_are_those_that_the_door_may_read() -> None:
    from pydantic import ValidationError

    from returns_hub.domain.merchant import LoopWebhookSettings, WebhookSettings

    assert WebhookSettings().secret == "redo-webhook"
    assert LoopWebhookSettings().secret == "loop-webhook"
    for settings in (WebhookSettings, LoopWebhookSettings):
        for good in ("webhook", "redo-uk-webhook"):
            assert settings(secret=good).secret == good
        for bad in ("redo", "webhook-redo", "-webhook", "x" * 33 + "-webhook", "a/webhook"):
            with pytest.raises(ValidationError):
                settings(secret=bad)


@pytest.mark.parametrize("portal", ["Redo", "Loop", "Unleashed"])
def test_a_door_answers_within_the_portals_patience(resources: dict[str, Any], portal: str) -> None:
    (api,) = of_type(resources, "AWS::ApiGatewayV2::Api").values()
    door = resources[f"{portal}WebhookFunction"]["Properties"]
    assert door["Timeout"] <= 5
    operation = api["Body"]["paths"][f"/webhooks/{portal.lower()}/{{merchant}}"]["post"]
    waits = operation["x-amazon-apigateway-integration"]["timeoutInMillis"]
    assert door["Timeout"] * 1000 < waits <= 10_000


def test_the_local_stack_takes_its_routes_from_the_template(translation: dict[str, Any]) -> None:
    stack = Stack(translation, {"Stage": "local"}, stack_name="x")
    routes = {route.path: route for route in stack.http_routes()}
    assert {path: route.function for path, route in routes.items()} == {
        "/webhooks/redo/{merchant}": "RedoWebhookFunction",
        "/webhooks/loop/{merchant}": "LoopWebhookFunction",
        "/webhooks/unleashed/{merchant}": "UnleashedWebhookFunction",
    }
    for route in routes.values():
        assert (route.method, route.timeout) == ("POST", 9.0)
        assert (route.rate, route.burst) == (200.0, 400)

    broken = json.loads(json.dumps(translation))
    body = broken["template"]["Resources"]["WebhooksApi"]["Properties"]["Body"]
    operation = body["paths"]["/webhooks/redo/{merchant}"]["post"]
    operation["x-amazon-apigateway-integration"]["payloadFormatVersion"] = "1.0"
    with pytest.raises(LocalStackError, match="payload format"):
        Stack(broken, {"Stage": "local"}, stack_name="x").http_routes()


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


def test_what_is_due_is_found_by_a_sparse_index_of_keys_alone(resources: dict[str, Any]) -> None:
    from returns_hub.adapters.dynamodb.returns import DUE_INDEX

    table = resources["ReturnsTable"]["Properties"]
    (index,) = (i for i in table["GlobalSecondaryIndexes"] if i["IndexName"] == DUE_INDEX)
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["due_pk", "due_sk"]


def test_the_marketplaces_indexes_are_those_that_its_store_asks(resources: dict[str, Any]) -> None:
    from returns_hub.adapters.dynamodb.market_rows import BY_DATE, IN_WORK

    table = resources["MarketTable"]["Properties"]
    indexes = {
        index["IndexName"]: [key["AttributeName"] for key in index["KeySchema"]]
        for index in table["GlobalSecondaryIndexes"]
    }
    assert indexes == {IN_WORK: ["work_pk", "work_sk"], BY_DATE: ["list_pk", "list_sk"]}


def test_the_index_of_records_in_work_is_the_one_that_its_store_asks(
    resources: dict[str, Any],
) -> None:
    from returns_hub.adapters.dynamodb.sync import IN_WORK

    (index,) = resources["SyncTable"]["Properties"]["GlobalSecondaryIndexes"]
    assert index["IndexName"] == IN_WORK
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["work_pk", "work_sk"]


# -- refunds --------------------------------------------------------------------------------------


def test_a_stores_refunds_may_do_what_they_do_and_nothing_else(resources: dict[str, Any]) -> None:
    (policy,) = resources["StoreRefundsFunctionRole"]["Properties"]["Policies"]
    allowed = {
        statement["Sid"]: set(statement["Action"])
        for statement in policy["PolicyDocument"]["Statement"]
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
    allowed = {s["Sid"]: s for s in policy["PolicyDocument"]["Statement"]}
    assert allowed["TellRefunds"]["Resource"] == {"Fn::GetAtt": ["RefundsQueue", "Arn"]}
    assert allowed["TellRefunds"]["Action"] == ["sqs:SendMessage"]
    bus = allowed["TellRefundsOnTheBus"]["Resource"]["Fn::Sub"]
    assert bus.endswith(":event-bus/${RefundsBus}")
    variables = resources[function]["Properties"]["Environment"]["Variables"]
    assert variables["REFUNDS_QUEUE_URL"] == {"Ref": "RefundsQueue"}
    assert variables["REFUNDS_BUS"] == {"Ref": "RefundsBus"}


def test_without_a_bus_nothing_is_let_onto_one(translation: dict[str, Any]) -> None:
    assert translation["template"]["Parameters"]["RefundsBus"]["Default"] == ""


def test_a_store_may_be_away_longer_than_a_weekend(resources: dict[str, Any]) -> None:
    """Nobody but the consumer has the refund: the queue keeps it for days."""
    kept = resources["RefundsQueue"]["Properties"]["MessageRetentionPeriod"]
    assert 7 * DAY <= kept < 14 * DAY


# -- the ERP --------------------------------------------------------------------------------------


def test_flows_of_the_ERP_may_do_what_they_do_and_nothing_else(resources: dict[str, Any]) -> None:
    (policy,) = resources["UnleashedSyncFunctionRole"]["Properties"]["Policies"]
    allowed = {s["Sid"]: s for s in policy["PolicyDocument"]["Statement"]}
    assert {sid: set(statement["Action"]) for sid, statement in allowed.items()} == {
        "RecordsKeptInStepAndDeliveries": {
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
    allowed = {s["Sid"]: s for s in policy["PolicyDocument"]["Statement"]}
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


def test_a_run_that_waits_for_its_turn_never_ends_among_dead_letters(
    resources: dict[str, Any],
) -> None:
    from returns_hub.adapters.queues.sqs import COPY_FROM_RECEIVE
    from returns_hub.erp_runs import COMES_BACK_SECONDS
    from returns_hub.runs import FIVE_MINUTES

    queue = resources["UnleashedSyncQueue"]["Properties"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] > COPY_FROM_RECEIVE
    assert COMES_BACK_SECONDS < FIVE_MINUTES < queue["MessageRetentionPeriod"]


# -- orders that changed upstream -----------------------------------------------------------------


def test_changes_of_orders_may_do_what_they_do_and_nothing_else(resources: dict[str, Any]) -> None:
    (policy,) = resources["OrderChangesFunctionRole"]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    assert {one["Sid"]: set(one["Action"]) for one in statements} == {
        "CursorsLeasesGates": {"dynamodb:GetItem", "dynamodb:UpdateItem"},
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


# -- the dashboard's widgets ----------------------------------------------------------------------


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

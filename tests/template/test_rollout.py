"""Rules over gradual rollouts: what takes over by steps, what stops it, who is led where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.stack import ONLY_ON_AWS, ROOT, Stack, translated
from tests.template.parts import of_type

GRADUAL = {
    "CreateExternalReturnFunction",
    "RedoWebhookFunction",
    "LoopWebhookFunction",
    "UnleashedWebhookFunction",
}
RELEASE = "Release={}-1.0.0-0123abc"
MOST_RESOURCES = 500
"""Of a stack, by CloudFormation."""
RUNBOOK = ROOT / "docs" / "runbook.md"


def made_with(folder: Path, *parameters: str, template: Path = ROOT / "template.yaml") -> Any:
    return translated(template, folder, *parameters)["template"]["Resources"]


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("canary")
    found: dict[str, Any] = made_with(folder, "Rollout=Canary10Percent5Minutes")
    return found


def versions(resources: dict[str, Any]) -> set[str]:
    return {name for name, one in resources.items() if one["Type"] == "AWS::Lambda::Version"}


def test_what_senders_and_approved_returns_pass_through_has_an_alias(
    resources: dict[str, Any],
) -> None:
    aliases = of_type(resources, "AWS::Lambda::Alias").values()
    assert {one["FunctionName"]["Ref"] for one in aliases} == GRADUAL
    assert {one["Name"] for one in aliases} == {"live"}


def test_every_sender_and_queue_is_led_to_the_alias(resources: dict[str, Any]) -> None:
    """Who is led to the function itself gets the new version at once, brake or not."""
    by_alias = {f"{name}Aliaslive" for name in GRADUAL}
    (api,) = of_type(resources, "AWS::ApiGatewayV2::Api").values()
    led = {
        operation["post"]["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
        for operation in api["Body"]["paths"].values()
    }
    mappings = of_type(resources, "AWS::Lambda::EventSourceMapping").values()
    permissions = of_type(resources, "AWS::Lambda::Permission").values()
    for name in GRADUAL:
        assert not [m for m in mappings if m["FunctionName"] == {"Ref": name}]
        assert not [p for p in permissions if p["FunctionName"] == {"Ref": name}]
        assert not [uri for uri in led if f"${{{name}.Arn}}" in uri]
    doors = {name for name in by_alias if "Webhook" in name}
    assert {name for name in doors for uri in led if f"${{{name}}}" in uri} == doors
    assert {p["FunctionName"]["Ref"] for p in permissions} >= doors
    assert {m["FunctionName"]["Ref"] for m in mappings} >= by_alias - doors


def test_at_once_makes_nothing_of_codedeploy(resources: dict[str, Any]) -> None:
    kinds = {one["Type"] for one in resources.values()}
    assert not kinds & ONLY_ON_AWS.keys()
    assert not [n for n, one in resources.items() if "UpdatePolicy" in one]


def test_gradually_each_alias_waits_for_its_alarms(canary: dict[str, Any]) -> None:
    groups = of_type(canary, "AWS::CodeDeploy::DeploymentGroup")
    assert set(groups) == {f"{name}DeploymentGroup" for name in GRADUAL}
    for name in GRADUAL:
        group = groups[f"{name}DeploymentGroup"]
        stops = {_name_of(alarm["Name"]) for alarm in group["AlarmConfiguration"]["Alarms"]}
        own = f"{name.removesuffix('Function')}RolloutAlarm"
        at_door = {"WebhookFailingAlarm", "WebhookRefusedAlarm"} if "Webhook" in name else set()
        assert stops == {own} | at_door
        assert group["AlarmConfiguration"]["Enabled"] is True
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert "Canary10Percent5Minutes" in json.dumps(group["DeploymentConfigName"])
        update = canary[f"{name}Aliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        assert update["DeploymentGroupName"] == {"Ref": f"{name}DeploymentGroup"}


def _name_of(reference: dict[str, Any]) -> str:
    """What it refers to in a gradual rollout."""
    if_gradual: dict[str, Any] = reference.get("Fn::If", ["", reference])[1]
    return str(if_gradual["Ref"])


def test_a_brake_watches_the_new_version_alone_and_within_the_canarys_time(
    canary: dict[str, Any],
) -> None:
    brakes = {n: one for n, one in canary.items() if one.get("Condition") == "IsGradual"}
    assert len(brakes) == len(GRADUAL)
    for name, brake in brakes.items():
        alarm = brake["Properties"]
        function = f"{name.removesuffix('RolloutAlarm')}Function"
        watches = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
        (version,) = (one for one in versions(canary) if one.startswith(f"{function}Version"))
        assert watches == {
            "FunctionName": {"Ref": function},
            "Resource": {"Fn::Sub": f"${{{function}}}:live"},
            "ExecutedVersion": {"Fn::GetAtt": [version, "Version"]},
        }
        assert (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"]) == ("Errors", "Sum", 1)
        assert alarm["Period"] * alarm["EvaluationPeriods"] == 60
        assert "AlarmActions" not in alarm
        assert "docs/runbook.md#rollout-taken-back" in alarm["AlarmDescription"]
    assert "\n## Rollout taken back\n" in RUNBOOK.read_text(encoding="utf-8")


def test_whatever_changes_publishes_new_versions(tmp_path: Path) -> None:
    """Else the alias stays on what ran before, and the deployment looks as if it had worked."""
    before = versions(made_with(tmp_path))
    source = (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert source.count("MemorySize: 512\n") == 1
    for changed in (
        source.replace("MemorySize: 512\n", "MemorySize: 640\n"),
        source.replace("The hub's own package and", "The hub's package and"),
    ):
        other = tmp_path / "other.yaml"
        other.write_text(changed, encoding="utf-8")
        (one,) = {n for n in versions(made_with(tmp_path, template=other)) if "CreateExt" in n}
        assert one not in before
    # A parameter's value is not in what the transform sees of a function: the release is.
    first = versions(made_with(tmp_path, RELEASE.format("0" * 10)))
    assert not before & first
    assert not first & versions(made_with(tmp_path, RELEASE.format("1" * 10)))


def test_the_layers_own_change_publishes_versions(resources: dict[str, Any]) -> None:
    """The layer holds the hub's code; the doors beside it hardly ever change."""
    source = (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert source.count("PublishLambdaVersion: true") == 1
    assert source.count("AutoPublishAliasAllProperties: true") == len(GRADUAL)
    assert source.count("AutoPublishCodeSha256: !Ref Release") == len(GRADUAL)


def test_every_rollout_says_whether_it_is_gradual(translation: dict[str, Any]) -> None:
    template = translation["template"]
    allowed = template["Parameters"]["Rollout"]["AllowedValues"]
    told = {name: one["Gradual"] for name, one in template["Mappings"]["Rollouts"].items()}
    assert told == {n: "false" if n == "AllAtOnce" else "true" for n in allowed}
    assert template["Conditions"]["IsGradual"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "Rollout"}, "AllAtOnce"]}]
    }


def test_there_is_room_for_more_resources(canary: dict[str, Any]) -> None:
    assert len(canary) < MOST_RESOURCES * 0.6


def test_the_local_stack_runs_what_an_alias_leads_to(
    translation: dict[str, Any], tmp_path: Path
) -> None:
    stack = Stack(translation, {"Stage": "local"}, stack_name="x")
    assert stack.function_behind("RedoWebhookFunctionAliaslive") == "RedoWebhookFunction"
    alias = stack.resolve({"Ref": "RedoWebhookFunctionAliaslive"})
    assert alias.endswith(":function:RedoWebhookFunction:live")
    functions = stack.functions()
    assert {source.function for source in stack.queue_sources()} <= functions.keys()
    assert {route.function for route in stack.http_routes()} <= functions.keys()
    gradual = translated(ROOT / "template.yaml", tmp_path, "Rollout=Canary10Percent5Minutes")
    parameters = {"Stage": "local", "Rollout": "Canary10Percent5Minutes"}
    assert Stack(gradual, parameters, stack_name="x").functions().keys() == functions.keys()

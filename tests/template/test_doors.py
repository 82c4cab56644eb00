"""The webhooks' doors: their route, log, secrets and patience."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.template.parts import of_type


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

    from returns_hub.domain.portals import LoopWebhookSettings, WebhookSettings

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

"""What the local stack makes of template.yaml, and what it leaves to these tests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.stack import NOT_EMULATED, LocalStackError, Stack
from tests.template.parts import of_type

SOURCE = "AWS::Lambda::EventSourceMapping"


def test_the_local_stack_honours_or_names_every_resource(translation: dict[str, Any]) -> None:
    Stack(translation, {"Stage": "local"}, stack_name="x")
    broken = json.loads(json.dumps(translation))
    broken["template"]["Resources"]["Odd"] = {"Type": "AWS::Odd::Thing", "Properties": {}}
    with pytest.raises(LocalStackError, match="Odd"):
        Stack(broken, {"Stage": "local"}, stack_name="x")


def test_what_the_emulator_drops_in_silence_is_written_down(resources: dict[str, Any]) -> None:
    for kind, properties in NOT_EMULATED.items():
        used = {name for found in of_type(resources, kind).values() for name in found}
        assert set(properties) <= used, kind
    assert "SSESpecification" in NOT_EMULATED["AWS::DynamoDB::Table"]


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


def test_a_window_that_no_source_waits_for_stops_the_start(translation: dict[str, Any]) -> None:
    broken = json.loads(json.dumps(translation))
    mapping = next(iter(of_type(broken["template"]["Resources"], SOURCE).values()))
    mapping["MaximumBatchingWindowInSeconds"] = 20
    with pytest.raises(LocalStackError, match="MaximumBatchingWindowInSeconds"):
        Stack(broken, {"Stage": "local"}, stack_name="x").queue_sources()


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

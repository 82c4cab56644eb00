"""AWS clients say who asks, and spend nothing on what AWS or the types look at anyway."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from boto3.session import Session
from botocore.awsrequest import AWSResponse

from returns_hub import __version__
from returns_hub.adapters.aws import clients


def test_aws_is_told_who_asks_and_parameters_are_left_to_it() -> None:
    sent: list[Any] = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        sent.append(request)
        raw = SimpleNamespace(stream=lambda: iter([b"{}"]))
        return AWSResponse(request.url, 200, cast(Any, {}), cast(Any, raw))

    client = clients(Session("none", "none", region_name="eu-west-1")).dynamodb
    client.meta.events.register("before-send.dynamodb", cast(Any, answer))

    client.get_item(TableName="T", Key=cast(Any, {"pk": {"S": 1}}))

    (request,) = sent
    agent = request.headers["User-Agent"]
    text = agent.decode() if isinstance(agent, bytes) else agent
    assert text.split()[0] == f"returns-hub/{__version__}"
    assert "ua/2" not in text
    assert b'{"S": 1}' in request.body

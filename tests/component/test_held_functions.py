"""A function process of the local stack is held to its function's policy, as on AWS."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from local.aws import FAKE_CREDENTIALS
from local.iam.held import PERMISSIONS
from local.iam.rules import REFUSED, Statement
from local.lambda_host.host import LambdaHost
from local.stack import FunctionSpec
from tests.privilege.record import Use, read

APP = """
import sys

import boto3
from botocore.exceptions import ClientError

CLIENTS = {}

def handler(event, context):
    service, call, parameters = event
    client = CLIENTS.setdefault(service, boto3.client(service))
    try:
        getattr(client, call)(**parameters)
    except ClientError as error:
        return {"code": error.response["Error"]["Code"], "path": sys.path[0]}
    return {"code": "", "path": sys.path[0]}
"""
TABLE = {"TableName": "stack-ATable-X1", "Key": {"pk": {"S": "a"}}}
ALLOWED = (
    Statement("Read", ("dynamodb:GetItem",), ("ATable.Arn",)),
    Statement("Write", ("dynamodb:PutItem",), ("ATable.Arn",)),
)


class Heard(BaseHTTPRequestHandler):
    """AWS, as far as it is asked."""

    calls: list[str] = []  # noqa: RUF012 - emptied by the fixture

    def do_POST(self) -> None:
        self.calls.append(self.headers["X-Amz-Target"].rpartition(".")[2])
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LambdaHost]:
    folder = tmp_path_factory.mktemp("held")
    (folder / "app.py").write_text(APP, encoding="utf-8")
    content = {
        "names": {"stack-ATable-X1": "ATable", "stack-AQueue-X1": "AQueue"},
        "record": str(folder / "functions.jsonl"),
        "policies": {"F": [asdict(one) for one in ALLOWED]},
    }
    permissions = folder / "permissions.json"
    permissions.write_text(json.dumps(content), encoding="utf-8")
    server = HTTPServer(("127.0.0.1", 0), Heard)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    extra = {
        **FAKE_CREDENTIALS,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        PERMISSIONS: str(permissions),
    }
    spec = FunctionSpec("F", folder, "app.handler", 10.0, 256, 1, {})
    made = LambdaHost({"F": spec}, layer=folder, extra_environment=extra, logs=folder / "logs")
    yield made
    made.close()
    server.shutdown()
    server.server_close()


@pytest.fixture
def record(host: LambdaHost) -> Path:
    return Path(host._functions["F"].code)


def test_what_is_allowed_reaches_aws_and_is_on_record(host: LambdaHost, record: Path) -> None:
    Heard.calls.clear()
    result = host.invoke("F", ["dynamodb", "get_item", TABLE])
    # The function's own folder is first on its path, as without a policy.
    assert result.payload == {"code": "", "path": str(record)}
    assert Heard.calls == ["GetItem"]
    assert read("functions", record).uses == {
        Use("F", "dynamodb:GetItem", "ATable.Arn"): {"local stack"}
    }


@pytest.mark.parametrize(
    ("service", "call", "parameters", "code"),
    [
        ("dynamodb", "delete_item", TABLE, "AccessDeniedException"),
        ("dynamodb", "get_item", TABLE | {"TableName": "another"}, "AccessDeniedException"),
        (
            "dynamodb",
            "transact_write_items",
            {
                "TransactItems": [
                    {"Put": {"TableName": "stack-ATable-X1", "Item": TABLE["Key"]}},
                    {"Delete": TABLE},
                ]
            },
            "AccessDeniedException",
        ),
        (
            "sqs",
            "send_message",
            {"QueueUrl": "http://h/0/stack-AQueue-X1", "MessageBody": "x"},
            "AccessDenied",
        ),
        ("secretsmanager", "get_secret_value", {"SecretId": "hub/a"}, "AccessDeniedException"),
        ("s3", "get_object", {"Bucket": "b", "Key": "k"}, "AccessDenied"),
    ],
)
def test_what_is_not_allowed_fails_in_aws_words_and_reaches_none(
    host: LambdaHost, record: Path, service: str, call: str, parameters: dict[str, Any], code: str
) -> None:
    Heard.calls.clear()
    assert host.invoke("F", [service, call, parameters]).payload["code"] == code
    assert Heard.calls == []
    refused = {use.action for use in read("functions", record).refused}
    assert any(action.startswith(f"{service}:") for action in refused)
    assert f'"{REFUSED}"' in (record / "functions.jsonl").read_text(encoding="utf-8")

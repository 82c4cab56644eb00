"""AWS with an answer after a set time: DynamoDB in memory, secrets, and a queue that takes all.

The emulator of the local stack has a latency of its own, which is not DynamoDB's and which rises
when several ask at once. This has the one that it is told.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from http.server import ThreadingHTTPServer
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from local.http_handler import QuietHandler
from tests.support.dynamodb import InMemoryDynamoDb

Answer = tuple[int, Any]
VERSION = "1"


class AwsAnswers:
    """What it knows, and how often it was asked for what.

    Args:
        tables: As `InMemoryDynamoDb` takes them.
        delay: Seconds that every answer takes.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, Any]], delay: float) -> None:
        self.dynamodb = InMemoryDynamoDb(tables, now=time.time, page=1000)
        self.secrets: dict[str, str] = {}
        self.calls: Counter[str] = Counter()
        self.delay = delay
        self._lock = threading.Lock()

    def ask(self, target: str, content: dict[str, Any]) -> Answer:
        """One request of AWS's JSON protocol, named by its ``X-Amz-Target``."""
        service, _, operation = target.partition(".")
        with self._lock:
            self.calls[operation] += 1
            if service.startswith("DynamoDB"):
                return self._dynamodb(operation, content)
            if service == "secretsmanager":
                return self._secret(operation, content)
        return 200, {}

    def _dynamodb(self, operation: str, content: dict[str, Any]) -> Answer:
        try:
            return 200, getattr(self.dynamodb, xform_name(operation))(**content)
        except ClientError as error:
            told: dict[str, Any] = dict(error.response)
            said = told.pop("Error")
            told.pop("ResponseMetadata", None)
            return 400, {"__type": said["Code"], "message": said["Message"], **told}

    def _secret(self, operation: str, content: dict[str, Any]) -> Answer:
        name = content.get("SecretId") or content.get("Name", "")
        if operation in {"PutSecretValue", "CreateSecret"}:
            self.secrets[name] = content["SecretString"]
        if name not in self.secrets:
            return 400, {"__type": "ResourceNotFoundException", "message": name}
        return 200, {"SecretString": self.secrets[name], "VersionId": VERSION, "Name": name}


class AwsServer:
    """Serves `AwsAnswers` on a free port of the loopback."""

    def __init__(self, answers: AwsAnswers) -> None:
        handler = type("Handler", (_Handler,), {"answers": answers})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"


class _Handler(QuietHandler):
    answers: AwsAnswers

    def do_POST(self) -> None:  # noqa: N802 - the base class's name
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, told = self.answers.ask(
            self.headers.get("X-Amz-Target", ""), json.loads(content or b"{}")
        )
        body = json.dumps(told).encode()
        if self.answers.delay:
            time.sleep(self.answers.delay)
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

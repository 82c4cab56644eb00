"""What holds of every run of the command: one JSON document with --json, and of its known shape."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import click
from click.testing import Result

from cli.main import hub

RECORD = os.environ.get("HUB_RECORD_JSON")
DOCUMENTS = Path(__file__).resolve().parents[3] / "docs" / "command-json.md"


def kept_of_the_hub() -> dict[str, Any]:
    """What is in every table, queue and secret, but for what a look keeps too: log-ins, what was
    read of SKUs, counts of calls, turns at gates, and plans of what would be done."""
    dynamodb: Any = boto3.client("dynamodb")
    sqs: Any = boto3.client("sqs")
    secrets: Any = boto3.client("secretsmanager")
    kept: dict[str, Any] = {}
    for table in dynamodb.list_tables()["TableNames"]:
        if table == "CatalogueTable":
            continue
        rows = dynamodb.scan(TableName=table)["Items"]
        told = [json.dumps(row, sort_keys=True, default=str) for row in rows if not _looked(row)]
        kept[table] = sorted(told)
    for url in sqs.list_queues().get("QueueUrls", ()):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        kept[url] = sum(map(int, found.values()))
    for secret in secrets.list_secrets()["SecretList"]:
        if not secret["Name"].endswith(("-session", "-channel")):
            kept[secret["Name"]] = secrets.get_secret_value(SecretId=secret["Name"])["SecretString"]
    return kept


def _looked(row: dict[str, Any]) -> bool:
    key = str(row["pk"].get("S", ""))
    return key.startswith(("calls#", "gate#", "#plan#")) or key.endswith("#plans")


def verb_of(arguments: Sequence[str]) -> str:
    """The verb that the words name."""
    command: click.Command = hub
    words = list(arguments)
    names = []
    while words and words[0].startswith("--") and command is hub:
        words = words[2:]
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command = command.commands[words[0]]
        names.append(words.pop(0))
    return " ".join(names)


@cache
def examples_of_json() -> dict[str, list[Any]]:
    """The documents that docs/command-json.md shows, by verb."""
    found: dict[str, list[Any]] = {}
    verb = ""
    for heading, block in re.findall(
        r"^## `hub ([^`]+)`$|^```json\n(.*?)^```$",
        DOCUMENTS.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    ):
        if heading:
            verb = heading
            found[verb] = []
        else:
            found[verb].append(json.loads(block))
    return found


def require_manners(arguments: Sequence[str], result: Result) -> None:
    """Refuse a run with --json that says anything but one document of a shape that is told."""
    if "--json" not in arguments:
        return
    if verb_of(arguments) == "tail":  # one document a line, for it has no end
        assert all(isinstance(json.loads(line), dict) for line in result.stdout.splitlines())
        return
    document = json.loads(result.stdout)
    if isinstance(document, dict) and set(document) == {"error"}:
        assert set(document["error"]) == {"code", "exit_code", "message"}
        assert document["error"]["exit_code"] == result.exit_code != 0
        return
    verb = verb_of(arguments)
    if RECORD:
        with Path(RECORD).open("a", encoding="utf-8") as file:
            file.write(json.dumps([verb, document]) + "\n")
        return
    wrongs = [wrong_with(document, example) for example in examples_of_json()[verb]]
    assert "" in wrongs, f"docs/command-json.md, hub {verb}: {' / '.join(wrongs)}"


def wrong_with(found: Any, example: Any, where: str = "") -> str:
    """What of a document is not of the example's shape; nothing when all is.

    A key in angle brackets stands for any, ``…`` for more that a model has; an empty list or object
    for any content. Whatever is null, there or here, may be anything.
    """
    if found is None or example is None:
        return ""
    at = f"{where}: " if where else ""
    if isinstance(example, dict):
        if not isinstance(found, dict):
            return f"{at}an object is told of"
        return _wrong_keys(found, example, where, at) if example else ""
    if isinstance(example, list):
        if not isinstance(found, list):
            return f"{at}a list is told of"
        if not example:
            return ""
        rows = (
            min((wrong_with(row, kind, _under(where, n)) for kind in example), key=len)
            for n, row in enumerate(found)
        )
        return next(filter(None, rows), "")
    if isinstance(found, dict | list):
        return f"{at}no {'object' if isinstance(found, dict) else 'list'} is told of"
    return ""


def _wrong_keys(found: dict[str, Any], example: dict[str, Any], where: str, at: str) -> str:
    named = {key for key in example if not key.startswith("<") and key != "…"}
    any_ = next((value for key, value in example.items() if key.startswith("<")), None)
    is_open = len(named) < len(example)
    for key in example:
        if key in named and key not in found:
            return f"{at}{key} is missing"
    for key, value in found.items():
        if key not in named and not is_open:
            return f"{at}{key} is not told of"
        wrong = wrong_with(value, example.get(key, any_), _under(where, key))
        if wrong:
            return wrong
    return ""


def _under(where: str, key: object) -> str:
    return f"{where}.{key}" if where else str(key)

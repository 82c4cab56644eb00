"""What the hub says goes through one place, and what ends an invocation says nothing."""

from __future__ import annotations

import ast
import json
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError
from pydantic import BaseModel

from local.stack import ROOT
from returns_hub.domain.privacy import masked
from returns_hub.errors import Misconfigured
from returns_hub.invocation import HubFault, guarded, place_of
from tests.support.canaries import EMAIL_OF_HERS, PHONE_OF_HERS, STREET, SURNAME, first_in, secret

SHIPPED = sorted([*(ROOT / "layers").rglob("*.py"), *(ROOT / "functions").rglob("*.py")])
THE_ONE_PLACE = ROOT / "layers/shared/returns_hub/observability.py"
SPEAKS = frozenset({"print", "pprint", "breakpoint", "input"})
MODULES = frozenset({"logging", "traceback", "warnings", "aws_lambda_powertools", "syslog", "rich"})
ONLY_READS = {"invocation.py": {"traceback"}}
"""Where one of them is used and says nothing."""


def ways_out(path: Path) -> Iterator[str]:
    """Where a module could say something by itself."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [one.name.partition(".")[0] for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module).partition(".")[0]]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield from [node.func.id] if node.func.id in SPEAKS else []
        elif isinstance(node, ast.Attribute) and node.attr in {"stdout", "stderr"}:
            yield node.attr
        yield from (one for one in names if one in MODULES - ONLY_READS.get(path.name, set()))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_observability_logs_or_prints(path: Path) -> None:
    if path == THE_ONE_PLACE:
        assert set(ways_out(path)) == {"aws_lambda_powertools", "print"}
    else:
        assert list(ways_out(path)) == []


@pytest.mark.parametrize("path", sorted((ROOT / "functions").glob("*/app.py")), ids=str)
def test_every_door_works_inside_an_invocation(path: Path) -> None:
    """Its guard keeps what a fault says out of the runtime's log."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (handler,) = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "handler"]
    work = [n for n in handler.body if not isinstance(n, ast.Expr)]
    assert [type(node) for node in work] == [ast.With]
    assert ast.unparse(work[0]).startswith("with HUB.invocation(context) as run:")


class Person(BaseModel):
    """A model that refuses."""

    name: int
    email: int


def _validated() -> None:
    Person.model_validate({"name": SURNAME, "email": EMAIL_OF_HERS})


def _read() -> None:
    json.loads(f'{{"token": "{secret()}", ')


def _asked() -> None:
    raise requests.ConnectionError(f"https://x.example.test/?token={secret()} refused")


def _put() -> None:
    error: Any = {"Error": {"Code": "ValidationException", "Message": f"{STREET} is no key"}}
    raise ClientError(error, "PutItem")


def _looked_up() -> None:
    dict[str, str]()[PHONE_OF_HERS]


def _decoded() -> None:
    (secret().encode() + b"\xff").decode("utf-8")


def _chained() -> None:
    try:
        _looked_up()
    except KeyError as error:
        raise RuntimeError(SURNAME) from error


@pytest.mark.parametrize(
    "fail",
    [_validated, _read, _asked, _put, _looked_up, _decoded, _chained],
    ids=lambda f: f.__name__,
)
def test_no_words_of_a_fault_leave_an_invocation(fail: object) -> None:
    assert callable(fail)
    with pytest.raises(HubFault) as raised, guarded():
        fail()
    # As Lambda's runtime writes it, and as a chain is written besides.
    told = "".join(traceback.format_exception(raised.value))
    assert first_in(told) == ""
    assert "During handling" not in told
    assert raised.value.__suppress_context__


def test_a_fault_says_what_it_is_and_where() -> None:
    with pytest.raises(HubFault, match=r"^ValueError at .*domain/strict_json\.py:\d+"), guarded():
        from returns_hub.domain.strict_json import number_of

        number_of("x")
    assert place_of(KeyError("x")) == "KeyError at no place of the hub"


def test_a_verdict_leaves_as_it_is() -> None:
    with pytest.raises(Misconfigured), guarded():
        raise Misconfigured("a.word", "a sentence")


def test_the_hub_guards_its_invocations() -> None:
    from tests.support.erp_hub import ErpHub

    context = SimpleNamespace(aws_request_id="r", get_remaining_time_in_millis=lambda: 9000)
    with pytest.raises(HubFault, match="KeyError"), ErpHub().hub.invocation(context):
        raise KeyError(SURNAME)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /x?access_token=abc&y=1", "GET /x?[redacted]&y=1"),
        ("https://x.test/?y=1&signature=ab%2Bc", "https://x.test/?y=1&[redacted]"),
        ("call +44 7700 900 731 today", "call [redacted] today"),
        ("moved +5 of 10", "moved +5 of 10"),
        ("2026-03-02T09:00:00+00:00", "2026-03-02T09:00:00+00:00"),
        ("a secret is missing, set it", "a secret is missing, set it"),
    ],
)
def test_what_is_private_by_its_look(text: str, shown: str) -> None:
    assert masked(text) == shown

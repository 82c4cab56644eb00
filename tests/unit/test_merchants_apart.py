"""Nothing that names one merchant reaches another's secrets or rows; ids that lead elsewhere."""

from __future__ import annotations

import ast
import json
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from local.simulators.wire import Reply, Request
from local.stack import ROOT
from returns_hub.adapters.secrets.store import SecretStore
from returns_hub.domain.base import MerchantId
from returns_hub.domain.events import ReceiptsAsked, SyncAsked
from returns_hub.domain.file_types import SecretName, WebhookSecretName
from returns_hub.errors import Permanent
from tests.support.bare import line_to
from tests.support.doors import OTHERS_TOKEN, TOKEN, DoorBench, delivery
from tests.support.fakes import Telemetry, TestClock
from tests.support.in_process import InProcess

STRANGE = [
    *("", ".", "..", "../outlet", "example/../outlet", "example/redo", "example#outlet", "Example"),
    *(
        "example\n",
        "example ",
        "ex\u0430mple",
        "example%2foutlet",
        "example\x00",
        "_unknown",
        "-example",
    ),
    *("example:outlet", "*", "example*", "a" * 41, "example\u200b", "\u0665\u0665"),
]
CLOCK = TestClock()


@pytest.mark.parametrize("name", STRANGE, ids=ascii)
@pytest.mark.parametrize("kind", [MerchantId, SecretName, WebhookSecretName], ids=["m", "s", "w"])
def test_no_id_or_name_of_a_secret_holds_more_than_letters_digits_and_dashes(
    kind: Any, name: str
) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(name)


@pytest.mark.parametrize("name", STRANGE, ids=ascii)
def test_the_door_asks_no_store_for_a_strange_merchant(name: str) -> None:
    made = DoorBench()
    event = {
        "requestContext": {"http": {"method": "POST"}},
        "pathParameters": {"merchant": name},
        "headers": {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        "body": json.dumps(delivery()),
    }
    assert made.answer(event)["statusCode"] == 401
    assert (made.secrets.fetches, made.sent) == (0, [])


def test_one_merchants_token_opens_no_other_merchants_door() -> None:
    made = DoorBench()
    for merchant, token in (("example", OTHERS_TOKEN), ("another", TOKEN)):
        event = {
            "requestContext": {"http": {"method": "POST"}},
            "pathParameters": {"merchant": merchant},
            "headers": {"authorization": f"Bearer {token}"},
            "body": json.dumps(delivery()),
        }
        assert made.answer(event)["statusCode"] == 401
    assert made.sent == []


@pytest.mark.parametrize("name", STRANGE, ids=ascii)
def test_a_message_of_a_strange_merchant_is_none(name: str) -> None:
    for contract, more in ((ReceiptsAsked, {}), (SyncAsked, {"flow": "orders"})):
        with pytest.raises(ValidationError):
            contract.model_validate({"merchant": name, **more})


def test_a_secrets_name_is_of_one_merchant_and_one_purpose() -> None:
    """However ids and names look alike, no two of them come to the same secret."""
    asked: list[str] = []

    class NotFound(Exception):
        """As botocore's."""

    def get(*, SecretId: str) -> None:
        asked.append(SecretId)
        raise NotFound

    client: Any = SimpleNamespace(
        get_secret_value=get, exceptions=SimpleNamespace(ResourceNotFoundException=NotFound)
    )
    store = SecretStore(client, "hub", CLOCK)
    ids = ["a", "a-b", "a-b-c", "b", "b-c", "c", "redo", "a-redo"]
    for merchant in ids:
        for name in ids:
            assert store.find(merchant, name) is None
    assert len(set(asked)) == len(ids) ** 2
    assert all(one.count("/") == 2 for one in asked)


def test_every_rows_key_begins_with_the_merchant_and_what_no_id_holds() -> None:
    """So no id of a return, a record or a product makes one merchant's key another's."""
    adapters = ROOT / "layers/shared/returns_hub/adapters/dynamodb"
    keys = []
    for path in sorted(adapters.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and len(node.values) > 1:
                first, follows = node.values[:2]
                if isinstance(first, ast.FormattedValue) and "merchant" in ast.unparse(first):
                    told = follows.value if isinstance(follows, ast.Constant) else ""
                    keys.append((path.name, ast.unparse(node), str(told).startswith(("#", " "))))
    assert [key for key in keys if not key[-1]] == []
    assert len(keys) > 20


class Elsewhere:
    """A partner that is asked for what nobody meant."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def handle(self, request: Request) -> Reply:
        """See `wire.Core`."""
        self.asked.append(request)
        return Reply(200, {}, b"{}")


@pytest.mark.parametrize(
    "path",
    [
        "/returns/../stores",
        "/returns/..",
        "/returns/%2e%2e/stores",
        "/returns/./process",
        "/returns//process",
        "/returns/%2E./x?y=1",
        "/returns/..%2Fstores",
    ],
)
def test_an_id_that_is_a_step_in_a_path_asks_for_nothing(path: str) -> None:
    there = Elsewhere()
    telemetry = Telemetry()
    http = line_to("https://x.test/v1", InProcess(there), "redo", clock=CLOCK, telemetry=telemetry)
    with pytest.raises(Permanent, match=r"^partner\.no_id"):
        http.request("POST", path, template="/returns/{id}")
    with (
        pytest.raises(Permanent, match=r"^partner\.no_id"),
        http.stream(path, template="/returns/{id}", seconds=1, most_bytes=1),
    ):
        pass
    assert there.asked == []


@pytest.mark.parametrize("path", ["", "/", "/returns", "/returns/", "/a/b.c?d=../e", "/a/..b/.c"])
def test_any_other_path_is_asked_for(path: str) -> None:
    there = Elsewhere()
    http = line_to(
        "https://x.test/v1", InProcess(there), "redo", clock=CLOCK, telemetry=Telemetry()
    )
    http.request("GET", path, template="/x")
    assert len(there.asked) == 1

"""One merchant's row that cannot be read: its work waits with a reason, and no other's does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from requests.adapters import BaseAdapter

from returns_hub.adapters.aws import Clients
from returns_hub.adapters.dynamodb.items import typed
from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.adapters.http.plain_session import PlainSession
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Misconfigured
from returns_hub.runs import Run
from tests.simulation.environment import SETTINGS
from tests.simulation.permissions import resources, watched
from tests.support import fakes
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.erp_hub import _Clock
from tests.support.erp_worlds import unleashed_block
from tests.support.feed_worlds import wair_block
from tests.support.in_process import refused_connection
from tests.support.refund_worlds import miinto
from tests.support.widget_hub import _DynamoDb
from tests.support.worlds import merchant_file

MERCHANTS = ("alpha", "beta", "gamma")
DAMAGED = "beta"
Tick = Callable[[Run], Mapping[str, Any]]
TICKS: dict[str, Tick] = {
    "CatchUpRedo": lambda run: run.catch_up(),
    "CheckWebhooks": lambda run: run.check_webhooks(),
    "WatchReturns": lambda run: run.watch_returns(),
    "RefreshCredentials": lambda run: run.refresh_credentials(),
    "DriftReport": lambda run: run.drift_tick(),
    "UnleashedSync": lambda run: run.unleashed_tick(),
    "WairSync": lambda run: run.feed_tick(),
    "OpsMetrics": lambda run: run.ops_metrics(),
}
"""Of every function that asks for each merchant's file in its tick. Those that hand merchants out
without it are below."""
HARMS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no version": lambda row: row.pop("version"),
    "no time": lambda row: row.pop("applied_at"),
    "no file": lambda row: row.pop("file"),
    "half a file": lambda row: row.update(typed({"file": '{"merchant": "be'})),
    "a list for a file": lambda row: row.update(typed({"file": "[]"})),
    "a time that is none": lambda row: row.update(typed({"applied_at": "yesterday"})),
    "a word for a number": lambda row: row.update(typed({"version": "one"})),
}


class _Nobody(BaseAdapter):
    def send(self, *_: Any, **__: Any) -> Any:
        raise refused_connection()

    def close(self) -> None:
        return


class Hubs:
    """Functions over the same tables; no partner listens."""

    def __init__(self) -> None:
        self.clock = fakes.TestClock()
        self.telemetry = fakes.Telemetry()
        tables = {n: r["Properties"] for n, r in resources().items() if "DynamoDB" in r["Type"]}
        self.tables = InMemoryDynamoDb(tables, now=lambda: self.clock.now().timestamp())
        self.calls: list[tuple[str, str]] = []
        client: Any = self.tables
        self.merchants = DynamoDbMerchants(client, "MerchantsTable", cast(Any, self.clock))
        for merchant in MERCHANTS:
            self.merchants.apply(self.file(merchant), "test", after=0)

    @staticmethod
    def file(merchant: str, **changes: Any) -> Merchant:
        erp = unleashed_block(customers={"mode": "live"}, webhooks={"enabled": False})
        blocks = {"wair": wair_block(), "miinto": miinto(), "unleashed": erp}
        content = merchant_file(merchant=merchant, **blocks, **changes)
        content["flows"]["catch_up"] = {"enabled": True}
        content["redo"]["webhook"] = {"enabled": True}
        return Merchant.model_validate(content)

    def damage(self, how: str) -> None:
        row = self.row()
        HARMS[how](row)
        self.tables.put_item(TableName="MerchantsTable", Item=row)

    def row(self) -> dict[str, Any]:
        key = typed({"pk": DAMAGED, "sk": "LIVE"})
        found: dict[str, Any] = self.tables.get_item(TableName="MerchantsTable", Key=key)["Item"]
        return found

    def tick(self, name: str, tick: Tick, seconds: float = 300.0) -> Mapping[str, Any]:
        policy = watched(f"{name}Function", SETTINGS.secret_prefix)
        hubs: Any = self
        aws: Any = (_DynamoDb(hubs, policy), self, self)
        clock: Any = _Clock(cast(Any, self.clock))
        made = Hub(SETTINGS, Clients(*aws), self.telemetry, clock=clock, new_session=_session)
        context = SimpleNamespace(
            aws_request_id="an-invocation", get_remaining_time_in_millis=lambda: seconds * 1000
        )
        with made.invocation(context) as run:
            return tick(run)

    def get_secret_value(self, **_: Any) -> dict[str, Any]:
        text = '{"api_token": "t", "api_key": "k", "username": "u", "password": "p"}'
        return {"SecretString": text, "VersionId": "1"}

    def send_message(self, **_: Any) -> dict[str, Any]:
        return {}

    change_message_visibility = send_message

    def told_of(self, code: str) -> list[str]:
        return [str(line["reason"]) for _, line in self.telemetry.lines if line.get("code") == code]


def _session() -> Any:
    made = PlainSession()
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Nobody())
    return made


@pytest.fixture
def hubs() -> Hubs:
    return Hubs()


@pytest.mark.parametrize("name", TICKS)
def test_every_other_merchants_work_goes_on(hubs: Hubs, name: str) -> None:
    whole = hubs.tick(name, TICKS[name])
    hubs.damage("no time")
    done = hubs.tick(name, TICKS[name])
    assert set(done) == set(MERCHANTS)
    others = [merchant for merchant in MERCHANTS if merchant != DAMAGED]
    assert [done[merchant] for merchant in others] == [whole[merchant] for merchant in others]
    (reason,) = hubs.told_of("merchant.unreadable")
    assert "beta" in reason
    assert "apply it again" in reason
    assert not hubs.telemetry.total("Faults")


@pytest.mark.parametrize(
    ("name", "tick"),
    [
        ("PollMintsoft", lambda run: run.receipts_tick()),
        ("MiintoRma", lambda run: run.miinto_tick()),
    ],
)
def test_merchants_are_handed_out_all_the_same(hubs: Hubs, name: str, tick: Tick) -> None:
    whole = hubs.tick(name, tick)
    assert set(whole) == set(MERCHANTS)
    hubs.damage("no version")
    assert hubs.tick(name, tick) == whole


def test_a_message_that_cannot_be_sent_keeps_no_other_merchant_waiting(
    hubs: Hubs, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def send(_: Hubs, **given: Any) -> dict[str, Any]:
        if MERCHANTS[0] in given["MessageBody"]:
            raise ClientError({"Error": {"Code": "RequestThrottled"}}, "SendMessage")
        sent.append(given["MessageBody"])
        return {}

    monkeypatch.setattr(Hubs, "send_message", send)

    done = dict(hubs.tick("PollMintsoft", lambda run: run.receipts_tick()))

    assert len(sent) == len(MERCHANTS) - 1
    assert done.pop(MERCHANTS[0]) == {"failed": 1}
    assert set(done.values()) == {"queued"}
    assert hubs.telemetry.total("RunsFailed") == 1


@pytest.mark.parametrize("how", HARMS)
def test_what_is_wrong_is_said_in_words(hubs: Hubs, how: str) -> None:
    hubs.damage(how)
    with pytest.raises(Misconfigured) as refused:
        hubs.merchants.live(DAMAGED)
    assert refused.value.code == "merchant.unreadable"
    assert refused.value.reason.startswith("the file of beta (version ")
    found = hubs.merchants.unreadable([*MERCHANTS, "nobody"])
    assert {name: why.reason for name, why in found.items()} == {DAMAGED: refused.value.reason}


def test_applying_the_file_again_mends_the_row(hubs: Hubs) -> None:
    hubs.merchants.apply(hubs.file(DAMAGED, name="Second"), "test", after=1)
    hubs.damage("no version")
    number = hubs.merchants.newest_number(DAMAGED)
    assert number == 2
    hubs.merchants.apply(hubs.file(DAMAGED, name="Third"), "test", after=number)
    live = hubs.merchants.live(DAMAGED)
    assert (live.version, live.merchant.name) == (3, "Third")


def test_a_merchant_without_any_row_has_no_number(hubs: Hubs) -> None:
    assert hubs.merchants.newest_number("nobody") == 0

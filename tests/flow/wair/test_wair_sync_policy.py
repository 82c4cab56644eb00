"""The function of stock intelligence works under its policy, and needs all of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from returns_hub.feed_runs import FeedRuns
from tests.simulation.permissions import AccessDenied, permissions_of
from tests.support.market_partners import DK
from tests.support.relay import RelayBench
from tests.support.relay_hub import SETTINGS
from tests.support.wair_hub import WAIR, WairHub

FUNCTION = "WairSyncFunction"
PROVED_ELSEWHERE = {
    # A login at Mintsoft keeps its session: tests/unit/test_credentials.py.
    ("secretsmanager:CreateSecret", "secret:hub/*-session*"),
    ("secretsmanager:PutSecretValue", "secret:hub/*-session*"),
    # A file that another process wrote: tests/contract/test_files_under_policy.py.
    ("s3:GetObject", "FilesBucket.Arn/feeds/*"),
}
MIINTO: dict[str, Any] = {
    "shops": [{"id": DK, "warehouse": 3}],
    "orders": {"mode": "live"},
    "transfers": {"price_is": "unit"},
}


@pytest.fixture
def hub() -> WairHub:
    """Everything that the function can do, and goods for it."""
    bench = RelayBench()
    bench.file["mintsoft"] = bench.file["mintsoft"] | {"orders": {"stock_level_means": "available"}}
    made = WairHub(FUNCTION, bench, bundles={"mode": "on"}, miinto=MIINTO)
    bench.sent("DK-1", ("TEE", 2))
    bench.order("DK-2", ("TEE", 1))
    return made


def stock(hub: WairHub, units: int, skus: int = 12) -> None:
    """So many units of each of several SKUs."""
    rows = {20_000 + n: f"SKU-{n}" for n in range(skus)}
    hub.bench.mintsoft.seed(
        {
            "products": {
                str(n): {"sku": sku, "name": sku, "client_id": 12} for n, sku in rows.items()
            },
            "stock": {"3": dict.fromkeys(map(str, rows), units)},
        }
    )


def failures(hub: WairHub) -> list[Any]:
    return [line for line in hub.telemetry.lines if line[0] in {"fault", "run failed"}]


def test_every_flow_asks_what_the_policy_lets_it_ask_and_all_of_that(
    hub: WairHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(hub, 5)
    hub.apply()
    hub.ticks()
    assert failures(hub) == []
    assert len(hub.wair.books["stock"]["COR"]) >= 12

    # A person is asked, and what was told changes.
    stock(hub, 0)
    hub.bench.clock.advance(minutes=20)
    hub.ticks()
    assert failures(hub) == []
    stock(hub, 7)
    hub.bench.clock.advance(days=2)
    hub.ticks()

    # An order of the marketplace is read by itself once it was asked about.
    market = hub.hub.feeds.world("example").world.marketplace()
    assert market is not None
    market.market.order("example", DK, 1)
    assert failures(hub) == []

    # Another sink; a message for which no time is left, and one that meets a fault of ours.
    hub.bench.file["wair"] = {k: v for k, v in WAIR.items() if k != "advice"} | {"sink": "file_csv"}
    hub.apply()
    hub.ticks()
    assert any(name.startswith("feeds/example/") for name in hub.bucket.files)
    assert failures(hub) == []
    late = json.dumps({"merchant": "example", "flow": "feed"})
    assert hub.feed_message(late, seconds=5.0) == ["0"]
    with monkeypatch.context() as broken:
        broken.setattr(FeedRuns, "_run", lambda *_: 1 // 0)
        assert hub.feed_message(late) == ["0"]
    assert hub.policy.unused() == PROVED_ELSEWHERE


@pytest.mark.parametrize(
    ("call", "about"),
    [
        ("delete_item", {"TableName": "FeedTable"}),
        ("query", {"TableName": "LedgerTable"}),
        ("put_item", {"TableName": "MarketTable"}),
        ("put_item", {"TableName": "ReturnsTable"}),
        ("get_item", {"TableName": "FindingsTable"}),
    ],
)
def test_what_it_never_does_it_may_not_do(call: str, about: dict[str, str]) -> None:
    policy = permissions_of(FUNCTION, SETTINGS.secret_prefix)
    with pytest.raises(AccessDenied):
        policy.require_table(call, about)

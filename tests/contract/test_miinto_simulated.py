"""The adapter against Miinto's simulator: whatever no source tells, one way or the other."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.miinto.catalogue import sample_catalogue
from local.simulators.miinto.sample import DK, IDENTIFIER, sample
from local.simulators.miinto.settings import Settings
from local.simulators.miinto.simulator import MiintoSimulator
from returns_hub.domain.miinto.transfers import Transfer
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict
from returns_hub.ports.marketplace import Marketplace, StockRow
from tests.support.in_process import InProcess
from tests.support.miinto_wire import MiintoBench

VARIANT = sample_catalogue()[0]
OFFERS = 120
PLAIN = set(repr(Settings())[9:-1].split(", "))
HOSTS = {
    "auth_url": "http://127.0.0.1:5/auth",
    "order_url": "http://127.0.0.1:5/order",
    "stock_url": "http://127.0.0.1:5/stock",
    "product_map_url": "http://127.0.0.1:5/pc",
}


class Simulated(MiintoBench):
    """The adapter and the simulator, with offers to the shop `DK`."""

    def __init__(self, settings: Settings | None = None, offers: int = 1, **file: Any) -> None:
        super().__init__(**(HOSTS | file))
        dice = random.Random(1)
        self.miinto = MiintoSimulator(now=self.clock, settings=settings or Settings(), dice=dice)
        self.miinto.seed(sample("pass-word"))
        self.adapter = InProcess(self.miinto)
        self.secrets.values["example", "miinto"] = {
            "identifier": IDENTIFIER,
            "secret": "pass-word",
        }
        items = [{"sku": VARIANT.sku, "quantity": 1}]
        made = [self.miinto.offer([DK], items) for _ in range(offers)]
        self.transfers = [one["id"] for offer in made for one in offer["transfers"]]

    @property
    def logins(self) -> int:
        return self.miinto.auth.logins[IDENTIFIER]

    def accept(self, market: Marketplace, found: Transfer) -> int | None:
        until = self.clock.now() + timedelta(minutes=1)
        return market.decide_transfer(DK, found.id, [p.id for p in found.pending], [], until)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(expired_status=200, login_ends_old=True, empty_map="object"),
        Settings(conflict_status=409, invalid_status=200, seed_once=True),
        Settings(list_order="shifting"),
        Settings(list_order="shuffled"),
        Settings(list_duplicates=True),
        Settings(total_count=False),
        Settings(filter_heeded=False, unsorted="oldest"),
        Settings(largest_page=20),
        Settings(currency_case="lower", gtins=False),
    ],
    ids=lambda settings: (
        ", ".join(sorted(set(repr(settings)[9:-1].split(", ")) - PLAIN)) or "plain"
    ),
)
def test_everything_is_done_whatever_the_settings(settings: Settings) -> None:
    bench = Simulated(settings, OFFERS)
    market = bench.marketplace()
    assert {shop.countries for shop in market.shops() if shop.id == DK} == {("DK",)}

    pending = list(market.pending_transfers(DK))
    assert sorted(one.id for one in pending) == sorted(bench.transfers)
    assert {one.currency for one in pending} == {"DKK"}

    order = bench.accept(market, pending[0])
    assert order is not None
    with pytest.raises(Permanent):
        bench.accept(market, pending[0])
    assert market.read_transfer(DK, pending[0].id) is None

    bench.clock.advance(minutes=2)
    bench.miinto.auth.expire()
    read = market.read_order(DK, order)
    assert read is not None
    assert read.customer is not None
    assert [line.id for line in read.accepted] == [line.id for line in pending[0].pending]
    assert order in [one.id for one in market.orders(DK, read.created_at or bench.clock.now())]

    until = bench.clock.now() + timedelta(minutes=1)
    (provider, *_) = market.shipping_providers(DK, order)
    market.send_tracking(DK, order, {"provider": provider.id, "tracking": "T1"}, until)
    key = StockRow(7, VARIANT.group, VARIANT.brand, VARIANT.color, VARIANT.size)
    market.push_stock(DK, [key], until)
    bench.clock.advance(minutes=2)
    bench.miinto.auth.expire()
    assert VARIANT.sku in {product.sku for product in market.product_map(DK)}
    assert bench.logins == 3


def test_a_list_of_1000_is_read_in_little_more_than_twenty_requests() -> None:
    bench = Simulated(offers=1000)
    found = list(bench.marketplace().pending_transfers(DK))

    assert sorted(one.id for one in found) == sorted(bench.transfers)
    assert len(bench.adapter.requests) <= 25  # type: ignore[attr-defined]


def test_transfers_that_others_decide_while_the_list_is_read_hide_none() -> None:
    bench = Simulated(offers=OFFERS)
    found: list[int] = []
    for one in bench.marketplace().pending_transfers(DK):
        found.append(one.id)
        if len(found) % 7 == 0:
            positions = [position.id for position in one.pending]
            bench.miinto.decide_elsewhere(DK, one.id, declined=positions)
    assert sorted(found) == sorted(bench.transfers)


@pytest.mark.parametrize(
    ("kind", "verdict", "is_done"),
    [
        (FaultKind.RESET_AFTER, UnknownOutcome, True),
        (FaultKind.RESET_BEFORE, UnknownOutcome, False),
        (FaultKind.TIMEOUT_AFTER, UnknownOutcome, True),
        (FaultKind.ERROR_500_AFTER, UnknownOutcome, True),
        (FaultKind.HTML_200_AFTER, UnknownOutcome, True),
        (FaultKind.CUT_OFF_AFTER, UnknownOutcome, True),
        (FaultKind.HTML_ERROR, UnknownOutcome, False),
        (FaultKind.HTTP_429, Retryable, False),
        (FaultKind.HTML_429, Retryable, False),
    ],
)
def test_a_decision_whose_answer_is_lost_is_looked_up(
    kind: FaultKind, verdict: type[Verdict], is_done: bool
) -> None:
    bench = Simulated()
    market = bench.marketplace()
    (one,) = market.pending_transfers(DK)
    bench.miinto.faults.add(Fault(kind, method="PATCH", times=1))

    with pytest.raises(verdict) as raised:
        bench.accept(market, one)

    assert type(raised.value) is verdict
    assert (market.read_transfer(DK, one.id) is None) is is_done


def test_a_channel_refused_once_between_two_calls_costs_nothing_but_the_repeat() -> None:
    bench = Simulated()
    market = bench.marketplace()
    (one,) = market.pending_transfers(DK)
    bench.clock.advance(minutes=2)
    bench.miinto.faults.add(Fault(FaultKind.UNAUTHORISED, method="PATCH", times=1))

    assert bench.accept(market, one) is not None
    assert bench.logins == 2


@pytest.mark.parametrize("status", [200, 401, 403])
def test_a_wrong_password_is_one_login_and_a_clear_sentence(status: Any) -> None:
    bench = Simulated(Settings(login_failure_status=status))
    bench.secrets.values["example", "miinto"]["secret"] = "wrong"
    for _ in range(5):
        with pytest.raises(Misconfigured, match=r"identifier and secret.*hub secrets set"):
            bench.marketplace().shops()
    assert bench.miinto.auth.refused_logins[IDENTIFIER] == 1


def test_a_shop_that_is_not_active_and_one_that_is_not_ours() -> None:
    bench = Simulated()
    bench.miinto.state.shops[DK].active = False
    with pytest.raises(Misconfigured, match="not active"):
        list(bench.marketplace().pending_transfers(DK))
    with pytest.raises(Misconfigured, match="403"):
        list(bench.marketplace().pending_transfers("1-m!i!s-045-9999"))

"""Nothing of an RMA is written before `hub check` has proven how RMAs are read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from returns_hub.adapters.miinto.portal import ABILITIES
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.rma_contract import RmaContract
from returns_hub.domain.miinto.rma_proof import (
    READ_BY,
    RmaProof,
    contract_of,
    is_live,
    is_proven,
)
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.domain.receipts import Receipt
from returns_hub.domain.returns import LineStatus, PortalReturn, ReturnLine, ReturnStatus
from returns_hub.domain.state import BatchState
from returns_hub.errors import Misconfigured
from returns_hub.flows.miinto.decide_rma import accept_rma
from returns_hub.flows.miinto.rma_proof import require_proven, require_rma_proof
from returns_hub.flows.process_lines import send_batch
from returns_hub.flows.receive_approved_return import receive_approved_return
from returns_hub.flows.settle_receipt import settle_receipt
from returns_hub.flows.world import World
from tests.support import fakes
from tests.support.fakes import START
from tests.support.worlds import Bench, merchant_file


def bench_with(**block: Any) -> Bench:
    return Bench(file=merchant_file(miinto=block))


def proof(bench: Bench, *, proven: bool = True, why: str = "") -> RmaProof:
    connection = Merchant.model_validate(bench.file).miinto
    assert connection is not None
    return RmaProof(contract=contract_of(connection), proven=proven, at=START, why=why)


def test_a_proven_contract_lets_work_begin() -> None:
    bench = bench_with()
    bench.capabilities.keep_rma_proof("example", proof(bench))
    require_rma_proof(bench.live(), bench.capabilities)


def test_an_unproven_contract_keeps_the_work_waiting_and_says_what_to_run() -> None:
    with pytest.raises(Misconfigured, match="never proven; run hub check example") as refused:
        require_rma_proof(bench_with().live(), fakes.CapabilitiesStore())
    assert refused.value.code == "miinto.rma_unproven"


def test_a_contract_that_did_not_hold_is_told_with_its_reason() -> None:
    bench = bench_with()
    bench.capabilities.keep_rma_proof("example", proof(bench, proven=False, why="404"))
    with pytest.raises(Misconfigured, match="does not hold: 404"):
        require_rma_proof(bench.live(), bench.capabilities)


@pytest.mark.parametrize(
    "change",
    [
        {"version": "2.7"},
        {"order_url": "https://x.example.test"},
        {"rma": {"contract": {"listing": {"path": "/shops/{shop}/returns"}}}},
        {"rma": {"contract": {"words": {"pending": ["open"]}}}},
        {"rma": {"contract": {"fields": {"status": ["state"]}}}},
        {"rma": {"contract": {"lists": {"lines": "by_position"}}}},
    ],
)
def test_another_contract_needs_another_proof(change: dict[str, Any]) -> None:
    bench = bench_with()
    bench.capabilities.keep_rma_proof("example", proof(bench))
    bench.file = merchant_file(miinto=change)
    with pytest.raises(Misconfigured, match="has changed since"):
        require_rma_proof(bench.live(), bench.capabilities)


def test_what_no_read_stands_on_leaves_the_proof_alone() -> None:
    before = MiintoConnection()
    deciding = {"rma": {"contract": {"deciding": {"method": "POST"}}}}
    after = MiintoConnection.model_validate({"requests_per_second": 1, "page_size": 10} | deciding)
    kept = RmaProof(contract=contract_of(before), proven=True, at=START)
    assert is_proven(after, kept)
    assert not is_proven(after, None)


def test_every_part_that_a_read_stands_on_is_of_the_contract() -> None:
    assert set(READ_BY) <= set(RmaContract.model_fields)


LIVE = {"rma": {"announce": {"mode": "live"}, "decide": {"mode": "live"}}}
RMA = "miinto-045-1234-30001"


class Portal:
    """RMAs of which one is pending; hears what is processed."""

    abilities = ABILITIES

    def __init__(self) -> None:
        self.calls: list[str] = []

    def require_open(self) -> None:
        return

    def read_return(self, return_id: str) -> PortalReturn:
        self.calls.append("read")
        return PortalReturn(
            id=return_id,
            type="return",
            status=ReturnStatus.OPEN,
            created_at=START,
            updated_at=START,
            lines=(
                ReturnLine(
                    id="811", order_line_id="71", sku="TEE", quantity=1, status=LineStatus.OPEN
                ),
            ),
        )

    def process(self, *_: Any) -> None:
        self.calls.append("process")


def at_work(bench: Bench, portal: Portal) -> World:
    given: Any = portal
    return replace(bench.world(), portal_of=lambda _live: given).for_return(RMA)


def announce(bench: Bench, world: World) -> None:
    content = bench.message(return_id=RMA, source="test")
    receive_approved_return(content, world.stores, lambda _merchant: world)


def settle(_bench: Bench, world: World) -> None:
    receipt = Receipt(external_return_id=1, version="1", confirmed=True, updated_at=START)
    settle_receipt(receipt, RMA, world)


def process(_bench: Bench, world: World) -> None:
    batch = BatchState(
        number=1, receipt="1@1", lines=(LineToProcess(line_id="811", sku="TEE", restock=False),)
    )
    state = world.stores.returns.load(world.merchant, RMA)
    send_batch(batch, state, world.portal.read_return(RMA), world)


def accept(_bench: Bench, world: World) -> None:
    accept_rma(world, RMA, "pat")


@pytest.mark.parametrize("act", [announce, settle, process, accept])
def test_no_step_writes_before_the_contract_is_proven(act: Any) -> None:
    bench, portal = bench_with(**LIVE), Portal()
    with pytest.raises(Misconfigured, match="run hub check example"):
        act(bench, at_work(bench, portal))

    assert "process" not in portal.calls
    assert bench.ledger.rows == {}
    assert bench.external_returns() == []
    assert bench.returns.load("example", RMA).version == 0


def test_a_portal_whose_api_is_public_needs_no_proof() -> None:
    require_proven(bench_with(**LIVE).world())


@pytest.mark.parametrize("part", ["announce", "decide"])
def test_either_switch_makes_rmas_live(part: str) -> None:
    assert not is_live(MiintoConnection())
    assert is_live(MiintoConnection.model_validate({"rma": {part: {"mode": "live"}}}))

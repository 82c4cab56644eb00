"""Nothing of an RMA is written before `hub check` has proven how RMAs are read."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.rma_proof import RmaProof, contract_of, is_live, is_proven
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.errors import Misconfigured
from returns_hub.flows.miinto.rma_proof import require_rma_proof
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
    require_rma_proof(bench.world())


def test_an_unproven_contract_keeps_the_work_waiting_and_says_what_to_run() -> None:
    with pytest.raises(Misconfigured, match="never proven; run hub check example") as refused:
        require_rma_proof(bench_with().world())
    assert refused.value.code == "miinto.rma_unproven"


def test_a_contract_that_did_not_hold_is_told_with_its_reason() -> None:
    bench = bench_with()
    bench.capabilities.keep_rma_proof("example", proof(bench, proven=False, why="404"))
    with pytest.raises(Misconfigured, match="does not hold: 404"):
        require_rma_proof(bench.world())


@pytest.mark.parametrize("change", [{"version": "2.7"}, {"order_url": "https://x.example.test"}])
def test_another_contract_needs_another_proof(change: dict[str, Any]) -> None:
    bench = bench_with()
    bench.capabilities.keep_rma_proof("example", proof(bench))
    bench.file = merchant_file(miinto=change)
    with pytest.raises(Misconfigured, match="has changed since"):
        require_rma_proof(bench.world())


def test_what_no_read_stands_on_leaves_the_proof_alone() -> None:
    before, after = MiintoConnection(), MiintoConnection(requests_per_second=1, page_size=10)
    kept = RmaProof(contract=contract_of(before), proven=True, at=START)
    assert is_proven(after, kept)
    assert not is_proven(after, None)


@pytest.mark.parametrize("part", ["announce", "decide"])
def test_either_switch_makes_rmas_live(part: str) -> None:
    assert not is_live(MiintoConnection())
    assert is_live(MiintoConnection.model_validate({"rma": {part: {"mode": "live"}}}))

"""RMAs against Miinto's simulator, signed and on the wire: another dialect is another file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local.simulators.miinto.sample import DK
from local.simulators.miinto.settings import Settings
from returns_hub.adapters.miinto.portal import MiintoPortal
from returns_hub.adapters.miinto.rmas import MiintoRmas
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.miinto.rmas import return_id_of
from returns_hub.domain.returns import LineStatus, ReturnStatus
from returns_hub.errors import Misconfigured, Permanent, UnknownOutcome
from returns_hub.ports.marketplace import RmaRequestDraft
from tests.contract.test_miinto_simulated import VARIANT, Simulated
from tests.support.market import MarketStore
from tests.support.rma_dialects import DIALECT_A, DIALECT_B, DIALECT_B_FILE

FILES: dict[str, dict[str, Any]] = {
    "a": {"words": {"by_position": ["partially_accepted"]}},
    "b": DIALECT_B_FILE,
}


class Rmas(Simulated):
    """An order of two positions, and a buyer's RMA of both."""

    def __init__(self, dialect: str, **settings: Any) -> None:
        super().__init__(
            Settings(rma_dialect=dialect, mixed_rma="mixed", **settings),  # type: ignore[arg-type]
            shops=[{"id": DK, "warehouse": 3}],
            rma={"contract": FILES[dialect]},
        )
        item = {"sku": VARIANT.sku, "quantity": 1}
        self.order, self.positions = self.miinto.order(DK, [item, item])
        wanted = [
            {"id": number, "quantity": 1, "reason": "too_small", "comment": "Runs small."}
            for number in self.positions
        ]
        made = self.miinto.create_rma(DK, self.order, wanted)
        self.id = str(made["rma"])
        self.lines = [str(number) for number in made["positions"].values()]
        self.store = MarketStore(self.clock)
        self.rmas = MiintoRmas(self.client(), self.connection.rma.contract)
        self.portal = MiintoPortal(
            "example", self.connection, self.rmas, self.store, lambda shop, item: "TEE", self.clock
        )
        self.return_id = return_id_of(DK, self.id)
        for rma in self.rmas.list(DK, "pending"):
            self.store.keep_rma("example", rma)

    def process(self, *, accept: list[str], decline: list[str]) -> None:
        rows = [
            LineToProcess(line_id=i, sku="TEE", restock=False, reject=i in decline, reason="Worn")
            for i in [*accept, *decline]
        ]
        until = self.clock.now() + timedelta(minutes=1)
        self.portal.process(self.return_id, rows, until)

    def decided(self) -> list[dict[str, Any]]:
        """What the simulator's books say was decided."""
        journal = self.miinto.all_books()["journal"]
        return [row for row in journal if row["what"] == "rma_decided"]


BOTH = pytest.mark.parametrize("dialect", ["a", "b"])


@BOTH
def test_an_rma_is_listed_and_read_alike(dialect: str) -> None:
    bench = Rmas(dialect)

    (listed,) = bench.rmas.list(DK, "pending")
    assert bench.rmas.read(DK, bench.id) == listed
    assert listed.status == "pending"
    assert listed.order_id == str(bench.order)
    assert [p.order_position for p in listed.positions] == [str(n) for n in bench.positions]
    assert {(p.quantity, p.reason) for p in listed.positions} == {(1, "too_small")}
    assert {p.item.gtin for p in listed.positions} == {VARIANT.gtin}
    read = bench.portal.read_return(bench.return_id)
    assert read.status is ReturnStatus.OPEN
    assert [line.sku for line in read.lines] == ["TEE", "TEE"]
    assert read.value_total is not None


@BOTH
def test_positions_are_accepted_and_declined_with_the_reason(dialect: str) -> None:
    bench = Rmas(dialect)
    first, second = bench.lines

    bench.process(accept=[first], decline=[second])

    read = bench.portal.read_return(bench.return_id)
    assert [line.status for line in read.lines] == [LineStatus.COMPLETE, LineStatus.REJECTED]
    assert read.status is ReturnStatus.COMPLETE
    assert not list(bench.rmas.list(DK, "pending"))
    (told,) = bench.decided()
    assert told["verdicts"] == {first: "accepted", second: "declined"}
    assert told["reasons"] == {first: "", second: "Worn"}


@BOTH
def test_what_was_decided_elsewhere_is_left_out(dialect: str) -> None:
    bench = Rmas(dialect)
    first, second = bench.lines
    bench.process(accept=[first], decline=[])

    bench.process(accept=[second], decline=[first])
    bench.process(accept=[second], decline=[first])

    assert [row["verdicts"] for row in bench.decided()] == [
        {first: "accepted"},
        {second: "accepted"},
    ]


@BOTH
def test_a_word_of_miintos_own_is_unknown(dialect: str) -> None:
    bench = Rmas(dialect)
    found = bench.miinto.rmas.one(DK, bench.miinto.rmas.dialect.number_of(bench.id))
    found.word = "escalated"

    read = bench.portal.read_return(bench.return_id)

    assert read.status is ReturnStatus.UNKNOWN
    with pytest.raises(Permanent, match="escalated"):
        bench.process(accept=bench.lines, decline=[])
    assert not bench.decided()


@BOTH
@pytest.mark.parametrize(("access", "error"), [("forbidden", Misconfigured), ("absent", Permanent)])
def test_calls_that_the_login_does_not_have(dialect: str, access: Any, error: Any) -> None:
    bench = Rmas(dialect)
    bench.miinto.settings = Settings(rma_dialect=dialect, rma_access=access)  # type: ignore[arg-type]

    with pytest.raises(error):
        bench.portal.read_return(bench.return_id)


def test_the_other_dialects_file_reads_nothing_of_this_one() -> None:
    bench = Rmas("a")
    wrong = MiintoRmas(bench.client(), DIALECT_B)

    assert wrong.read(DK, bench.id) is None
    reading = DIALECT_B.model_copy(update={"reading": DIALECT_A.reading})
    with pytest.raises(Misconfigured, match="no id in returnId"):
        MiintoRmas(bench.client(), reading).read(DK, bench.id)


@BOTH
@pytest.mark.parametrize("became", ["done", "lost"])
def test_a_decision_without_an_answer_is_of_unknown_outcome(dialect: str, became: Any) -> None:
    bench = Rmas(dialect, holds_decisions=became)

    with pytest.raises(UnknownOutcome):
        bench.process(accept=bench.lines, decline=[])

    bench.clock.advance(minutes=1)
    read = bench.portal.read_return(bench.return_id)
    assert read.is_closed is (became == "done")


@BOTH
def test_an_rma_is_requested(dialect: str) -> None:
    bench = Rmas(dialect, second_request="accepted")
    order, (position, *_) = bench.miinto.order(DK, [{"sku": VARIANT.sku, "quantity": 1}])
    draft = RmaRequestDraft(DK, order, {position: 1}, "Came back", "ref")

    made = bench.rmas.request(draft, bench.clock.now() + timedelta(minutes=1))

    found = bench.rmas.read(DK, made)
    assert found is not None
    assert found.order_id == str(order)
    assert found.type.lower() == "request"

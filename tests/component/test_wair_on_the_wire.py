"""Stock intelligence over real sockets: one upload through WAIR's simulator, faults included."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.wair.sample import PASSWORD, TENANT, USER, sample
from local.simulators.wair.simulator import WairSimulator
from local.simulators.wire import Server
from returns_hub.adapters.http.pace import Pace
from returns_hub.adapters.http.transport import PartnerHttp, PartnerTime
from returns_hub.adapters.wair.connect import Around, advice_of, sink_of
from returns_hub.domain.wair.rows import StockRow
from returns_hub.domain.wair.settings import WairConnection
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.ports.feed import Part
from tests.support import fakes
from tests.support.wair import MemoryFiles

RUN = "run-1"
MANY = 50_000


class RealClock(fakes.TestClock):
    """Measures what really goes by."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class Wired:
    """The sink and the simulator, a socket between them."""

    def __init__(self, url: str, core: WairSimulator) -> None:
        self.core = core
        self.clock = RealClock()
        self.connection = WairConnection.model_validate(
            {
                "base_url": f"{url}/api/v1",
                "tenant": TENANT,
                "locations": [{"id": "COR", "warehouses": [3]}],
                "data_sets": {"stock": {"mode": "live", "full_load": True}},
            }
        )
        secrets: Any = fakes.Secrets()
        secrets.values["example", "wair"] = {"username": USER, "password": PASSWORD}
        around = Around(
            merchant="example",
            http=self._http,
            secrets=secrets,
            clock=self.clock,
            telemetry=fakes.Telemetry(),
            files=MemoryFiles,
        )
        self.feed = sink_of(self.connection, around)
        self.advice = advice_of(self.connection, around)

    def _http(self, partner: str, url: str) -> PartnerHttp:
        return PartnerHttp(
            url,
            partner=partner,
            gate=Pace(100_000, self.clock),
            clock=self.clock,
            telemetry=fakes.Telemetry(),
            spent=PartnerTime(),
        )

    @property
    def send_by(self) -> datetime:
        return self.clock.now() + timedelta(minutes=1)

    @property
    def books(self) -> dict[str, Any]:
        return self.core.tenant().books()


@pytest.fixture
def wired() -> Iterator[Wired]:
    core = WairSimulator(dice=random.Random(1))
    core.seed(sample())
    with Server(core) as server:
        yield Wired(server.url, core)


def test_the_largest_call_arrives_whole_and_replaces_the_set(wired: Wired) -> None:
    rows = [StockRow("COR", f"S\u00c9{number}", number) for number in range(MANY)]
    wired.core.set_stock("COR", {"GONE": 1})
    assert "batchId" in wired.feed.begin(RUN, wired.send_by)
    wired.feed.tell(RUN, Part("stock", rows, full=True), wired.send_by)
    wired.feed.end(RUN, wired.send_by)

    assert wired.books["stock"] == {"COR": {row.sku: row.on_hand for row in rows}}
    assert wired.books["batches"] == {"open": 0, "started": 1, "stopped": 1}
    assert wired.core.refused_entries == {}


def test_a_lost_answer_is_unknown_and_the_same_part_again_changes_nothing(wired: Wired) -> None:
    part = Part("stock", [StockRow("COR", "TEE", 4)])
    wired.feed.begin(RUN, wired.send_by)
    wired.core.faults.add(Fault(FaultKind.RESET_AFTER, path="/Stock"))
    with pytest.raises(UnknownOutcome):
        wired.feed.tell(RUN, part, wired.send_by)
    wired.feed.tell(RUN, part, wired.send_by)
    assert wired.books["stock"] == {"COR": {"TEE": 4}}
    assert [one["units"] for one in wired.books["mutations"]] == [4]


def test_a_refusal_and_a_token_that_ended_are_told_apart(wired: Wired) -> None:
    wired.feed.begin(RUN, wired.send_by)
    wired.core.expire_tokens()
    with pytest.raises(Permanent, match="skuId is not an id"):
        wired.feed.tell(RUN, Part("stock", [StockRow("COR", " ", 1)]), wired.send_by)
    assert wired.core.logins == {USER: 2}


def test_nobody_there_is_known_not_done() -> None:
    core = WairSimulator()
    with Server(core) as server:
        url = server.url
    gone = Wired(url, core)
    with pytest.raises(Retryable, match="connection refused"):
        gone.feed.begin(RUN, gone.send_by)


def test_advice_comes_page_by_page(wired: Wired) -> None:
    found = list(wired.advice.transfers(datetime(2026, 11, 2, 9, 0, tzinfo=UTC)))
    assert [one.reference for one in found] == ["RED-2", "RED-3"]

"""A hub beside simulators of Unleashed and Mintsoft, in one process, for tests of the command."""

from __future__ import annotations

from typing import Any

from cli.checks import unleashed as area
from cli.checks.model import ErpDesk, Finding, Subject
from cli.checks.run import run_checks
from local.simulators.unleashed.sample import API_ID, API_KEY
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from tests.support.erp_worlds import ErpBench, unleashed_block
from tests.support.fakes import TestClock
from tests.support.sync import FakePartner, FakeSource
from tests.support.worlds import KEY, merchant_file
from tests.unit.cli.conftest import Partners

UNLEASHED, MINTSOFT = "http://127.0.0.1:3", "http://127.0.0.1:2"


class World:
    """The hub; its partners are the simulators of an `ErpBench` at the hub's own time."""

    def __init__(self, made: Hub, partners: Partners) -> None:
        self.made = made
        self.bench = ErpBench()
        self.bench.clock.moment = made.clock.now()
        partners.cores[UNLEASHED] = self.bench.unleashed
        partners.cores[MINTSOFT] = self.bench.mintsoft
        self.applied: dict[str, int] = {}
        made.secrets.write("example", "unleashed", {"api_id": API_ID, "api_key": API_KEY})
        made.secrets.write("example", "mintsoft", {"api_key": KEY})

    def apply(self, **block: Any) -> None:
        self.apply_file(merchant_file(unleashed=unleashed_block(**block)))

    def apply_file(self, content: dict[str, Any]) -> None:
        merchant = Merchant.model_validate({"live_from": "2026-01-01T00:00:00Z"} | content)
        after = self.applied.get(merchant.merchant, 0)
        self.made.merchants.apply(merchant, "test", after=after)
        self.applied[merchant.merchant] = after + 1

    def source(self, name: str = "fake.orders") -> FakeSource:
        """A source that is told what to say."""
        clock = TestClock(self.made.clock.now())
        found = FakeSource(clock, FakePartner(clock))
        found.name = name
        return found

    def look(self) -> dict[str, Finding]:
        """What the checks of Unleashed find."""
        account = self.made.erp.account(self.made.merchants.live("example"))
        subject = Subject(
            world=self.made.world("example"),
            read_secret=lambda name: self.made.secrets.read("example", name).value,
            erp_of=lambda: ErpDesk(
                self.made.erp.by_hand("example"),
                lambda: account.client.meter.usage(),
                lambda: self.made.erp.subscribing(self.made.world("example")),
            ),
        )
        found: dict[str, Finding] = {}
        for finding in run_checks(subject, (area.AREA,)):
            assert finding.name not in found, finding.name
            found[finding.name] = finding
        return found

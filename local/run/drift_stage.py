"""What the drift's part of a run shares: looks, functions that run once, and people's hands.

Schedules stand still by then: a function runs because it is told to, and days go by because the
world's clock is moved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from local.later import WorldClock
from local.merchant_samples import COMPANIES
from local.partners import PartnerSimulators
from local.run.side_door import SideDoor
from local.stack import LocalStackError
from local.world import LocalWorld
from returns_hub.domain.drift.findings import Finding, Look
from returns_hub.domain.drift.report import Report
from returns_hub.domain.events import LookAsked
from returns_hub.domain.merchant import Merchant
from returns_hub.drift_runs import DriftRuns
from returns_hub.flows.drift.report import folder_of, kept_report
from returns_hub.ports.findings import FindingsStore

OPERATOR = "an operator"
WAIT_SECONDS = 120.0
EVERY_SECONDS = 0.05
ASK_AGAIN_SECONDS = 2.0
INTERVAL = {"minutes": 16}
"""Longer than that of any flow."""
HANDS_OUT = frozenset({"PollMintsoft", "MiintoRma"})
"""Functions whose ticks put merchants onto a queue."""


@dataclass(frozen=True, order=True)
class Planted:
    """A difference that has to be found.

    Args:
        merchant: Whose.
        kind: As docs/drift.md has it.
        subject: As the finding names it.
    """

    merchant: str
    kind: str
    subject: str


@dataclass(frozen=True)
class Looked:
    """What a look left.

    Args:
        look: The look.
        findings: All that are open, suspicions too.
        report: As it is written.
    """

    look: Look
    findings: tuple[Finding, ...]
    report: Report

    def counting(self, merchant: str) -> dict[Planted, Finding]:
        """What counts."""
        return {
            Planted(merchant, one.difference.kind, one.difference.subject): one
            for one in self.findings
            if one.counts
        }


@dataclass
class DriftStage:
    """A world at rest.

    Args:
        world: The world.
        partners: Its simulators.
        clock: Their clock, and the functions'.
        noted: Word -> what one plant leaves for another.
    """

    world: LocalWorld
    partners: PartnerSimulators
    clock: WorldClock
    noted: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        urls = self.partners.addresses
        self.redo, self.mintsoft = SideDoor(urls["redo"]), SideDoor(urls["mintsoft"])
        self.miinto, self.unleashed = SideDoor(urls["miinto"]), SideDoor(urls["unleashed"])
        self.wair, self.channel = SideDoor(urls["wair"]), SideDoor(urls["channel"])

    # -- looks ------------------------------------------------------------------------------

    def looks(self, merchants: Iterable[str]) -> dict[str, Looked]:
        """One look at each merchant, asked for over the queue.

        Raises:
            LocalStackError: It was not made in time.
        """
        asked, began = list(merchants), self.clock()
        for merchant in asked:
            message = LookAsked(merchant=merchant, asked_at=began)
            self.send("DriftReportQueue", message.model_dump_json())
        return {merchant: self._made(merchant, began) for merchant in asked}

    def looks_before(self, merchant: str) -> list[Look]:
        """Every look so far."""
        return list(self._findings.looks(merchant, 1000))

    @property
    def _findings(self) -> FindingsStore:
        return DriftRuns(self.world.hub).findings()

    def _made(self, merchant: str, began: datetime) -> Looked:
        def last() -> Look | None:
            return self._findings.last_look(merchant)

        self.wait(
            f"a look for drift at {merchant}",
            lambda: (look := last()) is not None and look.at >= began,
        )
        settings = self.world.hub.merchants.live(merchant).merchant.drift
        look, report = last(), kept_report(self._findings, merchant, settings)
        if look is None or report is None:
            raise LocalStackError(f"of a look for drift at {merchant} nothing is kept")
        return Looked(look, tuple(self._findings.open_findings(merchant)), report)

    def page(self, merchant: str) -> str:
        """The page of the last look, as the function wrote it.

        Raises:
            LocalStackError: It did not.
        """
        bucket = self.world.environment["FILES_BUCKET"]
        name = f"{folder_of(merchant)}/latest.html"
        try:
            found = self.world.aws.client("s3").get_object(Bucket=bucket, Key=name)
        except ClientError as error:
            raise LocalStackError(f"the page {name} was not written: {error}") from None
        return str(found["Body"].read().decode("utf-8"))

    # -- functions --------------------------------------------------------------------------

    def send(self, queue: str, message: str) -> None:
        """Put a message onto a queue."""
        url = self.world.queue_url(queue)
        self.world.aws.client("sqs").send_message(QueueUrl=url, MessageBody=message)

    def tick(self, function: str) -> None:
        """A schedule's tick, and everything that it hands out."""
        self.world.host.invoke(f"{function}Function", {"source": "aws.events"})
        if function in HANDS_OUT:
            self.drain(f"{function}Queue")

    def drain(self, queue: str) -> None:
        """Wait until a queue is empty."""
        self.wait(f"work on {queue}", lambda: not self.world.waiting(queue))

    def tick_until(self, what: str, function: str, reached: Callable[[], object]) -> None:
        """Ticks, until something is reached.

        Raises:
            LocalStackError: It never was.
        """

        def ticked() -> bool:
            if reached():
                return True
            self.tick(function)
            return bool(reached())

        self.wait(what, ticked)

    def run(self, queue: str, message: Callable[[], str], cursor: str) -> None:
        """One whole run of a flow that a queue's messages ask for.

        Its interval goes by first: a run of a moment ago would leave it with nothing to do. Ticks
        from before may still be asking for others, and only so many run at a time: it is asked for
        again.

        Raises:
            LocalStackError: None came to its end without a failure.
        """
        self.clock.go_on(**INTERVAL)
        cursors, began = self.world.hub.cursors, self.clock()
        runs, asked_at = cursors.standing(cursor).runs, -ASK_AGAIN_SECONDS

        def is_over() -> bool:
            nonlocal asked_at
            standing = cursors.standing(cursor)
            if standing.runs > runs and standing.held_until is not None:
                return False
            ended = standing.succeeded_at
            if standing.runs > runs and ended is not None and ended >= began:
                return True
            if time.monotonic() - asked_at > ASK_AGAIN_SECONDS:
                asked_at = time.monotonic()
                self.send(queue, message())
            return False

        self.wait(f"a run of {cursor}", is_over)

    def wait(self, what: str, reached: Callable[[], object]) -> None:
        """Wait until something is reached.

        Raises:
            LocalStackError: It never was.
        """
        ends = time.monotonic() + WAIT_SECONDS
        while not reached():
            if time.monotonic() > ends:
                raise LocalStackError(f"drift: {what}: nothing of it after {WAIT_SECONDS:.0f} s")
            time.sleep(EVERY_SECONDS)

    # -- people -----------------------------------------------------------------------------

    def file(self, merchant: str) -> Merchant:
        """A merchant's file as it is live."""
        return self.world.hub.merchants.live(merchant).merchant

    def change_file(self, merchant: str, change: Callable[[dict[str, Any]], None]) -> None:
        """An operator applies another file."""
        live = self.world.hub.merchants.live(merchant)
        content = live.merchant.model_dump(mode="json")
        change(content)
        made = Merchant.model_validate(content)
        self.world.hub.merchants.apply(made, OPERATOR, after=live.version)

    def clerk(self, merchant: str, action: str, **content: Any) -> dict[str, Any]:
        """Somebody at Unleashed does something."""
        desks = self.partners.unleashed.desks.values()
        (account,) = [d.company.api_id for d in desks if d.company.name == COMPANIES[merchant]]
        return self.unleashed.do(action, account=account, **content)

    def records(self, merchant: str, resource: str) -> list[dict[str, Any]]:
        """Every record of a company at Unleashed."""
        rows: Any = self.clerk(merchant, "records", resource=resource)
        return list(rows)

    def order(
        self, number: str, goods: Mapping[str, int], merchant: str = "example", warehouse: int = 3
    ) -> int:
        """A shop of Mintsoft's takes an order in; its id."""
        body = {
            "OrderNumber": number,
            "WarehouseId": warehouse,
            "Currency": "GBP",
            "Country": "GB",
            "CourierService": "AUTO",
            "FirstName": "A.",
            "LastName": "Buyer",
            "Address1": "8 Buyer Street",
            "Town": "York",
            "PostCode": "YO1 7AA",
            "OrderItems": [{"SKU": sku, "Quantity": units} for sku, units in goods.items()],
        }
        client_id = self.file(merchant).mintsoft.client_id
        return int(self.mintsoft.do("make-order", client_id=client_id, body=body)["id"])

    def orders(self) -> list[dict[str, Any]]:
        """Mintsoft's orders."""
        return list(self.mintsoft.books()["orders"])

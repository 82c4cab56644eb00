"""The stock feed's part of `make run`: it never waits, and what never comes is a sentence."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from local.merchant_samples import MERCHANTS, apply_files
from local.partners import PartnerSimulators, partner_simulators
from local.run import patience, wair
from local.run.report import Progress, show_wair
from local.run.side_door import SideDoor
from local.run.wair import WairStory
from local.run.wair_cases import BUNDLE, CASES, make_bundle
from tests.component.run.test_erp_story import Merchants


@pytest.fixture
def partners() -> Iterator[PartnerSimulators]:
    with partner_simulators() as made:
        yield made


class Queue:
    """Messages for the hub, which nobody takes."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:
        assert QueueUrl == "OrderChangesQueue"
        self.bodies.append(MessageBody)


def idle_world(partners: PartnerSimulators, queue: Queue) -> Any:
    """A world in which no function ever runs."""
    kept = SimpleNamespace(targets=lambda _: [], proposals=lambda _: [])
    hub = SimpleNamespace(
        merchants=Merchants(),
        parking=SimpleNamespace(list_parked=lambda _: []),
        cursors=SimpleNamespace(standing=lambda _: SimpleNamespace(value={})),
        clock=SimpleNamespace(now=lambda: None),
        feeds=SimpleNamespace(kept=kept),
    )
    apply_files(hub, partners, MERCHANTS)  # type: ignore[arg-type]
    aws = SimpleNamespace(client=lambda _: queue)
    return SimpleNamespace(hub=hub, aws=aws, queue_url=lambda name: name)


def test_what_never_comes_is_a_sentence_for_each_case(
    partners: PartnerSimulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "STILL_SECONDS", 0.5)
    monkeypatch.setattr(wair, "LOOKS_EVERY_SECONDS", 0.0)
    queue = Queue()
    progress = Progress(Console(file=io.StringIO(), width=200))
    story = WairStory(idle_world(partners, queue), partners, progress)
    make_bundle(story.stage.mintsoft, story.stage.client_id)
    story.end()

    judgement = story.judge()
    show_wair(Console(file=(shown := io.StringIO()), width=200), judgement)

    about = [case.about for case in CASES]
    told = story.trouble[: len(CASES)]
    assert [one.removeprefix("WAIR: ").split(":")[0] for one in told] == about
    assert story.trouble[-1] == "WAIR: telling WAIR every product: nothing changed for 0 s"
    assert judgement.unexpected[: len(story.trouble)] == story.trouble
    assert "despatches relayed" in shown.getvalue()
    # A change may be told twice.
    assert len(queue.bodies) == 4
    assert len(set(queue.bodies)) == 2
    orders = {row["number"]: row for row in SideDoor(partners.mintsoft_url).books()["orders"]}
    assert [item["sku"] for item in orders["SHOP-1004"]["items"]] == [BUNDLE]
    assert orders["SHOP-1001"]["parts"] == 2


def test_the_books_say_what_the_simulators_have(partners: PartnerSimulators) -> None:
    progress = Progress(Console(file=io.StringIO(), width=200))
    stage = WairStory(idle_world(partners, Queue()), partners, progress).stage
    mintsoft = stage.mintsoft
    mintsoft.do("set-stock", warehouse_id=4, product_id=90201, units=3, quarantined=1)
    order_id = stage.order("1", {"TEE-RED-M": 2})
    stage.wair.do("set-stock", location="COR", stock={"TEE-RED-M": 7})
    stage.look()

    books = stage.books
    assert books.on_hand_here()["COR", "TEE-RED-M"] == 40
    assert books.on_hand_here()["LDN", "TEE-RED-M"] == 3
    assert books.reserved_here() == {("LDN", "TEE-RED-M"): 1, ("COR", "TEE-RED-M"): 2}
    assert books.on_hand_there() == {("COR", "TEE-RED-M"): 7}
    assert books.sent() == {}
    stage.send(order_id)
    stage.look()
    assert list(stage.books.sent()) == [order_id]
    assert stage.books.reserved_here() == {("LDN", "TEE-RED-M"): 1}
    assert replace(stage.books, client_id=13).orders() == []

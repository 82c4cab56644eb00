"""The ERP's part of `make run`: it never waits, and what never comes ends it with a sentence."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from local.merchant_samples import MERCHANTS, apply_files
from local.partners import PartnerSimulators, partner_simulators
from local.run import erp, patience
from local.run.erp import ErpStory
from local.run.erp_cases import CASES
from local.run.erp_cases_returns import OF_OUTLET, return_of
from local.run.erp_check import WEBHOOKS
from local.run.publish import samples
from local.run.report import Progress, show_erp
from local.run.side_door import SideDoor
from local.stack import LocalStackError
from returns_hub.domain.merchant import Merchant
from returns_hub.flows.unleashed.sources import SOURCES


@pytest.fixture
def partners() -> Iterator[PartnerSimulators]:
    with partner_simulators() as made:
        yield made


class Merchants:
    """The example merchants' files."""

    def __init__(self) -> None:
        self.files: dict[str, Merchant] = {}

    def apply(self, merchant: Merchant, *_: object, **__: object) -> None:
        self.files[merchant.merchant] = merchant

    def live(self, merchant: str) -> Any:
        return SimpleNamespace(merchant=self.files[merchant])


def idle_world(partners: PartnerSimulators) -> Any:
    """A world in which no function ever runs."""
    hub = SimpleNamespace(
        merchants=Merchants(),
        parking=SimpleNamespace(list_parked=lambda _: []),
        cursors=SimpleNamespace(read=lambda _: {}),
        erp=SimpleNamespace(by_hand=lambda _: None),
    )
    apply_files(hub, partners, MERCHANTS)  # type: ignore[arg-type]
    return SimpleNamespace(hub=hub)


def told(partners: PartnerSimulators) -> tuple[ErpStory, io.StringIO]:
    shown = io.StringIO()
    progress = Progress(Console(file=shown, width=200))
    return ErpStory(idle_world(partners), partners, progress), shown


def test_what_never_comes_ends_the_story_with_a_sentence_for_each_case(
    partners: PartnerSimulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "STILL_SECONDS", 1.0)
    monkeypatch.setattr(erp, "LOOKS_EVERY_SECONDS", 0.0)
    story, _ = told(partners)
    story.end()
    judgement = story.judge()
    console = Console(file=(shown := io.StringIO()), width=200)
    show_erp(console, judgement)

    assert len(story.trouble) == len(CASES)
    assert (
        "Unleashed: Goods move to another warehouse: having goods picked: nothing changed for 1 s"
        in judgement.unexpected
    )
    assert "orders: nothing of it was shown" in judgement.lost
    assert "SO-00000001 is not in Mintsoft" in judgement.lost
    assert "PO-00000001 was not announced to Mintsoft" in judgement.lost
    assert judgement.duplicates == []
    assert "purchase orders" in shown.getvalue()
    assert story.timeline == ()


def test_the_story_never_waits_itself(partners: PartnerSimulators) -> None:
    story, shown = told(partners)
    for _ in range(3):
        story.go_on()

    assert not story.is_done
    assert shown.getvalue() == ""
    made = [e["what"] for e in partners.unleashed.desk(None).books()["journal"]]
    assert made.count("purchase_made") == 2


def test_a_case_is_there_for_every_flow_of_this_release() -> None:
    assert {flow for case in CASES for flow in case.flows} == {*SOURCES, WEBHOOKS}


def test_a_return_of_the_runs_own_order_is_like_the_sample_and_another_one() -> None:
    known = next(one for one in samples(None, datetime.now(UTC)) if one.about.startswith(OF_OUTLET))
    made = return_of("SO-00000001")

    assert made.order["name"] == made.body["order"]["name"] == "#SO-00000001"
    assert made.body["id"] == made.return_id != known.return_id
    assert made.body["order"]["id"] == made.order["id"] != known.order["id"]
    assert made.body["items"] == known.body["items"]


def test_an_order_of_a_shop_that_mintsoft_refuses_is_told_in_words(
    partners: PartnerSimulators,
) -> None:
    door = SideDoor(partners.mintsoft_url)
    body: dict[str, Any] = {"OrderNumber": "WEB-1", "Country": "GB", "CourierService": "AUTO"}

    with pytest.raises(LocalStackError, match="An order needs OrderItems"):
        door.do("make-order", client_id=12, body=body)
    body |= {"OrderItems": [{"SKU": "TEE-RED-M", "Quantity": 1}], "WarehouseId": 3}
    made = door.do("make-order", client_id=12, body=body)
    assert (made["number"], made["status_id"]) == ("WEB-1", 1)
    assert [entry["call"] for entry in door.books()["journal"]] == ["make-order"]

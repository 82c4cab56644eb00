"""The marketplace's part of `make run`: what never comes ends it with a sentence, in time."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from local.partners import PartnerSimulators, partner_simulators
from local.run import miinto
from local.run.miinto import MiintoStory
from local.run.report import Progress, show_marketplace
from local.run.side_door import SideDoor
from local.stack import LocalStackError


@pytest.fixture
def partners() -> Iterator[PartnerSimulators]:
    with partner_simulators() as made:
        yield made


def idle_world(*refunds: dict[str, Any]) -> Any:
    """A world in which no function ever runs; its queue of refunds holds these."""
    waiting = [{"Body": json.dumps(body), "ReceiptHandle": "r"} for body in refunds]
    sqs = SimpleNamespace(
        receive_message=lambda **_: {"Messages": [waiting.pop()]} if waiting else {},
        delete_message=lambda **_: None,
    )
    store = SimpleNamespace(transfer=lambda *_: SimpleNamespace(judgements=()))
    return SimpleNamespace(
        hub=SimpleNamespace(market=SimpleNamespace(store=lambda: store)),
        aws=SimpleNamespace(client=lambda _: sqs),
        queue_url=lambda _: "refunds",
        clock=SimpleNamespace(failures={"MiintoRmaFunction": 3, "WatchReturnsFunction": 0}),
    )


def told(world: Any, partners: PartnerSimulators) -> tuple[MiintoStory, Console]:
    console = Console(file=io.StringIO(), width=200)
    return MiintoStory(world, partners, Progress(console)), console


def test_what_never_comes_ends_the_story_with_a_sentence(
    partners: PartnerSimulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(miinto, "STEP_SECONDS", 0.0)
    story, console = told(idle_world(), partners)
    story.end()
    judgement = story.judge()
    show_marketplace(console, judgement)

    assert judgement.unexpected == [
        "Miinto: deciding transfers: nothing of it after 0 s; MiintoRmaFunction failed 3 times, "
        "see the logs"
    ]
    assert len(judgement.lost) == 6
    assert "the transfer is pending, and not accepted" in judgement.lost[0]
    assert judgement.summary()["miinto_orders"] == 0
    assert "Offered for too little" in console.file.getvalue()  # type: ignore[attr-defined]


def test_the_story_never_waits_itself(partners: PartnerSimulators) -> None:
    story, _ = told(idle_world(), partners)
    for _ in range(5):
        story.go_on()

    assert not story.is_done
    assert len(partners.miinto.all_books()["transfers"]) == 6


def test_refunds_are_taken_from_the_queue_even_when_the_story_ended_early(
    partners: PartnerSimulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(miinto, "STEP_SECONDS", 0.0)
    refund = {"refund_id": "r", "return_id": "miinto-x-1", "lines": [{"position": "1"}]}
    story, _ = told(idle_world(refund), partners)
    story.end()

    assert "refund r was told, and Miinto did not accept" in " ".join(story.judge().unexpected)


def test_what_a_simulator_refuses_is_told_in_words(partners: PartnerSimulators) -> None:
    door = SideDoor(partners.miinto_url)

    with pytest.raises(LocalStackError, match=r"refused nonsense: .*no action"):
        door.do("nonsense")
    with pytest.raises(LocalStackError, match="does not answer books"):
        SideDoor("http://127.0.0.1:9").books()

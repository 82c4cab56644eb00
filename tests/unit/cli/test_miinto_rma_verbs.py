"""hub miinto rma and what-if: what an operator sees of RMAs, and what a word of theirs does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.miinto import requests as request_verbs
from cli.miinto import rmas as rma_verbs
from cli.miinto import transfer_acts
from returns_hub.bootstrap import Hub
from returns_hub.domain.miinto.facts import RmaRequested, TransferJudged
from returns_hub.domain.miinto.orders import RequestState
from returns_hub.domain.miinto.transfers import Judgement
from returns_hub.errors import Permanent, UnknownOutcome
from returns_hub.flows.miinto.decide_rma import RmaDecided
from returns_hub.flows.miinto.request_rma import ask
from tests.unit.cli.conftest import Command
from tests.unit.cli.miinto_hub import (
    DK,
    NL,
    MiintoHub,
    an_rma,
    miinto_file,
    offered,
    seen,
)

RMA = "miinto-045-1234-30001"
WHO = "arn:aws:iam::1:user/pat"


@pytest.fixture
def shop(made: Hub, monkeypatch: pytest.MonkeyPatch) -> MiintoHub:
    it = MiintoHub(made)
    it.apply(miinto_file())
    monkeypatch.setattr(made, "market_world", it.world)
    return it


# -- RMAs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rma", "why"),
    [
        ({}, "both switches of miinto.rma"),
        ({"announce": {"mode": "shadow"}}, "every five minutes"),
        ({"announce": {"mode": "live"}}, "hub check example --area miinto"),
    ],
)
def test_a_list_without_rmas_says_why(
    shop: MiintoHub, command: Command, rma: dict[str, Any], why: str
) -> None:
    shop.apply(miinto_file(rma=rma), after=1)
    assert why in command("miinto", "rma", "list").stdout


def test_rmas_are_listed_with_miintos_word_and_the_hubs(shop: MiintoHub, command: Command) -> None:
    shop.keep(an_rma())
    shop.keep(an_rma("30002", "unknown", status_word="in_review"))
    shop.keep(an_rma("30003", "accepted", shop=NL))
    told = command("miinto", "rma", "list").stdout

    assert RMA in told
    assert "in_review (not known)" in told
    assert "not announced" in told
    assert "3 RMAs" in told
    assert max(len(line) for line in told.splitlines()) <= 120
    only = command("miinto", "rma", "list", "--status", "pending", "--json").stdout
    assert [row["return_id"] for row in json.loads(only)["rmas"]] == [RMA]
    assert "ida@" not in only
    dutch = command("miinto", "rma", "list", "--shop", "031-778", "--limit", "1").stdout
    assert "1 RMAs" in dutch


def test_an_rma_is_shown_without_its_raw_body(shop: MiintoHub, command: Command) -> None:
    shop.keep(an_rma(tracking="TT1"))
    told = command("miinto", "rma", "show", RMA).stdout
    as_json = command("miinto", "rma", "show", RMA, "--json").stdout

    for word in (
        "RMA 30001 of shop 045-1234",
        "order 555001",
        "499.00 DKK",
        "too_small",
        "TT1",
        "has not announced it",
    ):
        assert word in told
    assert "ida@" not in told + as_json
    assert json.loads(as_json)["timeline"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "66aa01f0c0ffee0000000001"), "is no RMA's id"),
        (("show", "miinto-045-1234-9"), "has seen no RMA miinto-045-1234-9"),
        (("accept", "miinto-045-1234-9", "--yes"), "has seen no RMA"),
        (("decline", RMA, "--yes"), "--reason"),
        (("accept", RMA, "--against-warehouse", "--yes"), "needs a --note"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    shop: MiintoHub, command: Command, arguments: tuple[str, ...], said: str
) -> None:
    shop.keep(an_rma())
    result = command("miinto", "rma", *arguments)
    assert result.exit_code in {1, 2}
    assert said in " ".join(result.output.split())


Heard = list[tuple[tuple[Any, ...], dict[str, Any]]]


def hears(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, answer: Any) -> Heard:
    """Puts a flow's function aside; what it is asked."""
    calls: Heard = []

    def act(*given: Any, **named: Any) -> Any:
        calls.append((given[1:], {k: v for k, v in named.items() if k != "wake"}))
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(module, name, act)
    return calls


def test_an_rma_is_accepted_with_the_persons_name_after_they_are_sure(
    shop: MiintoHub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.keep(an_rma())
    done = RmaDecided(RMA, "accept", ("811",), "sent", ("other goods came with it: MUG 1",))
    calls = hears(monkeypatch, rma_verbs, "accept_rma", done)

    asked = command("miinto", "rma", "accept", RMA, "811", given="n\n")
    assert (asked.exit_code, calls) == (1, [])
    assert "cannot be taken back" in asked.output
    assert "811: 1 x Linen shirt; the buyer's reason: too_small" in asked.output
    assert "812" not in asked.output
    result = command(
        "miinto", "rma", "accept", RMA, "811", "--note", "seen", "--against-warehouse", "--yes"
    )

    assert "(811): accepted at Miinto" in result.output
    assert "other goods came with it" in result.output
    assert calls == [((RMA, WHO), {"lines": ("811",), "note": "seen", "against_warehouse": True})]


def test_an_rma_is_declined_with_its_reason(
    shop: MiintoHub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.keep(an_rma())
    done = RmaDecided(RMA, "decline", ("811", "812"), "answered")
    calls = hears(monkeypatch, rma_verbs, "decline_rma", done)
    result = command("miinto", "rma", "decline", RMA, "--reason", "It was worn", "--yes")

    assert "the next run carries it out" in result.output
    assert calls == [((RMA, WHO, "It was worn"), {"lines": ()})]


@pytest.mark.parametrize(
    ("verdict", "exit_code", "said"),
    [
        (Permanent("rma.against_warehouse", "the finding is against it"), 1, "is against it"),
        (UnknownOutcome("miinto.unknown", "no answer"), 3, "which looks before it sends"),
    ],
)
def test_a_decision_that_is_refused_or_without_an_end_is_told(
    shop: MiintoHub,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    verdict: Exception,
    exit_code: int,
    said: str,
) -> None:
    shop.keep(an_rma())
    hears(monkeypatch, rma_verbs, "accept_rma", verdict)
    result = command("miinto", "rma", "accept", RMA, "--yes")
    assert (result.exit_code, said in result.output) == (exit_code, True)


def test_an_answer_wakes_the_receipts_flow_by_its_queue(
    shop: MiintoHub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.keep(an_rma())
    sent: list[str] = []
    wakes: list[Callable[[str], object]] = []

    def act(*_: Any, wake: Callable[[str], object], **__: Any) -> RmaDecided:
        wakes.append(wake)
        return RmaDecided(RMA, "accept", ("811",), "answered")

    monkeypatch.setattr(rma_verbs, "accept_rma", act)
    monkeypatch.setattr(
        rma_verbs, "parked_desk", lambda _hub, _who: type("D", (), {"send_receipt": sent.append})
    )
    command("miinto", "rma", "accept", RMA, "--yes")
    wakes[0]("look")
    assert sent == ["look"]


# -- requests ---------------------------------------------------------------------------------

NAME = "045-1234/555001/receipt-77@1"


def asked_for(shop: MiintoHub) -> None:
    """Goods came back without an RMA, and a person is asked."""
    shop.order(555001, seen())
    market = shop.world()
    request = RequestState(
        source="receipt-77@1",
        origin="receipt",
        external_return_id=77,
        units={"TEE": 1},
        positions={71: 1},
        outcome="asked",
    )
    order = market.market.order("example", DK, 555001)
    ask(request, order, market, code="rma.request", why="no RMA was made for them")


def test_requests_that_wait_are_listed_by_the_name_to_answer_with(
    shop: MiintoHub, command: Command
) -> None:
    asked_for(shop)
    told = command("miinto", "rma", "requests").stdout
    content = json.loads(command("miinto", "rma", "requests", "--json").stdout)

    assert "1 requests wait" in told
    assert "71=1" in told
    assert content["requests"][0]["request"] == NAME
    assert "no RMA was made for them" in content["requests"][0]["why"]


def test_a_request_is_made_for_what_the_person_says(
    shop: MiintoHub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for(shop)
    calls = hears(monkeypatch, request_verbs, "confirm_request", "requested")

    asked = command("miinto", "rma", "request", NAME, given="n\n")
    assert (asked.exit_code, calls) == (1, [])
    assert "1 x TEE came back" in asked.output
    first = command("miinto", "rma", "request", NAME, "--yes")
    command("miinto", "rma", "request", f"request_rma/{NAME}", "71=2", "--send-again", "--yes")

    assert "requested at Miinto" in first.output
    told = {"shop": DK, "order": 555001, "source": "receipt-77@1", "who": WHO}
    assert calls == [
        ((), told | {"positions": None, "send_again": False}),
        ((), told | {"positions": {71: 2}, "send_again": True}),
    ]


def test_a_request_is_given_up_with_a_note(shop: MiintoHub, command: Command) -> None:
    asked_for(shop)
    result = command("miinto", "rma", "request", NAME, "--discard", "--note", "a gift", "--yes")

    assert "given up" in result.output
    events = shop.world().market.timeline("example", "order", DK, 555001)
    last = events[-1]
    assert isinstance(last.fact, RmaRequested)
    assert (last.fact.request.outcome, last.actor) == ("discarded", WHO)
    assert "0 requests wait" in command("miinto", "rma", "requests").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nonsense",), "names no request"),
        (("045-1234/555001/receipt-9@1",), "order 045-1234/555001 has no request receipt-9@1"),
        ((NAME, "71"), "say POSITION=UNITS"),
        ((NAME, "71=0"), "say POSITION=UNITS"),
        ((NAME, "--discard", "--send-again"), "sends nothing"),
        ((NAME, "--note", "x"), "--note goes with --discard"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_words(
    shop: MiintoHub, command: Command, arguments: tuple[str, ...], said: str
) -> None:
    asked_for(shop)
    result = command("miinto", "rma", "request", *arguments, "--yes")
    assert result.exit_code in {1, 2}
    assert said in " ".join(result.output.split())


def test_a_transfers_request_is_released_in_the_persons_name(
    shop: MiintoHub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.transfer(9001, offered(49900))
    calls = hears(monkeypatch, transfer_acts, "release_decision", "request 1 was not carried out")
    result = command(
        "miinto", "transfers", "release", "045-1234", "9001", "1", "--note", "seen", "--yes"
    )

    assert "was not carried out" in result.output
    assert calls == [((DK, 9001, 1, WHO, "seen"), {})]


# -- what-if ----------------------------------------------------------------------------------


def too_cheap(shop: MiintoHub) -> None:
    """A transfer that the live rule left to a person, for its price."""
    said = Judgement(
        position=71,
        verdict="person",
        code="price_too_low",
        why="460.00 is less than 484.03",
        sku="TEE",
        available=5,
        stock=5,
        least_price=48403,
        final_price=49900,
        original_price=49900,
    )
    now = shop.made.clock.now()
    shop.transfer(9001, offered(46000, at=now), TransferJudged(rule="live", judgements=(said,)))


def test_another_rule_is_tried_on_what_was_offered(
    shop: MiintoHub, command: Command, tmp_path: Path
) -> None:
    too_cheap(shop)
    rule = tmp_path / "rule.yaml"
    rule.write_text("automatic: true\nprice_threshold: 0.9\n", encoding="utf-8")
    told = command("miinto", "what-if", "--rule", str(rule), "--days", "3").stdout
    content = json.loads(command("miinto", "what-if", "--rule", str(rule), "--json").stdout)

    assert "won" in told
    assert "460.00 DKK" in told
    assert max(len(line) for line in told.splitlines()) <= 120
    assert content["money"]["DKK"]["won"] == 46000
    assert content["positions"][0]["won"] is True
    assert content["rule"]["price_threshold"] == "0.9"


def test_the_rule_of_a_whole_merchant_file_is_taken(
    shop: MiintoHub, command: Command, tmp_path: Path
) -> None:
    too_cheap(shop)
    file = tmp_path / "m.yaml"
    file.write_text(
        "merchant: x\nmiinto:\n  transfers:\n    rule:\n      price_threshold: 0.5\n",
        encoding="utf-8",
    )
    content = json.loads(command("miinto", "what-if", "--rule", str(file), "--json").stdout)
    live = json.loads(command("miinto", "what-if", "--json").stdout)

    assert content["rule"]["price_threshold"] == "0.5"
    assert live["rule"]["price_threshold"] == "0.97"
    assert content["money"]["DKK"]["won"] == 46000
    assert live["money"] == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("price_treshold: 0.9", "price_treshold is no key of a rule"),
        ("price_threshold: 90", "price_threshold"),
        ("- a", "a rule is a map"),
        ("a: [", "is not plain YAML"),
        ("a: &x 1\nb: *x", "is not plain YAML"),
        (None, "cannot be read"),
    ],
)
def test_a_rule_that_is_none_is_told_so(
    shop: MiintoHub, command: Command, tmp_path: Path, text: str | None, said: str
) -> None:
    file = tmp_path / "rule.yaml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    result = command("miinto", "what-if", "--rule", str(file))
    assert result.exit_code == 1
    assert said in " ".join(result.output.split())

"""hub miinto: what an operator sees of shops, transfers and orders, and what their word does."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from cli.miinto import transfer_acts
from returns_hub.bootstrap import Hub
from returns_hub.domain.facts import Parked
from returns_hub.domain.miinto.facts import (
    Despatched,
    OrderMade,
    OrderPlanned,
    PositionsCommitted,
    PositionsDecided,
    RefundTied,
    RmaTied,
    TrackingSent,
    TransferGone,
)
from returns_hub.domain.miinto.orders import Despatch
from returns_hub.errors import Misconfigured, Retryable, UnknownOutcome
from returns_hub.ports.marketplace import ShopAccess
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command
from tests.unit.cli.miinto_hub import (
    DK,
    MADE,
    NL,
    PRIVATE,
    MiintoHub,
    an_rma,
    judged,
    live_order,
    miinto_file,
    offered,
    seen,
)


@pytest.fixture
def shop(made: Hub, monkeypatch: pytest.MonkeyPatch) -> MiintoHub:
    it = MiintoHub(made)
    it.apply(miinto_file())
    monkeypatch.setattr(made, "market_world", it.world)
    monkeypatch.setattr(made.market, "probe", lambda _merchant: it.probe)
    return it


def rows(command: Command, *arguments: str) -> list[dict[str, Any]]:
    content = json.loads(command(*arguments, "--json").stdout)
    found: list[dict[str, Any]] = next(v for v in content.values() if isinstance(v, list))
    return found


# -- shops ------------------------------------------------------------------------------------


def test_shops_of_the_login_stand_beside_those_of_the_file(
    shop: MiintoHub, command: Command
) -> None:
    shop.marketplace.access = (
        ShopAccess(DK, ("DK",), "Example DK"),
        ShopAccess("1-m!i!s-046-9", ("SE",), "Example SE"),
    )
    shop.probe.statuses["stock"] = Retryable("miinto.down", "Miinto: no answer")
    told = command("miinto", "shops", "example").stdout
    found = {row["id"]: row for row in rows(command, "miinto", "shops", "example")}

    assert "auth: OK" in told
    assert "stock: Miinto: no answer" in told
    assert "product map: OK" in told
    assert "live" in told
    assert found[DK]["standing"] == "configured"
    assert found["1-m!i!s-046-9"]["standing"] == "not_configured"
    assert found[NL]["standing"] == "not_granted"
    assert "THE LOGIN MAY NOT USE IT" in told
    assert "- id: 1-m!i!s-046-9" in told
    assert f"- id: {DK}" not in told


def test_test_mode_is_told(shop: MiintoHub, command: Command) -> None:
    shop.apply(miinto_file(test_mode=True), after=1)
    assert "TEST MODE" in command("miinto", "shops", "example").stdout


@pytest.mark.parametrize(
    "arguments",
    [["shops", "example"], ["transfers", "list"], ["orders", "list"], ["rma", "list"]],
)
def test_a_merchant_without_miinto_is_told_so(
    shop: MiintoHub, command: Command, arguments: list[str]
) -> None:
    shop.apply(merchant_file(), after=1)
    result = command("miinto", *arguments)

    assert result.exit_code == 1
    assert "no block miinto:" in result.output


# -- transfers --------------------------------------------------------------------------------


def test_what_waits_is_listed_with_the_rules_word_and_why(
    shop: MiintoHub, command: Command
) -> None:
    shop.transfer(9001, offered(49900, 9900), judged("accept", "person"))
    shop.transfer(9002, offered(100), TransferGone(code="expired"))
    told = command("miinto", "transfers", "list").stdout

    assert "9001" in told
    assert "499.00 DKK" in told
    assert "because of accept" in told
    assert "because of person" in told
    assert "9002" not in told
    assert max(len(line) for line in told.splitlines()) <= 120
    gone = rows(command, "miinto", "transfers", "list", "--status", "gone")
    assert [row["id"] for row in gone] == [9002]
    every = rows(command, "miinto", "transfers", "list", "--status", "all", "--shop", "045-1234")
    assert len(every) == 2


def test_a_transfer_is_shown_with_what_happened_to_it(shop: MiintoHub, command: Command) -> None:
    shop.transfer(
        9001,
        offered(49900, 9900),
        judged("accept", "decline"),
        PositionsCommitted(number=1, accepted=(71,), by="rule"),
        PositionsDecided(number=1, outcome="done", order=555001),
    )
    told = command("miinto", "transfers", "show", "045-1234", "9001").stdout

    assert "71: accepted: request 1 by rule: done, order 555001" in told
    assert "72: decline: because of decline" in told
    assert "484.03 DKK" in told
    assert "positions decided" in told


def decided(monkeypatch: pytest.MonkeyPatch, name: str, outcome: Any = "order 555001") -> list[Any]:
    """Hears what the flow is asked."""
    calls: list[Any] = []

    def act(_world: Any, shop_id: str, transfer: int, positions: Any, who: str) -> Any:
        calls.append((shop_id, transfer, list(positions), who))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setitem(transfer_acts.DECIDE, name, act)
    return calls


@pytest.mark.parametrize("name", ["accept", "decline"])
def test_positions_are_decided_with_the_persons_name(
    shop: MiintoHub, command: Command, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shop.transfer(9001, offered(49900, 9900))
    calls = decided(monkeypatch, name)

    asked = command("miinto", "transfers", name, "045-1234", "9001", "72", given="n\n")
    assert (asked.exit_code, calls) == (1, [])
    assert "Shirt 1" in asked.output
    done = command("miinto", "transfers", name, "045-1234", "9001", "72", "--yes")
    everything = command("miinto", "transfers", name, DK, "9001", "--all", "--yes")

    assert done.exit_code == 0
    assert everything.exit_code == 0
    who = "arn:aws:iam::1:user/pat"
    assert calls == [(DK, 9001, [72], who), (DK, 9001, [71, 72], who)]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("045-1234", "9001"), 2, "name POSITIONs, or say --all"),
        (("045-1234", "9001", "71", "--all"), 2, "name POSITIONs, or say --all"),
        (("045-1234", "9001", "99", "--yes"), 1, "position 99 does not wait; there are: 71"),
        (("045-1234", "9009", "71", "--yes"), 1, "no transfer 9009 of shop 045-1234"),
        (("045-9999", "9001", "71", "--yes"), 1, "has no shop 045-9999; there are: 045-1234"),
        (("045-1234", "9002", "71", "--yes"), 1, "it is gone (expired)"),
        (("045-1234", "9003", "71", "--yes"), 1, "each of its positions is decided"),
    ],
)
def test_what_cannot_be_decided_is_refused_before_anything_is_sent(
    shop: MiintoHub,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    exit_code: int,
    said: str,
) -> None:
    shop.transfer(9001, offered(49900))
    shop.transfer(9002, offered(49900), TransferGone(code="expired"))
    shop.transfer(
        9003,
        offered(49900),
        PositionsCommitted(number=1, accepted=(71,), by="rule"),
        PositionsDecided(number=1, outcome="done"),
    )
    calls = decided(monkeypatch, "accept")
    result = command("miinto", "transfers", "accept", *arguments)

    assert (result.exit_code, calls) == (exit_code, [])
    assert said in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("verdict", "exit_code", "said"),
    [
        (UnknownOutcome("miinto.unknown", "no answer"), 3, "It may have been done"),
        (Retryable("miinto.down", "no route", after=30), 3, "In 30 s repeat the command"),
        (Misconfigured("miinto.forbidden", "the login may not"), 1, "the login may not"),
    ],
)
def test_a_decision_without_a_known_end_says_how_to_find_out(
    shop: MiintoHub,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    verdict: Exception,
    exit_code: int,
    said: str,
) -> None:
    shop.transfer(9001, offered(49900))
    decided(monkeypatch, "accept", verdict)
    result = command("miinto", "transfers", "accept", "045-1234", "9001", "71", "--yes")

    assert result.exit_code == exit_code
    assert said in result.output


# -- orders -----------------------------------------------------------------------------------


@pytest.fixture
def market(shop: MiintoHub) -> MiintoHub:
    """One order in each state, and one offer."""
    shop.transfer(9001, offered(70000))
    shop.order(1, seen(10000))
    shop.order(
        2,
        seen(20000, at=MADE + timedelta(days=1)),
        *planned("MI-DK-2"),
        OrderMade(made_id=77, how="sent"),
    )
    shop.order(3, seen(30000, currency="EUR"), shop=NL)
    shop.order(4, seen(40000), Parked(flow="miinto", parked_id="p4", code="x", reason="no SKU"))
    return shop


def planned(number: str) -> tuple[OrderPlanned]:
    return (OrderPlanned(number=number, warehouse=3),)


def ids(command: Command, *arguments: str) -> list[int]:
    return [row["id"] for row in rows(command, "miinto", "orders", "list", *arguments)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), [9001, 2, 4, 3, 1]),
        (("--status", "pending-approval"), [9001]),
        (("--status", "inserted"), [2]),
        (("--status", "not-inserted"), [4]),
        (("--status", "accepted"), [3, 1]),
        (("--status", "cancelled"), []),
        (("--market", "nl"), [3]),
        (("--market", "DK"), [9001, 2, 4, 1]),
        (("--shop", "031-778"), [3]),
        (("--from", "2026-03-02"), [2]),
        (("--to", "2026-03-01", "--market", "DK", "--status", "accepted"), [1]),
        (("--price-from", "300"), [9001, 4, 3]),
        (("--price-from", "300", "--currency", "dkk"), [9001, 4]),
        (("--price-to", "200"), [2, 1]),
        (("--price-from", "200", "--price-to", "300"), [2, 3]),
    ],
)
def test_orders_are_listed_by_market_date_price_and_status(
    market: MiintoHub, command: Command, arguments: tuple[str, ...], expected: list[int]
) -> None:
    assert sorted(ids(command, *arguments)) == sorted(expected)


def test_what_waits_for_approval_comes_first_and_the_table_fits(
    market: MiintoHub, command: Command
) -> None:
    told = command("miinto", "orders", "list").stdout

    assert ids(command)[0] == 9001
    assert "pending approval" in told
    assert "not inserted" in told
    assert "MI-DK-2" in told
    assert "300.00 EUR" in told
    assert max(len(line) for line in told.splitlines()) <= 120


def test_pages_follow_each_other_and_nothing_is_left_out(
    market: MiintoHub, command: Command
) -> None:
    found: list[int] = []
    after = ""
    for _ in range(10):
        more = ("--after", after) if after else ()
        page = json.loads(
            command("miinto", "orders", "list", "--limit", "2", *more, "--json").stdout
        )
        found += [row["id"] for row in page["orders"]]
        after = page["after"]
        if not after:
            break
    assert sorted(found) == [1, 2, 3, 4, 9001]


def test_offers_beyond_the_first_page_are_told_of(market: MiintoHub, command: Command) -> None:
    words = ("miinto", "orders", "list", "--limit", "2")
    assert json.loads(command(*words, "--json").stdout)["more_may_wait"] is False
    for number in (9002, 9003):
        market.transfer(number, offered(10000))

    assert "more may wait for approval: --status pending-approval" in command(*words).stdout
    first = json.loads(command(*words, "--json").stdout)
    assert first["more_may_wait"] is True
    narrowed = json.loads(command(*words, "--status", "pending-approval", "--json").stdout)
    assert (narrowed["more_may_wait"], bool(narrowed["after"])) == (False, True)


def test_an_offer_is_worth_what_still_waits_of_it(market: MiintoHub, command: Command) -> None:
    market.transfer(9002, offered(10000, 90000), judged("person", "accept"))
    market.transfer(9002, PositionsCommitted(number=1, accepted=(72,), by="rule"))
    market.transfer(9002, PositionsDecided(number=1, outcome="done", order=7))
    assert 9002 in ids(command, "--price-to", "150")
    assert 9002 not in ids(command, "--price-from", "300")


def test_a_price_whose_unit_nobody_told_is_a_range(shop: MiintoHub, command: Command) -> None:
    shop.apply(miinto_file(transfers={"price_is": "unknown"}), after=1)
    shop.order(1, seen(10000, quantity=3))

    (row,) = rows(command, "miinto", "orders", "list")
    assert (row["worth"]["least"], row["worth"]["most"]) == (10000, 30000)
    assert ids(command, "--price-from", "250") == [1]
    assert ids(command, "--price-from", "301") == []
    assert ids(command, "--price-to", "99") == []
    assert "100.00 DKK or 300.00 DKK" in " ".join(
        command("miinto", "orders", "show", "045-1234", "1").stdout.split()
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--market", "FR"), "no shop is of FR; there are: DK, NL"),
        (("--from", "yesterday"), "is no day"),
        (("--price-from", "-1"), "is no amount"),
        (("--price-from", "NaN"), "is no amount"),
        (("--status", "lost"), "'lost' is not one of"),
        (("--limit", "0"), "0 is not in the range"),
        (("--after", "a b"), "as it was printed"),
    ],
)
def test_a_filter_that_makes_no_sense_is_told(
    market: MiintoHub, command: Command, arguments: tuple[str, ...], said: str
) -> None:
    result = command("miinto", "orders", "list", *arguments)
    assert result.exit_code in {1, 2}
    assert said in " ".join(result.output.split())


def full_order(shop: MiintoHub) -> None:
    shop.keep(an_rma())
    shop.order(
        555001,
        seen(),
        *planned("MI-DK-555001"),
        OrderMade(made_id=77, how="sent"),
        Despatched(despatch=Despatch(at=MADE, carrier="PostNord", tracking="PN1")),
        TrackingSent(tracking="PN1"),
        RmaTied(return_id="miinto-045-1234-30001"),
        RefundTied(refund_id="refund-1"),
    )
    shop.marketplace.orders_by_id[555001] = live_order(555001)


def test_an_order_is_shown_whole_but_for_its_buyer(shop: MiintoHub, command: Command) -> None:
    full_order(shop)
    told = command("miinto", "orders", "show", "045-1234", "555001").stdout

    for title in ("General", "Address", "Items", "Shipments", "RMAs", "Refunds", "Comments"):
        assert f"{title}\n" in told
    for word in (
        "despatched",
        "MI-DK-555001",
        "parcel shop",
        "I. M. H.",
        "DK",
        "PostNord PN1",
        "Miinto was told",
        "miinto-045-1234-30001: Miinto says pending",
        "refund-1",
        "order made",
        "499.00 DKK",
    ):
        assert word in told
    as_json = command("miinto", "orders", "show", "045-1234", "555001", "--json").stdout
    for private in PRIVATE:
        assert private not in told
        assert private not in as_json
    assert json.loads(as_json)["customer_is_masked"] is True
    assert "customer shown" not in told


@pytest.mark.shows_planted("who asks for a buyer is shown the buyer, and that is recorded")
def test_who_looks_at_a_buyer_is_kept_before_anything_is_shown(
    shop: MiintoHub, command: Command
) -> None:
    full_order(shop)
    told = command("miinto", "orders", "show", "045-1234", "555001", "--unmasked").stdout

    for private in PRIVATE:
        assert private in told
    last = shop.world().market.timeline("example", "order", DK, 555001)[-1]
    assert (last.fact.kind, last.actor) == ("customer_shown", "arn:aws:iam::1:user/pat")


def test_nobody_sees_a_buyer_whose_looking_cannot_be_kept(
    shop: MiintoHub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_order(shop)
    from returns_hub.adapters.dynamodb.market import DynamoDbMarketStore

    def away(*_: Any, **__: Any) -> Any:
        raise Retryable("aws.unreachable", "the table is away")

    monkeypatch.setattr(DynamoDbMarketStore, "append_to_order", away)
    result = command("miinto", "orders", "show", "045-1234", "555001", "--unmasked")

    assert result.exit_code == 3
    assert shop.marketplace.reads == 0


def test_an_order_is_shown_though_miinto_is_away(shop: MiintoHub, command: Command) -> None:
    full_order(shop)
    shop.marketplace.trouble = Retryable("miinto.down", "Miinto: no answer")
    result = command("miinto", "orders", "show", "045-1234", "555001")

    assert result.exit_code == 0
    assert "not to be had now: Miinto: no answer" in result.stdout
    assert "MI-DK-555001" in result.stdout


def test_an_order_that_was_never_seen_is_told_so(shop: MiintoHub, command: Command) -> None:
    result = command("miinto", "orders", "show", "045-1234", "9", "--unmasked")
    assert (result.exit_code, shop.marketplace.reads) == (1, 0)
    assert "has seen no order 9 of shop 045-1234" in result.output

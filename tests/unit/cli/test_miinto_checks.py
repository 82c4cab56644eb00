"""hub check of a merchant that sells on Miinto, against its simulator: found by reads alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from cli.checks import going_live, schedules, secrets
from cli.checks import miinto as area
from cli.checks.miinto_rmas import CANDIDATES
from cli.checks.model import Result
from cli.checks.run import run_checks
from local.simulators.miinto.sample import DK, DK_OUTLET, IDENTIFIER, NL, SE
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.rma_proof import is_proven
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command, Partners
from tests.unit.cli.miinto_world import AT, World, block


@pytest.fixture
def world(made: Hub, partners: Partners) -> Iterator[World]:
    it = World(made, partners)
    yield it
    assert it.written == []


def test_a_merchant_without_miinto_is_not_looked_at(world: World) -> None:
    subject = replace(world.subject(), market_of=None)
    assert list(run_checks(subject, (area.AREA,))) == []


def test_where_miinto_is_the_portal_its_own_login_is_looked_at(world: World) -> None:
    content = merchant_file(miinto=block(), portal="miinto", redo=None)
    world.made.merchants.apply(Merchant.model_validate(content), "test", after=world.applied)
    looked = {one.name: one for one in run_checks(world.subject(), (secrets.AREA,))}

    assert looked["secret miinto"].result is Result.OK
    assert looked["secret miinto"].found == "holds identifier and secret"
    assert "end of the Miinto login" in looked
    runs = {one.name: one for one in run_checks(world.subject(), (schedules.AREA,))}
    assert "Miinto" in runs["webhook run"].found
    told = {one.name: one for one in run_checks(world.subject(), (going_live.AREA,))}
    assert "in Miinto until now" in told["the old connector"].found


def test_everything_that_is_as_it_should_be_is_told(world: World) -> None:
    world.rma()
    world.rma(NL)
    found = world.look()

    for name in (
        "service auth",
        "service order",
        "service product map",
        "login",
        "shop 045-1234",
        "signed read of 045-1234",
        "transfers of 045-1234",
        "orders of 045-1234",
        "newer version",
        "warehouse 3 (shop 045-1234)",
        "product map of 045-1234",
        "feed",
        "prices in DKK",
        "what a price counts for",
        "shipping providers of 045-1234",
        "RMAs of 045-1234",
        "RMA contract",
        "RMAs live",
    ):
        assert found[name].result is Result.OK, found[name]
    assert found["service stock"].result is Result.SKIPPED
    assert "2.7 is not answered" in found["newer version"].found
    assert found["shops that are not in the file"].details["shops"] == sorted([DK_OUTLET, SE])


# -- login, shops, services -------------------------------------------------------------------


def test_a_refused_login_fails_once_and_is_not_tried_again(world: World) -> None:
    world.made.secrets.write("example", "miinto", {"identifier": IDENTIFIER, "secret": "wrong"})
    found = world.look()

    assert found["service order"].result is Result.OK
    assert found["login and shops"].result is Result.FAILED
    assert "was not looked at" in found["transfers and orders"].found
    assert world.miinto.calls.counts["POST /auth/channels 200"] == 1
    assert world.made.capabilities.rma_proof("example") is None


def test_shops_that_the_login_may_not_use_fail(world: World) -> None:
    world.apply(shops=[{"id": "1-m!i!s-045-9999", "warehouse": 3}, {"id": DK, "warehouse": 3}])
    found = world.look()

    assert found["shop 045-9999"].result is Result.FAILED
    assert "may not use it" in found["shop 045-9999"].found
    assert found["signed read of 045-9999"].result is Result.FAILED
    assert found["signed read of 045-1234"].result is Result.OK
    assert found["transfers of 045-1234"].result is Result.OK


def test_a_file_without_shops_fails(world: World) -> None:
    world.apply(shops=[])
    assert world.results("shops") == ["failed"]


def test_a_shop_in_another_country_than_the_file_says_is_told(world: World) -> None:
    world.apply(shops=[{"id": DK, "warehouse": 3, "country": "SE"}])
    found = world.look()["shop 045-1234"]
    assert (found.result, "the file has it in SE, the login in DK" in found.found) == (
        Result.WARNING,
        True,
    )


def test_a_shop_that_is_not_active_does_not_hide_the_others(world: World) -> None:
    world.miinto.state.shops[DK].active = False
    found = world.look()

    assert found["signed read of 045-1234"].result is Result.FAILED
    assert found["transfers of 045-1234"].result is Result.FAILED
    assert found["transfers of 031-778"].result is Result.OK
    assert found["RMAs of 045-1234"].result is Result.FAILED
    assert found["RMAs of 031-778"].result is Result.OK


def test_a_newer_version_that_is_answered_is_a_note(world: World) -> None:
    world.set(versions=("2.5", "2.6", "2.7"))
    found = world.look()["newer version"]
    assert (found.result, "2.7 is answered too" in found.found) == (Result.OK, True)


def test_test_mode_and_an_order_level_of_stock_only_are_told(world: World) -> None:
    world.apply(test_mode=True, level="stock_only", stock_url=f"{AT}/stock")
    found = world.look()

    assert found["test mode"].result is Result.WARNING
    assert found["transfers"].result is Result.SKIPPED
    assert found["RMA contract"].result is Result.SKIPPED


# -- products, prices, couriers ---------------------------------------------------------------


def test_a_warehouse_that_is_not_there_fails(world: World) -> None:
    world.apply(shops=[{"id": DK, "warehouse": 99}])
    found = world.look()["warehouse 99 (shop 045-1234)"]
    assert found.result is Result.FAILED
    assert "there are: 3 Corby, 4 London" in found.found


def test_a_currency_that_no_price_is_in_warns_and_fails_where_the_rule_decides(
    world: World,
) -> None:
    assert world.results("prices in DKK", "prices in EUR") == ["ok", "warning"]
    world.apply(
        transfers={"mode": "live", "price_is": "unit", "rule": {"automatic": True}},
    )
    assert world.results("prices in DKK", "prices in EUR") == ["ok", "failed"]


def test_a_feed_that_cannot_be_read_fails_and_one_that_is_needed_is_missed(world: World) -> None:
    world.miinto.stock.feeds["shop.tsv"] = "id\tbrand\n1\tAcme\n"
    assert world.results("feed") == ["failed"]
    world.set(feed_user="feed", feed_password="another invented one")
    assert world.results("feed") == ["failed"]
    world.apply(feed=None)
    assert world.results("feed") == ["skipped"]
    world.apply(feed=None, stock={"mode": "live"})
    assert world.results("feed") == ["failed"]


@pytest.mark.parametrize(
    ("transfers", "result"),
    [
        ({"mode": "off"}, "skipped"),
        ({"mode": "shadow"}, "warning"),
        ({"mode": "shadow", "price_is": "line"}, "ok"),
    ],
)
def test_what_a_price_counts_for(world: World, transfers: Any, result: str) -> None:
    world.apply(transfers=transfers)
    assert world.results("what a price counts for") == [result]


def test_providers_that_are_not_mapped_are_told_by_a_sample_of_orders(world: World) -> None:
    world.order()
    world.apply(orders={"mode": "shadow", "couriers": {"postnord": "1"}})
    found = world.look()

    assert found["shipping providers of 045-1234"].result is Result.WARNING
    assert found["shipping providers of 045-1234"].details["unmapped"] == ["gls"]
    assert found["shipping providers of 031-778"].result is Result.SKIPPED


def test_a_courier_that_mintsoft_does_not_have_fails(world: World) -> None:
    world.apply(orders={"mode": "live", "couriers": {"postnord": "No Such Courier"}})
    assert world.results("courier service No Such Courier") == ["failed"]


def test_the_tracking_call_is_never_proven(world: World) -> None:
    assert world.results("tracking") == ["skipped"]
    world.apply(tracking={"mode": "live"})
    found = world.look()["tracking"]
    assert found.result is Result.WARNING
    assert "cannot be looked up" in found.found


# -- the RMA contract -------------------------------------------------------------------------


def proven(world: World) -> bool:
    connection = world.made.merchants.live("example").merchant.miinto
    assert connection is not None
    return is_proven(connection, world.made.capabilities.rma_proof("example"))


def test_a_contract_that_reads_show_to_hold_is_kept_as_proven(world: World) -> None:
    world.rma()
    found = world.look()
    assert found["RMA contract"].found.startswith("proven by 1 RMAs of 1")
    assert found["RMAs live"].result is Result.OK
    assert proven(world)


def test_an_empty_list_proves_nothing(world: World) -> None:
    found = world.look()
    assert found["RMAs of 045-1234"].result is Result.OK
    assert found["RMA contract"].result is Result.WARNING
    assert found["RMAs live"].result is Result.SKIPPED
    assert not proven(world)


@pytest.mark.parametrize(("access", "status"), [("absent", "404"), ("forbidden", "403")])
def test_paths_that_are_not_answered_are_told_with_others_that_were_tried(
    world: World, access: str, status: str
) -> None:
    world.rma()
    world.set(rma_access=access)
    found = world.look()

    assert found["RMAs of 045-1234"].result is Result.FAILED
    answers = found["RMAs of 045-1234"].details["answers"]
    assert set(answers) == set(CANDIDATES)
    assert answers["/shops/{shop}/rmas"] == status
    assert found["RMA contract"].result is Result.FAILED
    assert not proven(world)


def test_another_dialect_is_not_taken_for_the_files(world: World) -> None:
    world.rma()
    world.set(rma_dialect="b")
    found = world.look()

    assert found["RMA contract"].result is Result.FAILED
    assert found["RMAs of 045-1234"].details["answers"]["/shops/{shop}/returns"] == "200"
    assert not proven(world)


def test_a_word_that_nobody_told_us_of_is_listed(world: World) -> None:
    world.rma()
    second = world.rma()
    word = {"kind": "rma", "shop": DK, "id": second["rma"], "word": "in_review"}
    rma = world.miinto.rmas.one(DK, int(word["id"]))
    rma.word = "in_review"
    found = world.look()

    assert found["words of RMAs"].details["words"] == ["in_review"]
    assert found["RMA contract"].result is Result.OK
    proof = world.made.capabilities.rma_proof("example")
    assert proof is not None
    assert proof.unknown_words == ("in_review",)


def test_words_that_are_all_unknown_prove_nothing(world: World) -> None:
    made = world.rma()
    world.miinto.rmas.one(DK, int(made["rma"])).word = "in_review"
    assert world.results("RMA contract") == ["warning"]
    assert not proven(world)


@pytest.mark.parametrize(
    "change", [{"position": {"id": ["nr"]}}, {"lists": {"nowhere": "pending"}}]
)
def test_a_body_that_is_not_as_the_file_says_fails(world: World, change: Any) -> None:
    world.rma()
    world.apply(rma={"decide": {"mode": "shadow"}, "contract": change})
    assert world.results("RMA contract") == ["failed"]
    assert not proven(world)


def test_a_version_before_rmas_fails(world: World) -> None:
    world.apply(version="2.4")
    found = world.look()["RMA contract"]
    assert (found.result, "they need 2.5" in found.found) == (Result.FAILED, True)


@pytest.mark.parametrize("part", ["announce", "decide"])
def test_rmas_that_are_live_without_a_proof_fail(world: World, part: str) -> None:
    world.apply(rma={part: {"mode": "live"}})
    assert world.results("RMAs live") == ["failed"]
    world.rma()
    assert world.results("RMAs live") == ["ok"]


def test_a_contract_that_changed_is_not_proven_any_more(world: World) -> None:
    world.rma()
    world.look()
    assert proven(world)
    world.apply(rma={"contract": {"words": {"pending": ["pending", "open"]}}})
    assert not proven(world)


@pytest.mark.parametrize("access", ["absent", "forbidden"])
def test_a_refused_or_empty_list_leaves_what_was_proven(world: World, access: str) -> None:
    world.rma()
    world.look()
    world.set(rma_access=access)
    found = world.look()

    assert found["RMAs of 045-1234"].result is Result.FAILED
    assert found["RMA contract"].found.startswith("was proven 20")
    assert proven(world)

    world.set(rma_access="granted")
    world.miinto.rmas._of_shop.clear()
    assert world.look()["RMA contract"].result is Result.OK
    assert proven(world)


def test_an_rma_that_is_not_as_it_was_proven_ends_the_proof(world: World) -> None:
    made = world.rma()
    world.look()
    assert proven(world)
    world.miinto.rmas.one(DK, int(made["rma"])).lines.clear()
    assert world.results("RMA contract") == ["failed"]
    assert not proven(world)


@pytest.mark.parametrize(
    ("rma", "strategy", "result"),
    [
        ({}, "auto", "skipped"),
        ({"requests": "ask", "decide": {"mode": "off"}}, "by_date", "warning"),
        ({"requests": "ask", "decide": {"mode": "shadow"}}, "by_date", "ok"),
        ({"requests": "automatic", "decide": {"mode": "shadow"}}, "due_ids", "warning"),
        ({"requests": "automatic", "decide": {"mode": "shadow"}}, "auto", "warning"),
    ],
)
def test_goods_without_an_rma_have_to_be_found(
    world: World, rma: Any, strategy: str, result: str
) -> None:
    world.apply(rma=rma, strategy=strategy)
    assert world.results("RMA requests") == [result]


def test_what_cannot_be_reached_leaves_what_was_known(world: World, partners: Partners) -> None:
    world.rma()
    world.look()
    world.apply(order_url="http://127.0.0.1:9/order", auth_url=f"{AT}/auth")
    found = world.look()

    assert found["service order"].result is Result.FAILED
    kept = world.made.capabilities.rma_proof("example")
    assert kept is not None
    assert kept.proven


def test_the_command_has_the_area(world: World, command: Command) -> None:
    content = json.loads(command("check", "example", "--area", "miinto", "--json").stdout)
    assert {row["area"] for row in content["checks"]} == {"miinto"}
    assert "login" in {row["name"] for row in content["checks"]}


def test_the_steps_of_miintos_run_are_looked_at_each_by_its_own_cursor(world: World) -> None:
    world.apply(transfers={"mode": "live"}, stock={"mode": "off"})
    cursors = world.made.cursors
    lease = cursors.acquire("miinto/orders/example", "a run", 60)
    assert lease is not None
    cursors.advance(lease, {})
    cursors.release(lease)
    findings = run_checks(world.subject(), (schedules.AREA,))
    found = {one.name: one.result.value for one in findings if one.name.startswith("Miinto")}

    assert found == {
        "Miinto transfers run": "skipped",
        "Miinto orders run": "ok",
        "Miinto rmas run": "skipped",
        "Miinto stock run": "skipped",
    }

"""hub check --end-to-end: the walk, step by step, and what keeps it out of a customer's tenant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import worlds
from cli.checks.model import Finding, Result
from cli.end_to_end import verb
from cli.end_to_end.walk import Stage, Walk
from cli.worlds import Reach
from local import rehearsal as here
from local.partners import PartnerSimulators
from local.simulators.faults import Fault, FaultKind
from local.simulators.redo.simulator import Settings
from local.stack import LocalStackError
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Misconfigured
from returns_hub.flows.make_test_return import SandboxReturnAsked
from returns_hub.ports import SandboxLine
from tests.support.checks import ORDER, sandbox_returns
from tests.support.loop_worlds import loop_file
from tests.support.worlds import KEY, PASSWORD, TOKEN, Bench, merchant_file
from tests.unit.cli.conftest import Command

ASKED = SandboxReturnAsked(
    shop="shopify",
    order_id="6100",
    lines=(SandboxLine("14", "damaged", "damaged"), SandboxLine("15", "too warm")),
    ship_from=verb.SHIP_FROM,
)
STEPS = ["created", "published", "announced", "comment", "confirmed", "processed"]


def sandbox_bench() -> Bench:
    bench = Bench()
    bench.file["sandbox"] = True
    bench.redo.settings = Settings(made_locations=("loc_corby", "loc_london"))
    bench.redo.orders["order1"] = json.loads(json.dumps(ORDER))
    return bench


def stage(bench: Bench, **changes: Any) -> Stage:
    """The bench as a stage: messages are handled at once, receipts while the walk waits."""

    def confirm(ids: tuple[int, ...]) -> None:
        for number in ids:
            bench.receive(number)

    given: dict[str, Any] = {
        "world": bench.world(),
        "portal": sandbox_returns(bench),
        "publish": bench.approve,
        "asked": ASKED,
        "confirm": confirm,
        "judge": None,
        "every": 1.0,
        "machine_seconds": 600.0,
        "person_seconds": 1800.0,
        "waiting": lambda _step, _seconds: bench.poll(),
    }
    return Stage(**given | changes)


def walked(bench: Bench, **changes: Any) -> dict[str, Finding]:
    findings = list(Walk(stage(bench, **changes)).steps())
    assert [finding.name for finding in findings][: len(STEPS)] == STEPS
    return {finding.name: finding for finding in findings}


def stops_at(found: dict[str, Finding], name: str) -> Finding:
    """The step that failed; those before it are done, those after it were not come to."""
    names = list(found)
    at = names.index(name)
    assert {found[n].result for n in names[:at]} <= {Result.OK}
    assert found[name].result is Result.FAILED
    assert {found[n].result for n in names[at + 1 :]} <= {Result.SKIPPED}
    return found[name]


# -- the walk ---------------------------------------------------------------------------------


def test_R13_a_test_return_walks_through_the_whole_chain() -> None:
    bench = sandbox_bench()
    found = walked(bench)

    assert {finding.result for finding in found.values()} == {Result.OK}
    assert found["announced"].details["external_returns"] == [41, 42]
    assert "external return 41 in warehouse 3 (reason 2)" in found["announced"].found
    assert "external return 42 in warehouse 4 (reason 1)" in found["announced"].found
    assert all(finding.details["seconds"] >= 0 for finding in found.values())
    (made,) = bench.redo.books.made
    assert bench.redo.returns[made]["status"] == "complete"
    assert set(bench.redo.books.payments.values()) == {1}


def test_R13_a_walk_that_was_stopped_goes_on_where_it_was() -> None:
    bench = sandbox_bench()
    first = walked(bench, confirm=lambda ids: None, person_seconds=60.0)
    stuck = stops_at(first, "confirmed")
    assert "not within 60 s" in stuck.found
    assert "the same command goes on" in stuck.to_do

    second = walked(bench)
    assert {finding.result for finding in second.values()} == {Result.OK}
    assert second["created"].details["how"] == "already"
    assert len(bench.redo.books.made) == 1
    assert len(bench.external_returns()) == 2


def test_R13_a_lost_answer_is_waited_for_and_looked_up() -> None:
    bench = sandbox_bench()
    bench.redo.faults.add(Fault(FaultKind.RESET_AFTER, times=1))
    found = walked(bench)

    assert found["created"].details["how"] == "looked_up"
    assert len(bench.redo.books.made) == 1
    assert found["processed"].result is Result.OK


def test_R13_a_return_that_the_portal_refuses_is_told() -> None:
    bench = sandbox_bench()
    asked = replace(ASKED, order_id="6199")

    assert "does not know it" in stops_at(walked(bench, asked=asked), "created").found


def test_R13_a_missing_scope_is_not_waited_for() -> None:
    bench = sandbox_bench()
    bench.redo.tokens = {token: frozenset({"returns_read"}) for token in bench.redo.tokens}
    began = bench.clock.now()

    assert "returns_write" in stops_at(walked(bench), "created").found
    assert (bench.clock.now() - began).total_seconds() < 10


def test_R13_a_return_that_is_parked_stops_the_walk_with_the_reason() -> None:
    bench = sandbox_bench()
    del bench.mintsoft.tenant.products[902]
    stuck = stops_at(walked(bench), "announced")

    assert "MUG" in stuck.found
    assert "hub timeline example" in stuck.to_do


def test_R13_a_shipment_without_a_warehouse_stops_the_walk_with_the_reason() -> None:
    bench = sandbox_bench()
    bench.file["mintsoft"]["warehouses"] = {"by_location": {"loc_corby": 3}}
    stuck = stops_at(walked(bench), "announced")

    assert "loc_london is not in warehouses.by_location" in stuck.found


def test_R13_in_shadow_the_walk_says_why_it_ends() -> None:
    bench = sandbox_bench()
    bench.file["flows"]["create_external_returns"]["mode"] = "shadow"

    assert "shadow" in stops_at(walked(bench), "announced").found


def test_R13_a_message_that_nobody_handles_runs_into_its_time() -> None:
    bench = sandbox_bench()
    stuck = stops_at(walked(bench, publish=lambda text: None), "announced")

    assert "not within 10 minutes" in stuck.found
    assert "hub timeline" in stuck.to_do


def test_R13_a_comment_that_does_not_come_runs_into_its_time() -> None:
    bench = sandbox_bench()

    def comments_vanish(text: str) -> None:
        bench.approve(text)
        bench.redo.comments.clear()

    stops_at(walked(bench, publish=comments_vanish, machine_seconds=60.0), "comment")


def test_R13_an_external_return_that_is_gone_is_told() -> None:
    bench = sandbox_bench()

    def gone(ids: tuple[int, ...]) -> None:
        del bench.mintsoft.returns[ids[0]]

    assert "41 is gone" in stops_at(walked(bench, confirm=gone), "confirmed").found


def test_R13_goods_that_differ_are_flagged_and_told() -> None:
    bench = sandbox_bench()

    def other_goods(ids: tuple[int, ...]) -> None:
        bench.receive(ids[0], ("CAP", 1))
        bench.receive(ids[1])

    assert "flagged" in stops_at(walked(bench, confirm=other_goods), "processed").found


def test_R13_a_return_that_a_colleague_closes_is_told() -> None:
    bench = sandbox_bench()

    def rejected(ids: tuple[int, ...]) -> None:
        for number in ids:
            bench.receive(number)
        bench.redo.set_status(bench.redo.books.made[0], "rejected")

    assert "rejected" in stops_at(walked(bench, confirm=rejected), "processed").found


def test_R13_a_partner_that_is_away_for_a_moment_is_waited_for() -> None:
    bench = sandbox_bench()

    def away(ids: tuple[int, ...]) -> None:
        for number in ids:
            bench.receive(number)
        bench.mintsoft.faults.add(Fault(FaultKind.ERROR_500_BEFORE, times=3))

    assert walked(bench, confirm=away)["processed"].result is Result.OK


def test_R13_books_that_say_otherwise_fail_the_walk() -> None:
    bench = sandbox_bench()
    found = walked(bench, judge=lambda _id, _state: iter(["paid twice"]))

    assert stops_at(found, "books").found == "paid twice"
    assert walked(bench, judge=lambda _id, _state: iter([]))["books"].result is Result.OK


# -- in a sandbox -----------------------------------------------------------------------------

WALK = ("--end-to-end", "--sandbox", "--yes", "--order", "6100", "--line", "14")


def apply(made: Hub, **changes: Any) -> None:
    made.merchants.apply(Merchant.model_validate(merchant_file(**changes)), "test", after=0)
    made.secrets.write("example", "redo", {"api_token": "x"})


@pytest.fixture
def no_portal(made: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to make a return is a failure of the test."""

    def forbidden(_: Any) -> Any:
        raise AssertionError("a test return was about to be made")

    monkeypatch.setattr(made, "sandbox_returns", forbidden)


def test_R13_a_tenant_that_is_not_marked_is_refused_whatever_is_said(
    made: Hub, command: Command, no_portal: None
) -> None:
    apply(made)
    result = command("check", "example", *WALK, "--json")
    (row,) = json.loads(result.stdout)["checks"]

    assert result.exit_code == 1
    assert "not marked as a sandbox" in row["found"]


def test_R13_a_sandbox_whose_flows_write_nothing_is_refused(
    made: Hub, command: Command, no_portal: None
) -> None:
    apply(made, sandbox=True, flows={})
    result = command("check", "example", *WALK)

    assert result.exit_code == 1
    assert "mode is shadow" in result.stdout


def test_a_sandbox_that_cannot_be_read_is_a_row(
    made: Hub, command: Command, no_portal: None
) -> None:
    result = command("check", "nobody", *WALK)

    assert result.exit_code == 1
    assert "no merchant 'nobody'" in result.stdout


def test_R13_a_sandbox_is_walked_with_what_was_asked_for(
    made: Hub, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    apply(made, sandbox=True)
    stages: list[Stage] = []

    def steps(walk: Any) -> Iterator[Finding]:
        stages.append(walk._stage)
        yield Finding("created", Result.OK, "made")
        raise KeyboardInterrupt

    monkeypatch.setattr(Walk, "steps", steps)
    address = {
        "line1": "2 Sample Row",
        "city": "York",
        "state": "North Yorkshire",
        "postal_code": "YO1 1AA",
        "country": "GB",
    }
    (tmp_path / "from.json").write_text(json.dumps(address), encoding="utf-8")
    more = ("--line", "15", "--reason", "fit", "--number", "2", "--wait", "5", "--shop", "other")
    where = ("--ship-from", str(tmp_path / "from.json"))
    result = command("check", "example", *WALK, *more, *where)

    assert result.exit_code == 1
    assert "the same command goes on where it was" in result.stdout
    (it,) = stages
    assert it.asked.lines == (SandboxLine("14", "fit", "fit"), SandboxLine("15", "fit", "fit"))
    assert (it.asked.shop, it.asked.number, it.asked.order_id) == ("other", 2, "6100")
    assert (it.asked.ship_from.city, it.person_seconds, it.judge) == ("York", 300.0, None)

    capture = command("check", "example", *WALK)
    assert stages[1].asked.lines == (SandboxLine("14", "Test return", None),)
    assert stages[1].asked.ship_from == verb.SHIP_FROM
    assert capture.exit_code == 1


@pytest.mark.parametrize("content", ["", "[]", "5", '{"line1": "x"}', "[" * 70_000])
def test_an_address_that_is_none_is_told(
    made: Hub, command: Command, tmp_path: Path, content: str
) -> None:
    (tmp_path / "from.json").write_text(content, encoding="utf-8")
    result = command("check", "example", *WALK, "--ship-from", str(tmp_path / "from.json"))

    assert result.exit_code == 2
    assert "postal_code" in result.stderr


def test_a_person_is_told_what_to_confirm(made: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    apply(made, sandbox=True)
    asked = verb.SandboxAsked(ASKED, 5.0)
    it = verb._sandbox_stage(made, made.world("example"), asked)
    it.confirm((41, 42))
    it.waiting("confirmed", 10.0)
    it.waiting("confirmed", 31.0)
    it.waiting("confirmed", 40.0)

    said = capsys.readouterr().err
    assert "confirm external return 41, 42 (client 12)" in said
    assert said.count("waiting for: confirmed") == 1


# -- on this machine --------------------------------------------------------------------------


@pytest.fixture
def rehearsed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Merchant]:
    """The merchants that would be walked with; no stack is started, and none runs."""
    monkeypatch.setattr(worlds, "WORLD_FILE", tmp_path / "world.json")
    merchants: list[Merchant] = []

    @contextmanager
    def rehearsal(merchant: Merchant, waiting: Any) -> Iterator[Stage]:
        merchants.append(merchant)
        yield stage(sandbox_bench())

    monkeypatch.setattr(here, "rehearsal", rehearsal)
    return merchants


def test_R13_with_nothing_running_the_example_is_walked(
    rehearsed: list[Merchant], command: Command
) -> None:
    result = command("check", "--end-to-end", "--json")
    content = json.loads(result.stdout)

    assert result.exit_code == 0, result.output
    assert [merchant.merchant for merchant in rehearsed] == ["example"]
    assert [row["name"] for row in content["checks"]] == STEPS
    assert {row["area"] for row in content["checks"]} == {"end_to_end"}


def test_R13_a_stacks_merchant_is_walked_with_its_live_file(
    made: Hub, command: Command, rehearsed: list[Merchant], monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(made, name="Live Fashion")
    monkeypatch.setattr(Reach, "is_somewhere", True)

    assert command("check", "example", "--end-to-end").exit_code == 0
    assert rehearsed[0].name == "Live Fashion"
    assert command("check", "nobody", "--end-to-end").exit_code == 1
    assert len(rehearsed) == 1


def test_R13_a_file_of_ones_own_is_walked(
    rehearsed: list[Merchant], command: Command, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(merchant_file(merchant="mine")), encoding="utf-8")

    assert command("check", "--end-to-end", "--file", str(path)).exit_code == 0
    assert rehearsed[0].merchant == "mine"
    wrong = command("check", "other", "--end-to-end", "--file", str(path))
    assert (wrong.exit_code, len(rehearsed)) == (1, 1)
    assert "file of mine, not of other" in wrong.stdout


@pytest.mark.parametrize("arguments", [["nobody"], ["--file", "no-such.yaml"]])
def test_a_file_that_is_not_there_is_a_row(
    rehearsed: list[Merchant], command: Command, arguments: list[str]
) -> None:
    result = command("check", "--end-to-end", *arguments)

    assert result.exit_code == 1
    assert "cannot be read" in result.stdout
    assert "--file" in result.stdout


def test_a_bad_file_is_told_line_by_line(
    rehearsed: list[Merchant], command: Command, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("merchant: Mine\nname: x\nredo: {}\n", encoding="utf-8")
    result = command("check", "--end-to-end", "--file", str(path))

    assert result.exit_code == 1
    assert "mine.yaml:1: merchant must be lower-case" in result.stdout
    assert "mine.yaml:3: redo.store_id is missing" in result.stdout


def test_a_stack_that_does_not_start_is_a_row(
    rehearsed: list[Merchant], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise LocalStackError("its environment is missing; `make setup` installs it")

    monkeypatch.setattr(here, "rehearsal", broken)
    result = command("check", "--end-to-end", "--json")
    (row,) = json.loads(result.stdout)["checks"]

    assert (result.exit_code, row["name"]) == (1, "local stack")
    assert "make setup" in row["found"]


# -- the rehearsal's own judgement ------------------------------------------------------------


def rehearsed_books(file: dict[str, Any]) -> tuple[Bench, Merchant, PartnerSimulators]:
    """A bench that has what the rehearsal gives its simulators, walked through."""
    bench = Bench(file=file | {"sandbox": True})
    merchant = bench.live().merchant
    credentials = {"redo_token": TOKEN, "mintsoft_key": KEY, "mintsoft_password": PASSWORD}
    bench.mintsoft.tenant.products.clear()
    bench.mintsoft.seed(here.mintsoft_seed(merchant, credentials))
    bench.redo.seed(here.redo_seed(merchant, credentials["redo_token"]))
    bench.redo.settings = Settings(made_locations=here._locations(merchant))
    found = walked(bench, asked=here.asked_of(merchant))
    assert found["processed"].result is Result.OK, found["processed"]
    partners = PartnerSimulators(bench.redo, bench.mintsoft, "", "", credentials)
    return bench, merchant, partners


def judged(bench: Bench, merchant: Merchant, partners: PartnerSimulators) -> list[str]:
    (made,) = bench.redo.books.made[:1]
    state = bench.returns.load("example", made)
    return list(here.judged(made, state, merchant, partners))


def test_R13_the_rehearsal_walks_with_the_files_own_maps() -> None:
    bench, merchant, partners = rehearsed_books(merchant_file())

    assert judged(bench, merchant, partners) == []
    assert {record.warehouse_id for record in bench.external_returns()} == {3, 4}


@pytest.mark.parametrize(
    "warehouses", [{"merchant_address": 7}, {"by_location": {f"l{n}": n for n in range(1, 9)}}]
)
def test_R13_the_rehearsal_takes_files_without_maps_and_with_many(warehouses: Any) -> None:
    file = merchant_file()
    file["mintsoft"] |= {"warehouses": warehouses, "reasons": {"default": 0}}
    bench, merchant, partners = rehearsed_books(file)

    assert judged(bench, merchant, partners) == []
    assert len(bench.external_returns()) == min(5, len(warehouses.get("by_location", [1])))


def test_R13_every_difference_in_the_books_is_seen() -> None:
    bench, merchant, partners = rehearsed_books(merchant_file())
    records = bench.external_returns()
    (made,) = bench.redo.books.made
    paid = f"{made}/{bench.redo.returns[made]['items'][0]['id']}"

    records[0].warehouse_id = 9
    records[1].rows[0].reason_id = 9
    bench.redo.books.payments[paid] = 2
    bench.redo.books.restocked[paid] = False
    bench.redo.books.made.append("another")
    bench.mintsoft.returns[99] = replace(records[0], id=99)

    assert len(judged(bench, merchant, partners)) == 6


def test_R13_a_marketplace_has_no_part_in_the_walk() -> None:
    """Its addresses are the real ones: nothing on this machine may ever ask them."""
    shops = [{"id": "1-m!i!s-045-1234", "warehouse": 3}]
    merchant = Merchant.model_validate(merchant_file(miinto={"shops": shops}))
    partners = PartnerSimulators(None, None, "http://127.0.0.1:5", "http://127.0.0.1:6", {})  # type: ignore[arg-type]

    assert merchant.miinto is not None
    assert here.as_here(merchant, partners).miinto is None


@pytest.mark.parametrize("authentication", ["api_key", "login"])
def test_R13_the_file_as_walked_with_keeps_all_but_addresses_and_modes(authentication: str) -> None:
    table = {"lines": {"short": "hold"}, "wait_seconds": 60, "limits": {"most_units": 1}}
    file = merchant_file(live_from=None, flows={"process_receipts": {"policy": table}})
    file["mintsoft"]["authentication"] = authentication
    merchant = Merchant.model_validate(file)
    partners = PartnerSimulators(None, None, "http://127.0.0.1:5", "http://127.0.0.1:6", {})  # type: ignore[arg-type]
    walked_with = here.as_here(merchant, partners)

    assert walked_with.redo is not None
    assert walked_with.redo.base_url == "http://127.0.0.1:5/v2.2"
    assert walked_with.mintsoft.base_url == "http://127.0.0.1:6"
    assert walked_with.mintsoft.warehouses == merchant.mintsoft.warehouses
    assert walked_with.mintsoft.reasons == merchant.mintsoft.reasons
    policy = walked_with.flows.process_receipts.policy
    assert (policy.table()["short"], policy.wait_seconds) == ("hold", 0)
    assert policy.limits.most_units is None
    assert walked_with.flows.process_receipts.mode.value == "live"
    user = here.mintsoft_seed(merchant, {"mintsoft_key": "k", "mintsoft_password": "p"})["users"]
    assert user[0].get("static_key") == ("k" if authentication == "api_key" else None)


def test_R13_a_merchant_of_another_portal_has_no_walk() -> None:
    merchant = Merchant.model_validate(loop_file())
    with pytest.raises(Misconfigured, match="Redo's own API only"):
        here.redo_of(merchant)

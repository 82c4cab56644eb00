"""hub decide and hub policy: what they show, keep and refuse."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from cli import worlds
from cli.merchant_advice import abilities_of
from cli.policies import Outcome, candidate, try_on
from local.simulators.redo.bodies import whole_totals
from returns_hub.bootstrap import Hub
from returns_hub.domain.facts import OperatorActed
from returns_hub.domain.merchant import Merchant
from tests.support.audit import FakeAudit
from tests.support.rma_worlds import RMA_RETURN, RmaBench, rma_file
from tests.support.worlds import RETURN_ID, Bench, item, merchant_file, redo_return
from tests.unit.cli.conftest import Command

ANSWER = ("decide", "answer", RETURN_ID)
EXPLAIN = ("decide", "--explain", RETURN_ID)


class Office:
    """A bench that every command of the test reaches as its hub."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.sent: list[str] = []
        self.owners: tuple[str, ...] = ("example",)
        queue = SimpleNamespace(send=self.sent.append)
        self.hub = SimpleNamespace(
            merchants=SimpleNamespace(
                all_ids=lambda: self.owners,
                live=lambda _merchant: bench.live(),
                newest_number=lambda _merchant: bench.live().version,
            ),
            audit=FakeAudit(bench.clock),
            returns=bench.returns,
            parking=bench.parking,
            clock=bench.clock,
            settings=SimpleNamespace(
                approved_returns_queue_url="a",
                poll_mintsoft_queue_url="p",
                audit_table="AuditTable",
            ),
            queue=lambda _url: queue,
            market=SimpleNamespace(store=lambda: None),
            sync_records=lambda: None,
            world=lambda _merchant: bench.world(),
        )

    def came(self, *goods: tuple[str, int], policy: dict[str, Any] | None = None) -> None:
        """Three shirts and a mug were announced; the warehouse confirms these goods."""
        bench = self.bench
        if policy is not None:
            bench.file["flows"]["process_receipts"]["policy"] = policy
        lines = [item(1, "TEE", 3), item(2, "MUG")]
        bench.put(redo_return(lines, totals=whole_totals(refund="30.00")))
        bench.approve()
        if goods:
            bench.receive(41, *goods)
            bench.poll()


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Office:
    monkeypatch.setattr(worlds, "WORLD_FILE", tmp_path / "world.json")
    made = Office(Bench())
    monkeypatch.setattr(worlds.Reach, "hub", lambda _self: made.hub)
    monkeypatch.setattr(worlds.Reach, "caller", lambda _self: "pat")
    return made


# -- hub decide --explain -----------------------------------------------------------------------


def test_a_decision_is_explained_from_its_lines_to_what_became_of_it(
    office: Office, command: Command
) -> None:
    office.came(("TEE", 2), ("MUG", 1), policy={"lines": {"short": "ask"}})
    told = command(*EXPLAIN)

    assert told.exit_code == 0, told.output
    for words in (
        f"return {RETURN_ID}: open in the portal, worth 30.00 GBP",
        "merchant file example v1",
        "policy standard@",
        f"waits for a person; hub decide answer {RETURN_ID}",
        "short: ask (override)",
        "match: process (preset)",
        "decision: ask",
        "rule: short: ask",
        "note: Fewer units were received than announced (TEE: expected 3, received 2)",
        "decided before:",
        "ask, by short: ask (policy standard@",
        "put before a person",
    ):
        assert words in told.output, words


def test_an_explanation_for_machines(office: Office, command: Command) -> None:
    office.came(("TEE", 2), ("MUG", 1))
    told = json.loads(command(*EXPLAIN, "--json").stdout)

    (receipt,) = told["receipts"]
    assert receipt["settled"] == "flagged"
    assert receipt["decision"]["action"] == "flag"
    assert [line["action"] for line in receipt["lines"]] == ["flag", "process"]
    (decided,) = told["decided"]
    assert (decided["decision"], decided["config_version"]) == ("flag", 1)
    assert decided["policy"] == told["policy"]


def test_what_has_not_come_is_said_and_can_be_supposed(office: Office, command: Command) -> None:
    office.came()
    told = command(*EXPLAIN)
    assert "its goods are not confirmed yet" in told.stdout
    assert "nothing has been decided" in told.stdout

    supposed = command(*EXPLAIN, "--what-if", "TEE=2,TEE=1:quarantine,MUG=1")
    assert "what if these goods were confirmed now" in supposed.stdout
    assert "damaged: process (preset)" in supposed.stdout
    assert "decision: process" in supposed.stdout
    assert office.bench.poll() == {}


@pytest.mark.parametrize(
    "goods", ["TEE", "TEE=", "TEE=x", "TEE=0", "TEE=1:new", "TEE=²", "T=99999"]
)
def test_goods_that_cannot_be_read_are_refused(
    office: Office, command: Command, goods: str
) -> None:
    result = command(*EXPLAIN, "--what-if", goods)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_whose_return_it_is(office: Office, command: Command) -> None:
    office.came(("TEE", 2))
    office.owners = ("example", "other")
    assert command(*EXPLAIN).exit_code == 0
    assert command(*EXPLAIN, "--merchant", "example").exit_code == 0

    unknown = command("decide", "--explain", "66aa01f0c0ffee0000000009")
    assert unknown.exit_code == 1
    assert "--merchant (example, other)" in unknown.output
    office.owners = ("example",)
    assert command("decide", "--explain", "66aa01f0c0ffee0000000009").exit_code == 1


def test_a_return_that_two_merchants_know_has_to_be_told_apart(
    office: Office, command: Command
) -> None:
    office.came(("TEE", 2))
    office.owners = ("example", "other")
    returns = office.bench.returns
    returns.append(returns.load("other", RETURN_ID), returns.timeline("example", RETURN_ID))

    assert command(*EXPLAIN).exit_code == 1
    assert command(*EXPLAIN, "--merchant", "example").exit_code == 0


def test_a_verb_without_its_return_says_what_is_missing(office: Office, command: Command) -> None:
    assert "--explain RETURN" in command("decide").stderr
    misplaced = command("decide", "--merchant", "example", "answer", RETURN_ID, "item1=reject")
    assert misplaced.exit_code == 2


# -- hub decide answer --------------------------------------------------------------------------


@pytest.fixture
def asking(office: Office) -> Office:
    office.came(("TEE", 2), ("MUG", 1), policy={"preset": "ask"})
    return office


def acts(office: Office) -> list[OperatorActed]:
    return office.bench.facts(OperatorActed)


def test_an_answer_is_shown_first_and_kept_once(asking: Office, command: Command) -> None:
    dry = command(*ANSWER, "item1=reject", "--dry-run")
    assert "decision: process" in dry.stdout
    assert "TEE (item1): reject" in dry.stdout
    assert "nothing was done" in dry.stdout
    assert command(*ANSWER, "item1=reject", given="n\n").exit_code == 1
    assert acts(asking) == []

    kept = command(*ANSWER, "item1=reject", "--note", "worn", given="y\n")

    assert kept.exit_code == 0, kept.output
    assert "answered: item1=reject" in kept.stdout
    (act,) = acts(asking)
    assert (act.act, act.answers, act.seen, act.note) == (
        "answered",
        {"item1": "reject"},
        {"item1": 2},
        "worn",
    )
    assert json.loads(asking.sent[0])["return_id"] == RETURN_ID
    again = command(*ANSWER, "item1=process", "--yes")
    assert again.exit_code == 1
    assert "not waiting for an answer" in again.output
    assert asking.bench.poll() == {"processed": 1}
    assert "item1=reject (worn)" in command(*EXPLAIN).stdout


def test_one_action_for_every_line(asking: Office, command: Command) -> None:
    kept = command(*ANSWER, "--all", "process", "item2=process_no_restock", "--yes")

    assert kept.exit_code == 0, kept.output
    assert acts(asking)[0].answers == {"item1": "process", "item2": "process_no_restock"}


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        ((), 2, "say what"),
        (("item1",), 2, "LINE=ACTION"),
        (("item1=flag",), 2, "an action is one of"),
        (("*=process",), 2, "LINE=ACTION"),
        (("item1=reject", "item1=process"), 2, "answered twice"),
        (("item9=reject",), 1, "no line item9; there are: item1, item2"),
        (("item1=process_share",), 1, "redo.adjustment_counts"),
        (("--extras", "go_on"), 1, "no goods beyond the lines"),
        (("item2=process",), 1, "it would still be asked"),
    ],
)
def test_answers_that_make_no_sense_are_refused(
    asking: Office, command: Command, arguments: tuple[str, ...], exit_code: int, words: str
) -> None:
    result = command(*ANSWER, *arguments, "--yes")

    assert result.exit_code == exit_code, result.output
    assert words in result.output
    assert acts(asking) == []


def test_part_of_an_answer_is_kept_when_it_is_meant(asking: Office, command: Command) -> None:
    assert command(*ANSWER, "item2=reject", "--partly", "--yes").exit_code == 0
    assert asking.bench.poll() == {"parked": 1}
    assert command(*ANSWER, "item1=process", "--yes").exit_code == 0
    assert asking.bench.poll() == {"processed": 1}
    assert asking.bench.submissions() == {"item1": 1, "item2": 1}


def test_an_answer_that_was_cut_short_is_finished(
    asking: Office, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(asking.bench.parking, "close", lambda *_: 1 / 0)
        with pytest.raises(AssertionError, match="division"):
            command(*ANSWER, "item1=reject", "--yes")
    assert len(asking.bench.parking.list_parked("example")) == 1

    finished = command(*ANSWER, "item1=reject", "--yes")

    assert finished.exit_code == 0, finished.output
    assert "was answered before: item1=reject" in finished.stdout
    assert asking.bench.parking.list_parked("example") == ()
    assert len(acts(asking)) == 1


def test_another_word_than_the_one_that_is_kept_is_refused(
    asking: Office, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(asking.bench.parking, "close", lambda *_: 1 / 0)
        with pytest.raises(AssertionError, match="division"):
            command(*ANSWER, "item1=reject", "--yes")

    other = command(*ANSWER, "item1=process", "--yes")

    assert other.exit_code == 1
    assert "not what you say now" in other.output
    assert asking.bench.state().answers == {"item1": "reject"}


def test_what_is_flagged_is_decided_in_the_portal(office: Office, command: Command) -> None:
    office.came(("TEE", 2))
    result = command(*ANSWER, "item1=process", "--yes")
    assert result.exit_code == 1
    assert "decided in the portal" in result.output


# -- hub policy ---------------------------------------------------------------------------------


def test_the_table_is_shown_with_who_says_each_row(office: Office, command: Command) -> None:
    lines = {"short": "process", "missing": "hold"}
    limits = {"most_money": 100, "currency": "GBP"}
    office.bench.file["flows"]["process_receipts"]["policy"] = {"lines": lines, "limits": limits}
    told = command("policy", "show", "example")

    assert told.exit_code == 0, told.output
    for words in (
        "policy standard@",
        "limits: 100 GBP, above them ask",
        "warning: lines.short: process pays the whole line",
        "note: lines.missing: hold is what the preset",
    ):
        assert words in told.stdout, words
    as_json = json.loads(command("policy", "show", "example", "--json").stdout)
    assert as_json["table"]["short"] == {"action": "process", "origin": "override"}
    assert as_json["table"]["wrong_sku"] == {"action": "flag", "origin": "preset"}
    assert {one["where"] for one in as_json["advice"] if not one["is_note"]} == {"lines.short"}


def tried(command: Command, *arguments: str) -> dict[str, Any]:
    result = command("policy", "test", "example", *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_live_policy_changes_nothing(office: Office, command: Command) -> None:
    office.came(("TEE", 2), ("MUG", 1))
    found = tried(command)
    assert (found["tested"], found["changed"], found["same"]) == (1, 0, 1)
    assert command("policy", "test", "example", "--fail-on-change").exit_code == 0


def test_another_policy_is_tried_without_asking_anyone(office: Office, command: Command) -> None:
    office.came(("TEE", 2), ("MUG", 1))
    bench = office.bench
    before = (len(bench.to_redo.requests), len(bench.to_mintsoft.requests), bench.kinds())

    found = tried(command, "--set", "lines.short=ask")

    assert found["kinds"] == [
        {
            "then": "flag",
            "would": "ask",
            "returns": 1,
            "worth": {"GBP": "30.00"},
            "worth_unknown": 0,
        }
    ]
    (row,) = found["returns"]
    assert (row["return_id"], row["then_rule"], row["would_rule"]) == (
        RETURN_ID,
        "short: flag",
        "short: ask",
    )
    assert tried(command, "--preset", "ask")["kinds"][0]["would"] == "ask"
    told = command("policy", "test", "example", "--preset", "ask", "--fail-on-change")
    assert told.exit_code == 1
    assert "flag (short: flag) -> ask (short: ask), 30.00 GBP" in told.stdout
    assert (len(bench.to_redo.requests), len(bench.to_mintsoft.requests), bench.kinds()) == before


def test_a_whole_file_can_be_tried(office: Office, command: Command, tmp_path: Path) -> None:
    office.came(("TEE", 2), ("MUG", 1))
    content = merchant_file()
    content["flows"]["process_receipts"]["policy"] = {"preset": "ask"}
    path = tmp_path / "candidate.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")

    assert tried(command, "--file", str(path))["changed"] == 1
    path.write_text(yaml.safe_dump(content | {"merchant": "other"}), encoding="utf-8")
    refused = command("policy", "test", "example", "--file", str(path))
    assert refused.exit_code == 1
    assert "is of merchant other" in refused.output


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("lines.short", "KEY=VALUE"),
        ("=ask", "KEY=VALUE"),
        ("lines.shrot=ask", "did you mean short?"),
        ("lines.short=burn", "flows.process_receipts.policy.lines.short"),
        ("preset.x=1", "has no keys below it"),
        ("lines={a: &b 1}", "is no value"),
        ("lines=[", "is no value"),
        ("limits.most_money=5", "most_money and currency go together"),
    ],
)
def test_a_change_that_cannot_be_made_is_told(
    office: Office, command: Command, change: str, words: str
) -> None:
    result = command("policy", "test", "example", "--set", change)
    assert result.exit_code == 1, result.output
    assert words in result.output


def test_keys_of_maps_and_unset_rows(office: Office, command: Command) -> None:
    office.came(("TEE", 3), ("M.UG", 1), policy={"extras": {"wrong_sku": "ask"}})
    assert tried(command, "--set", "extras.wrong_sku=")["kinds"][0]["would"] == "flag"
    assert tried(command, "--set", "matching.aliases.M.UG=MUG")["kinds"][0]["would"] == "process"


def test_only_so_many_and_only_since(made: Hub, command: Command) -> None:
    """On the real tables: a walk, and the timelines of the returns that changed last."""
    bench = Bench()
    bench.returns = made.returns  # type: ignore[assignment]  # the real store, on the bench's clock
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    names = [f"66aa01f0c0ffee000000000{n}" for n in (1, 2, 3)]
    for name in names:
        bench.put(redo_return([item(1, "TEE", 3)], id=name))
        bench.approve(bench.message(return_id=name))
        bench.receive(max(bench.mintsoft.returns), ("TEE", 2))
        assert bench.poll() == {"flagged": 1}
    day = made.clock.now()

    assert tried(command)["tested"] == 3
    two = tried(command, "--last", "2", "--preset", "ask")["returns"]
    assert [row["return_id"] for row in two] == [names[2], names[1]]
    assert tried(command, "--since", f"{day - timedelta(days=1):%Y-%m-%d}")["tested"] == 3
    assert tried(command, "--since", f"{day + timedelta(days=1):%Y-%m-%d}")["tested"] == 0


# -- what a person confirms ---------------------------------------------------------------------

CONFIRMED = {"lines": {"damaged": "reject"}, "confirm": {"processing": "always", "rejecting": True}}


def test_a_proposal_is_shown_and_confirmed_as_it_is(office: Office, command: Command) -> None:
    office.came(("TEE", 3), ("MUG", 1), policy=CONFIRMED)
    told = command(*EXPLAIN)

    assert "rule: confirm: processing always" in told.output
    assert "proposed: TEE (item1): restock" in told.output
    assert "note: Proposed: accept TEE (expected 3, received 3); accept MUG" in told.output
    done = command(*ANSWER, "--all", "as_proposed", "--yes")

    assert done.exit_code == 0, done.output
    assert "answered: item1=process, item2=process" in done.output
    office.bench.poll()
    assert set(office.bench.submissions()) == {"item1", "item2"}


def test_the_policy_says_who_confirms(office: Office, command: Command) -> None:
    office.bench.file["flows"]["process_receipts"]["policy"] = CONFIRMED
    told = command("policy", "show", "example")

    assert (
        "confirm: a person confirms lines to be processed and lines to be rejected" in told.output
    )
    assert "confirm: nobody" not in told.output


def test_rmas_have_a_table_of_their_own(office: Office, command: Command) -> None:
    refused = command("policy", "show", "example", "--rmas")
    assert refused.exit_code == 1
    assert "has no miinto: block" in refused.output

    office.bench.file["miinto"] = {}
    told = command("policy", "show", "example", "--rmas")

    assert told.exit_code == 0, told.output
    assert "preset marketplace" in told.output
    assert "damaged: The item arrived damaged" in told.output


def test_a_policy_for_rmas_is_tried_on_rmas_alone() -> None:
    bench = RmaBench(file=rma_file())
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()
    bench.announced()
    bench.receive(41)
    bench.receive(42)
    bench.poll()
    live = bench.live().merchant

    def tried(of_rmas: bool, *changes: str) -> Outcome:
        merchant = candidate(live, None, None, changes, of_rmas=of_rmas)
        return try_on(
            [RETURN_ID, RMA_RETURN],
            lambda return_id: bench.returns.timeline("example", return_id),
            merchant,
            abilities_of(merchant),
            9,
        )

    own, rmas = tried(False, "confirm.processing=always"), tried(True, "confirm.processing=never")

    assert [name for name, _ in own.changed] == [RETURN_ID]
    assert [(name, c.then, c.would) for name, c in rmas.changed] == [(RMA_RETURN, "ask", "process")]
    assert tried(True).same == 1

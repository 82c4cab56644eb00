"""hub check of stock intelligence, against WAIR's simulator: found by reads alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.checks import wair as area
from cli.checks.model import Finding, Result
from cli.checks.run import run_checks
from cli.secret_verbs import names_of
from local.simulators.faults import Fault, FaultKind
from local.simulators.wair.sample import PASSWORD, TENANT, USER
from local.simulators.wair.settings import OTHER, Settings
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.wair.fields import field_names
from returns_hub.domain.wair.settings import DATA_SETS
from returns_hub.flows.wair.feed_world import Intelligence
from tests.support.checks import subject_of
from tests.support.wair import BASE, WairBench, in_dialect
from tests.support.worlds import Bench, merchant_file
from tests.unit.cli.conftest import Command, Partners

ROOT = Path(__file__).resolve().parents[3]


def look(bench: WairBench) -> dict[str, Finding]:
    """What the checks of stock intelligence find."""
    intelligence = Intelligence(bench.connection, bench.feed, bench.advice)
    found: dict[str, Finding] = {}
    for finding in run_checks(subject_of(Bench(), feed_of=lambda: intelligence), (area.AREA,)):
        assert finding.name not in found, finding.name
        found[finding.name] = finding
    return found


def written(bench: WairBench) -> list[str]:
    return [one.path for one in bench.wire.requests if one.method != "GET"]


def test_what_is_as_it_should_be_is_told_and_nothing_is_written() -> None:
    bench = WairBench(advice={"targets": True, "transfers": True})
    found = look(bench)

    for name in ("sink", "login", "tenant", "stock targets", "transfers", "words of reserved"):
        assert found[name].result is Result.OK, found[name]
    assert set(written(bench)) == {"/api/v1/Token"}
    assert bench.books["journal"] == []


def test_what_no_page_shows_is_said_until_the_file_says_it() -> None:
    found = look(WairBench())["words of stock"]
    assert found.result is Result.WARNING
    assert found.found.endswith("the array stock, on_hand (quantity): guessed")
    assert "write wrapper and fields into wair.data_sets.stock" in found.to_do

    said = {"mode": "live", "wrapper": "stock", "fields": {"on_hand": "quantity"}}
    assert look(WairBench(data_sets={"stock": said}))["words of stock"].result is Result.OK


def test_a_guess_is_of_a_field_that_there_is() -> None:
    assert set(area.GUESSED) == set(DATA_SETS)
    for name, (_, fields) in area.GUESSED.items():
        assert set(fields) <= set(field_names(name))


def test_a_batch_cannot_be_proven_and_being_off_is_a_warning() -> None:
    assert look(WairBench())["batch"].result is Result.SKIPPED
    assert look(WairBench(batch=False))["batch"].result is Result.WARNING


def test_a_refused_login_fails_once_and_is_not_tried_again() -> None:
    bench = WairBench(advice={"targets": True})
    bench.secrets.values["example", "wair"] = {"username": USER, "password": "wrong-pass"}
    found = look(bench)

    assert found["login"].result is Result.FAILED
    assert "tenant, user name and password" in found["login"].found
    for name in ("read back", "advice"):
        assert "was not looked at" in found[name].found
    assert len(bench.asked("/Token")) == 1
    assert found["words of stock"].result is Result.WARNING


def test_the_test_environment_is_none_to_be_live_at() -> None:
    address = "https://public-api-dev.wair.cloud/api/v1"
    found = look(WairBench(base_url=address))["sink"]
    assert (found.result, "test environment" in found.found) == (Result.WARNING, True)


def test_a_full_load_is_a_question_to_wair() -> None:
    assert "full load" not in look(WairBench())
    sets = {"reserved": {"mode": "live", "full_load": True}}
    assert look(WairBench(data_sets=sets))["full load"].result is Result.WARNING


def test_a_read_path_is_proven_and_one_that_is_missing_is_told() -> None:
    sets = in_dialect(OTHER)
    sets["colors"] |= {"master": "wair"}
    sets["stock"] |= {"fields": {**sets["stock"]["fields"], "on_hand": "units"}}
    sets["sizes"] |= {"read_path": "/nowhere"}
    bench = WairBench(Settings(dialect=OTHER), data_sets=sets)
    bench.wair.set_stock("COR", {"TEE": 1})
    found = look(bench)

    assert found["locations read back"].found == "is empty there"
    assert found["sizes read back"].result is Result.FAILED
    assert "it has no /nowhere" in found["sizes read back"].found
    assert "has no units" in found["stock read back"].found
    assert found["colors read back"].result is Result.WARNING


def test_advice_that_is_away_fails() -> None:
    bench = WairBench(advice={"targets": True})
    bench.wair.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="/stockT", after=1, times=None))
    assert look(bench)["advice"].result is Result.FAILED


@pytest.mark.parametrize("sink", ["http_json", "file_json", "file_csv"])
def test_other_sinks_have_no_words_of_wairs(sink: str) -> None:
    found = look(WairBench(sink=sink, base_url=BASE))
    if sink != "http_json":
        assert set(found) == {"sink", "login"}
    assert not [name for name in found if name.startswith(("words", "batch", "tenant"))]


# -- the command --------------------------------------------------------------------------------


def block(**changes: Any) -> dict[str, Any]:
    sets = {"stock": {"mode": "shadow"}}
    return {
        "base_url": BASE,
        "tenant": TENANT,
        "locations": [{"id": "COR", "warehouses": [3]}],
        "data_sets": sets,
    } | changes


def test_the_command_looks_at_it_with_the_hubs_own_secret(
    made: Hub, partners: Partners, command: Command
) -> None:
    bench = WairBench()
    partners.cores["http://127.0.0.1:7"] = bench.wair
    made.merchants.apply(Merchant.model_validate(merchant_file(wair=block())), "test", after=0)
    made.secrets.write("example", "wair", {"username": USER, "password": PASSWORD})
    rows = json.loads(command("check", "example", "--area", "wair", "--json").stdout)["checks"]
    found = {row["name"]: row for row in rows}

    assert found["login"]["result"] == "ok", found["login"]
    assert found["words of stock"]["result"] == "warning"
    assert PASSWORD not in json.dumps(rows)


def test_a_merchant_without_it_is_not_looked_at(made: Hub, command: Command) -> None:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    rows = json.loads(command("check", "example", "--area", "wair", "--json").stdout)
    assert rows["checks"] == []


@pytest.mark.parametrize(
    ("sink", "shapes"),
    [("wair_api", (("username", "password"),)), ("http_json", (("token",),)), ("file_csv", None)],
)
def test_hub_secrets_knows_what_each_sink_needs(sink: str, shapes: Any) -> None:
    merchant = Merchant.model_validate(merchant_file(wair=block(sink=sink)))
    assert names_of(merchant).get("wair") == shapes

"""The command and the composition root for a merchant whose portal speaks Loop's dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.checks.model import Result
from local.simulators.loop import LoopSimulator
from local.simulators.wire import Server
from returns_hub.adapters.loop.portal import LoopPortal
from returns_hub.adapters.redo.portal import RedoPortal
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.portal_limits import limits_of
from returns_hub.errors import Misconfigured
from tests.support.checks import findings, good_bench, ran
from tests.support.loop_worlds import KEY, RETURN, LoopBench, line_item, loop_file, loop_return
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command


def applied(made: Hub, content: dict[str, Any], after: int = 0) -> None:
    made.merchants.apply(Merchant.model_validate(content), "test", after=after)


def test_the_file_says_which_portal_it_is_and_its_secret_is_read(made: Hub) -> None:
    simulator = LoopSimulator()
    simulator.seed({"keys": ["k1"], "returns": [loop_return([line_item(1, "TEE")])]})
    with Server(simulator) as server:
        applied(made, loop_file(base_url=f"{server.url}/api/v1"))
        portal = made.portal(made.merchants.live("example"))
        assert isinstance(portal, LoopPortal)
        with pytest.raises(Misconfigured, match="loop"):
            portal.read_return(RETURN)
        made.secrets.write("example", "loop", {"api_key": "k1"})
        assert portal.read_return(RETURN).id == RETURN
        made.secrets.write("example", "loop", {"api_token": "k1"})
        with pytest.raises(Misconfigured, match="has no api_key"):
            made.portal(made.merchants.live("example")).read_return(RETURN)

    applied(made, merchant_file(), after=1)
    assert isinstance(made.portal(made.merchants.live("example")), RedoPortal)


def test_the_secret_is_named_as_the_portal_is(made: Hub, command: Command) -> None:
    applied(made, loop_file())
    key = '{"api_key": "hunter2"}'
    signing = '{"webhook_secret": "hunter3-hunter3-hunter3"}'

    wrong = command("secrets", "set", "example", "redo", "--from-stdin", given=key)
    token = command("secrets", "set", "example", "loop", "--from-stdin", given='{"api_token": "x"}')
    right = command("secrets", "set", "example", "loop", "--from-stdin", given=key)
    webhook = command("secrets", "set", "example", "loop-webhook", "--from-stdin", given=signing)
    short = '{"webhook_secret": "hunter4"}'
    weak = command("secrets", "set", "example", "loop-webhook", "--from-stdin", given=short)
    told = command("secrets", "status", "example").stdout

    assert "there are: loop, loop-webhook and mintsoft" in wrong.output
    assert "takes {api_key}, each" in token.output
    for done in (right, webhook):
        assert done.exit_code == 0
        assert done.stderr == ""
    assert (weak.exit_code, "shorter than 16" in weak.output) == (1, True)
    assert "loop: set (api_key)" in told
    assert "loop-webhook: set (webhook_secret)" in told
    assert "hunter" not in told


def test_a_check_of_a_portal_that_is_not_reached_says_so(made: Hub, command: Command) -> None:
    applied(made, loop_file())
    rows = json.loads(command("check", "example", "--json").stdout)["checks"]
    said = {row["name"]: row["found"] for row in rows}

    assert "secret loop" in said
    assert not [name for name in said if "redo" in name.lower()]


def good_loop_bench(**connection: Any) -> LoopBench:
    bench = LoopBench(**connection)
    bench.secrets.values["example", "loop"] = {"api_key": KEY}
    ran(bench, "receipts")
    return bench


def test_a_good_merchant_passes_and_is_told_what_the_dialect_cannot_do() -> None:
    bench = good_loop_bench()
    bench.put(loop_return([line_item(1, "TEE")]))
    found = findings(bench)

    assert not [f for f in found.values() if f.result is Result.FAILED]
    assert found["portal key"].result is Result.OK
    assert found["secret loop"].result is Result.OK
    assert found["newest returns"].details == {"returns": 1}
    redos_own = ("scopes", "secret", "address", "subscription", "webhook run")
    assert {found[name].result for name in redos_own} == {Result.SKIPPED}
    limits = {name for name in found if name.startswith("portal limit")}
    assert limits == {
        "portal limit: whole returns",
        "portal limit: restock",
        "portal limit: notes",
        "portal limit: flagged returns",
        "portal limit: units",
        "portal limit: webhook",
    }
    others = [f.found for name, f in found.items() if name not in redos_own]
    assert "Redo" not in str(others)
    bench = good_loop_bench()
    bench.file["flows"]["catch_up"] = {"enabled": True}
    assert "catching up finds" in findings(bench)["portal limit: webhook"].found


def test_a_file_that_asks_for_what_the_dialect_cannot_do_fails() -> None:
    bench = good_loop_bench(portal_restocks=False)
    bench.file["flows"]["process_receipts"]["policy"] = {"lines": {"damaged": "reject"}}
    bench.file["flows"]["create_external_returns"]["types"] = ["claim"]
    found = findings(bench)

    restock = found["portal limit: restock"]
    assert restock.result is Result.FAILED
    assert "loop.portal_restocks" in restock.found
    assert "damaged" in found["portal limit: rejecting lines"].found
    assert "flows.catch_up is off" in found["portal limit: webhook"].found
    assert found["portal limit: types"].result is Result.FAILED


def test_a_key_that_is_refused_fails() -> None:
    bench = good_loop_bench()
    bench.keys = ["wrong"]
    found = findings(bench)

    assert found["portal"].result is Result.FAILED
    assert "scope Returns" in found["portal"].found
    assert "was not looked at" in found["newest returns"].found
    assert found["key"].result is Result.OK


def test_redos_own_api_has_no_such_limits() -> None:
    bench = good_bench()
    assert limits_of(bench.live().merchant, bench.world().portal.abilities) == ()
    assert not [name for name in findings(bench) if name.startswith("portal limit")]


def test_the_old_connector_is_named_as_the_host_has_it() -> None:
    at_redo = findings(good_loop_bench(host="redo"))["the old connector"]
    assert "Redo's own Mintsoft" in at_redo.found
    assert "in Loop" in findings(good_loop_bench())["the old connector"].found


def test_what_the_portal_has_no_part_in_is_refused_and_not_unreachable(
    made: Hub, command: Command
) -> None:
    applied(made, loop_file())
    for words in (
        ("redo", "webhook", "status", "example"),
        ("redo", "invoices", "list", "example"),
    ):
        done = command(*words)
        assert (done.exit_code, "portal is loop" in done.output) == (1, True)
    unset = command("returns", "show", "--merchant", "example", "1673")
    assert (unset.exit_code, "set it with" in unset.output) == (1, True)

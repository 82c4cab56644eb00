"""The command and the composition root for a merchant whose portal speaks Loop's dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.checks import Finding, Mark, Subject, run_checks
from local.simulators.loop import LoopSimulator
from local.simulators.wire import Server
from returns_hub.adapters.loop.portal import LoopPortal
from returns_hub.adapters.redo.portal import RedoPortal
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.portal_limits import limits_of
from returns_hub.errors import Misconfigured
from returns_hub.flows.probe import probe
from tests.support.loop_worlds import RETURN, LoopBench, line_item, loop_file, loop_return
from tests.support.worlds import Bench, merchant_file
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
        made.secrets.write("example", "loop", {"api_key": "k1", "webhook_secret": "w"})
        assert portal.read_return(RETURN).id == RETURN
        made.secrets.write("example", "loop", {"api_token": "k1"})
        with pytest.raises(Misconfigured, match="has no api_key"):
            made.portal(made.merchants.live("example")).read_return(RETURN)

    applied(made, merchant_file(), after=1)
    assert isinstance(made.portal(made.merchants.live("example")), RedoPortal)


def test_the_secret_is_named_as_the_portal_is(made: Hub, command: Command) -> None:
    applied(made, loop_file())
    key = '{"api_key": "hunter2"}'
    both = '{"api_key": "hunter2", "webhook_secret": "hunter3"}'

    wrong = command("secrets", "set", "example", "redo", "--from-stdin", given=key)
    token = command("secrets", "set", "example", "loop", "--from-stdin", given='{"api_token": "x"}')
    right = command("secrets", "set", "example", "loop", "--from-stdin", given=both)
    told = command("secrets", "status", "example").stdout

    assert "there are: loop and mintsoft" in wrong.output
    assert "takes {api_key} or {api_key, webhook_secret}" in token.output
    assert right.exit_code == 0
    assert right.stderr == ""
    assert "loop: set (api_key, webhook_secret)" in told
    assert "hunter" not in told


def test_a_check_of_a_portal_that_is_not_reached_says_so(made: Hub, command: Command) -> None:
    applied(made, loop_file())
    rows = json.loads(command("check", "example", "--json").stdout)
    said = {row["check"]: row["text"] for row in rows}

    assert "secret loop" in said
    assert not [name for name in said if "redo" in name.lower()]


def findings(bench: Bench) -> dict[str, Finding]:
    world = bench.world()
    subject = Subject(
        merchant=world.live.merchant,
        warehouse=world.warehouse,
        portal=world.portal,
        read_secret=lambda _: {"api_key": "x"},
        probe=lambda: probe(world),
        now=bench.clock.now(),
    )
    return {finding.check: finding for finding in run_checks(subject)}


def test_a_good_merchant_passes_and_is_told_what_the_dialect_cannot_do() -> None:
    found = findings(LoopBench())

    assert not [f for f in found.values() if f.mark is Mark.FAIL]
    assert found["Loop key"].mark is Mark.OK
    assert found["secret loop"].mark is Mark.OK
    limits = {name for name in found if name.startswith("portal limit")}
    assert limits == {
        "portal limit: whole returns",
        "portal limit: restock",
        "portal limit: notes",
        "portal limit: flagged returns",
        "portal limit: units",
    }
    assert "Redo" not in str([f.text for f in found.values()])


def test_a_file_that_asks_for_what_the_dialect_cannot_do_fails() -> None:
    bench = LoopBench(portal_restocks=False)
    bench.file["flows"]["process_receipts"]["policy"] = {"lines": {"damaged": "reject"}}
    bench.file["flows"]["create_external_returns"]["types"] = ["claim"]
    found = findings(bench)

    restock = found["portal limit: restock"]
    assert restock.mark is Mark.FAIL
    assert "loop.portal_restocks" in restock.text
    assert "damaged" in found["portal limit: rejecting lines"].text
    assert found["portal limit: types"].mark is Mark.FAIL


def test_a_key_that_is_refused_fails() -> None:
    bench = LoopBench()
    bench.keys = ["wrong"]
    found = findings(bench)

    assert found["portal"].mark is Mark.FAIL
    assert "scope Returns" in found["portal"].text


def test_redos_own_api_has_no_such_limits() -> None:
    bench = Bench()
    assert limits_of(bench.live().merchant, bench.world().portal.abilities) == ()
    assert not [name for name in findings(bench) if name.startswith("portal limit")]


def test_the_old_connector_is_named_as_the_host_has_it() -> None:
    assert "Redo's own Mintsoft" in findings(LoopBench(host="redo"))["the old connector"].text
    assert "in Loop" in findings(LoopBench())["the old connector"].text

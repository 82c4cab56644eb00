"""hub check: Redo, Mintsoft, receipts and the webhook, each where it passes and where it fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cli.checks import mintsoft, receipts, redo, webhook
from cli.checks.model import Result, Subscription
from cli.checks.redo import WHAT_FOR
from local.simulators.faults import Fault, FaultKind
from local.simulators.wire import Reply, Request, WireFault
from tests.support.checks import ALL_SCOPES, findings, good_bench
from tests.support.worlds import TOKEN, Bench, item, redo_return

OK, WARNING, FAILED, SKIPPED = Result.OK, Result.WARNING, Result.FAILED, Result.SKIPPED


def test_R13_a_good_merchant_passes_and_is_told_what_cannot_be_proven() -> None:
    found = findings(good_bench())

    assert not [f for f in found.values() if f.result is FAILED]
    assert found["the old connector"].result is SKIPPED
    assert found["look-up by marker"].result is WARNING
    assert "due_ids" in found["finding receipts"].found
    assert all(f.to_do for f in found.values() if f.result is WARNING)
    assert {f.merchant for f in found.values()} == {"example"}


def test_R13_a_check_writes_nothing_to_a_partner() -> None:
    bench = good_bench()
    bench.put(redo_return([item(1, "TEE")]))
    findings(bench, skus=5)

    asked = [*bench.to_redo.requests, *bench.to_mintsoft.requests]
    assert len(asked) > 10
    assert {request.method for request in asked} == {"GET"}


# -- Redo -------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["returns_read", "webhooks_read", "invoices_read", "orders_read"])
def test_S3_a_scope_that_a_read_stands_on_is_found_out(scope: str) -> None:
    bench = webhook_bench({"token": "t" * 32})
    assert findings(bench, [redo.AREA])[f"scope {scope}"].details == {"held": True}

    bench.redo.tokens[TOKEN] = frozenset(ALL_SCOPES) - {scope}
    missing = findings(bench, [redo.AREA])
    assert missing[f"scope {scope}"].details == {"held": False}
    wanted = {"returns_read": FAILED, "webhooks_read": WARNING}
    assert missing[f"scope {scope}"].result is wanted.get(scope, OK)
    others = {f"scope {name}" for name in WHAT_FOR} - {f"scope {scope}"}
    assert all(missing[name].details.get("held") is not False for name in others)


def test_S3_a_webhooks_scope_matters_where_there_is_a_webhook() -> None:
    bench = good_bench()
    bench.redo.tokens[TOKEN] = frozenset(ALL_SCOPES) - {"webhooks_read"}

    assert findings(bench, [redo.AREA])["scope webhooks_read"].result is OK


def test_S3_a_write_scope_is_not_provable_by_a_read_and_it_is_told_how_it_would_show() -> None:
    bench = good_bench()
    bench.redo.tokens[TOKEN] = frozenset({"returns_read"})
    found = findings(bench, [redo.AREA])

    for scope in ("returns_write", "webhooks_write"):
        assert found[f"scope {scope}"].result is SKIPPED
        assert "not provable by a read" in found[f"scope {scope}"].found
        assert "403" in found[f"scope {scope}"].to_do
        assert found[f"scope {scope}"].details == {"held": None}


def test_S3_a_comment_of_ours_proves_the_write_scope() -> None:
    bench = good_bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()
    found = findings(bench, [redo.AREA])["scope returns_write"]

    assert (found.result, found.details) == (OK, {"held": True})
    assert "2026-03-02" in found.found


def test_a_portal_without_scopes_is_told() -> None:
    found = findings(good_bench(), [redo.AREA], scopes=None)

    assert found["token"].result is OK
    assert {f.result for name, f in found.items() if name != "token"} == {SKIPPED}


def test_R13_a_refused_token_fails_every_row_that_needs_it_after_one_request() -> None:
    bench = good_bench()
    bench.redo.tokens.clear()
    found = findings(bench)

    assert "refuses the token" in found["token"].found
    assert found["scope orders_read"].result is FAILED
    assert "was not looked at" in found["newest returns"].found
    assert not found["token"].unreachable
    assert len(bench.to_redo.requests) == 1
    assert found["key"].result is OK


@pytest.mark.parametrize("partner", ["redo", "mintsoft"])
def test_a_partner_that_is_down_fails_its_rows_and_the_others_are_looked_at(partner: str) -> None:
    bench = good_bench()
    there = bench.to_redo if partner == "redo" else bench.to_mintsoft
    there.refuse = True
    found = findings(bench, skus=1)

    down = {
        "redo": ("token", "newest returns", "SKUs in Mintsoft"),
        "mintsoft": ("key and warehouses", "probe"),
    }
    for name in down[partner]:
        assert found[name].result is FAILED
        assert found[name].unreachable
        assert found[name].area
    assert found["key" if partner == "redo" else "token"].result is OK
    assert found["live_from"].result is OK


def test_one_error_that_came_quickly_does_not_stop_the_other_rows() -> None:
    bench = good_bench()
    bench.mintsoft.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="Reasons", times=None))
    found = findings(bench, [mintsoft.AREA])

    assert found["reasons"].unreachable
    assert found["client 12"].result is WARNING


def test_a_partner_that_takes_long_not_to_answer_is_waited_for_once() -> None:
    bench = good_bench()
    reads = bench.mintsoft.handle

    def slow(request: Request) -> Reply:
        bench.clock.advance(seconds=13)
        return replace(reads(request), wire=WireFault.LATE)

    bench.mintsoft.handle = slow  # type: ignore[method-assign]
    found = findings(bench)

    assert len(bench.to_mintsoft.requests) == 2
    for name in ("key and warehouses", "reasons", "client", "probe"):
        assert found[name].unreachable
    assert found["token"].result is OK


# -- Mintsoft ---------------------------------------------------------------------------------


def test_R13_warehouses_and_reasons_that_do_not_exist_or_are_off_are_named() -> None:
    bench = good_bench()
    bench.file["mintsoft"]["warehouses"]["by_location"]["loc_far"] = 99
    bench.file["mintsoft"]["reasons"]["map"]["broken"] = 77
    bench.mintsoft.tenant.reasons[2]["active"] = False
    found = findings(bench, [mintsoft.AREA])

    assert found["warehouse 99 (loc_far)"].result is FAILED
    assert "there are: 3 Corby" in found["warehouse 99 (loc_far)"].found
    assert found["reason 77 (broken)"].result is FAILED
    assert found["reason 2 (damaged)"].result is FAILED
    assert "switched off" in found["reason 2 (damaged)"].found
    assert found["warehouse 3 (loc_corby)"].result is OK


def test_R13_a_placeholder_switches_the_maps_validation_off() -> None:
    bench = good_bench()
    bench.file["mintsoft"]["reasons"] = {"default": 0, "map": {"broken": 77}}
    found = findings(bench, [mintsoft.AREA])

    assert found["reason ids"].result is WARNING
    assert "1 Unwanted - Good Stock" in found["reason ids"].to_do
    assert "reason 77 (broken)" not in found


def test_R13_a_refused_key_is_told_with_what_to_do() -> None:
    bench = good_bench()
    bench.secrets.values["example", "mintsoft"] = {"api_key": "wrong"}
    found = findings(bench)

    assert "hub secrets set example mintsoft" in found["key and warehouses"].found
    assert found["probe"].result is FAILED
    assert found["token"].result is OK


def test_R13_a_client_id_that_reads_nothing_is_not_called_good() -> None:
    bench = good_bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()
    assert findings(bench)["client 12"].result is OK

    bench.file["mintsoft"]["client_id"] = 14
    assert findings(bench)["client 14"].result is WARNING


# -- receipts ---------------------------------------------------------------------------------


def test_R13_the_look_up_is_proven_on_a_record_of_ours() -> None:
    bench = good_bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()

    assert findings(bench, [receipts.AREA])["look-up by marker"].result is OK


def test_R13_a_strategy_of_the_file_that_is_not_proven_is_not_called_good() -> None:
    bench = good_bench()
    bench.file["flows"]["process_receipts"]["strategy"] = "by_date"
    found = findings(bench, [receipts.AREA])["finding receipts"]

    assert found.result is WARNING
    assert "due_ids" in found.to_do


# -- webhook ----------------------------------------------------------------------------------


def webhook_bench(content: dict[str, str] | None, *, catch_up: bool = False) -> Bench:
    bench = good_bench()
    bench.file["flows"]["catch_up"] = {"enabled": catch_up}
    if content is not None:
        bench.secrets.values["example", "redo-webhook"] = content
    return bench


@pytest.mark.parametrize(
    ("content", "catch_up", "result"),
    [
        (None, False, WARNING),
        (None, True, SKIPPED),
        ({"token": "t" * 31}, True, FAILED),
        ({"token": " " * 40}, True, FAILED),
        ({"token": "t" * 32}, False, OK),
    ],
)
def test_X1_the_webhooks_secret_is_there_and_long_enough(
    content: dict[str, str] | None, catch_up: bool, result: Result
) -> None:
    bench = webhook_bench(content, catch_up=catch_up)

    found = findings(bench, [webhook.AREA])["secret redo-webhook"]
    assert found.result is result
    assert "ttt" not in found.found + found.to_do


@pytest.mark.parametrize(
    ("addresses", "result"),
    [
        ({}, SKIPPED),
        ({"RedoWebhookUrl": "http://hub.example.test/webhooks"}, FAILED),
        ({"RedoWebhookUrl": "https://hub.example.test/webhooks"}, OK),
        ({"RedoWebhookUrl": "http://127.0.0.1:8080/webhooks"}, OK),
    ],
)
def test_X1_the_webhooks_address_is_told(addresses: dict[str, str], result: Result) -> None:
    found = findings(webhook_bench(None), [webhook.AREA], addresses=addresses)

    assert found["address"].result is result


@pytest.mark.parametrize(
    ("state", "result"),
    [
        (None, SKIPPED),
        (Subscription(False, "is gone", "hub redo webhook ensure example"), FAILED),
        (Subscription(True, "stands since 2026-01-01"), OK),
    ],
)
def test_X1_the_subscription_has_its_place(state: Subscription | None, result: Result) -> None:
    ask = None if state is None else lambda: state
    found = findings(webhook_bench(None), [webhook.AREA], subscription=ask)["subscription"]

    assert found.result is result
    if state:
        assert (found.found, found.to_do) == (state.sentence, state.to_do)

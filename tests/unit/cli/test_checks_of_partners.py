"""hub check: Redo, Mintsoft, receipts and the webhook, each where it passes and where it fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cli.checks import mintsoft, portal, receipts, webhook
from cli.checks.model import Result
from cli.checks.portal import WHAT_FOR
from local.simulators.faults import Fault, FaultKind
from local.simulators.wire import Reply, Request, WireFault
from returns_hub.flows.subscription import ensure
from tests.support.checks import ALL_SCOPES, findings, good_bench, ran
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
    assert findings(bench, [portal.AREA])[f"scope {scope}"].details == {"held": True}

    bench.redo.tokens[TOKEN] = frozenset(ALL_SCOPES) - {scope}
    missing = findings(bench, [portal.AREA])
    assert missing[f"scope {scope}"].details == {"held": False}
    wanted = {"returns_read": FAILED, "webhooks_read": WARNING}
    assert missing[f"scope {scope}"].result is wanted.get(scope, OK)
    others = {f"scope {name}" for name in WHAT_FOR} - {f"scope {scope}"}
    assert all(missing[name].details.get("held") is not False for name in others)


def test_S3_a_webhooks_scope_matters_where_there_is_a_webhook() -> None:
    bench = good_bench()
    bench.redo.tokens[TOKEN] = frozenset(ALL_SCOPES) - {"webhooks_read"}

    assert findings(bench, [portal.AREA])["scope webhooks_read"].result is OK


def test_S3_a_write_scope_is_not_provable_by_a_read_and_it_is_told_how_it_would_show() -> None:
    bench = good_bench()
    bench.redo.tokens[TOKEN] = frozenset({"returns_read"})
    found = findings(bench, [portal.AREA])

    for scope in ("returns_write", "webhooks_write"):
        assert found[f"scope {scope}"].result is SKIPPED
        assert "not provable by a read" in found[f"scope {scope}"].found
        assert "403" in found[f"scope {scope}"].to_do
        assert found[f"scope {scope}"].details == {"held": None}


def test_S3_a_comment_of_ours_proves_the_write_scope() -> None:
    bench = good_bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()
    found = findings(bench, [portal.AREA])["scope returns_write"]

    assert (found.result, found.details) == (OK, {"held": True})
    assert "2026-03-02" in found.found


def test_a_portal_without_scopes_is_told() -> None:
    found = findings(good_bench(), [portal.AREA], scopes=None)

    assert found["token"].result is OK
    assert found["scopes"].result is SKIPPED
    assert not [name for name in found if name.startswith("scope ")]


def test_R13_a_refused_token_fails_every_row_that_needs_it_after_one_request() -> None:
    bench = good_bench()
    bench.redo.tokens.clear()
    found = findings(bench)

    assert "refuses the token" in found["portal"].found
    assert found["scope orders_read"].result is FAILED
    assert "was not looked at" in found["newest returns"].found
    assert not found["portal"].unreachable
    assert len(bench.to_redo.requests) == 1
    assert found["key"].result is OK


@pytest.mark.parametrize("partner", ["redo", "mintsoft"])
def test_a_partner_that_is_down_fails_its_rows_and_the_others_are_looked_at(partner: str) -> None:
    bench = good_bench()
    there = bench.to_redo if partner == "redo" else bench.to_mintsoft
    there.refuse = True
    found = findings(bench, skus=1)

    down = {
        "redo": ("portal", "newest returns", "SKUs in Mintsoft"),
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
        ({"token": "t" * 40 + " t"}, True, FAILED),
        ({"token": "t" * 32, "previous_token": "t" * 31}, True, FAILED),
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


def subscribed(**webhook: Any) -> Bench:
    """A bench with a whole subscription."""
    bench = webhook_bench({"token": "t" * 32})
    bench.file["redo"]["webhook"] = {"enabled": True} | webhook
    ensure(bench.webhook())
    return bench


def test_X1_a_whole_subscription_is_ok() -> None:
    found = findings(subscribed(), [webhook.AREA])

    assert found["subscription"].result is OK
    assert found["subscription"].details["standing"] == "whole"
    assert "subscription's check" not in found
    assert "replay" not in found


def test_X1_a_subscription_that_is_lost_or_altered_fails_with_what_to_do() -> None:
    bench = subscribed()
    (ours,) = bench.redo.webhooks.subscriptions.values()
    ours.url = "https://elsewhere.example.test/x"
    altered = findings(bench, [webhook.AREA])["subscription"]
    bench.redo.webhooks.subscriptions.clear()
    missing = findings(bench, [webhook.AREA])["subscription"]

    for found, word in ((altered, "altered"), (missing, "missing")):
        assert (found.result, found.details["standing"]) == (FAILED, word)
        assert found.to_do == "hub redo webhook ensure example"
    assert altered.details["differences"] == ["url"]


def test_X1_others_are_told_and_what_delivers_here_too_warns() -> None:
    bench = subscribed()
    (ours,) = bench.redo.webhooks.subscriptions.values()
    everyone = bench.redo.webhooks.subscriptions
    everyone["w8"] = replace(ours, id="w8", external_id=None, url="https://a.example.test/x")
    assert "1 others are not ours" in findings(bench, [webhook.AREA])["subscription"].found
    everyone["w9"] = replace(ours, id="w9", external_id=None)
    found = findings(bench, [webhook.AREA])["subscription"]

    assert (found.result, found.details["duplicates"]) == (WARNING, ["w9"])
    assert found.details["foreign"] == ["w8"]
    assert found.to_do.endswith("--remove-duplicates")


def test_X1_a_token_that_is_being_changed_warns() -> None:
    bench = subscribed()
    bench.secrets.values["example", "redo-webhook"] = {
        "token": "n" * 32,
        "previous_token": "t" * 32,
    }
    found = findings(bench, [webhook.AREA])["subscription"]

    assert (found.result, found.details["standing"]) == (WARNING, "token_to_be_changed")


@pytest.mark.parametrize(
    ("memory", "result", "words"),
    [
        ({"owed": "2026-03-01T00:00:00Z"}, WARNING, "ensure example"),
        ({"not_replayed": "2026-03-01T00:00:00Z"}, FAILED, "--again"),
    ],
)
def test_X1_a_replay_that_is_owed_is_told(
    memory: dict[str, str], result: Result, words: str
) -> None:
    bench = subscribed()
    ran(bench, "webhook", memory)
    found = findings(bench, [webhook.AREA])["replay"]

    assert found.result is result
    assert words in found.to_do


def test_X1_a_subscription_that_nothing_looks_after_warns() -> None:
    found = findings(subscribed(enabled=False), [webhook.AREA])

    assert found["subscription"].result is OK
    assert found["subscription's check"].result is WARNING


@pytest.mark.parametrize(("enabled", "result"), [(True, FAILED), (False, SKIPPED)])
def test_X1_a_webhook_without_a_token_fails_where_it_is_wanted(
    enabled: bool, result: Result
) -> None:
    bench = webhook_bench(None, catch_up=True)
    bench.file["redo"]["webhook"] = {"enabled": enabled}
    found = findings(bench, [webhook.AREA])

    assert {found[name].result for name in ("secret redo-webhook", "subscription")} == {result}
    assert found["address"].result is result
    if enabled:
        assert found["secret redo-webhook"].to_do.endswith("example --make-token")


def test_a_bad_token_of_deliveries_does_not_close_the_portal() -> None:
    bench = webhook_bench({"token": "short"})
    bench.put(redo_return([item(1, "TEE")]))
    found = findings(bench)

    assert found["subscription"].result is FAILED
    assert found["newest returns"].result is OK

"""hub redo webhook and hub redo invoices, against a whole hub and a Redo behind HTTP."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.redo.simulator import RedoSimulator
from local.simulators.wire import Server
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from tests.support.fakes import Telemetry
from tests.support.worlds import SCOPES, merchant_file
from tests.unit.cli.conftest import Command

DOOR = "https://hub.example.test/webhooks/redo"
WEBHOOK = ("redo", "webhook")
INVOICES = ("redo", "invoices")
OURS = "returns-hub/returns-hub/example"


class Store:
    """A merchant of the hub, and its store in Redo."""

    def __init__(self, made: Hub, redo: RedoSimulator, url: str) -> None:
        self.made = made
        self.redo = redo
        redo.seed({"store_id": "store", "tokens": {"api": SCOPES}})
        content = merchant_file()
        content["redo"] |= {"base_url": f"{url}/v2.2", "webhook": {"url": DOOR, "enabled": True}}
        made.merchants.apply(Merchant.model_validate(content), "test", after=0)
        made.secrets.write("example", "redo", {"api_token": "api"})

    @property
    def subscriptions(self) -> list[Any]:
        return list(self.redo.webhooks.subscriptions.values())

    @property
    def secret(self) -> dict[str, str]:
        found = self.made.secrets.read_if_set("example", "redo-webhook")
        return dict(found.value) if found else {}


@pytest.fixture
def store(made: Hub) -> Iterator[Store]:
    redo = RedoSimulator()
    with Server(redo) as server:
        yield Store(made, redo, server.url)


def test_from_nothing_to_a_whole_subscription(store: Store, command: Command) -> None:
    before = command(*WEBHOOK, "status", "example")
    assert before.exit_code == 1
    assert "--make-token" in before.output
    planned = command(*WEBHOOK, "ensure", "example", "--make-token", "--dry-run")
    assert (planned.exit_code, store.secret, store.subscriptions) == (0, {}, [])
    assert "would make a token" in planned.output

    done = command(*WEBHOOK, "ensure", "example", "--make-token")
    assert done.exit_code == 0, done.output
    token = store.secret["token"]
    assert len(token) == 43
    (found,) = store.subscriptions
    assert (found.url, found.token, found.external_id) == (f"{DOOR}/example", token, OURS)
    after = command(*WEBHOOK, "status", "example")
    as_json = command(*WEBHOOK, "status", "example", "--json")
    again = command(*WEBHOOK, "ensure", "example", "--make-token")
    assert [after.exit_code, as_json.exit_code, again.exit_code] == [0, 0, 0]
    told = json.loads(as_json.stdout)
    assert (told["standing"], told["is_whole"], told["ours"]["url"]) == (
        "whole",
        True,
        f"{DOOR}/example",
    )
    assert "there is a token already" in again.output
    assert store.secret["token"] == token
    for result in (planned, done, after, as_json, again):
        assert token not in result.output


def test_ensure_says_what_it_would_do_and_does_it(store: Store, command: Command) -> None:
    command(*WEBHOOK, "ensure", "example", "--make-token")
    (found,) = store.subscriptions
    found.url = "https://elsewhere.example.test"
    foreign = store.redo.webhooks.subscribe("https://theirs.example.test", "their-token")
    twin = store.redo.webhooks.subscribe(f"{DOOR}/example", "their-token")

    status = command(*WEBHOOK, "status", "example")
    assert status.exit_code == 1
    assert "differs: url" in status.output
    assert "https://elsewhere.example.test" in status.output
    assert f"not ours: {foreign.id}" in status.output
    planned = command(*WEBHOOK, "ensure", "example", "--dry-run")
    assert f"would set address and token of {found.id} (another url)" in planned.output
    assert "would ask for a replay" in planned.output
    assert found.url == "https://elsewhere.example.test"

    done = command(*WEBHOOK, "ensure", "example")
    assert (done.exit_code, found.url) == (0, f"{DOOR}/example")
    assert f"done: set address and token of {found.id}" in done.output
    assert f"delivers here too: {twin.id}" in done.output
    assert len(store.redo.webhooks.replays) == 1
    assert command(*WEBHOOK, "status", "example").exit_code == 1
    assert command(*WEBHOOK, "ensure", "example", "--remove-duplicates").exit_code == 0
    assert [s.id for s in store.subscriptions] == [found.id, foreign.id]
    assert "nothing to do" in command(*WEBHOOK, "ensure", "example", "--dry-run").output
    assert "their-token" not in status.output + done.output


def test_the_token_is_changed_and_the_former_kept(store: Store, command: Command) -> None:
    command(*WEBHOOK, "ensure", "example", "--make-token")
    first = store.secret["token"]
    planned = command(*WEBHOOK, "ensure", "example", "--rotate-token", "--dry-run")
    assert "would change the token" in planned.output
    assert store.secret == {"token": first}

    done = command(*WEBHOOK, "ensure", "example", "--rotate-token")
    assert done.exit_code == 0, done.output
    assert store.secret["previous_token"] == first != store.secret["token"]
    assert store.subscriptions[0].token == store.secret["token"]
    assert first not in done.output
    assert store.secret["token"] not in done.output
    assert command(*WEBHOOK, "ensure", "example", "--rotate-token", "--make-token").exit_code == 2


def test_a_replay_is_asked_for_once_and_again(store: Store, command: Command) -> None:
    arguments = (*WEBHOOK, "replay", "example", "--from", "2026-03-02")
    assert "--make-token" in command(*arguments).output
    store.made.secrets.write("example", "redo-webhook", {"token": "x" * 43})
    assert "ensure it first" in command(*arguments).output
    command(*WEBHOOK, "ensure", "example")

    assert "would ask" in command(*arguments, "--dry-run").output
    assert store.redo.webhooks.replays == []
    first, second = command(*arguments), command(*arguments)
    third = command(*arguments, "--again")
    assert [r.exit_code for r in (first, second, third)] == [0, 0, 0]
    assert "asked for before" in second.output
    assert [row["start"] for row in store.redo.webhooks.replays] == [
        "2026-03-02T00:00:00+00:00"
    ] * 2


def test_a_replay_without_an_answer_says_so(store: Store, command: Command) -> None:
    command(*WEBHOOK, "ensure", "example", "--make-token")
    store.redo.faults.add(Fault(FaultKind.RESET_AFTER, path="replay"))
    result = command(*WEBHOOK, "replay", "example", "--from", "2026-03-02T10:00:00+01:00")

    assert result.exit_code == 3
    assert "is not known" in result.output


@pytest.mark.parametrize("when", ["soon", "2999-01-01", "2026-03-02T10:00:00", ""])
def test_a_replay_wants_a_time_of_the_past(store: Store, command: Command, when: str) -> None:
    result = command(*WEBHOOK, "replay", "example", "--from", when)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_without_an_address_it_says_which_setting_is_missing(made: Hub, command: Command) -> None:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    result = command(*WEBHOOK, "status", "example")

    assert result.exit_code == 1
    assert "redo.webhook.url" in result.output


def test_an_output_of_the_stack_says_where_the_door_is(made: Hub) -> None:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    made.settings = made.settings.model_copy(update={"redo_webhook_url": DOOR})
    assert made.webhook(made.world("example")).url == f"{DOOR}/example"


def tick(made: Hub) -> dict[str, Any]:
    context = SimpleNamespace(
        aws_request_id="request", get_remaining_time_in_millis=lambda: 120_000
    )
    with made.invocation(context) as run:
        return run.check_webhooks()


def test_the_schedule_looks_after_the_merchants_that_want_it(
    store: Store, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`other` does not want it, `broken` has no token; neither keeps `example` from its own."""
    content = merchant_file(merchant="other")
    store.made.merchants.apply(Merchant.model_validate(content), "test", after=0)
    content = merchant_file(merchant="broken")
    content["redo"]["webhook"] = {"url": DOOR, "enabled": True}
    store.made.merchants.apply(Merchant.model_validate(content), "test", after=0)
    store.made.secrets.write("example", "redo-webhook", {"token": "x" * 43})
    telemetry = Telemetry()
    monkeypatch.setattr(store.made, "telemetry", telemetry)

    assert tick(store.made) == {"example": "created", "other": "off", "broken": "failed"}
    store.subscriptions[0].token = "altered"
    assert tick(store.made)["example"] == "repaired"
    assert tick(store.made)["example"] == "whole"
    assert telemetry.total("WebhookRepaired") == 1
    assert telemetry.total("WebhookChecks", merchant="example", outcome="repaired") == 1
    assert telemetry.total("OperatorNeeded") == 3


def test_the_schedule_goes_on_where_no_address_is_known(store: Store) -> None:
    content = merchant_file(merchant="lost")
    content["redo"]["webhook"] = {"enabled": True}
    store.made.merchants.apply(Merchant.model_validate(content), "test", after=0)
    store.made.secrets.write("example", "redo-webhook", {"token": "x" * 43})

    assert tick(store.made) == {"example": "created", "lost": "failed"}


# -- invoices -------------------------------------------------------------------------------

AWKWARD = (
    "description,amount,description\r\n"
    '"=cmd|\' /C calc\'!A0",-1.50,"Größe ""M"", rot\r\n2. Zeile"\r\n'
    "+44 20 7946 0000,+3,@SUM(A1)\r\n"
    "-,-3.2e5,\t=1\r\n"
)


def table_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


def test_invoices_are_listed(store: Store, command: Command) -> None:
    store.redo.invoices.put("inv-1", AWKWARD, amount="12.30")
    told = command(*INVOICES, "list", "example")
    as_json = json.loads(command(*INVOICES, "list", "example", "--json").stdout)

    assert told.exit_code == 0
    assert all(word in told.output for word in ("inv-1", "paid", "12.30", "GBP", "2026-03-01"))
    assert [(row["id"], row["charge"], row["currency"]) for row in as_json] == [
        ("inv-1", "12.30", "GBP")
    ]


def test_the_export_is_one_table_that_no_spreadsheet_runs(
    store: Store, command: Command, tmp_path: Path
) -> None:
    store.redo.invoices.put("inv-1", AWKWARD, amount="-0.20")
    store.redo.invoices.put("inv-2", "\ufeffsku,amount,invoice_id\nTEE,2,theirs\nMUG\n", "open")
    store.redo.invoices.put("inv-3", "", "open")
    out = tmp_path / "invoices.csv"
    out.write_text("of yesterday")
    result = command(*INVOICES, "export", "example", "--out", str(out))

    assert result.exit_code == 0, result.output
    assert "5 lines of 3 invoices" in result.output
    rows = table_of(out.read_bytes().decode("utf-8"))
    assert list(rows[0]) == [
        "invoice_id",
        "invoice_status",
        "invoice_charge",
        "invoice_currency",
        "invoice_created_at",
        "invoice_updated_at",
        "description",
        "amount",
        "description (2)",
        "sku",
        "invoice_id (2)",
    ]
    assert [row["invoice_id"] for row in rows] == ["inv-1"] * 3 + ["inv-2"] * 2
    assert (rows[0]["invoice_charge"], rows[0]["amount"]) == ("-0.20", "-1.50")
    assert rows[0]["description"] == "'=cmd|' /C calc'!A0"
    assert rows[0]["description (2)"] == 'Größe "M", rot\r\n2. Zeile'
    assert (rows[1]["description"], rows[1]["amount"]) == ("'+44 20 7946 0000", "+3")
    assert rows[1]["description (2)"] == "'@SUM(A1)"
    assert [rows[2][n] for n in ("description", "amount", "description (2)")] == [
        "'-",
        "'-3.2e5",
        "'\t=1",
    ]
    assert (rows[3]["sku"], rows[3]["invoice_id (2)"], rows[4]["amount"]) == ("TEE", "theirs", "")
    assert list(tmp_path.iterdir()) == [out]


def test_one_invoice_or_what_is_on_none_yet(store: Store, command: Command) -> None:
    store.redo.invoices.put("inv-1", "amount\n1\n")
    store.redo.invoices.put("inv-2", "amount\n2\n")
    store.redo.invoices.pending = "amount\n3\n"
    one = command(*INVOICES, "export", "example", "--invoice", "inv-2")
    none_yet = command(*INVOICES, "export", "example", "--pending")

    assert [(r["invoice_id"], r["amount"]) for r in table_of(one.stdout)] == [("inv-2", "2")]
    assert [(r["invoice_id"], r["amount"]) for r in table_of(none_yet.stdout)] == [("pending", "3")]
    both = command(*INVOICES, "export", "example", "--invoice", "inv-2", "--pending")
    unknown = command(*INVOICES, "export", "example", "--invoice", "inv-9")
    assert (both.exit_code, unknown.exit_code) == (2, 1)
    assert "inv-9" in unknown.output


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [
        (FaultKind.HTML_200_AFTER, 3),
        (FaultKind.CUT_OFF_AFTER, 3),
        (FaultKind.ERROR_500_BEFORE, 3),
        (FaultKind.RESET_AFTER, 3),
    ],
)
def test_a_failed_export_leaves_the_file_as_it_was(
    store: Store, command: Command, tmp_path: Path, kind: FaultKind, exit_code: int
) -> None:
    store.redo.invoices.put("inv-1", "amount\n1\n")
    store.redo.invoices.put("inv-2", "amount\n2\n" * 100)
    store.redo.faults.add(Fault(kind, path="inv-2", times=None))
    out = tmp_path / "invoices.csv"
    out.write_text("of yesterday")
    to_file = command(*INVOICES, "export", "example", "--out", str(out))
    to_screen = command(*INVOICES, "export", "example")

    assert (to_file.exit_code, to_screen.exit_code) == (exit_code, exit_code)
    assert out.read_text() == "of yesterday"
    assert list(tmp_path.iterdir()) == [out]
    assert to_screen.stdout == ""


def test_what_is_no_csv_is_refused_by_name(store: Store, command: Command) -> None:
    store.redo.invoices.put("inv-1", 'amount\n"1\n')
    result = command(*INVOICES, "export", "example")

    assert result.exit_code == 1
    assert "inv-1" in result.output


def test_a_folder_that_takes_no_file_is_named(store: Store, command: Command) -> None:
    result = command(*INVOICES, "export", "example", "--out", "/no/such/folder/x.csv")
    assert result.exit_code == 1
    assert "cannot be written" in result.output

"""When a key ends: a person says so, the job of the keys notes it, and never the key itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from returns_hub.adapters.secrets.store import SecretStore
from returns_hub.adapters.unleashed.signing import KeyPair
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Retryable
from returns_hub.flows.cursor_names import keys
from returns_hub.flows.overview.key_ends import KeysKnown
from returns_hub.known_keys import keys_known
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command

NEXT_YEAR = f"{datetime.now(UTC) + timedelta(days=365):%Y-%m-%d}"
TOKEN = '{"api_token": "hunter2"}'


def apply(made: Hub, **changes: Any) -> None:
    made.merchants.apply(Merchant.model_validate(merchant_file(**changes)), "test", after=0)


def refreshed(made: Hub) -> dict[str, Any]:
    context = SimpleNamespace(aws_request_id="x", get_remaining_time_in_millis=lambda: 60_000)
    with made.invocation(context) as run:
        return run.refresh_credentials()


def test_a_person_says_when_a_key_ends(made: Hub, command: Command) -> None:
    apply(made)
    say = ("secrets", "set", "example", "redo", "--from-stdin")

    done = command(*say, "--ends", NEXT_YEAR, given=TOKEN)
    told = command("secrets", "status", "example").stdout
    rows = json.loads(command("secrets", "status", "example", "--json").stdout)

    assert f"is set and ends on {NEXT_YEAR}" in done.stdout
    assert f"redo: set (api_token), ends {NEXT_YEAR}" in told
    (row,) = [row for row in rows if row["name"] == "redo"]
    assert (row["ends_at"], row["fields"]) == (NEXT_YEAR, ["api_token"])
    assert "hunter2" not in told
    # Set anew without a day, nothing is known of the new one's end.
    command(*say, given=TOKEN)
    assert "ends" not in command("secrets", "status", "example").stdout


@pytest.mark.parametrize("day", ["2020-01-31", "soon", "31.01.2027"])
def test_a_day_that_is_over_or_none_is_refused(made: Hub, command: Command, day: str) -> None:
    apply(made)
    done = command("secrets", "set", "example", "redo", "--from-stdin", "--ends", day, given=TOKEN)
    assert done.exit_code != 0
    assert made.secrets.find("example", "redo") is None


def test_ends_are_noted_hourly_and_no_key_with_them(
    made: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    mintsoft = merchant_file()["mintsoft"]
    apply(made, mintsoft=mintsoft, unleashed={"warehouses": {"MAIN": 3}})
    made.secrets.write("example", "redo", {"api_token": "hunter2", "ends_at": NEXT_YEAR})
    made.secrets.write("example", "mintsoft", {"api_key": "hunter3"})
    pair = KeyPair("12345678", "hunter4-hunter4")
    made.secrets.write("example", "unleashed", {"api_id": pair.api_id, "api_key": pair.api_key})

    assert refreshed(made) == {"example": "static key: nothing to renew"}

    value = made.cursors.read(keys("example"))
    known = KeysKnown.of(value)
    assert known.ends == {"redo": datetime.fromisoformat(f"{NEXT_YEAR}T00:00:00+00:00")}
    assert known.account == pair.account
    for private in ("hunter", pair.api_id):
        assert private not in json.dumps(dict(value))
    standing = made.cursors.standing(keys("example"))
    assert standing.succeeded_at is not None
    assert standing.new_record_at is None

    def not_again(*_: object) -> Any:
        raise AssertionError("a secret is read before the hour is over")

    monkeypatch.setattr(SecretStore, "read_if_set", not_again)
    refreshed(made)


def test_secrets_that_cannot_be_read_keep_no_key_from_being_renewed(
    made: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(made)

    def away(*_: object) -> Any:
        raise Retryable("aws.secretsmanager.busy", "busy")

    monkeypatch.setattr(SecretStore, "read_if_set", away)

    assert refreshed(made) == {"example": "static key: nothing to renew"}

    standing = made.cursors.standing(keys("example"))
    assert standing.failing == "aws.secretsmanager.busy"
    assert standing.succeeded_at is not None


def test_a_secret_that_is_missing_or_broken_tells_nothing(made: Hub) -> None:
    apply(made, unleashed={"warehouses": {"MAIN": 3}})
    made.secrets._client.create_secret(Name="returns-hub/example/unleashed", SecretString="{")
    known = keys_known(made, "example")
    assert (known.ends, known.account) == ({}, "")


def test_a_session_is_noted_as_one_that_renews(made: Hub) -> None:
    mintsoft = merchant_file()["mintsoft"] | {"authentication": "login"}
    apply(made, mintsoft=mintsoft)
    ends = datetime.now(UTC) + timedelta(hours=20)
    made.secrets.write("example", "mintsoft-session", {"expires_at": ends.isoformat()})
    known = keys_known(made, "example")
    assert known.ends == {"mintsoft-session": ends}
    assert known.renewing == {"mintsoft-session"}
    assert KeysKnown.of(known.to_value()) == known

"""A whole hub behind the command: its tables and queue in moto, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from click.testing import CliRunner, Result
from moto import mock_aws

from cli import asking, worlds
from cli.ending import FAULT
from cli.main import hub
from local.simulators.wire import Core
from returns_hub.adapters.aws import clients
from returns_hub.adapters.http.transport import partner_session
from returns_hub.bootstrap import Hub
from returns_hub.settings import Settings
from tests.privilege import operators
from tests.privilege.verbs import heard
from tests.support.in_process import InProcess
from tests.support.moto_tables import MotoTables, tables_of_the_template
from tests.unit.cli.manners import kept_of_the_hub, require_manners, verb_of

REGION = "eu-west-1"
Command = Callable[..., Result]


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The tables of template.yaml."""
    return tables_of_the_template(tmp_path_factory.mktemp("translated"))


@pytest.fixture(scope="session")
def moto_tables(tables: dict[str, Any]) -> MotoTables:
    """The same, ready to be put into moto."""
    return MotoTables(tables)


@pytest.fixture(scope="session")
def aws_session() -> boto3.session.Session:
    """One for all tests: what it loads of botocore's models is most of what a test would cost."""
    return boto3.session.Session("testing", "testing", region_name=REGION)


@dataclass
class Partners:
    """Who answers at a partner's base URL; nobody listens at any other."""

    cores: dict[str, Core] = field(default_factory=dict)

    def session(self) -> requests.Session:
        session = partner_session()
        for base_url, core in self.cores.items():
            session.mount(base_url, InProcess(core))
        return session


@pytest.fixture
def partners() -> Partners:
    """Partners that a test may put there before the hub first asks them."""
    return Partners()


@pytest.fixture
def made(
    moto_tables: MotoTables,
    aws_session: boto3.session.Session,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    partners: Partners,
) -> Iterator[Hub]:
    """An empty hub; every command of the test reaches it."""
    monkeypatch.setattr(worlds, "WORLD_FILE", tmp_path / "world.json")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", aws_session)
        moto_tables.put(boto3.client("dynamodb"))
        queue_url = boto3.client("sqs").create_queue(QueueName="approved")["QueueUrl"]
        settings = Settings(
            returns_table="ReturnsTable",
            ledger_table="LedgerTable",
            control_table="ControlTable",
            parked_table="ParkedTable",
            merchants_table="MerchantsTable",
            catalogue_table="CatalogueTable",
            market_table="MarketTable",
            sync_table="SyncTable",
            feed_table="FeedTable",
            findings_table="FindingsTable",
            audit_table="AuditTable",
            secret_prefix="returns-hub",
            approved_returns_queue_url=queue_url,
        )
        it = Hub(settings, clients(aws_session), worlds.NoLog(), new_session=partners.session)
        monkeypatch.setattr(worlds.Reach, "hub", lambda _self: it)
        monkeypatch.setattr(worlds.Reach, "caller", lambda _self: "arn:aws:iam::1:user/pat")
        yield it


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
) -> Command:
    """Run `hub` with these arguments; whatever is run has to keep the house's rules."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def run(*arguments: str, given: str | bytes | None = None) -> Result:
        # What is typed is typed at a terminal, but for what is piped in.
        piped = given is None or {"-", "--from-stdin"} & set(arguments)
        monkeypatch.setattr(asking, "is_terminal", lambda: not piped)
        is_try = "--dry-run" in arguments and "made" in request.fixturenames
        before = kept_of_the_hub() if is_try else {}
        verb = verb_of(arguments)
        with heard(verb, _settings_of(request)) as asked:
            result = CliRunner().invoke(hub, list(arguments), input=given)
        if asked:
            operators.require(verb, asked)
        assert not is_try or kept_of_the_hub() == before, "a dry run wrote"
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        assert result.exit_code != FAULT, _trace(result.stderr)
        require_manners(arguments, result)
        return result

    return run


def _settings_of(request: pytest.FixtureRequest) -> Settings | None:
    """Of the hub that the test's commands reach."""
    if "made" not in request.fixturenames:
        return None
    it: Hub = request.getfixturevalue("made")
    return it.settings


def _trace(told: str) -> str:
    """The trace of a fault of the command's own."""
    path = Path(told.rpartition("see ")[2].strip())
    return path.read_text(encoding="utf-8") if path.is_file() else told

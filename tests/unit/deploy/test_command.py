"""The command line of the tool, samconfig.toml, and the Makefile's verbs."""

from __future__ import annotations

import re

import pytest

from cli.cost.bill import read_prices
from local.stack import ROOT
from tools.deploy import __main__ as command
from tools.deploy.environments import environment_of, given, overrides_in, overrides_of
from tools.deploy.idle import as_markdown, idle_month
from tools.deploy.talk import INTERRUPTED, Stopped
from tools.deploy.template_facts import TemplateFacts

ENVIRONMENTS = ("dev", "staging", "prod")


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_each_environment_names_parameters_that_the_template_takes(name: str) -> None:
    environment = environment_of(ROOT / "samconfig.toml", name)
    template = TemplateFacts(ROOT / "template.yaml")
    template.require_valid(environment.parameters)
    assert environment.parameters["Stage"] == name
    assert environment.parameters["Release"] == ""
    assert not {"FirstMerchant", "AlarmTopicArn"} & environment.parameters.keys()


def test_environments_have_stacks_of_their_own_and_only_dev_is_rolled_out_at_once() -> None:
    found = [environment_of(ROOT / "samconfig.toml", name) for name in ENVIRONMENTS]
    assert len({one.stack for one in found}) == len(ENVIRONMENTS)
    at_once = [one.name for one in found if one.parameters["Rollout"] == "AllAtOnce"]
    assert at_once == ["dev"]


def test_overrides_are_read_as_they_are_written() -> None:
    parameters = {"A": "1", "B": "", "C": "arn:aws:sns:eu-west-1:1:x"}
    assert overrides_in(overrides_of(parameters)) == parameters
    assert overrides_in('A=1  B="" C="d e"') == {"A": "1", "B": "", "C": "d e"}
    assert overrides_in(["A=1", "B=2"]) == {"A": "1", "B": "2"}


@pytest.mark.parametrize("wrong", ["A", "=1", 'A="1"', "Release=x", "ReleaseBefore=x"])
def test_a_setting_of_another_form_is_refused(wrong: str) -> None:
    with pytest.raises(Stopped):
        given([wrong])


def test_secret_names_are_those_of_the_template() -> None:
    names = TemplateFacts(ROOT / "template.yaml").secret_names("s", {"FirstMerchant": "acme"})
    assert "s/acme/redo" in names
    assert "s/acme/mintsoft" in names
    assert not [name for name in names if "$" in name]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["deploy", "--env", "prd"], 2, "there are: dev, staging, prod"),
        (
            ["deploy", "--nope"],
            2,
            "No such option '--nope'. What there is: make deploy ARGS=--help",
        ),
        (["undeploy", "--yes"], 2, "make undeploy ARGS=--help"),
        (["deploi"], 2, "No such command 'deploi'"),
        (["deploy", "--set", "X"], 2, "say --set Parameter=value"),
        (["deploy", "--profile", "nope"], 3, "could not be found"),
        (["undeploy", "--env", "x"], 2, "there is no environment 'x'"),
        (["rollback", "--env", "x"], 2, "there is no environment 'x'"),
    ],
)
def test_a_users_mistake_is_a_sentence_and_a_code(
    words: list[str],
    code: int,
    says: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    assert command.main(words) == code
    told = capsys.readouterr().err
    assert says in told
    assert "Traceback" not in told


def test_without_a_region_it_says_where_to_name_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    assert command.main(["deploy"]) == 3
    assert "no AWS region is named: give REGION=" in capsys.readouterr().err


def test_without_credentials_it_says_how_make_takes_a_profile(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    assert command.main(["deploy", "--region", "eu-west-1"]) == 3
    assert "or name a profile: PROFILE=name" in capsys.readouterr().err


def test_an_interruption_says_that_the_deployment_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "deploy", interrupted)
    assert command.main(["deploy"]) == INTERRUPTED
    assert "it goes on with" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["deploy", "undeploy", "rollback"])
def test_help_tells_of_every_option(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([verb, "--help"]) == 0
    told = capsys.readouterr().out
    for option in command.command.commands[verb].params:
        assert re.search(rf"{re.escape(option.opts[0])}\b.*\S", told)
        assert getattr(option, "help", None) or option.name == "help"


@pytest.mark.parametrize("verb", ["deploy", "undeploy", "rollback"])
def test_make_has_each_verb(verb: str) -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{verb}: setup.*## ", text, re.MULTILINE)
    assert "/.deploy/" in f"/{(ROOT / '.gitignore').read_text(encoding='utf-8')}".replace("\n", "/")


def test_the_page_has_what_samconfig_and_the_prices_say() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    told = {cells[0]: cells[1:] for cells in rows}
    found = [environment_of(ROOT / "samconfig.toml", name) for name in ENVIRONMENTS]
    assert told["stack"] == [f"`{one.stack}`" for one in found]
    for label, name, form in (
        ("most environments a queue (`MaximumConcurrency`)", "MaximumConcurrency", "{}"),
        ("log lines are kept (`LogRetentionDays`)", "LogRetentionDays", "{} days"),
        ("log level", "LogLevel", "{}"),
    ):
        assert told[label] == [form.format(one.parameters[name]) for one in found]
    prices = read_prices()
    month = idle_month(TemplateFacts(ROOT / "template.yaml"), prices)
    assert as_markdown(month, prices) in page


def test_an_idle_months_ticks_are_those_of_the_schedules() -> None:
    template = TemplateFacts(ROOT / "template.yaml")
    assert template.ticks_a_month() == 8 * 8640 + 2880 + 720
    assert template.queue_events() == 9
    assert template.concurrency({"MaximumConcurrency": "2"}) == 18

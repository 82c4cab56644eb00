"""What holds for every test: Redo's simulator is asked and answers as the official schema says."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from functools import cache
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import HealthCheck, settings

from tests.official.document import MISSING, is_here
from tests.official.recorder import Conversation, complaint, listening
from tests.privilege.record import session_ended
from tests.support.canary_watch import WATCH, watching, words_of_leaks

# No test is a matter of time: other tests run beside it, on whatever machine.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What stays for the whole run (modules, models, thousands of tests) is not looked through for
    garbage again and again: a third of collecting, and seconds in whichever test it fell. What
    tests leave is looked through less often than by default: 4 % of a run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 50, 1000)
        gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _descriptions_of_aws() -> Iterator[None]:
    """AWS's descriptions of its services are read once: every mock of AWS makes a session anew,
    which would parse megabytes of JSON in nearly every test that has one."""
    load = JSONFileLoader.load_file

    @cache
    def loaded(path: str) -> Any:
        return load(JSONFileLoader(), path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: loaded(path))
        yield


@pytest.fixture(autouse=True, scope="session")
def _canaries() -> Iterator[None]:
    """Planted secrets and personal data are looked for in whatever leaves."""
    with watching():
        yield


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fuzzing plants such things everywhere, megabytes of them, and looks at reasons itself; each
    simulated world is searched whole by its checker (`tests.simulation.canary_rules`)."""
    WATCH.is_off = item.nodeid.startswith(("tests/fuzz/", "tests/simulation/"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test in which something planted got out fails at its end, whatever it tested.

    One that shows such a thing on purpose is marked ``shows_planted(why)``, and fails when
    nothing of the kind is seen.
    """
    report = yield
    if call.when == "teardown":
        sections = [(name, text) for _, name, text in item._report_sections]
        why = item.get_closest_marker("shows_planted")
        words = words_of_leaks(sections, is_meant=why is not None)
        if words and report.passed:
            report.outcome, report.longrepr = "failed", words
    return report


@pytest.fixture(autouse=True)
def conversation(request: pytest.FixtureRequest) -> Iterator[Conversation]:
    """What was said to and by Redo's simulator; the test fails when it contradicts the schema.

    A test that makes Redo say what the schema does not know is marked ``off_contract(why)``, and
    fails when nothing of the kind is said.
    """
    if not is_here():
        yield Conversation()
        return
    with listening() as heard:
        yield heard
    is_off = request.node.get_closest_marker("off_contract") is not None
    words = complaint(heard.contradictions(), is_off_contract=is_off)
    if words:
        pytest.fail(words, pytrace=False)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A share of the suite ended, as a whole one: see `tests/privilege`."""
    if not hasattr(session.config, "workerinput") and not session.config.option.collectonly:
        session_ended(int(exitstatus))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly when nothing was checked."""
    if not is_here():
        terminalreporter.write_line(f"NOTHING WAS CHECKED: {MISSING}", red=True)

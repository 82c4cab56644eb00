"""What holds for every test: Redo's simulator is asked and answers as the official schema says."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

from tests.official.document import MISSING, is_here
from tests.official.recorder import Conversation, complaint, listening


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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly when nothing was checked."""
    if not is_here():
        terminalreporter.write_line(f"NOTHING WAS CHECKED: {MISSING}", red=True)

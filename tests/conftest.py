"""What holds for every test: Redo's simulator is asked and answers as the official schema says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.official.document import MISSING, is_here
from tests.official.recorder import Conversation, listening

MOST_SHOWN = 20


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
    marker, found = request.node.get_closest_marker("off_contract"), heard.contradictions()
    if marker is None and found:
        shown = [f"{words} ({times} times)" for words, times in found.items()][:MOST_SHOWN]
        pytest.fail("against Redo's official schema:\n  " + "\n  ".join(shown), pytrace=False)
    if marker is not None and not found:
        pytest.fail("nothing off the contract was said: drop the mark", pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly when nothing was checked."""
    if not is_here():
        terminalreporter.write_line(f"NOTHING WAS CHECKED: {MISSING}", red=True)

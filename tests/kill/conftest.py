"""One world for all kill tests; every test has a return of its own in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kill.stage import Stage, standing


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from standing(tmp_path_factory.mktemp("kill"))


@pytest.fixture
def stage(running: Stage) -> Iterator[Stage]:
    yield running
    running.calm()

"""One real build for everything that is done with what it built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.artifact.built import build, copy_sources
from local.aws import LocalAws


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("state")) as started:
        yield started


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The application's sources, beside which the build leaves its files."""
    folder = copy_sources(tmp_path_factory.mktemp("built") / "sources")
    # The emulator takes a number parameter for text and then cannot compare it.
    template = (folder / "template.yaml").read_text(encoding="utf-8")
    number = template.replace("!Ref MaximumConcurrency", "5")
    (folder / "template.yaml").write_text(number, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def built(sources: Path) -> Path:
    """What `sam build` made of them."""
    return build(sources)

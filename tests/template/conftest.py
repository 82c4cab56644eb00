"""The template as plain CloudFormation, for its rules."""

from __future__ import annotations

from typing import Any

import pytest

from local.stack import ROOT, translated


@pytest.fixture(scope="session")
def translation(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the SAM transform makes of it, with the sources of the functions."""
    return translated(ROOT / "template.yaml", tmp_path_factory.mktemp("translated"))


@pytest.fixture(scope="session")
def resources(translation: dict[str, Any]) -> dict[str, Any]:
    """Its resources by logical id."""
    found: dict[str, Any] = translation["template"]["Resources"]
    return found

"""A clone, an account and a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.deploy_world import Account, DeployWorld, Person


@pytest.fixture
def world(tmp_path: Path) -> DeployWorld:
    return DeployWorld(tmp_path, Account(), Person())

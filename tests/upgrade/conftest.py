"""What an earlier release left in the middle of a day, set up again under this one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.migrating_returns import DynamoDbReturnsToMigrate
from returns_hub.flows.migrations.migration import MigrationWorld
from tests.upgrade.stage import Stage

HERE = Path(__file__).parent
WRITTEN: dict[str, Any] = json.loads((HERE / "before_the_index.json").read_text(encoding="utf-8"))
"""By the code before returns knew their step, and before the store's version."""


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.set_up(WRITTEN)
    return made


def migrating(stage: Stage) -> MigrationWorld:
    """What migrations of the stage's tables are done with."""
    client: Any = stage.tables
    rows = DynamoDbReturnsToMigrate(client, "ReturnsTable", stage.clock)
    return MigrationWorld(stage.stores(), stage.merchants.store, rows)

"""What migrations are done with, made of a hub; for the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from returns_hub.adapters.dynamodb.migrating_returns import DynamoDbReturnsToMigrate
from returns_hub.flows.migrations.migration import MigrationWorld

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub


def migration_world(made: Hub) -> MigrationWorld:
    """The stores of a hub, as migrations need them."""
    table = made.settings.returns_table
    rows = DynamoDbReturnsToMigrate(made.dynamodb, table, made.clock)
    return MigrationWorld(made.stores(), made.merchants.store, rows)

"""What a migration is: named, walked in small pieces, and the same again where it was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from returns_hub.flows.world import Stores
from returns_hub.ports.migrations import Position, ReturnsToMigrate, StoreVersions


@dataclass(frozen=True)
class MigrationWorld:
    """What migrations are done with."""

    stores: Stores
    versions: StoreVersions
    rows: ReturnsToMigrate


@dataclass(frozen=True)
class Piece:
    """What came of a piece.

    Args:
        position: Where the next one begins; empty behind the last.
        rows: How many rows were read.
        changed: How many were brought to this release, or would be.
        left: How many were left as they are, because this release cannot read them.
    """

    position: Position
    rows: int = 0
    changed: int = 0
    left: int = 0


Step = Callable[[MigrationWorld, Position, bool], Piece]
"""Does the piece that begins at a position; with False it only looks. It is bounded, it writes a
row only where that is as it was read, and of what is done already it changes nothing."""


@dataclass(frozen=True)
class Migration:
    """One migration.

    Args:
        name: Unique for ever; kept with the store when it is done.
        to: The version of rows that it brings to; see `store_version.ROWS`.
        what: What it does, for operators.
        step: Does a piece of it.
    """

    name: str
    to: int
    what: str
    step: Step

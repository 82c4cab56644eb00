"""Migrations, one after the other, each in pieces under its lease: whatever stops it, the next run
goes on behind the last piece."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pydantic import Field

from returns_hub.domain.base import Frozen
from returns_hub.domain.store_version import ROWS, StoreVersion, is_migrated, problem_of
from returns_hub.errors import Conflict, Misconfigured, Retryable
from returns_hub.flows.cursor_names import migration as cursor_of
from returns_hub.flows.migrations.migration import Migration, MigrationWorld
from returns_hub.flows.migrations.refold_returns import REFOLD_RETURNS

MIGRATIONS: tuple[Migration, ...] = (REFOLD_RETURNS,)
"""All that there ever were, in their order. One is never changed or taken out."""
LEASE_SECONDS = 180.0
PAUSE_SECONDS = 0.2
"""Between two pieces, so as not to be in the flows' way."""


class Progress(Frozen):
    """How far a migration came: its cursor's value."""

    position: dict[str, str] = Field(default_factory=dict)
    rows: int = 0
    changed: int = 0
    left: int = 0


Tell = Callable[[Migration, Progress], None]
"""Is told after every piece."""


@dataclass(frozen=True)
class Standing:
    """How the store stands with this release.

    Args:
        stored: What is known of the store.
        release: The version of rows that this release writes.
        pending: Migrations that have to be done, in their order.
        problem: Why this release must not work with the store; empty when it may.
    """

    stored: StoreVersion
    release: int
    pending: tuple[Migration, ...]
    problem: str

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to do: no migration, and no word that this release works."""
        is_done = is_migrated(self.stored, self.release)
        return is_done and not self.pending and not self.problem


def standing(
    world: MigrationWorld, migrations: Sequence[Migration] = MIGRATIONS, release: int = ROWS
) -> Standing:
    """How the store stands; 1 request."""
    stored = world.versions.read() or StoreVersion()
    return _standing(stored, migrations, release)


def progress_of(world: MigrationWorld, migration: Migration) -> Progress:
    """How far it came by now; 1 request."""
    value = world.stores.cursors.read(cursor_of(migration.name))
    return Progress.model_validate(value, extra="ignore") if value else Progress()


def migrate(
    world: MigrationWorld,
    who: str,
    tell: Tell,
    migrations: Sequence[Migration] = MIGRATIONS,
    release: int = ROWS,
) -> StoreVersion:
    """Do all that is pending; what is known of the store after it.

    Raises:
        Misconfigured: This release must not work with the store.
        Retryable: Another run is at it, or a table cannot be asked; the same again goes on.
    """
    read = world.versions.read()
    before = read or StoreVersion()
    found = _standing(before, migrations, release)
    if found.problem:
        raise Misconfigured("store.unknown_version", found.problem)
    names = [one.name for one in migrations]
    # First of all: rows of this release are written from now on, if not before.
    now = _write(world, read, before.worked_with(release, names), who)
    for migration in found.pending:
        _work(world, migration, tell)
        now = _write(world, now, replace(now, done=now.done | {migration.name}), who)
    return _write(world, now, replace(now, complete=release), who)


def look(
    world: MigrationWorld,
    tell: Tell,
    migrations: Sequence[Migration] = MIGRATIONS,
    release: int = ROWS,
) -> tuple[tuple[Migration, Progress], ...]:
    """What each pending migration would do, from its beginning; nothing is written."""
    found = standing(world, migrations, release)
    if found.problem:
        raise Misconfigured("store.unknown_version", found.problem)
    return tuple((one, _looked(world, one, tell)) for one in found.pending)


def _standing(stored: StoreVersion, migrations: Sequence[Migration], release: int) -> Standing:
    names = [one.name for one in migrations]
    known = stored.worked_with(release, names)
    pending = tuple(
        one for one in migrations if one.to > known.complete and one.name not in known.done
    )
    return Standing(stored, release, pending, problem_of(stored, release))


def _write(
    world: MigrationWorld, before: StoreVersion | None, after: StoreVersion, who: str
) -> StoreVersion:
    if before == after:
        return after
    try:
        world.versions.write(before, after, who)
    except Conflict:
        raise Retryable(
            "migration.in_work", "another run changed the store's version; look again"
        ) from None
    return after


def _work(world: MigrationWorld, migration: Migration, tell: Tell) -> None:
    is_over = False
    while not is_over:
        is_over = _piece(world, migration, tell)
        if not is_over:
            world.stores.clock.sleep(PAUSE_SECONDS)


def _piece(world: MigrationWorld, migration: Migration, tell: Tell) -> bool:
    """Do one piece under the lease, and keep how far it came; whether it was the last."""
    cursors = world.stores.cursors
    name = cursor_of(migration.name)
    lease = cursors.acquire(name, world.stores.owner, LEASE_SECONDS)
    if lease is None:
        raise Retryable(
            "migration.in_work",
            f"another run works on {migration.name}, or was cut off less than "
            f"{LEASE_SECONDS / 60:.0f} minutes ago; come back then",
            after=LEASE_SECONDS,
        )
    try:
        before = Progress.model_validate(lease.value, extra="ignore")
        after, is_over = _added(world, migration, before, is_meant=True)
        # Behind the last piece it begins anew, should it ever have to be done again.
        cursors.advance(lease, {} if is_over else after.model_dump())
    except Conflict:
        raise Retryable("migration.in_work", "another run has taken over; look again") from None
    finally:
        cursors.release(lease)
    tell(migration, after)
    return is_over


def _looked(world: MigrationWorld, migration: Migration, tell: Tell) -> Progress:
    progress, is_over = Progress(), False
    while not is_over:
        progress, is_over = _added(world, migration, progress, is_meant=False)
        tell(migration, progress)
        if not is_over:
            world.stores.clock.sleep(PAUSE_SECONDS)
    return progress


def _added(
    world: MigrationWorld, migration: Migration, before: Progress, *, is_meant: bool
) -> tuple[Progress, bool]:
    """With one more piece; and whether that was the last."""
    piece = migration.step(world, before.position, is_meant)
    after = Progress(
        position=dict(piece.position),
        rows=before.rows + piece.rows,
        changed=before.changed + piece.changed,
        left=before.left + piece.left,
    )
    return after, not piece.position

"""Returns that an earlier release stored are folded again, so that they say all that this release's
do: the step at which they wait, what they are worth, and what they are found by (decision 0022)."""

from __future__ import annotations

from returns_hub.domain.refolding import is_of_earlier_release, refolded
from returns_hub.errors import Retryable
from returns_hub.flows.migrations.migration import Migration, MigrationWorld, Piece
from returns_hub.ports.migrations import Position, StoredReturn

ROWS_OF_A_PIECE = 400
"""Read by one request. A return has some ten rows, so that a piece is of some 40 returns, each at
most two requests more: seconds, far less than the lease."""
TRIES = 5
"""Of one return that others write at the same time."""


def refold_piece(world: MigrationWorld, position: Position, is_meant: bool) -> Piece:
    """One piece; see `migration.Step`."""
    walked = world.rows.walk_states(position, ROWS_OF_A_PIECE)
    changed = left = 0
    for stored in walked.returns:
        match _refold(world, stored, is_meant=is_meant):
            case None:
                left += 1
            case is_changed:
                changed += is_changed
    return Piece(walked.position, walked.rows, changed, left)


def _refold(world: MigrationWorld, stored: StoredReturn, *, is_meant: bool) -> bool | None:
    """Whether the return was, or would be, refolded; None when this release cannot read it."""
    telemetry = world.stores.telemetry
    now: StoredReturn | None = stored
    for _ in range(TRIES):
        if now is None:
            return False
        try:
            if not is_of_earlier_release(now.text):
                return False
        except ValueError:
            telemetry.log("a return of another release was left", return_id=now.return_id)
            return None
        if not is_meant:
            return True
        timeline = world.stores.returns.timeline(now.merchant, now.return_id)
        made = refolded(now.text, timeline, now.last_event_at)
        if not made.is_fold:
            telemetry.log("a return was kept as it stood", return_id=now.return_id)
        if world.rows.put_refolded(now, made):
            return True
        now = world.rows.stored(now.merchant, now.return_id)
    raise Retryable("migration.busy", f"{stored.return_id} changes all the time; try again")


REFOLD_RETURNS = Migration(
    name="0001-refold-returns",
    to=1,
    what="returns know their step and are found by order, tracking number and SKU",
    step=refold_piece,
)

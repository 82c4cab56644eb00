"""This machine's clock beside AWS's."""

from __future__ import annotations

from cli.terminal import REFUSED
from cli.worlds import CommandError
from returns_hub.bootstrap import Hub
from returns_hub.domain.operations import CLOCKS_DIFFER_SECONDS


def require_right_clock(made: Hub) -> None:
    """Refuse to write into gates and leases in a time that is not theirs."""
    ahead = made.seconds_ahead()
    if abs(ahead) > CLOCKS_DIFFER_SECONDS:
        raise CommandError(
            f"this machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} "
            "AWS's; set it right, for the flows would wait for it",
            REFUSED,
        )

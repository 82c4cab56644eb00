"""What a verb of Unleashed works with: one merchant's ERP, and which of its flows are meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click

from cli.terminal import REFUSED, clean
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.unleashed.settings import FLOW_NAMES, UnleashedConnection
from returns_hub.flows.sync.shape import Source
from returns_hub.flows.unleashed.sources import SOURCES

flow_type = click.Choice(list(FLOW_NAMES))


@dataclass(frozen=True)
class Desk:
    """One merchant's ERP, for a person."""

    hub: Hub
    merchant: str
    connection: UnleashedConnection

    def sources(self, flow: FlowName) -> tuple[Source[Any], ...]:
        """The flow's sources; none where this release has none.

        Raises:
            Misconfigured: The file lacks what the flow needs.
        """
        if flow not in SOURCES:
            return ()
        return tuple(SOURCES[flow](self.hub.erp.by_hand(self.merchant)))


def desk_of(reach: Reach, merchant: str, *, reads_only: bool = False) -> Desk:
    """The merchant's ERP; with `reads_only` its partners refuse every write.

    Raises:
        CommandError: The merchant has none.
    """
    made = reach.hub()
    connection = made.merchants.live(merchant).merchant.unleashed
    if connection is None:
        raise CommandError(
            clean(f"{merchant}'s file has no block unleashed: (docs/unleashed.md)"), REFUSED
        )
    return Desk(made.reading_only() if reads_only else made, merchant, connection)


def require_here(flow: FlowName) -> None:
    """Refuse a flow that this release does not have.

    Raises:
        CommandError: It does not.
    """
    if flow not in SOURCES:
        have = ", ".join(name for name in FLOW_NAMES if name in SOURCES) or "none"
        raise CommandError(f"this release has no flow {flow}; there are: {have}", REFUSED)

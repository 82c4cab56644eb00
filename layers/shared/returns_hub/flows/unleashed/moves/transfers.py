"""Warehouse transfers: picked at the source, received at the destination, then completed."""

from __future__ import annotations

from returns_hub.domain.unleashed.moves import Move, is_wanted
from returns_hub.domain.unleashed.names import TRANSFERS
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.moves.plan import plan_move
from returns_hub.flows.unleashed.moves.source import MoveFlow, MovesSource


def transfer_flow(world: ErpWorld) -> MoveFlow:
    """What is done about transfers. The booking of the ASN completes one, as the connector's page
    says; where no ASN is made a person completes it in Unleashed."""
    settings = world.connection.transfers

    def wanted(move: Move) -> bool:
        return is_wanted(move, settings.statuses)

    return MoveFlow(
        name=TRANSFERS,
        kind="transfer",
        settings=settings,
        erp=world.erp.transfers,
        orders=settings.orders_at_source,
        asns=settings.asns_at_destination,
        completes=True,
        courier=settings.courier,
        is_wanted=wanted,
        ship_to=lambda move: move.destination_code,
        cannot_complete=lambda _: None,
    )


class TransfersSource(MovesSource):
    """`flows.sync.shape.Source` of transfers."""

    def __init__(self, world: ErpWorld) -> None:
        super().__init__(world, transfer_flow(world), plan_move)

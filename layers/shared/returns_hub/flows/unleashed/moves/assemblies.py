"""Assemblies: components are picked, what is made of them is received, then it is completed."""

from __future__ import annotations

from returns_hub.domain.unleashed.moves import Move, is_wanted
from returns_hub.domain.unleashed.names import ASSEMBLIES
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.moves.plan import plan_move
from returns_hub.flows.unleashed.moves.source import MoveFlow, MovesSource


def assembly_flow(world: ErpWorld) -> MoveFlow:
    """What is done about assemblies. One with batch or serial numbers is never completed by the
    hub: Unleashed's API takes none there, and its numbers would be lost."""
    settings = world.connection.assemblies

    def wanted(move: Move) -> bool:
        return is_wanted(move, settings.statuses, settings.custom_statuses)

    def cannot_complete(move: Move) -> str | None:
        tracked = world.erp.assemblies.tracked_in(move)
        if not tracked:
            return None
        return (
            f"{move.title} is booked in, and {', '.join(tracked[:3])} has batch or serial numbers, "
            "which Unleashed takes in its own pages only; complete it there, then discard this"
        )

    return MoveFlow(
        name=ASSEMBLIES,
        kind="assembly",
        settings=settings,
        erp=world.erp.assemblies,
        orders=settings.orders,
        asns=settings.asns,
        completes=settings.complete,
        courier=settings.courier,
        is_wanted=wanted,
        ship_to=lambda move: move.source_code,
        cannot_complete=cannot_complete,
    )


class AssembliesSource(MovesSource):
    """`flows.sync.shape.Source` of assemblies."""

    def __init__(self, world: ErpWorld) -> None:
        super().__init__(world, assembly_flow(world), plan_move)

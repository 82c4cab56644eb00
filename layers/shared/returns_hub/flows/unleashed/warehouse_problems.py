"""A warehouse that may not be worked with stops its records, and is told of once.

Its records wait and come by themselves when the map is mended: a person is asked about the
warehouse, not about each of them. What was told comes off the list when it is in order again, and
is told again only when it is another problem, or when a person had it tried again and it is none
the better.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from returns_hub.domain.base import short_hash
from returns_hub.domain.unleashed.names import WAREHOUSES
from returns_hub.domain.unleashed.warehouses import Places
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows.sync.endings import SUBJECT, parked_id_of
from returns_hub.flows.unleashed.erp_world import ErpWorld

FLOW = WAREHOUSES
HUB = "hub"
WAIT_SECONDS = 900.0
LEASE_SECONDS = 60.0
PLAIN_CODE = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)


def require_place(world: ErpWorld, code: str) -> int | None:
    """The Mintsoft warehouse of a code, before anything of a record is done there.

    Args:
        world: The merchant's.
        code: As Unleashed's record has it.

    Returns:
        None for a warehouse that the file says is elsewhere.

    Raises:
        Retryable: The warehouse is stopped; its records wait. `tell_problems` tells why, once.
        Permanent: No warehouse of the account has this code, so that the record itself is wrong.
    """
    places = world.places
    place = places.of(code)
    if not place.why:
        return place.warehouse_id
    if code in places.stopped:
        raise Retryable("unleashed.warehouse_stopped", place.why, after=WAIT_SECONDS)
    raise Permanent("unleashed.no_such_warehouse", place.why)


def tell_problems(world: ErpWorld) -> None:
    """Have each problem of the warehouses on the list of parked work, once, and no other there.

    A run calls it at its end, where it asked for `world.places`; a plan does not. Costs one read
    while nothing is wrong. A replay or a discard of such an item closes it, and does nothing else.

    Raises:
        Retryable: The hub's own stores cannot be reached.
    """
    cursors = world.stores.cursors
    name = f"sync/{FLOW}/{world.merchant}"
    problems = _problems(world.places)
    if not problems and not cursors.read(name).get("told"):
        return
    lease = cursors.acquire(name, world.stores.owner, LEASE_SECONDS)
    if lease is None:
        return
    try:
        # What may be on the list is written down first: it has to come off again.
        cursors.advance(lease, {"told": sorted({*problems, *lease.value.get("told", ())})})
        _put_on_list(world, problems)
        cursors.advance(lease, {"told": sorted(problems)})
    except Conflict:
        world.stores.telemetry.log("the lease was lost; another run tells", cursor=name)
    finally:
        cursors.release(lease)


def _problems(places: Places) -> Mapping[str, str]:
    """Why, by the id that it is parked under: one for each problem, of however many codes."""
    first: dict[str, str] = {}
    for code, why in sorted(places.stopped.items()):
        first.setdefault(why, code)
    return {parked_id_of(FLOW, _named(code)): why for why, code in first.items()}


def _named(code: str) -> str:
    return code if PLAIN_CODE.fullmatch(code) else f"code-{short_hash(code)}"


def _put_on_list(world: ErpWorld, problems: Mapping[str, str]) -> None:
    parking = world.stores.parking
    ours = [
        item for item in parking.list_parked(world.merchant, closed_too=True) if item.flow == FLOW
    ]
    known: set[str] = set()
    for item in ours:
        is_same = problems.get(item.parked_id) == item.reason
        if item.state == "open" and item.parked_id not in problems:
            parking.close(item, "discarded", HUB, "it is in order now")
        seen_to = item.state == "discarded" and item.closed_by != HUB
        if is_same and (item.state == "open" or seen_to):
            known.add(item.parked_id)
    for parked_id, why in problems.items():
        if parked_id not in known:
            world.world.park(
                FLOW,
                parked_id,
                Permanent("unleashed.warehouse_stopped", why),
                subject=f"{SUBJECT}/{parked_id}",
                payload="{}",
            )

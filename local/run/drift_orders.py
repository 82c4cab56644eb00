"""Drift of orders that is planted: orders that stall between two systems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local.run.drift_stage import DriftStage, Planted
from local.run.erp_cases_sales import ADDRESS
from local.run.erp_stage import GLS
from local.run.miinto_books import number_of
from local.run.miinto_cases import DK
from returns_hub.domain.events import FeedAsked, FeedFlow, SyncAsked
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.domain.unleashed.echoes import reference_of
from returns_hub.domain.unleashed.settings import FlowName

NEW, CANCELLED, HOLDING, FAILED = 1, 3, 7, 8
"""Mintsoft's statuses."""
NOT_IN_STOCK = "BOOTS-41"
"""What nobody has any of: an order for it sets nothing aside."""
COURIER, COURIER_ID = "Dragon Express", 31
"""A courier that nobody told Unleashed of."""
UNKNOWN = "SCARF-SAND-M"
"""A product that Unleashed alone has."""


def of(kind: str, subject: str) -> Planted:
    """One of the area's."""
    return Planted("example", f"orders.{kind}", subject)


def sync(stage: DriftStage, flow: FlowName, merchant: str = "example") -> None:
    """One run of a flow with Unleashed."""
    message = SyncAsked(merchant=merchant, flow=flow, asked_at=stage.clock())
    stage.send("UnleashedSyncQueue", message.model_dump_json())
    stage.drain()


def feed(stage: DriftStage, flow: FeedFlow) -> None:
    """One run of a flow of the stock feed's."""
    message = FeedAsked(merchant="example", flow=flow, asked_at=stage.clock())
    stage.send("WairSyncQueue", message.model_dump_json())
    stage.drain()


# -- with the hub at work ---------------------------------------------------------------------


def at_work(stage: DriftStage) -> Iterator[Planted]:
    """Orders on their way, when one of the systems answers no more."""
    yield from _of_miinto(stage)
    yield from _of_unleashed(stage)


def _of_miinto(stage: DriftStage) -> Iterator[Planted]:
    """Three orders are won. One is cancelled at the warehouse, one leaves, and of one the warehouse
    hears nothing."""
    cancelled, sent = _offered(stage), _offered(stage)
    orders = {key: _order_of(stage, key) for key in (cancelled, sent)}
    stage.tick_until(
        "making orders", "MiintoRma", lambda: all(_made(stage, _order_of(stage, k)) for k in orders)
    )
    stage.mintsoft.do("faults", kind="http_429", path="(?i)/api/order$", method="PUT", times=None)
    unmade = _offered(stage)
    stage.tick_until("seeing an order", "MiintoRma", lambda: _is_seen(stage, unmade))
    stage.mintsoft.forget_faults()
    orders = {key: _order_of(stage, key) for key in (cancelled, sent, unmade)}
    stage.mintsoft.do("set-status", id=_made(stage, orders[cancelled]), status_id=CANCELLED)
    stage.mintsoft.do(
        "despatch", id=_made(stage, orders[sent]), courier_id=GLS, tracking_number="DK1"
    )
    for key, kind in (
        (unmade, "accepted_not_at_warehouse"),
        (cancelled, "cancelled_at_warehouse"),
        (sent, "despatch_not_told_miinto"),
    ):
        yield of(kind, f"Miinto order {slug_of(DK)}/{orders[key]}")


def _offered(stage: DriftStage) -> int:
    """An offer that the rule takes; the transfer."""
    made = stage.miinto.do("offer", shops=[DK], items=[{"sku": "TEE-BLU-L"}])
    return int(made["transfers"][0]["id"])


def _order_of(stage: DriftStage, transfer: int) -> int:
    """The order that became of a transfer; 0 while there is none."""
    orders = stage.miinto.books()["transfers"][f"{DK}/{transfer}"]["orders"]
    return int(orders[0]) if orders else 0


def _made(stage: DriftStage, order: int) -> int:
    """Mintsoft's order for one of Miinto's; 0 while there is none."""
    found = [o["id"] for o in stage.orders() if order and o["number"] == number_of(DK, order)]
    return int(found[0]) if found else 0


def _is_seen(stage: DriftStage, transfer: int) -> bool:
    """Whether the hub has an order in work."""
    order = _order_of(stage, transfer)
    in_work = stage.world.hub.market.store().orders_in_work("example", 100)
    return any(state.id == order for state in in_work)


def _of_unleashed(stage: DriftStage) -> Iterator[Planted]:
    """An order leaves, and neither Unleashed nor the channel takes the word of it."""
    placed = stage.clerk(
        "example", "place-order", customer="WEBSHOP", goods={"CAP-BLACK": 1}, fields=ADDRESS
    )
    sync(stage, "orders")
    stage.wait("importing an order", lambda: _imported(stage, placed["guid"]))
    stage.mintsoft.do("seed", couriers={str(COURIER_ID): {"name": COURIER}})
    order_id = _imported(stage, placed["guid"])
    stage.mintsoft.do("despatch", id=order_id, courier_id=COURIER_ID, tracking_number="DRAGON1")
    yield Planted("example", "lint.courier_unmapped", f"courier {COURIER}")
    for method in ("POST", "PUT"):
        stage.unleashed.do("faults", kind="http_429", path="/", method=method, times=None)
    sync(stage, "despatches")
    stage.unleashed.forget_faults()
    yield of("despatch_not_told_unleashed", f"Unleashed orders {placed['guid']}")
    stage.channel.do("faults", kind="http_429", path="/despatches", times=None)
    feed(stage, "despatches")
    yield from (of("despatch_not_relayed", f"despatch {one}") for one in untold(stage))


def untold(stage: DriftStage) -> list[int]:
    """Mintsoft's ids of what has left, and the channel was not told."""
    told = {event["mintsoft_order_id"] for event in stage.channel.books()["taken"]}
    client_id = stage.file("example").mintsoft.client_id
    sent = [o for o in stage.orders() if o["status_id"] == 4 and o["client_id"] == client_id]
    return sorted(o["id"] for o in sent if o["id"] not in told)


def _imported(stage: DriftStage, guid: str) -> int:
    reference = reference_of("order", guid)
    found = [o["id"] for o in stage.orders() if o["external_reference"] == reference]
    return int(found[0]) if found else 0


# -- while nobody works -----------------------------------------------------------------------


def at_rest(stage: DriftStage) -> Iterator[Planted]:
    """Orders that nobody moves on."""
    words = {"not_begun": NEW, "on_hold": HOLDING, "failed": FAILED}
    for kind, status in words.items():
        number = f"SHOP-{kind.upper().replace('_', '')}"
        order_id = stage.order(number, {NOT_IN_STOCK: 1})
        stage.mintsoft.do("set-status", id=order_id, status_id=status)
        yield of(kind, f"order {number}")
    first, edit = "SHOP-2001", "SHOP-2001-E1"
    for number in (first, edit):
        stage.order(number, {NOT_IN_STOCK: 1})
        yield of("back_ordered", f"order {number}")
    yield of("edited_twice", f"{first} + {edit}")
    placed: dict[str, Any] = stage.clerk(
        "example", "place-order", customer="WEBSHOP", goods={"CAP-BLACK": 1}, fields=ADDRESS
    )
    yield of("unleashed_not_at_warehouse", f"Unleashed order {placed['number']}")

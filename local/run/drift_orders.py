"""Drift of orders that is planted: orders that stall between two systems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local.run.drift_stage import DriftStage, Planted
from local.run.erp_books import SHOP
from local.run.erp_cases_sales import ADDRESS
from local.run.erp_stage import GLS
from local.run.miinto_books import number_of
from local.run.miinto_cases import DK, NL
from returns_hub.domain.events import FeedAsked, FeedFlow, SyncAsked
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.domain.unleashed.echoes import reference_of
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.flows.relay import despatches
from returns_hub.flows.sync.cursor import cursor_name
from returns_hub.flows.wair import feed_cursor

CANCELLED = 3
STALLED = {"not_begun": 1, "on_hold": 7, "failed": 8, "back_ordered": 9}
"""Kind -> Mintsoft's status."""
NOT_IN_STOCK = "BOOTS-41"
"""What nobody has any of: an order for it sets nothing aside."""
SOLD = "TEE-BLU-L"
DOWN = "error_500_before"
"""A 429 would keep the hub from the partner for minutes."""
COURIER, COURIER_ID = "Dragon Express", 31
"""A courier that nobody told Unleashed of."""
UNKNOWN = "SCARF-SAND-M"
"""A product that Unleashed alone has."""


def of(kind: str, subject: str) -> Planted:
    """One of the area's."""
    return Planted("example", f"orders.{kind}", subject)


def sync(stage: DriftStage, flow: FlowName) -> None:
    """One run of a flow with Unleashed."""

    def message() -> str:
        asked = SyncAsked(merchant="example", flow=flow, asked_at=stage.clock())
        return asked.model_dump_json()

    stage.run("UnleashedSyncQueue", message, cursor_name(f"unleashed.{flow}", "example"))


def feed(stage: DriftStage, flow: FeedFlow, cursor: str) -> None:
    """One run of a flow of the stock feed's."""

    def message() -> str:
        asked = FeedAsked(merchant="example", flow=flow, asked_at=stage.clock())
        return asked.model_dump_json()

    stage.run("WairSyncQueue", message, cursor)


def feed_stock(stage: DriftStage) -> None:
    """WAIR is told of what changed."""
    feed(stage, "feed", feed_cursor.cursor_name("example"))


# -- with the hub at work ---------------------------------------------------------------------


def at_work(stage: DriftStage) -> Iterator[Planted]:
    """Three orders are won at Miinto. One is cancelled at the warehouse, one leaves, and of one the
    warehouse hears nothing."""
    cancelled, sent = _offered(stage), _offered(stage)
    orders = {key: _order_of(stage, key) for key in (cancelled, sent)}
    stage.tick_until(
        "making orders", "MiintoRma", lambda: all(_made(stage, _order_of(stage, k)) for k in orders)
    )
    stage.mintsoft.do("faults", kind=DOWN, path="(?i)/api/order$", method="PUT", times=None)
    unmade = _offered(stage)
    stage.tick_until("seeing an order", "MiintoRma", lambda: _is_seen(stage, unmade))
    # Stock is told once more, now that the order is known.
    stage.tick("MiintoRma")
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
    for shop in (DK, NL):
        # The order that was cancelled holds its unit no more, and Miinto was not told.
        yield Planted("example", "stock.miinto", f"{SOLD} @ shop {slug_of(shop)}")


def _offered(stage: DriftStage) -> int:
    """An offer that the rule takes; the transfer."""
    made = stage.miinto.do("offer", shops=[DK], items=[{"sku": SOLD}])
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


def cut_short(stage: DriftStage) -> Iterator[Planted]:
    """Two orders leave. Unleashed does not take the word of one, and of the parts of the other
    Mintsoft shows too little to tell the channel. Both go on like that: see `answer_again`."""
    placed = stage.clerk(
        "example", "place-order", customer="WEBSHOP", goods={"CAP-BLACK": 1}, fields=ADDRESS
    )
    sync(stage, "orders")
    stage.wait("importing an order", lambda: _imported(stage, placed["guid"]))
    for method in ("POST", "PUT"):
        stage.unleashed.do("faults", kind=DOWN, path="/", method=method, times=None)
    order_id = _imported(stage, placed["guid"])
    stage.mintsoft.do("despatch", id=order_id, courier_id=GLS, tracking_number="GB1")
    sync(stage, "despatches")
    yield of("despatch_not_told_unleashed", f"Unleashed orders {placed['guid']}")
    first = stage.order(f"{SHOP}2000", {NOT_IN_STOCK: 2})
    second = int(stage.mintsoft.do("split", id=first, units={NOT_IN_STOCK: 1})["id"])
    stage.mintsoft.do("faults", kind=DOWN, path="(?i)/api/order/search", times=None)
    for part in (first, second):
        stage.mintsoft.do("despatch", id=part, courier_id=GLS, tracking_number=f"GB{part}")
    feed(stage, "despatches", cursor_name(despatches.NAME, "example"))
    yield from (of("despatch_not_relayed", f"despatch {part}") for part in (first, second))


def answer_again(stage: DriftStage) -> None:
    """Unleashed and Mintsoft answer as ever; the hub does nothing any more."""
    stage.unleashed.forget_faults()
    stage.mintsoft.forget_faults()


def _imported(stage: DriftStage, guid: str) -> int:
    reference = reference_of("order", guid)
    found = [o["id"] for o in stage.orders() if o["external_reference"] == reference]
    return int(found[0]) if found else 0


# -- while nobody works -----------------------------------------------------------------------


def at_rest(stage: DriftStage) -> Iterator[Planted]:
    """Orders that nobody moves on."""
    stage.mintsoft.do("settings", short_of_stock="new")
    for number, (kind, status) in enumerate(STALLED.items(), start=2001):
        order_id = stage.order(f"{SHOP}{number}", {NOT_IN_STOCK: 1})
        stage.mintsoft.do("set-status", id=order_id, status_id=status)
        yield of(kind, f"order {SHOP}{number}")
    first, edit = f"{SHOP}2010", f"{SHOP}2010-E1"
    for name in (first, edit):
        stage.order(name, {NOT_IN_STOCK: 1})
        yield of("not_begun", f"order {name}")
    yield of("edited_twice", f"{first} + {edit}")
    stage.mintsoft.do("seed", couriers={str(COURIER_ID): {"name": COURIER}})
    sent = stage.order(f"{SHOP}2020", {NOT_IN_STOCK: 1})
    stage.mintsoft.do("despatch", id=sent, courier_id=COURIER_ID, tracking_number="DRAGON1")
    yield Planted("example", "lint.courier_unmapped", f"courier {COURIER}")
    placed: dict[str, Any] = stage.clerk(
        "example", "place-order", customer="WEBSHOP", goods={"CAP-BLACK": 1}, fields=ADDRESS
    )
    yield of("unleashed_not_at_warehouse", f"Unleashed order {placed['number']}")

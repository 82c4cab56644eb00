"""Cases about goods that come in, are made, are moved and are counted."""

from __future__ import annotations

from functools import partial

from local.run.erp_stage import Stage, Steps, until


def received(stage: Stage) -> Steps:
    """A purchase order becomes an ASN, and what is booked in is receipted."""
    goods = {"CAP-BLACK": 6, "TEE-BLU-L": 4}
    placed = stage.clerk("example", "place-purchase", supplier="MILL", goods=goods)
    yield from _booked_in(stage, placed["number"])
    yield from _receipted(stage, placed["guid"])


def received_short(stage: Stage) -> Steps:
    """Five are ordered, four come, and nothing more will."""
    placed = stage.clerk("example", "place-purchase", supplier="MILL", goods={"JEANS-34": 5})
    yield from _booked_in(stage, placed["number"], [{"sku": "JEANS-34", "quantity": 4}])
    yield from _receipted(stage, placed["guid"])


def assembled(stage: Stage) -> Steps:
    """A bundle is made: its components leave the shelf, it comes onto one."""
    made = stage.clerk("example", "park-assembly", product="SOCK-3PK", quantity=1)
    yield from _picked(stage, "assembly", made["guid"])
    yield from _booked_in(stage, made["number"])
    yield from until(
        "completing an assembly",
        lambda: stage.did("example", "assembly_completed", made["guid"]),
    )


def transferred(stage: Stage) -> Steps:
    """Two units go from one warehouse to another."""
    made = stage.clerk(
        "example", "park-transfer", source="MAIN", destination="3PL", goods={"TEE-RED-M": 2}
    )
    yield from _picked(stage, "transfer", made["guid"])
    yield from _booked_in(stage, made["number"])
    yield from until(
        "completing a transfer",
        lambda: stage.did("example", "transfer_completed", made["guid"]),
    )


def counted(stage: Stage) -> Steps:
    """Somebody in the warehouse finds one unit more than there should be, at both merchants."""
    places = (("example", "MAIN", "HOODIE-GREY-M"), ("outlet", "LEEDS", "OUT-BELT"))
    for place in places:
        stage.found_one_more(*place)
    for place in places:
        yield from until("adjusting stock", partial(stage.stock_agrees, *place))


def _booked_in(stage: Stage, number: str, goods: list[dict[str, object]] | None = None) -> Steps:
    yield from until("announcing goods", lambda: bool(stage.asn("example", number)))
    stage.warehouse("book-in", id=stage.asn("example", number)["id"], goods=goods)


def _receipted(stage: Stage, guid: str) -> Steps:
    yield from until(
        "receipting a purchase order",
        lambda: stage.did("example", "purchase_receipted", guid),
    )


def _picked(stage: Stage, kind: str, guid: str) -> Steps:
    yield from until("having goods picked", lambda: bool(stage.order(kind, guid)))
    stage.despatch(kind, guid)

"""Cases about products, sales orders and shipments."""

from __future__ import annotations

from functools import partial

from local.run.erp_stage import Stage, Steps, until

ADDRESS = {
    "DeliveryName": "A. Buyer",
    "DeliveryStreetAddress": "5 Buyer Street",
    "DeliveryCity": "York",
    "DeliveryPostCode": "YO1 7AA",
    "DeliveryCountry": "United Kingdom",
}
NEW_PRODUCT = "BEANIE-NAVY"
SHORT_LIVED = "GLOVE-TAN"
NEW_BARCODE = "5700000000109"


def made_and_updated(stage: Stage) -> Steps:
    """A product comes to Unleashed; later it gets a barcode and a weight."""
    fields = {
        "ProductCode": NEW_PRODUCT,
        "ProductDescription": "Beanie Navy",
        "DefaultPurchasePrice": 3.5,
        "DefaultSellPrice": 12.9,
        "UnitOfMeasure": {"Name": "EA"},
    }
    stage.clerk("example", "add-product", fields=fields)
    yield from until("making a product", lambda: bool(stage.product(NEW_PRODUCT)))
    changed = {"Barcode": NEW_BARCODE, "Weight": 0.12}
    stage.clerk("example", "change-product", code=NEW_PRODUCT, fields=changed)
    yield from until(
        "updating a product", lambda: stage.product(NEW_PRODUCT).get("ean") == NEW_BARCODE
    )


def discontinued(stage: Stage) -> Steps:
    """A product is deleted, which no list of Unleashed's shows: a webhook tells."""
    fields = {"ProductCode": SHORT_LIVED, "ProductDescription": "Glove Tan"}
    stage.clerk("example", "add-product", fields=fields)
    yield from until("making a product", lambda: bool(stage.product(SHORT_LIVED)))
    stage.clerk("example", "delete-product", code=SHORT_LIVED)
    yield from until(
        "discontinuing a product", lambda: stage.product(SHORT_LIVED).get("discontinued")
    )


def edited(stage: Stage) -> Steps:
    """An order gets one more unit after its import, and leaves."""
    goods = {"TEE-RED-M": 1, "JEANS-32": 1}
    placed = stage.clerk(
        "example", "place-order", customer="WEBSHOP", goods=goods, fields=ADDRESS,
        charges={"Carriage": 4.95},
    )  # fmt: skip
    guid, number = placed["guid"], placed["number"]
    yield from until("importing an order", lambda: stage.units("order", guid) == goods)
    stage.clerk("example", "edit-order", number=number, goods={"TEE-RED-M": 2})
    more = goods | {"TEE-RED-M": 2}
    yield from until("carrying an edit over", lambda: stage.units("order", guid) == more)
    tracking = stage.despatch("order", guid)
    yield from until("telling of a despatch", lambda: tracking in stage.tracking("example", number))
    yield from until("completing an order", lambda: stage.did("example", "order_completed", guid))
    stage.shown["edited"] = guid


def from_customer(stage: Stage) -> Steps:
    """An order of a customer whose address Unleashed has."""
    placed = stage.clerk("example", "place-order", customer="BOUTIQUE", goods={"DRESS-GRN-S": 2})
    guid = placed["guid"]
    yield from until("importing an order", lambda: bool(stage.order("order", guid)))
    stage.despatch("order", guid)
    yield from until("completing an order", lambda: stage.did("example", "order_completed", guid))


def deleted(stage: Stage) -> Steps:
    """An order is deleted after its import; what its order in Mintsoft is to become is asked."""
    placed = stage.clerk(
        "example", "place-order", customer="WEBSHOP", goods={"TEE-BLU-L": 1}, fields=ADDRESS
    )
    guid = placed["guid"]
    yield from until("importing an order", lambda: bool(stage.order("order", guid)))
    stage.clerk("example", "delete-order", number=placed["number"])
    yield from until("asking about a deleted order", lambda: stage.is_asked("example", guid))


def split(stage: Stage) -> Steps:
    """An order of an account with Order Management leaves in two shipments."""
    placed = stage.clerk(
        "outlet", "place-order", customer="OUTLET-SHOP", warehouse="LEEDS",
        goods={"OUT-COAT-M": 3, "OUT-BELT": 1}, fields=ADDRESS,
    )  # fmt: skip
    number = placed["number"]
    first = stage.clerk("outlet", "ship", number=number, goods={"OUT-COAT-M": 1})["guid"]
    second = stage.clerk("outlet", "ship", number=number)["guid"]
    for guid in (first, second):
        yield from until("importing a shipment", partial(stage.order, "shipment", guid))
    for guid in (first, second):
        stage.despatch("shipment", guid)
        yield from until(
            "dispatching a shipment",
            partial(stage.did, "outlet", "shipment_dispatched", guid),
        )
    yield from until(
        "completing an order", lambda: stage.did("outlet", "order_completed", placed["guid"])
    )
    stage.shown["split"] = number

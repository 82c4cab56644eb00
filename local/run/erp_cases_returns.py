"""Cases about goods that come back, and about orders that were made elsewhere."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime

from local.run.check import MARKED
from local.run.erp_books import WEB_SHOP
from local.run.erp_stage import Stage, Steps, until
from local.run.publish import Sample, message_of, put_in_portal, samples

OF_OUTLET = "The second merchant, whose"
"""What the sample is about whose goods are those of the order in two shipments."""


def credited(stage: Stage) -> Steps:
    """A coat of the order in two shipments comes back by the portal, and is credited."""
    yield from until("sending an order", lambda: "split" in stage.shown)
    sample = return_of(stage.shown["split"])
    stage.returns.append(sample.return_id)
    put_in_portal([sample], stage.partners)
    stage.approve(message_of(sample))
    yield from until("announcing a return", lambda: announced(stage, sample.return_id))
    stage.warehouse("receive", id=announced(stage, sample.return_id))
    yield from until("crediting a return", lambda: stage.books.told("outlet", "credit_completed"))


def return_of(number: str) -> Sample:
    """A sample return, as one of the order with this number."""
    known = next(one for one in samples(None, datetime.now(UTC)) if one.about.startswith(OF_OUTLET))
    text = json.dumps(asdict(known)).replace(str(known.order["name"]), f"#{number}")
    for old in (known.return_id, str(known.order["id"])):
        text = text.replace(old, hashlib.sha256(f"{old}/{number}".encode()).hexdigest()[:24])
    return Sample(**json.loads(text))


def announced(stage: Stage, return_id: str) -> int:
    """The external return of a return of the portal's; 0 while there is none."""
    for record in stage.books.mintsoft["external_returns"]:
        marks = (MARKED.search(row["comments"]) for row in record["rows"])
        if any(mark and mark[1] == return_id for mark in marks):
            return int(record["id"])
    return 0


def exported(stage: Stage) -> Steps:
    """An order that Mintsoft has from a web shop becomes a sales order, and is completed."""
    order = {
        "OrderNumber": f"{WEB_SHOP}1",
        "WarehouseId": 3,
        "Channel": "Web shop",
        "Currency": "GBP",
        "Country": "GB",
        "CourierService": "AUTO",
        "FirstName": "A.",
        "LastName": "Buyer",
        "Address1": "6 Buyer Street",
        "Town": "York",
        "PostCode": "YO1 7AA",
        "OrderItems": [{"SKU": "TEE-BLU-L", "Quantity": 2, "UnitPrice": 19.9}],
    }
    made = stage.warehouse("make-order", client_id=stage.client_of("example"), body=order)
    stage.send(made["id"])
    yield from until(
        "exporting an order",
        lambda: len(stage.books.exported("example")) == len(stage.books.of_web_shop("example")),
    )

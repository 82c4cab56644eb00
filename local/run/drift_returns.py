"""Drift of returns that is planted: what people on both sides do, and nobody tells the other.

Two kinds need the hub at work, and half of it undone: a portal that takes no lines, and a function
that never looks at what is due.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from local.run.drift_stage import DriftStage, Planted
from local.run.miinto_cases import DK, NL
from local.run.publish import Sample, message_of, samples
from returns_hub.domain.miinto.rmas import return_id_of

SHIRT = "One line, one shipment, full message"
SCRAP = 3
"""Mintsoft's return reason whose goods go nowhere."""
GOOD = 1
MARK = "Redo return another [RH-00000000000000000000]"
"""As another stack of the hub would mark what it made."""
LOCATION, REASON = "loc_mars", "Cosmic rays"
UNSEEN = {"loc_corby": LOCATION, "fit": REASON, "Does not fit": REASON}


def clone(
    stage: DriftStage, about: str, word: str, texts: Mapping[str, str] | None = None
) -> Sample:
    """A sample return as another one, with other texts."""
    known = next(one for one in samples(None, stage.clock()) if one.about == about)
    text = json.dumps(asdict(known))
    for old in (known.return_id, str(known.order["id"])):
        text = text.replace(old, hashlib.sha256(f"{old}/{word}".encode()).hexdigest()[:24])
    for old, new in (texts or {}).items():
        text = text.replace(json.dumps(old), json.dumps(new))
    return Sample(**json.loads(text))


def put(stage: DriftStage, sample: Sample) -> Sample:
    """The portal has it."""
    stage.redo.do("seed", returns=[sample.body], orders=[sample.order])
    return sample


def announced(stage: DriftStage, sample: Sample) -> int:
    """The hub is told of a return and announces it; the external return."""
    put(stage, sample)
    stage.send("ApprovedReturnsQueue", message_of(sample))
    stage.wait("announcing a return", lambda: _made_of(stage, sample.return_id, sample.merchant))
    stage.drain("ApprovedReturnsQueue")
    return _made_of(stage, sample.return_id, sample.merchant)


def _made_of(stage: DriftStage, return_id: str, merchant: str = "example") -> int:
    """The external return of a return's one shipment; 0 while there is none."""
    state = stage.world.hub.returns.load(merchant, return_id)
    return next((s.external_return_id or 0 for s in state.shipments), 0)


def of(kind: str, subject: str, merchant: str = "example") -> Planted:
    """One of the area's."""
    return Planted(merchant, f"returns.{kind}", subject)


# -- with the hub at work ---------------------------------------------------------------------


def at_work(stage: DriftStage) -> Iterator[Planted]:
    """Goods come; the portal takes nothing, a refund has nowhere to go, and nobody looks at what is
    due."""
    untaken = clone(stage, SHIRT, "untaken")
    untaken_id = announced(stage, untaken)
    credited = clone(stage, "The second merchant, whose 24-hour key comes from a login", "due")
    credited_id = announced(stage, credited)
    # What Miinto accepted meanwhile is carried home before there is no way home.
    stage.tick("MiintoRma")
    stage.tick("WatchReturns")
    stage.change_file("example", _to_no_bus)
    rma = _rma_of_jeans(stage)
    stage.tick_until("announcing an RMA", "MiintoRma", lambda: _made_of(stage, rma))
    stage.redo.do("faults", kind="http_429", path=f"{untaken.return_id}/process", times=None)
    for external_return in (untaken_id, credited_id, _made_of(stage, rma)):
        stage.mintsoft.do("receive", id=external_return)
    stage.tick_until("processing", "PollMintsoft", lambda: _is_done(stage, untaken, credited, rma))
    stage.redo.forget_faults()
    yield of("received_not_processed", f"return {untaken.return_id}")
    yield of("no_credit_note", f"return {credited.return_id}, batch 1", "outlet")
    yield of("refund_not_told", f"return {rma}, batch 1")


def _to_no_bus(content: dict[str, Any]) -> None:
    """Refunds go to a bus that this stack was never given."""
    content["miinto"]["refunds"]["to"] = "bus"


def _state(stage: DriftStage, return_id: str, merchant: str = "example") -> Any:
    return stage.world.hub.returns.load(merchant, return_id)


def _is_done(stage: DriftStage, untaken: Sample, credited: Sample, rma: str) -> bool:
    begun = _state(stage, untaken.return_id).batches
    processed = [
        batch.outcome
        for state in (_state(stage, credited.return_id, "outlet"), _state(stage, rma))
        for batch in state.batches
    ]
    return bool(begun) and processed == ["processed"] * 2


def _rma_of_jeans(stage: DriftStage) -> str:
    """The buyer sends the jeans of the story's first order back, too; the return's id."""
    for key, order in stage.miinto.books()["orders"].items():
        shop, _, number = key.partition("/")
        jeans = [int(i) for i, p in order["positions"].items() if p["sku"] == "JEANS-34"]
        if shop == DK and jeans:
            wanted = [{"id": jeans[0], "reason": "too_small"}]
            made = stage.miinto.do("rma", shop=shop, order=int(number), positions=wanted)
            return return_id_of(shop, str(made["rma"]))
    raise AssertionError("the story has no order with jeans")


# -- while nobody works -----------------------------------------------------------------------


def at_rest(stage: DriftStage) -> Iterator[Planted]:
    """People do things on one side, and nobody tells the other."""
    yield from _of_the_portal(stage)
    yield from _of_the_warehouse(stage)
    yield from _of_miinto(stage)


def expected(stage: DriftStage) -> None:
    """Returns that are announced, before nobody works."""
    for word in ("closed", "paid", "received"):
        sample = clone(stage, SHIRT, word)
        stage.noted[word] = sample.return_id, announced(stage, sample)


def _of_the_portal(stage: DriftStage) -> Iterator[Planted]:
    unseen = put(stage, clone(stage, SHIRT, "unseen", UNSEEN))
    yield of("no_external_return", f"return {unseen.return_id}")
    yield Planted("outlet", "lint.location_unmapped", LOCATION)
    closed, record = stage.noted["closed"]
    stage.redo.do("status", return_id=closed, status="rejected")
    yield of("closed_in_portal_open_here", f"return {closed}, external return {record}")
    paid, record = stage.noted["paid"]
    stage.redo.do("status", return_id=paid, status="complete")
    yield of("processed_not_received", f"return {paid}, external return {record}")


def _of_the_warehouse(stage: DriftStage) -> Iterator[Planted]:
    received, record = stage.noted["received"]
    goods = [{"sku": "TEE-RED-M", "quantity": 1, "reason_id": SCRAP}]
    stage.mintsoft.do("receive", id=record, goods=goods)
    yield of("receipt_not_taken", f"return {received}, external return {record}")
    first = next(one for one in samples(None, stage.clock()) if one.about == SHIRT)
    record = _made_of(stage, first.return_id)
    goods = [{"sku": "TEE-RED-M", "quantity": 2, "reason_id": GOOD}]
    stage.mintsoft.do("receive", id=record, goods=goods)
    yield of("units_differ", f"return {first.return_id}, external return {record}")
    goods = [{"sku": "TEE-RED-M", "quantity": 1, "remark": MARK}]
    client_id = stage.file("example").mintsoft.client_id
    made = stage.mintsoft.do(
        "make-return", goods=goods, client_id=client_id, warehouse_id=3, confirm=False
    )
    yield of("external_return_unknown", f"external return {made['id']}")


def _of_miinto(stage: DriftStage) -> Iterator[Planted]:
    books = stage.miinto.books()
    for key, rma in books["rmas"].items():
        accepted = [i for i, p in rma["positions"].items() if p["status"] == "accepted"]
        shop, _, number = key.partition("/")
        if rma["type"] == "return" and accepted:
            stage.miinto.do(
                "change-rma", shop=shop, rma=int(number), position=accepted[0], status="declined"
            )
            name = return_id_of(shop, number)
            yield of("rma_decided_otherwise", f"RMA {name}, position {accepted[0]}")
            break
    order = _dress(books)
    made = stage.miinto.do("rma", shop=NL, order=order)
    yield of("rma_not_taken", f"RMA {return_id_of(NL, str(made['rma']))}")


def _dress(books: Mapping[str, Any]) -> int:
    """The story's order of a dress."""
    for key, order in books["orders"].items():
        shop, _, number = key.partition("/")
        if shop == NL and any(p["sku"] == "DRESS-GRN-S" for p in order["positions"].values()):
            return int(number)
    raise AssertionError("the story has no order with a dress")

"""Whether it is proven what an adjustment of Unleashed's stock means, and whether all that moves
goods is told beside it."""

from __future__ import annotations

from collections.abc import Iterator

from cli.checks.model import Finding, Subject, failed, ok, skipped, warning
from returns_hub.domain.file_types import Mode
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.stock.proof import stock_proof, why_unproven

NAME = "what an adjustment means"
BESIDE = "flows beside the stock sync"
TELLS: tuple[tuple[FlowName, FlowName, str], ...] = (
    ("orders", "despatches", "what leaves the warehouse"),
    ("shipments", "despatches", "what leaves the warehouse"),
    ("purchase_orders", "receipts", "what the warehouse books in"),
)
"""A flow that brings documents to the warehouse, the one that tells of their goods, and which."""


def adjustment_means(subject: Subject, erp: ErpWorld) -> Iterator[Finding]:
    """The proof that is kept, held against the file; nothing is booked here."""
    settings = erp.connection.stock
    if settings.mode is Mode.OFF or settings.master == "unleashed":
        yield skipped(NAME, "stock is not adjusted in Unleashed")
        return
    proof = stock_proof(erp.stores, erp.merchant)
    why = why_unproven(proof, settings.adjustment_means, erp.erp.stock.account())
    if not why and proof is not None:
        told = f"is {proof.means}, proven on {proof.at:%Y-%m-%d} with {proof.sku} in {proof.code}"
        yield ok(NAME, told, means=proof.means)
        return
    to_do = f"hub unleashed prove-stock {subject.merchant.merchant} SKU --warehouse CODE"
    if proof is not None and proof.standing == "proven" and proof.means != "unknown":
        to_do = f"{to_do}, or say unleashed.stock.adjustment_means: {proof.means}"
    yield (failed if settings.mode is Mode.LIVE else warning)(NAME, why, to_do)


def flows_beside(_: Subject, erp: ErpWorld) -> Iterator[Finding]:
    """Goods of which nobody tells Unleashed are adjusted; a person who books them as well has them
    adjusted back. Reads nothing but the file."""
    connection = erp.connection
    if not connection.is_live("stock") or connection.stock.master == "unleashed":
        yield skipped(BESIDE, "stock is not adjusted in Unleashed")
        return
    silent = [
        (brings, tells, what)
        for brings, tells, what in TELLS
        if connection.is_live(brings) and not connection.is_live(tells)
    ]
    for brings, tells, what in silent:
        yield warning(
            BESIDE,
            f"unleashed.{brings} is live and unleashed.{tells} is not: {what} is adjusted, and "
            "once more, and back, when a person books it in Unleashed",
            f"switch unleashed.{tells} to live, or book nothing of it by hand",
        )
    if not silent:
        yield ok(BESIDE, "what the live flows bring to the warehouse is told to Unleashed")

"""Whether it is proven what an adjustment of Unleashed's stock means."""

from __future__ import annotations

from collections.abc import Iterator

from cli.checks.model import Finding, Subject, failed, ok, skipped, warning
from returns_hub.domain.file_types import Mode
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.stock_proof import stock_proof, why_unproven

NAME = "what an adjustment means"


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

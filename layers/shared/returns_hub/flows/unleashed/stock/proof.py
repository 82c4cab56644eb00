"""What was proven of `NewQuantity`, and that nothing is adjusted without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.errors import Misconfigured
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.world import Stores

Standing = Literal["begun", "refused", "seen", "proven", "neither"]


class StockProof(Frozen):
    """The proof on a test product, or how far it came.

    Args:
        standing: ``begun``: the test may have been booked. ``refused``: it was not. ``seen``: it
            was, and is to be booked back. ``proven``, or ``neither``: no meaning explains it.
        account: Whose; see `ports.erp.ErpStockRoom.account`.
        sku: The test product.
        guid: Its Guid.
        code: The warehouse's.
        before: On hand before.
        sent: The `NewQuantity` of the test.
        cost: Of one unit, as it was sent.
        after: On hand after it; None before it was read.
        means: What that shows; ``unknown`` before, and where it shows nothing.
        back: On hand at the end; None before it was booked back.
        number: Which proof of the merchant's this is; its operations are named by it.
        who: Who asked for it.
        at: When it began.
    """

    standing: Standing
    account: str
    sku: str
    guid: str
    code: str
    before: int
    sent: int
    cost: str
    after: str | None = None
    means: Literal["unknown", "delta", "absolute"] = "unknown"
    back: str | None = None
    number: int = 1
    who: str = ""
    at: UtcTime


def proof_cursor(merchant: str) -> str:
    """Where a merchant's proof is kept."""
    return f"proof/unleashed.stock/{merchant}"


def stock_proof(stores: Stores, merchant: str) -> StockProof | None:
    """The newest proof; None before the first."""
    return proof_in(stores.cursors.read(proof_cursor(merchant)))


def proof_in(value: Mapping[str, Any]) -> StockProof | None:
    """The proof that the cursor's value holds; None when it holds none."""
    content = value.get("proof")
    return StockProof.model_validate(content, extra="ignore") if content else None


def why_unproven(proof: StockProof | None, means: str, account: str) -> str:
    """Why the file's word for what an adjustment means must not be acted on; empty when it may.

    Args:
        proof: The merchant's newest.
        means: `unleashed.stock.adjustment_means`.
        account: The account that would be adjusted.
    """
    if proof is None:
        return "it was never proven what NewQuantity of an adjustment means"
    if proof.account != account:
        return (
            "what NewQuantity of an adjustment means was proven on another account of Unleashed "
            "than the one that the secret names now"
        )
    if proof.standing == "neither":
        return (
            f"the proof of {proof.at:%Y-%m-%d} failed: an adjustment with NewQuantity {proof.sent} "
            f"made {proof.after} of {proof.before}, which no meaning explains"
        )
    if proof.standing == "refused":
        return f"the proof of {proof.at:%Y-%m-%d} was refused by Unleashed"
    if proof.standing != "proven":
        return f"the proof of {proof.at:%Y-%m-%d} is not finished"
    if proof.means != means:
        return (
            f"stock.adjustment_means is {means}, and {proof.means} was proven on "
            f"{proof.at:%Y-%m-%d}"
        )
    return ""


def require_stock_proof(world: ErpWorld) -> None:
    """Let nothing be adjusted before it is proven what an adjustment does.

    Raises:
        Misconfigured: It is not, or the file says something else. The work waits.
    """
    means = world.connection.stock.adjustment_means
    proof = stock_proof(world.stores, world.merchant)
    why = why_unproven(proof, means, world.erp.stock.account())
    if why:
        raise Misconfigured(
            "unleashed.stock_unproven",
            f"{why}; run hub unleashed prove-stock {world.merchant} SKU --warehouse CODE",
        )

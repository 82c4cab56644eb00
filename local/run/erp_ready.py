"""What an operator does before the ERP's stock sync may write: prove, then switch it on."""

from __future__ import annotations

import time
from functools import partial

from local.run.report import Progress
from local.stack import LocalStackError
from local.world import LocalWorld
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Verdict
from returns_hub.flows.unleashed.prove_stock import plan_proof, prove_stock

OPERATOR = "an operator"
TEST_PRODUCTS = {"example": ("DRESS-GRN-S", "MAIN"), "outlet": ("OUT-BELT", "LEEDS")}
"""Merchant -> a product with a few units that no order has, and the warehouse it lies in."""
COMMAND_SECONDS = 120.0


def prove_and_switch_on(world: LocalWorld, progress: Progress) -> None:
    """Prove what an adjustment means, as `hub unleashed prove-stock` does, and let the file say so.

    Before anything runs, so that no function has the file as it was.

    Raises:
        LocalStackError: It could not be proven; the message says why.
    """
    for merchant, (sku, code) in TEST_PRODUCTS.items():
        world.hub.clock.begin(partial(_left, time.monotonic() + COMMAND_SECONDS))
        erp = world.hub.erp.by_hand(merchant)
        try:
            proof = prove_stock(erp, plan_proof(erp, sku, code, who=OPERATOR))
        except Verdict as verdict:
            raise LocalStackError(f"proving an adjustment: {verdict.reason}") from None
        if proof.standing != "proven":
            raise LocalStackError(f"proving an adjustment: it is {proof.standing}")
        live = world.hub.merchants.live(merchant)
        content = live.merchant.model_dump(mode="json")
        content["unleashed"]["stock"] |= {"mode": "live", "adjustment_means": proof.means}
        changed = Merchant.model_validate(content)
        world.hub.merchants.apply(changed, OPERATOR, after=live.version)
        progress.say(f"Unleashed: proven that an adjustment is {proof.means} ({merchant})")


def _left(ends: float) -> float:
    return ends - time.monotonic()

"""What an operator does before the ERP's stock sync may write and its webhooks are taken.

Before anything runs, so that no function has the merchant's file as it was.
"""

from __future__ import annotations

import time
from functools import partial

from local.run.report import Progress
from local.stack import LocalStackError
from local.world import LocalWorld
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Verdict
from returns_hub.flows.unleashed.stock.prove import plan_proof, prove_stock
from returns_hub.flows.unleashed.subscribe import subscribe

OPERATOR = "an operator"
TEST_PRODUCTS = {"example": ("DRESS-GRN-S", "MAIN"), "outlet": ("OUT-BELT", "LEEDS")}
"""Merchant -> a product with a few units that no order has, and the warehouse it lies in."""
COMMAND_SECONDS = 120.0


def make_ready(world: LocalWorld, progress: Progress) -> None:
    """Prove what an adjustment means, subscribe, and let the merchants' files say so.

    Raises:
        LocalStackError: It could not be done; the message says why.
    """
    for merchant in TEST_PRODUCTS:
        world.hub.clock.begin(partial(_left, time.monotonic() + COMMAND_SECONDS))
        try:
            means = _proven(world.hub, merchant)
            subscribe(world.hub.erp.subscribing(world.hub.world(merchant)))
        except Verdict as verdict:
            raise LocalStackError(f"Unleashed of {merchant}: {verdict.reason}") from None
        live = world.hub.merchants.live(merchant)
        content = live.merchant.model_dump(mode="json")
        content["unleashed"]["stock"] |= {"mode": "live", "adjustment_means": means}
        content["unleashed"]["webhooks"] |= {"enabled": True}
        world.hub.merchants.apply(Merchant.model_validate(content), OPERATOR, after=live.version)
        progress.say(f"Unleashed: proven that an adjustment is {means}, subscribed ({merchant})")


def _proven(hub: Hub, merchant: str) -> str:
    """What an adjustment means, proven as by `hub unleashed prove-stock`."""
    sku, code = TEST_PRODUCTS[merchant]
    erp = hub.erp.by_hand(merchant)
    proof = prove_stock(erp, plan_proof(erp, sku, code, who=OPERATOR))
    if proof.standing != "proven":
        raise LocalStackError(f"what an adjustment means is {proof.standing}")
    return proof.means


def _left(ends: float) -> float:
    return ends - time.monotonic()

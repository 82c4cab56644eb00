"""RMAs are announced and decided live only under a contract that reads have proven."""

from __future__ import annotations

from returns_hub.domain.merchant import LiveMerchant
from returns_hub.domain.miinto.rma_proof import is_proven
from returns_hub.errors import Misconfigured
from returns_hub.flows.world import World
from returns_hub.ports import CapabilitiesStore


def require_proven(world: World) -> None:
    """As `require_rma_proof`, for the world of any return; a portal whose API is public needs none.

    Raises:
        Misconfigured: See `require_rma_proof`.
    """
    if world.live.merchant.portal == "miinto":
        require_rma_proof(world.live, world.stores.capabilities)


def require_rma_proof(live: LiveMerchant, proofs: CapabilitiesStore) -> None:
    """Let nothing of an RMA be written before `hub check` has proven how RMAs are read.

    Raises:
        Misconfigured: It has not, or the contract was changed since. The work waits.
    """
    merchant = live.merchant
    if merchant.miinto is None:
        raise Misconfigured("miinto.not_configured", "the merchant's file has no miinto: block")
    proof = proofs.rma_proof(merchant.merchant)
    if is_proven(merchant.miinto, proof):
        return
    if proof is None:
        why = "the RMA contract of the file was never proven"
    elif not proof.proven:
        why = f"the RMA contract of the file does not hold: {proof.why}"
    else:
        why = "the RMA contract of the file has changed since it was proven"
    raise Misconfigured("miinto.rma_unproven", f"{why}; run hub check {merchant.merchant}")

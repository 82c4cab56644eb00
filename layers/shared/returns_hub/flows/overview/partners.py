"""The partners of a merchant's file, by the names of their gates."""

from __future__ import annotations

from returns_hub.domain.merchant import Merchant

UNLEASHED = "unleashed"
OF_MIINTO = ("miinto", "miinto-auth", "miinto-stock", "miinto-product-map")


def partners_of(merchant: Merchant) -> tuple[str, ...]:
    """Every partner that a function may ask for this merchant, each once."""
    names = [merchant.portal, "mintsoft"]
    if merchant.miinto is not None:
        names += OF_MIINTO
        if merchant.miinto.feed is not None:
            names.append("miinto-feed")
    if merchant.unleashed is not None:
        names.append(UNLEASHED)
    if merchant.wair is not None and merchant.wair.sink in {"wair_api", "http_json"}:
        names.append("wair")
    names += [f"relay-{target.name}" for target in merchant.despatch_relay.targets]
    return tuple(dict.fromkeys(names))

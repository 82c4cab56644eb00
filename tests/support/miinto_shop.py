"""A shop at Miinto's simulator with one order, as its hub sees it."""

from __future__ import annotations

from typing import Any

from local.simulators.miinto.sample import DK
from tests.support.miinto_caller import Caller, Marketplace

ITEMS: list[dict[str, Any]] = [{"sku": "LINEN-SHIRT-M", "quantity": 2}, {"sku": "TEE-RED-M"}]


class Shop:
    """A shop with one order of two positions (71: two shirts, 72: a tee), as its hub sees it."""

    def __init__(self, **settings: Any) -> None:
        self.market = Marketplace(**settings)
        self.caller: Caller = self.market.caller()
        self.order, _ = self.market.miinto.order(DK, ITEMS)

    def rma(self, *positions: dict[str, Any]) -> dict[str, Any]:
        return self.market.miinto.create_rma(DK, self.order, positions)

    def later(self, seconds: float) -> None:
        self.market.clock.advance(seconds=seconds)

    def decide(self, number: int, accepted: dict[int, str], declined: dict[int, str]) -> Any:
        """In dialect A; position to reason."""
        rows = {
            "acceptedPositions": [{"id": n, "reason": why} for n, why in accepted.items()],
            "declinedPositions": [{"id": n, "reason": why} for n, why in declined.items()],
        }
        body = {name: row for name, row in rows.items() if row}
        return self.caller.write("PATCH", f"/shops/{DK}/rmas/{number}", body)

    def request(self, *positions: int, **body: Any) -> Any:
        """In dialect A."""
        wanted = {"orderId": self.order, "positions": [{"id": number} for number in positions]}
        return self.caller.write("POST", f"/shops/{DK}/rma-requests", wanted | body)

    def status(self, name: object) -> str:
        return str(self.market.miinto.all_books()["rmas"][f"{DK}/{name}"]["status"])

    def paid(self) -> list[tuple[int, int, str]]:
        refunds = self.market.miinto.all_books()["refunds"]
        return [(row["position"], row["amount"], row["currency"]) for row in refunds]

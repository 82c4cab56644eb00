"""Stock of a merchant with Mintsoft and Unleashed, for tests: both sides' hands, and the proof."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from local.simulators.unleashed.hands_goods import Hands
from local.simulators.unleashed.sample import API_ID, API_KEY
from returns_hub.domain.unleashed.names import STOCK as NAME
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.flows.unleashed import untold
from returns_hub.flows.unleashed.stock.proof import StockProof
from returns_hub.flows.unleashed.stock.prove import plan_proof, prove_stock
from tests.support.erp_worlds import PRODUCTS, ErpBench

TEE, BLUE, DRESS, JEANS, CAP = "TEE-RED-M", "TEE-BLU-L", "DRESS-GRN-S", "JEANS-32", "CAP-BLACK"
POST = "/StockAdjustments/"


class StockBench(ErpBench):
    """`ErpBench` whose stock sync is live, and proven unless it is said otherwise.

    Args:
        adjustment: What the account takes an adjustment's quantity for.
        proven: Whether it was proven.
        settle_minutes: See the setting.
        settings: Mintsoft's quirks.
        stock: Other settings of the flow.
    """

    def __init__(
        self,
        *,
        adjustment: str = "delta",
        proven: bool = True,
        settle_minutes: int = 0,
        settings: Settings | None = None,
        block: Mapping[str, Any] | None = None,
        **stock: Any,
    ) -> None:
        super().__init__(settings=settings, **(block or {}))
        self.file["mintsoft"]["orders"] = {"stock_level_means": "available"}
        self.account.set(adjustment=adjustment)
        self.hands = Hands(self.desk_there)
        means = {"adjustment_means": adjustment, "settle_minutes": settle_minutes}
        self.set("stock", **means | stock)
        if proven:
            self.prove()

    # -- what happens in it -----------------------------------------------------------------

    def prove(self, sku: str = JEANS, code: str = "MAIN") -> StockProof:
        """A person has it proven what an adjustment does."""
        world = self.erp_world("stock")
        return prove_stock(world, plan_proof(world, sku, code, who="pat"))

    def count(self, sku: str, units: int, quarantined: int = 0, warehouse: int = 3) -> None:
        """Somebody at the warehouse counted."""
        self.mintsoft.set_stock(warehouse, PRODUCTS[sku], units, quarantined)

    def there(self, sku: str, code: str = "MAIN") -> int:
        """What Unleashed has, read without a request."""
        company = self.desk_there.company
        found = company.stock.there(self.desk_there.product(sku), self.desk_there.warehouse(code))
        return int(found)

    def fault(self, kind: FaultKind, path: str = POST, method: str = "POST", **more: Any) -> None:
        """Something goes wrong at Unleashed."""
        self.unleashed.faults.add(Fault(kind, path, method, **more))

    def wait(self, **later: float) -> None:
        self.clock.advance(**later)

    # -- what came of it --------------------------------------------------------------------

    def adjustments(self) -> list[dict[str, int]]:
        """What was adjusted, apart from the proof and a person's own."""
        booked = self.account.happened("stock_adjusted")
        return [
            {sku: int(Decimal(units)) for sku, units in row["lines"].items()}
            for row in booked
            if not any("a test of" in str(text) for text in row["comments"])
            and row["reason"] == "Mintsoft"
        ]

    def calls(self) -> int:
        """Requests to Unleashed so far."""
        return len(self.to_unleashed.requests)

    def standing(self, code: str = "MAIN") -> str:
        return self.state_of(NAME, code).standing

    def kept(self, code: str = "MAIN") -> dict[str, Any]:
        """What the flow keeps of a warehouse."""
        value = self.cursors.read(f"sync/{NAME}/example")
        found: dict[str, Any] = value.get("kept", {}).get("warehouses", {}).get(code, {})
        return found


def fly(monkeypatch: pytest.MonkeyPatch, parts: Mapping[str, InFlight]) -> None:
    """These goods are on their way in warehouse 3."""
    monkeypatch.setattr(untold, "UNTOLD", (lambda _: {3: parts},))


def worth(bench: StockBench, sku: str) -> Decimal:
    """The average cost of a product."""
    return bench.desk_there.company.stock.cost(bench.desk_there.product(sku))


HALF_AN_HOUR = timedelta(minutes=30)


def catalogue(bench: StockBench, many: int, *, units: int = 5) -> None:
    """So many products more, on both sides, with the same stock in MAIN and warehouse 3."""
    codes = [f"P{n:05d}" for n in range(many)]
    content = [
        {"ProductCode": code, "ProductDescription": code, "DefaultPurchasePrice": 2}
        for code in codes
    ]
    company = {"api_id": API_ID, "api_key": API_KEY, "products": content}
    bench.unleashed.seed(
        {"companies": [company | {"stock": {"MAIN": dict.fromkeys(codes, units)}}]}
    )
    ids = {code: 10_000 + at for at, code in enumerate(codes)}
    PRODUCTS.update(ids)
    bench.mintsoft.seed(
        {
            "products": {
                str(id_): {"sku": code, "name": code, "client_id": 12} for code, id_ in ids.items()
            },
            "stock": {"3": {str(id_): units for id_ in ids.values()}},
        }
    )

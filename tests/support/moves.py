"""Transfers and assemblies on the ERP bench: people at both sides, and what is open there."""

from __future__ import annotations

from typing import Any

from local.simulators.mintsoft.asns import Asn
from local.simulators.mintsoft.tenant import Order
from local.simulators.unleashed.hands_goods import Hands
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.flows.unleashed.untold import UNTOLD
from tests.support.erp_worlds import PRODUCTS, ErpBench

SOCK = 899
"""Mintsoft's id of what is assembled."""


class MovesBench(ErpBench):
    """`ErpBench` with an assembled product on both sides, and hands for transfers."""

    def __init__(self, **block: Any) -> None:
        super().__init__(**block)
        sock = {"sku": "SOCK-3PK", "name": "Sock 3Pk", "client_id": 12, "ean": ""}
        self.mintsoft.seed({"products": {str(SOCK): sock}})
        self.hands = Hands(self.desk_there)

    def park_transfer(
        self, goods: dict[str, Any] | None = None, source: str = "MAIN", to: str = "3PL"
    ) -> dict[str, str]:
        """Somebody parks a transfer of four shirts, unless other goods are named."""
        made: dict[str, str] = self.hands.park_transfer(source, to, goods or {"TEE-RED-M": 4})
        return made

    def park_assembly(self, quantity: Any = 2, **more: Any) -> dict[str, str]:
        """Somebody parks an assembly of two packs: four red shirts and two blue ones."""
        made: dict[str, str] = self.hands.park_assembly("SOCK-3PK", quantity, **more)
        return made

    def edit_transfer(self, number: str, goods: dict[str, Any]) -> None:
        """Somebody changes quantities of a parked transfer."""
        record = self.hands.numbered("WarehouseStockTransfers", number)
        for line in record["TransferDetails"]:
            code = self.desk_there.company.one("Products", line["Product"])["ProductCode"]
            line["TransferQuantity"] = goods[code]
        self.desk_there.company.touch(record, "pat@example.test")

    def status_there(self, resource: str, number: str) -> str:
        """A record's status at Unleashed."""
        record = self.hands.numbered(resource, number)
        return str(record.get("TransferStatus") or record.get("AssemblyStatus"))

    def made_orders(self) -> list[Order]:
        """Orders of the client at Mintsoft."""
        return list(self.mintsoft.orders.values())

    def made_asns(self) -> list[Asn]:
        """ASNs of the client at Mintsoft."""
        return list(self.mintsoft.asns.values())

    def transfer(self, made: dict[str, str]) -> SyncState:
        """Where a transfer's record stands."""
        return self.state_of("unleashed.transfers", made["guid"].lower())

    def assembly(self, made: dict[str, str]) -> SyncState:
        """Where an assembly's record stands."""
        return self.state_of("unleashed.assemblies", made["guid"].lower())

    def stock_there(self, code: str, warehouse: str) -> float:
        """Units on hand at Unleashed."""
        return self.desk_there.stock_levels().get(warehouse, {}).get(code, 0.0)

    def here(self, code: str, warehouse_id: int) -> int:
        """Units at Mintsoft."""
        product = {**PRODUCTS, "SOCK-3PK": SOCK}[code]
        held = self.mintsoft.stock.get((warehouse_id, product))
        return held.units if held else 0

    def untold(self) -> dict[tuple[int, str], InFlight]:
        """What is on its way, where it is anything."""
        found: dict[tuple[int, str], InFlight] = {}
        world = self.erp_world("stock")
        for tells in UNTOLD:
            for place, skus in tells(world).items():
                found |= {(place, sku): part for sku, part in skus.items() if part != InFlight()}
        return found

"""Unleashed as the store of record of the marketplace's orders and refunds."""

from __future__ import annotations

from typing import Any

from returns_hub.adapters.unleashed.store_of_record import (
    UnleashedMarketplaceOrders,
    UnleashedStoreCredits,
)
from tests.support.erp_worlds import ErpBench

MARKETPLACE = {"customers": {"DKK": "WEBSHOP-DK", "GBP": "WEBSHOP"}, "tax_code": "V.A.T."}


class StoreBench(ErpBench):
    """`ErpBench` with the products that tests of the marketplace sell, and rates of exchange."""

    def __init__(self, **block: Any) -> None:
        super().__init__(**{"base_currency": "DKK", "marketplace": MARKETPLACE} | block)
        known = [
            {"ProductCode": code, "ProductDescription": code, "DefaultSellPrice": 5.0}
            for code in ("TEE", "MUG", "CAP")
        ]
        self.account.desk.seed({"products": known})

    def sales_orders(self) -> UnleashedMarketplaceOrders:
        """Sales orders of the marketplace."""
        return UnleashedMarketplaceOrders("example", self.unleashed_account())

    def credit_notes(self) -> UnleashedStoreCredits:
        """Credit notes of the marketplace's refunds."""
        return UnleashedStoreCredits("example", self.unleashed_account())

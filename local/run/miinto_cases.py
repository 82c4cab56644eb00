"""What happens at the marketplace in a run: offers to two shops, and what comes back of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

DK, NL = "1-m!i!s-045-1234", "1-m!i!s-031-778"

Back = Literal["", "good", "damaged", "no_rma"]
"""What the buyer sends back: nothing; goods of an RMA, in good condition or not; goods without."""


@dataclass(frozen=True)
class Case:
    """One offer and what becomes of it.

    Args:
        about: For the table.
        shop: Whom it is offered to.
        items: ``sku``, and where they differ from one and the catalogue's: ``quantity``, ``price``
            (of a unit, in minor units). The first is what comes back.
        left: Why the rule leaves it to a person; empty where it is accepted.
        back: What the buyer sends back.
        transfer: Its number, once it was offered; a shop's own.
    """

    about: str
    shop: str
    items: tuple[Mapping[str, Any], ...]
    left: str = ""
    back: Back = ""
    transfer: int = 0

    @property
    def market(self) -> str:
        """For people."""
        return "DK" if self.shop == DK else "NL"


CASES = (
    Case(
        "Returned by an RMA, in good condition",
        DK,
        ({"sku": "TEE-RED-M", "quantity": 2}, {"sku": "JEANS-34"}),
        back="good",
    ),
    Case(
        "The same order number in another market; returned damaged",
        NL,
        ({"sku": "DRESS-GRN-S"},),
        back="damaged",
    ),
    Case("Sent back without an RMA", DK, ({"sku": "HOODIE-GREY-M"},), back="no_rma"),
    Case("Offered for too little", DK, ({"sku": "TEE-BLU-L", "price": 15000},), "price_too_low"),
    Case("Out of stock", NL, ({"sku": "BOOTS-41"},), "out_of_stock"),
    Case("A product that nobody mapped", DK, ({"sku": "SCARF-SAND"},), "unknown_product"),
)

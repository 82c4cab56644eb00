"""Returns of orders that Unleashed knows, processed, and the credit notes they become."""

from __future__ import annotations

from typing import Any

from tests.support.export_worlds import JEANS, TEE, ExportBench
from tests.support.worlds import RETURN_ID, item, redo_return

FLOW = "unleashed.credit_notes"
KEY = f"{RETURN_ID}/1"
SOLD: dict[str, tuple[int, float | None]] = {TEE: (2, 24.0), JEANS: (1, 96.0)}


class CreditBench(ExportBench):
    """`ExportBench` with credit notes live, and an exported order that a return is of.

    Args:
        credit: The flow's settings.
        more: As `ExportBench`.
    """

    def __init__(self, credit: dict[str, Any] | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.set("credit_notes", **credit or {})

    def sold(self, number: str = "5501", **fields: Any) -> None:
        """An order of the warehouse that is exported."""
        self.sent(number, SOLD, **fields)
        self.export()

    def come_back(self, *items: dict[str, Any], **changes: Any) -> None:
        """A return is approved, its goods come back, and the portal takes them."""
        rows = list(items) or [item(1, TEE, 2), item(2, JEANS)]
        self.put(redo_return(rows, **changes))
        assert self.approve() == "announced"
        self.receive(41)
        assert self.poll() == {"processed": 1}

    def credit(self, **later: float) -> dict[str, int]:
        """One tick of the watch, and of the flow."""
        self.watch()
        return self.run("credit_notes", **later)

    def notes(self, status: str = "Parked,Completed,Deleted") -> list[dict[str, Any]]:
        """Unleashed's credit notes, the oldest first."""
        rows = self.account.items(f"/CreditNotes?creditStatus={status}&pageSize=200")
        return sorted(rows, key=lambda row: str(row["CreditNumber"]))

    def credited(self) -> list[tuple[str, dict[str, tuple[float, float]]]]:
        """Status, and quantity and price of each product, of every note."""
        return [
            (
                row["Status"],
                {
                    line["Product"]["ProductCode"]: (line["CreditQuantity"], line["CreditPrice"])
                    for line in row["CreditLines"]
                },
            )
            for row in self.notes()
        ]

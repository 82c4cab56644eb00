"""Whose goods moved in Unleashed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.erp import ErpSimulation

OF_DOCUMENT = {
    "purchase_receipted": "purchase",
    "transfer_completed": "transfer",
    "assembly_completed": "assembly",
}
"""The journal's word of a movement -> the document's kind."""


def document_of(run: ErpSimulation, what: str, guid: str) -> str:
    """The document that a movement of Unleashed's stock belongs to; empty for none."""
    if what in {"shipment_dispatched", "auto_assembled"}:
        if run.imports == "shipment":
            return f"shipment:{guid}"
        return f"sale:{run.there.company.all('SalesShipments')[guid]['OrderGuid']}"
    return f"{OF_DOCUMENT[what]}:{guid}" if what in OF_DOCUMENT else ""

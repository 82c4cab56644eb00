"""Ids, in the list of parked work, of what a return can have there: deterministic, so that parking
twice keeps one item."""

from __future__ import annotations


def parked_shipment_id(return_id: str, shipment: str) -> str:
    """The id, in the list of parked work, of a shipment that was not announced."""
    return f"create_external_return/{return_id}/{shipment}"


def parked_receipt_id(return_id: str, external_return_id: int) -> str:
    """The id, in the list of parked work, of a receipt that was not dealt with."""
    return f"process_receipts/{return_id}/{external_return_id}"


def parked_batch_id(return_id: str, batch: int) -> str:
    """The id, in the list of parked work, of a process call that nobody knows the end of."""
    return f"process_receipts/{return_id}/batch-{batch}"

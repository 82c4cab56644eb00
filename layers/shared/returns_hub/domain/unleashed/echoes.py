"""How the hub knows its own records when they come back from the other side.

What the hub makes at Unleashed has a source id that begins with `sales_orders.OUR_SOURCE`; what it
makes at the warehouse for Unleashed has an external reference (of an order) or a marker (of an ASN)
of its own. So neither is taken for somebody else's, also where the answer to the write was lost and
no id is on a timeline.
"""

from __future__ import annotations

OF_UNLEASHED = "unleashed:"
"""What the external reference begins with of orders that the hub makes for Unleashed's records."""


CUSTOMER_REFERENCE = "Customer reference"
"""Under this name the warehouse's order carries what the sales order's customer calls it."""


def reference_of(kind: str, guid: str) -> str:
    """The external reference of the warehouse's order for a record of Unleashed.

    Args:
        kind: ``order``, ``shipment``, ``assembly`` or ``transfer``.
        guid: Unleashed's, in lower case.
    """
    return f"{OF_UNLEASHED}{kind}:{guid}"


def is_for_unleashed(external_reference: str) -> bool:
    """Whether the hub made the warehouse's order for a record of Unleashed."""
    return external_reference.startswith(OF_UNLEASHED)


def guid_in(text: str, kind: str) -> str:
    """The Guid of the record of this kind that an external reference names, or that comments name
    in square brackets; else empty."""
    _, found, rest = text.partition(f"{OF_UNLEASHED}{kind}:")
    return rest.split("]", 1)[0].strip().lower() if found else ""

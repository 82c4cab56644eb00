"""Keys of the operations about the marketplace's orders: the same write always has the same key."""

from __future__ import annotations


def create_order_key(merchant: str, number: str) -> str:
    """One order in the store of record for each number."""
    return f"create-order/{merchant}/{number}"


def cancel_order_key(merchant: str, number: str) -> str:
    """One cancelling of an order in the store of record."""
    return f"cancel-order/{merchant}/{number}"


def order_comment_key(merchant: str, shop: str, order: int, about: str) -> str:
    """One comment on the store of record's order for each thing said."""
    return f"order-comment/{merchant}/{shop}/{order}/{about}"


def send_tracking_key(merchant: str, shop: str, order: int, tracking: str, attempt: int = 0) -> str:
    """One call for each tracking number of an order; another after a person vouched that the last
    one was never carried out."""
    again = f"/again-{attempt}" if attempt else ""
    return f"send-tracking/{merchant}/{shop}/{order}/{tracking}{again}"


def push_stock_key(merchant: str, shop: str, push: int, batch: int) -> str:
    """One request for each batch of a push; pushes are numbered by their cursor."""
    return f"push-stock/{merchant}/{shop}/{push}/{batch}"

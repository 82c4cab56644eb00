"""Keys and items of the marketplace's table; `adapters.dynamodb.market` lists them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from returns_hub.adapters.dynamodb.items import MOST_BYTES, as_text, expiry, size_of
from returns_hub.adapters.dynamodb.kept_models import read_model
from returns_hub.adapters.dynamodb.table import Row
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.transfers import TransferState
from returns_hub.errors import Permanent

Kind = Literal["transfer", "order"]

IN_WORK = "market-in-work"
BY_DATE = "market-by-date"
FOREVER = "9999"


def of_transfer(merchant: str, shop: str, number: int) -> str:
    """Partition of a transfer's timeline."""
    return f"{merchant}#transfer#{shop}#{number}"


def of_order(merchant: str, shop: str, number: int) -> str:
    """Partition of an order's timeline."""
    return f"{merchant}#order#{shop}#{number}"


def of_state(state: TransferState | OrderState) -> str:
    """Partition of the timeline that folds to this state."""
    if isinstance(state, OrderState):
        return of_order(state.merchant, state.shop, state.id)
    return of_transfer(state.merchant, state.shop, state.id)


def of_number(merchant: str, number: str) -> str:
    """Partition of the link from the store of record's number."""
    return f"{merchant}#order-number#{number}"


def of_made_id(merchant: str, made_id: int) -> str:
    """Partition of the link from the store of record's id."""
    return f"{merchant}#made#{made_id}"


def of_rma(merchant: str, return_id: str) -> str:
    """Partition of an RMA."""
    return f"{merchant}#rma#{return_id}"


def of_stock(merchant: str, shop: str) -> str:
    """Partition of what a shop was told of stock."""
    return f"{merchant}#stock#{shop}"


def promise_key(merchant: str, shop: str, number: int, *, order: int | None, transfer: int) -> Row:
    """Key of a promise: of an order, or of a transfer's decision before its order is known."""
    if order is not None:
        return {"pk": f"{merchant}#promise#{shop}#order-{order}", "sk": "PROMISE"}
    return {"pk": f"{merchant}#promise#{shop}#transfer-{transfer}", "sk": f"DECISION#{number:04d}"}


def shop_of_promise(pk: str) -> str:
    """The shop in a promise's key; neither a merchant's id nor a shop's has a ``#``."""
    return pk.split("#")[2]


def partition(merchant: str, kind: str) -> str:
    """Partition of an index: one for each merchant and kind of row."""
    return f"{merchant}#{kind}"


def list_sk(moment: datetime, shop: str, number: str | int) -> str:
    """Sort key by time; unique, since shop and number are in it."""
    return f"{as_text(moment)}#{shop}#{number}"


def state_row(state: TransferState | OrderState, write_id: str, now: datetime) -> Row:
    """The state's item, with its places in the indexes.

    Raises:
        Permanent: It is larger than DynamoDB takes.
    """
    kind: Kind = "order" if isinstance(state, OrderState) else "transfer"
    place = list_sk(state.created_at or state.first_seen_at or now, state.shop, state.id)
    row: Row = {
        "pk": of_state(state),
        "sk": "STATE",
        "version": state.version,
        "state": canonical(state),
        "shop": state.shop,
        "standing": state.standing,
        "write_id": write_id,
        "list_pk": partition(state.merchant, kind),
        "list_sk": place,
        "expires_at": expiry(now),
    }
    if state.in_work:
        row |= {
            "work_pk": partition(state.merchant, kind),
            "work_sk": work_place(state, now),
        }
    return fitting(row, f"{kind} {state.id} of shop {state.shop}")


def work_place(state: TransferState | OrderState, now: datetime) -> str:
    """Sort key of what is in work: the one first seen longest ago comes first."""
    return list_sk(state.first_seen_at or now, state.shop, state.id)


def promise_row(
    key: Row, merchant: str, units: Mapping[str, int], until: datetime | None, now: datetime
) -> Row:
    """A promise's item; one that promises nothing stays, out of the index, so that it is not made
    again."""
    row = key | {"units": json.dumps(dict(units), sort_keys=True), "expires_at": expiry(now)}
    if units:
        ends = as_text(until) if until is not None else FOREVER
        work_sk = f"{ends}#{key['pk']}#{key['sk']}"
        row |= {"work_pk": partition(merchant, "promise"), "work_sk": work_sk}
    return row


def canonical(model: BaseModel) -> str:
    """JSON: the same content always gives the same bytes."""
    return json.dumps(model.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))


def fitting(row: Row, what: str) -> Row:
    """The row, unless it is too large.

    Raises:
        Permanent: It is.
    """
    size = size_of(row)
    if size > MOST_BYTES:
        raise Permanent(
            "market.too_large",
            f"{what} is too large to be kept: {size // 1000} KB of at most {MOST_BYTES // 1000}; "
            "deal with it in Miinto's own pages",
        )
    return row


def read_row(item: Mapping[str, Any], kind: Kind) -> TransferState | OrderState:
    """The state that an item holds."""
    if kind == "order":
        return read_model(OrderState, item["state"], item["pk"])
    return read_model(TransferState, item["state"], item["pk"])

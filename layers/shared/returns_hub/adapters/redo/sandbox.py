"""Test returns in a sandbox of Redo: `ports.SandboxReturns`.

Source: Redo's OpenAPI 2.2, ``POST /stores/{storeId}/returns``: the one call of Redo's that takes an
``Idempotency-Key``. A first call is answered with 201, a repetition with 200 and the return that
is there; how long a key is remembered is not documented, so the returns are looked through first.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import Field, ValidationError

from returns_hub.adapters.http.transport import Answer
from returns_hub.adapters.http.words import json_of
from returns_hub.adapters.redo.client import RedoClient, listed
from returns_hub.adapters.redo.models import Moment, Theirs
from returns_hub.domain.operations import (
    CLOCKS_DIFFER_SECONDS,
    Found,
    Inconclusive,
    LookUp,
    NotFound,
)
from returns_hub.errors import UnknownOutcome
from returns_hub.ports import SandboxLine, SandboxReturnDraft

LOOKED_THROUGH = 200
"""A sandbox has few returns; the newest are looked through in one call."""
TEMPLATE = "/stores/{id}/returns"


class _OrderItem(Theirs):
    line_item_id: str | None = None


class _Item(Theirs):
    order_item: _OrderItem = Field(alias="orderItem")


class _Return(Theirs):
    id: str = Field(min_length=1, max_length=64)
    created_at: Moment = Field(alias="createdAt")
    external_order_ids: tuple[str, ...] | None = Field(default=(), alias="externalOrderIds")
    items: tuple[_Item, ...] = ()

    def is_of(self, draft: SandboxReturnDraft) -> bool:
        """Whether it sends back exactly the draft's lines of the draft's order."""
        lines = sorted(item.order_item.line_item_id or "" for item in self.items)
        orders = self.external_order_ids or ()
        wanted = sorted(line.order_line_id for line in draft.lines)
        return draft.order_id in orders and lines == wanted


class _Made(Theirs):
    return_: _Return = Field(alias="return")


class RedoSandboxReturns:
    """One store's test returns."""

    def __init__(self, client: RedoClient) -> None:
        self._client = client
        self._path = f"{client.store_path}/returns"

    def make_return(self, draft: SandboxReturnDraft, send_by: datetime) -> str:
        """See `ports.SandboxReturns.make_return`.

        ``createExternalRMAs`` is false: Redo's own connectors are not to make a record as well.
        """
        answer = self._client.write(
            "POST",
            self._path,
            template=TEMPLATE,
            headers={"Idempotency-Key": draft.idempotency_key},
            body=body_of(draft),
            send_by=send_by,
        )
        return _made_id(answer)

    def find_made(self, draft: SandboxReturnDraft, since: datetime) -> LookUp:
        """See `ports.SandboxReturns.find_made`."""
        content, _ = self._client.read(
            self._path, template=TEMPLATE, headers={"X-Page-Size": str(LOOKED_THROUGH)}
        )
        rows = listed(content, "returns")
        earliest = since - timedelta(seconds=CLOCKS_DIFFER_SECONDS)
        found = [
            made.id
            for made in map(_readable, rows)
            if made is not None and made.created_at >= earliest and made.is_of(draft)
        ]
        if len(found) > 1:
            return Inconclusive(f"{len(found)} returns of order {draft.order_id} were made since")
        return Found(found[0]) if found else NotFound()


def body_of(draft: SandboxReturnDraft) -> dict[str, Any]:
    """What is sent of a draft (``create-return-request.schema``)."""
    address = draft.ship_from
    return {
        "data": {
            "provider": draft.shop,
            "externalOrderId": draft.order_id,
            "items": [_item(line) for line in draft.lines],
            "shippingAddress": {
                "line1": address.line1,
                "city": address.city,
                "state": address.state,
                "postalCode": address.postal_code,
                "country": address.country,
            },
            "notes": draft.note,
        },
        "options": {"createExternalRMAs": False},
    }


def _item(line: SandboxLine) -> dict[str, Any]:
    code = {"reasonCode": line.reason_code} if line.reason_code is not None else {}
    return {
        "lineItemId": line.order_line_id,
        "quantity": 1,
        "reason": line.reason,
        "compensation": "refund",
        **code,
    }


def _made_id(answer: Answer) -> str:
    """The return's id. One that cannot be read may be looked up: the return is there."""
    try:
        return _Made.model_validate(json_of(answer)).return_.id
    except (ValueError, ValidationError):
        raise UnknownOutcome(
            "redo.unreadable", "Redo made the return, and its answer cannot be read"
        ) from None


def _readable(row: Any) -> _Return | None:
    try:
        return _Return.model_validate(row)
    except ValidationError:
        return None

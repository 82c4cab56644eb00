"""What Redo's webhook delivers, cut down to what the hub reads.

Source: Redo's OpenAPI 2.2, ``webhooks.return``. A delivery is whole state, not a change: the return
and its order as they stand, customer, addresses and gift-card codes included. None of its fields is
required there, and Redo adds words; only a return that is named can be dealt with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from returns_hub.adapters.redo import models
from returns_hub.adapters.redo.statuses import STATUS
from returns_hub.domain.events import ReturnId
from returns_hub.domain.portals import RedoConnection
from returns_hub.domain.returns import ReturnStatus
from returns_hub.domain.webhooks import BEARER_TOKEN, Delivery, Terms
from returns_hub.errors import Permanent

KINDS = frozenset({"created", "updated", "backfill"})
Body = TypeVar("Body", bound=models.Theirs)
_RETURN_ID: TypeAdapter[str] = TypeAdapter(ReturnId)
_MOMENT: TypeAdapter[datetime] = TypeAdapter(models.Moment)


class Part(BaseModel):
    """What this door reads of a merchant's file."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    portal: str = "redo"
    redo: RedoConnection | None = None


class File(Protocol):
    """A merchant's file, or this door's part of it."""

    @property
    def portal(self) -> str:
        """The portal's name."""

    @property
    def redo(self) -> RedoConnection | None:
        """Its block."""


def terms_of(merchant: File) -> Terms | None:
    """A merchant's terms at Redo's door; None when its portal speaks another API."""
    if merchant.portal != "redo" or merchant.redo is None:
        return None
    return Terms(merchant.redo.webhook.secret, BEARER_TOKEN, read_delivery)


def terms_of_nobody() -> Terms:
    """What a request is held against that no merchant's terms apply to."""
    return Terms("", BEARER_TOKEN, read_delivery)


def read_delivery(content: Any) -> Delivery:
    """The delivery, its bodies cut down to the fields that `models` has.

    A body that cannot be read whole is left out: the return is then read from Redo.

    Raises:
        Permanent: It names no return, so that nothing can be done with it.
    """
    envelope = _object(content)
    body = _object(envelope.get("return"))
    return_id = _return_id(body.get("id"))
    kind = envelope.get("type")
    portal_return = pruned(models.Return, body)
    portal_order = pruned(models.Order, envelope.get("order"))
    is_whole = portal_return is not None and portal_order is not None
    return Delivery(
        kind=kind if isinstance(kind, str) and kind in KINDS else "other",
        return_id=return_id,
        status=_status(body.get("status")),
        updated_at=_moment(body.get("updatedAt")),
        portal_return=portal_return if is_whole else None,
        portal_order=portal_order if is_whole else None,
    )


def pruned(model: type[Body], content: object) -> dict[str, Any] | None:
    """Of a body only what the model reads, under Redo's names; None when it cannot be read."""
    try:
        read = model.model_validate(content)
    except ValidationError:
        return None
    return read.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _return_id(value: object) -> str:
    try:
        return _RETURN_ID.validate_python(value, strict=True)
    except ValidationError:
        raise Permanent(
            "webhook.no_return", "the delivery names no return: return.id is missing or no id"
        ) from None


def _status(value: object) -> ReturnStatus | None:
    if not isinstance(value, str):
        return None
    return STATUS.get(value.strip().lower(), ReturnStatus.UNKNOWN)


def _moment(value: object) -> datetime | None:
    """A time that is written as one; a number would be taken for seconds since 1970."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d", value):
        return None
    try:
        return _MOMENT.validate_python(value)
    except ValidationError:
        return None

"""The published contract of an order that changed upstream (docs/events.md), and which one counts.

Changes of one order come twice, late and in any order, and may contradict each other. One of them
counts: what was cancelled stays so whatever edit is told of it; among the same kind it is the
newest.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from returns_hub.domain.base import Frozen, MerchantId, UtcTime, short_hash
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.warehouse_orders import MERGED

SCHEMA_NAME = "order-change/1"
SOURCE_OF_REPETITION = "replay"
"""The `source` of a change that the hub makes again from its own timeline."""


def _number(text: str) -> str:
    if text != text.strip() or not text.isprintable():
        raise ValueError("an order's number is printable, without blanks around it")
    if MERGED in text:
        raise ValueError(f"a number with {MERGED} is a merged order's; name the one that changed")
    return text


ChangeId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:#-]{0,79}$")]
OrderNumber = Annotated[
    str, StringConstraints(min_length=1, max_length=100), AfterValidator(_number)
]
Kind = Literal["cancelled", "edited"]


class OrderChange(Frozen):
    """An order was edited or cancelled where it came from."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal["order-change/1"] = Field(alias="schema")
    merchant: MerchantId
    id: ChangeId = Field(description="of the change; the same id is the same change")
    order: OrderNumber = Field(description="the number as the warehouse knows it")
    kind: Kind
    replaced_by: OrderNumber | None = Field(
        default=None, description="of an edit: the number of the order that replaces it"
    )
    occurred_at: UtcTime
    source: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.replaced_by is not None and self.kind == "cancelled":
            raise ValueError("replaced_by goes with kind edited")
        if self.replaced_by == self.order:
            raise ValueError("an order does not replace itself")
        return self

    @property
    def digest(self) -> str:
        """Tells whether two messages of one id tell the same."""
        return short_hash(self.model_dump_json(include={"order", "kind", "replaced_by"}), 24)

    @property
    def version(self) -> str:
        """All of it that its order's timeline does not tell otherwise; at most 200 characters."""
        return f"{self.kind}/{self.id}/{self.replaced_by or ''}"

    @property
    def rank(self) -> tuple[bool, datetime, bool, str]:
        """The change with the highest one counts; the same whatever comes first."""
        return (self.kind == "cancelled", self.occurred_at, bool(self.replaced_by), self.id)

    def to_json(self) -> str:
        """The message."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


def change_that_counts(state: SyncState) -> OrderChange | None:
    """The change on an order's timeline that counts so far; None when there is none yet."""
    if not state.source_version or state.changed_at is None:
        return None
    kind, change_id, replaced_by = state.source_version.split("/", 2)
    try:
        return OrderChange.model_validate(
            {
                "schema": SCHEMA_NAME,
                "merchant": state.merchant,
                "id": change_id,
                "order": state.key,
                "kind": kind,
                "replaced_by": replaced_by or None,
                "occurred_at": state.changed_at,
                "source": SOURCE_OF_REPETITION,
            }
        )
    except ValidationError:
        return None


def order_change_key(merchant: str, change_id: str) -> str:
    """The ledger's key of what a change of this id told when it came first."""
    return f"order-change/{merchant}/{quote(change_id, safe='')}"

"""The published contract `despatch/1` (docs/events.md): goods that left, as upstream is told.

A part of an order that left is a despatch. It has one `despatch_id` for good, and a `revision` that
rises when what is told of it changes, e.g. because its tracking number came later. Nothing in it
says who gets the goods.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from pydantic import ConfigDict, Field, model_validator

from returns_hub.domain.base import Frozen, MerchantId, UtcTime
from returns_hub.domain.file_types import WholeNumber
from returns_hub.domain.relay.settings import TargetName

SCHEMA_NAME = "despatch/1"
RELAYED = "relayed-despatch/1"
PERSONAL = frozenset({"postal", "zip", "mail", "name", "city", "town", "tel", "zipcode"})
IN_A_NAME = re.compile(
    "postcode|postalcode|zipcode|email|phone|mobile|surname|firstname|lastname|fullname|street"
    "|address|(recipient|customer|consignee|receiver|buyer|delivery)(name|zip|city|town|tel)"
)
"""Names of a tracking address's parameters that tell of the recipient, whole or in part; some
couriers put a postcode there. They are left out, and the courier's page asks for them."""

MOST_REVISIONS = 50
"""Of one despatch; what changes more often is none that a person would trust. Whoever tells one
closes all before it, a request each."""

Units = Annotated[WholeNumber, Field(ge=0)]


def despatch_id_of(merchant: str, order_id: int) -> str:
    """The id of what left with this order of the warehouse's."""
    return f"{merchant}-despatch-{order_id}"


def event_id_of(despatch_id: str, revision: int) -> str:
    """The id that a receiver takes once."""
    return f"{despatch_id}-r{revision}"


class Counted(Frozen):
    """Units of a SKU over all parts of the order: ordered = so far + cancelled + left."""

    sku: str = Field(description="the warehouse's; empty where its order has a line without one")
    ordered: Units
    despatched: Units = Field(description="with this part")
    despatched_so_far: Units = Field(
        description="with this part and all that left before it; of several events the largest "
        "counts"
    )
    cancelled: Units = Field(description="in parts that will not leave")
    left: Units = Field(description="still to leave when this part had left")

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.ordered != self.despatched_so_far + self.cancelled + self.left:
            raise ValueError("ordered is not despatched_so_far + cancelled + left")
        if self.despatched > self.despatched_so_far:
            raise ValueError("more left with this part than so far")
        return self


class DespatchLine(Counted):
    """A SKU of the order; with what it is made of where it is a bundle with a known bill."""

    components: tuple[Counted, ...] = Field(
        default=(), description="a bundle's goods, down to what lies on a shelf; empty for others"
    )


class Despatch(Frozen):
    """A part of an order left the warehouse. The same id is the same event, however often it is
    told; of one `despatch_id` the highest `revision` counts."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal["despatch/1"] = Field(default="despatch/1", alias="schema")
    merchant: MerchantId
    id: str = Field(description="the Idempotency-Key: a receiver takes it once")
    despatch_id: str = Field(description="the same in every revision")
    revision: WholeNumber = Field(ge=1, description="rises when what is told changes; may skip")
    order_numbers: tuple[str, ...] = Field(
        min_length=1, description="several where the warehouse merged orders"
    )
    external_reference: str | None = Field(description="the order's name elsewhere")
    mintsoft_order_id: WholeNumber
    part: WholeNumber = Field(ge=1, description="of a split order; from 1")
    parts: WholeNumber = Field(ge=1)
    parts_counted: WholeNumber = Field(
        ge=1, description="parts that were found for the counts; fewer than parts: lower bounds"
    )
    despatched_at: UtcTime | None = Field(description="null where the warehouse does not show it")
    carrier: str | None
    tracking_number: str | None = Field(description="null until there is one")
    tracking_url: str | None = Field(description="without parameters that tell of the recipient")
    lines: tuple[DespatchLine, ...] = Field(description="by SKU, sorted")

    @model_validator(mode="after")
    def _ids_agree(self) -> Self:
        if self.despatch_id != despatch_id_of(self.merchant, self.mintsoft_order_id):
            raise ValueError("despatch_id is not this order's")
        if self.id != event_id_of(self.despatch_id, self.revision):
            raise ValueError("id is not this revision's")
        return self

    def to_json(self) -> str:
        """The event, always in the same bytes."""
        return self.model_dump_json(by_alias=True)


class RelayedDespatch(Frozen):
    """A message of the stack's own queue: this target is to be told of this despatch.

    Args:
        retry: A person had it done again: what the target refused may be sent anew.
        send_again: A person vouched that a telling without an answer did not arrive.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal["relayed-despatch/1"] = Field(default="relayed-despatch/1", alias="schema")
    merchant: MerchantId
    target: TargetName
    retry: bool = False
    send_again: bool = False
    despatch: Despatch

    @model_validator(mode="after")
    def _one_merchant(self) -> Self:
        if self.despatch.merchant != self.merchant:
            raise ValueError("the despatch is another merchant's")
        if self.despatch.revision > MOST_REVISIONS:
            raise ValueError(f"the despatch has more than {MOST_REVISIONS} revisions")
        return self

    def to_json(self) -> str:
        """The message."""
        return self.model_dump_json(by_alias=True)


def impersonal(url: str) -> str:
    """A tracking address without what tells of the recipient; empty where it is none, or where
    that stands in its path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        return ""
    if "@" in unquote(parts.path):
        return ""
    kept, is_whole = _kept(parts.query)
    _, is_plain = _kept(parts.fragment)
    if is_whole and is_plain:
        return url
    query = parts.query if is_whole else urlencode(kept)
    fragment = parts.fragment if is_plain else ""
    return urlunsplit(parts._replace(query=query, fragment=fragment))


def _kept(text: str) -> tuple[list[tuple[str, str]], bool]:
    """Parameters that say nothing of the recipient, and whether those are all."""
    pairs = parse_qsl(text.replace(";", "&"), keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _is_personal(name, value)]
    return kept, len(kept) == len(pairs)


def _is_personal(name: str, value: str) -> bool:
    plain = "".join(letter for letter in name.casefold() if letter.isalnum())
    return plain in PERSONAL or bool(IN_A_NAME.search(plain)) or "@" in name + value

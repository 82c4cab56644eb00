"""How Miinto's RMA calls look, as the merchant's file says: paths, verbs, names, words, bodies.

No public source tells the contract of RMAs. The defaults are a guess by analogy with transfers (the
same service, the same envelope), and another contract is another file, not other code. It is data
alone: names are looked up, never evaluated. A word that nobody listed never leads to a decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from returns_hub.domain.base import Frozen

Meaning = Literal["pending", "accepted", "declined", "by_position"]
Method = Literal["PATCH", "POST", "PUT"]
Dotted = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$", max_length=120
    ),
]
"""A field by its name, with dots for fields inside fields: ``order.id``."""
Names = Annotated[tuple[Dotted, ...], Field(max_length=6)]
"""The first of these that holds a value counts; none for what is not told."""
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Parameter = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\[\]-]{1,40}$")]
PLACE = re.compile(r"\{([^{}]*)\}")


def _path_with(*needed: str) -> AfterValidator:
    """A path below Miinto's address that names these places, and no others."""

    def check(path: str) -> str:
        places = PLACE.findall(path)
        if not re.fullmatch(r"(/([A-Za-z0-9._~!-]|\{[a-z]+\})+)+", path):
            raise ValueError("a path has parts of letters, digits and places, as in /shops/{shop}")
        for place in places:
            if place not in {"shop", "rma", "order"}:
                raise ValueError(f"{{{place}}} is no place; there are {{shop}}, {{rma}}, {{order}}")
        missing = [place for place in needed if place not in places]
        if missing:
            raise ValueError(f"the path has no {{{missing[0]}}}")
        return path

    return AfterValidator(check)


def _require_apart(names: Iterable[str]) -> None:
    """Names that are written into one object: none twice, and none inside another."""
    known: list[str] = []
    for name in names:
        for other in known:
            if name == other or name.startswith(f"{other}.") or other.startswith(f"{name}."):
                raise ValueError(f"{other} and {name} are written to the same place")
        known.append(name)


ListPath = Annotated[str, StringConstraints(max_length=200), _path_with("shop")]
RmaPath = Annotated[str, StringConstraints(max_length=200), _path_with("shop", "rma")]


class ListCall(Frozen):
    """How RMAs of a shop are listed."""

    path: ListPath = Field(default="/shops/{shop}/rmas", description="{shop} is filled in")
    status_parameter: Parameter | None = Field(
        default="status[]", description="query parameter that narrows to a status; none: nothing"
    )
    sort_parameter: Parameter | None = Field(default="sort", description="none: not sent")
    sort: str = Field(default="-createdAt", max_length=40)


class ReadCall(Frozen):
    """How one RMA is read."""

    path: RmaPath = Field(
        default="/shops/{shop}/rmas/{rma}", description="{shop} and {rma} are filled in"
    )


class DecideCall(Frozen):
    """How positions of an RMA are accepted and declined.

    With ``two_lists`` those accepted and those declined are in lists of their own; with
    ``one_list`` each is in the one list, with a word for what becomes of it.
    """

    method: Method = "PATCH"
    path: RmaPath = "/shops/{shop}/rmas/{rma}"
    style: Literal["two_lists", "one_list"] = "two_lists"
    accepted_list: Dotted = Field(default="acceptedPositions", description="of two_lists")
    declined_list: Dotted = Field(default="declinedPositions", description="of two_lists")
    one_list: Dotted = Field(default="positions", description="of one_list")
    verdict_field: Dotted = Field(default="status", description="of one_list")
    accept_word: Word = Field(default="accepted", description="of one_list")
    decline_word: Word = Field(default="declined", description="of one_list")
    id_field: Dotted = "id"
    reason_field: Dotted | None = Field(default="reason", description="none: no reason is sent")
    accept_reason: str = Field(
        default="", max_length=200, description="sent with what is accepted; empty: nothing is"
    )
    ids: Literal["number", "text"] = Field(
        default="number", description="how a position's id that has digits only is sent"
    )
    longest_reason: int = Field(default=500, ge=20, le=5000, description="characters")

    @model_validator(mode="after")
    def _tells_them_apart(self) -> Self:
        if self.style == "two_lists" and self.accepted_list == self.declined_list:
            raise ValueError("accepted_list and declined_list are two lists")
        if self.style == "one_list" and self.accept_word == self.decline_word:
            raise ValueError("accept_word and decline_word are two words")
        fields = [self.id_field, *([self.reason_field] if self.reason_field else [])]
        fields += [self.verdict_field] if self.style == "one_list" else []
        _require_apart(fields)
        return self


class RequestCall(Frozen):
    """How the merchant asks for an RMA."""

    method: Method = "POST"
    path: ListPath = Field(
        default="/shops/{shop}/rma-requests", description="{shop} and {order} are filled in"
    )
    order_field: Dotted | None = Field(
        default="orderId", description="none where the path has {order}"
    )
    list_field: Dotted = "positions"
    id_field: Dotted = Field(default="id", description="of the order's position")
    quantity_field: Dotted | None = "quantity"
    reason_field: Dotted | None = Field(
        default="reason", description="of each position; none: no reason is sent"
    )
    reference_field: Dotted | None = Field(
        default=None, description="takes the hub's own reference, if Miinto keeps one"
    )
    made_id: Names = Field(default=("id",), description="the request's id in the answer's data")

    @model_validator(mode="after")
    def _names_the_order(self) -> Self:
        if self.order_field is None and "order" not in PLACE.findall(self.path):
            raise ValueError("order_field is none, and the path has no {order}")
        top = (self.order_field, self.list_field, self.reference_field)
        row = (self.id_field, self.quantity_field, self.reason_field)
        _require_apart(name for name in top if name)
        _require_apart(name for name in row if name)
        return self


class StatusWords(Frozen):
    """Miinto's words for what an RMA, or a position of it, is; letters' case does not count."""

    pending: tuple[Word, ...] = Field(default=("pending",), min_length=1, max_length=20)
    accepted: tuple[Word, ...] = Field(default=("accepted",), min_length=1, max_length=20)
    declined: tuple[Word, ...] = Field(default=("declined",), min_length=1, max_length=20)
    by_position: tuple[Word, ...] = Field(
        default=(),
        max_length=20,
        description="words of an RMA that leave it to its positions, e.g. for one that is decided "
        "in part",
    )

    @model_validator(mode="after")
    def _means_one_thing(self) -> Self:
        of: dict[str, str] = {}
        for name in ("pending", "accepted", "declined", "by_position"):
            for word in getattr(self, name):
                other = of.setdefault(word.casefold(), name)
                if other != name:
                    raise ValueError(f"the word {word!r} is among {other} and among {name}")
        return self

    def meaning(self, word: str) -> Meaning | Literal[""]:
        """What the word says; empty for one that nobody listed."""
        said = word.strip().casefold()
        of: tuple[tuple[Meaning, tuple[str, ...]], ...] = (
            ("pending", self.pending),
            ("accepted", self.accepted),
            ("declined", self.declined),
            ("by_position", self.by_position),
        )
        return next((name for name, words in of if said in map(str.casefold, words)), "")


class RmaFields(Frozen):
    """Where an RMA tells what; the first name that holds a value counts."""

    id: Names = ("id",)
    status: Names = ("status",)
    type: Names = ("type",)
    created_at: Names = ("createdAt",)
    updated_at: Names = ("updatedAt",)
    delivered_at: Names = Field(default=(), description="when its parcel reached the shop")
    order_id: Names = ("order.id", "orderId")
    parent_id: Names = ("parentOrder.id", "parentOrderId")
    currency: Names = ("currency",)
    tracking: Names = ("trackAndTrace",)


class PositionFields(Frozen):
    """Where a position of an RMA tells what."""

    id: Names = ("id",)
    status: Names = ("status",)
    order_position: Names = ("orderPositionId",)
    quantity: Names = ("quantity",)
    price: Names = ("price",)
    reason: Names = ("reason.code", "reason.text", "reason")
    comment: Names = ("comment",)
    product_id: Names = ("item.productId",)
    gtin: Names = ("item.gtin",)
    name: Names = ("item.name",)
    brand: Names = ("item.brand",)


LISTS: dict[str, Meaning] = {
    "pendingPositions": "pending",
    "acceptedPositions": "accepted",
    "declinedPositions": "declined",
    "positions": "by_position",
}


class RmaContract(Frozen):
    """The whole contract."""

    listing: ListCall = ListCall.model_construct()
    reading: ReadCall = ReadCall.model_construct()
    deciding: DecideCall = DecideCall.model_construct()
    requesting: RequestCall = RequestCall.model_construct()
    words: StatusWords = StatusWords.model_construct()
    fields: RmaFields = RmaFields.model_construct()
    position: PositionFields = PositionFields.model_construct()
    lists: dict[Dotted, Meaning] = Field(
        default_factory=lambda: dict(LISTS),
        min_length=1,
        max_length=12,
        description="an RMA's lists of positions -> what is in them; by_position: each says it "
        "itself, or the RMA does",
    )
    types: dict[Word, Literal["return", "claim", "warranty"]] = Field(
        default_factory=dict,
        description="an RMA's type -> the type of return that it is; others are returns",
    )
    not_kept: Annotated[tuple[Word, ...], Field(max_length=40)] = Field(
        default=(
            "billingInformation",
            "shippingInformation",
            "customer",
            "buyer",
            "address",
            "email",
            "phone",
        ),
        description="fields of the body, at any depth, that the hub does not keep: who bought",
    )

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        for where, names in (("fields.id", self.fields.id), ("position.id", self.position.id)):
            if not names:
                raise ValueError(f"{where} names the id; without it nothing can be told apart")
        return self

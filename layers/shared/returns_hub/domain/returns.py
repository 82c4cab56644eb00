"""A return as the hub sees it, whichever portal it came from."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import Field

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.domain.minor_units import CURRENCY


class ReturnStatus(StrEnum):
    """Where a return stands in the portal.

    `UNKNOWN` is a word the portal uses that we have not been told of: no decision is made on it.
    """

    PRE_SHIPMENT = "pre_shipment"
    NEEDS_REVIEW = "needs_review"
    IN_REVIEW = "in_review"
    OPEN = "open"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    FLAGGED = "flagged"
    COMPLETE = "complete"
    REJECTED = "rejected"
    DELETED = "deleted"
    UNKNOWN = "unknown"


CLOSED = frozenset({ReturnStatus.COMPLETE, ReturnStatus.REJECTED, ReturnStatus.DELETED})
"""Statuses after which neither goods are announced nor money moves."""

UNDER_WAY = frozenset({ReturnStatus.OPEN, ReturnStatus.IN_TRANSIT, ReturnStatus.DELIVERED})
"""Statuses of an approved return whose goods are still expected."""

NOT_YET_APPROVED = frozenset(
    {ReturnStatus.PRE_SHIPMENT, ReturnStatus.NEEDS_REVIEW, ReturnStatus.IN_REVIEW}
)
"""Statuses of a return that the merchant has still to agree to."""


SETTABLE = frozenset({ReturnStatus.OPEN, ReturnStatus.FLAGGED, *CLOSED})
"""Statuses that a person may put a return into; the others come about by themselves."""


class LineStatus(StrEnum):
    """Where one line stands in the portal; `UNKNOWN` as in `ReturnStatus`."""

    OPEN = "open"
    SUBMITTED = "submitted"
    COMPLETE = "complete"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Compensation(StrEnum):
    """What the customer gets for the goods."""

    REFUND = "refund"
    STORE_CREDIT = "store_credit"
    EXCHANGE = "exchange"


class ReturnLine(Frozen):
    """One line of a return: a SKU and how many units the customer sends back.

    `keep_item` marks a "green" line: the customer keeps the goods, so none arrive.
    `value` is what the customer gets for the line, in the return's currency, as far as it is told.
    `reason_codes` and `reasons` run from the broadest level to the narrowest.
    """

    id: str
    order_line_id: str
    sku: str | None
    quantity: int
    status: LineStatus
    keep_item: bool = False
    reason_code: str | None = None
    reason_codes: tuple[str, ...] = ()
    reason: str = ""
    reasons: tuple[str, ...] = ()
    shipment_group_ids: tuple[str, ...] = ()
    barcode: str | None = None
    value: Decimal | None = None


class ShipmentInfo(Frozen):
    """A parcel on its way back. The portal gives it no id of its own: see `key`.

    `status` is the carrier's word as the portal has it, in lower case; empty when it has none.
    """

    group_id: str | None = None
    tracking_number: str | None = None
    carrier: str | None = None
    location_id: str | None = None
    line_ids: tuple[str, ...] = ()
    status: str = ""
    delivered_at: UtcTime | None = None

    @property
    def key(self) -> str | None:
        """The stable identity: the shipment group, with the tracking number as second choice."""
        return self.group_id or self.tracking_number


class PortalAbilities(Frozen):
    """What the portal's API can do for one return, and what the hub must therefore not decide.

    Args:
        processes_lines: Lines can be processed one by one; else only the whole return at once.
        chooses_restock: Each line's goods can be put back on sale or not; else the portal decides.
        rejects_lines: A line can be rejected.
        amount_counts: An amount that replaces a line's value counts for the whole line or for
            each unit of it; ``unknown`` until somebody proved it, ``never`` where a line is taken
            whole or not at all.
        longest_comment: Characters of a comment; None when no limit is documented.
        takes_comments: The portal has a timeline of its own that the team reads.
        flags: A return can be flagged there; else a person is asked by the hub itself.
        gives_reasons: A rejected line takes a reason in words.
        decided_elsewhere_too: Somebody else may decide the same lines there at any moment, so they
            are read again after each decision.
    """

    processes_lines: bool = True
    chooses_restock: bool = True
    rejects_lines: bool = True
    amount_counts: Literal["unknown", "line", "unit", "never"] = "unknown"
    longest_comment: int | None = None
    takes_comments: bool = True
    flags: bool = True
    gives_reasons: bool = False
    decided_elsewhere_too: bool = False


class ReturnSummary(Frozen):
    """What a list of the portal tells of a return."""

    id: str
    status: ReturnStatus
    created_at: UtcTime
    updated_at: UtcTime


MOST_WORTH = Decimal(10) ** 12
FINEST_WORTH = -12
"""An amount beyond this, or with more decimal places, is no return's worth in any currency."""


class Worth(NamedTuple):
    """What a return is worth to the customer."""

    amount: Decimal
    currency: str


class PortalReturn(Frozen):
    """A return as read from the portal at one moment. Holds no personal data: none is needed."""

    id: str
    type: str = "return"
    status: ReturnStatus
    status_word: str = ""
    created_at: UtcTime
    updated_at: UtcTime
    order_names: tuple[str, ...] = ()
    lines: tuple[ReturnLine, ...] = ()
    shipments: tuple[ShipmentInfo, ...] = ()
    dropoff_group_ids: tuple[str, ...] = ()
    compensation: tuple[Compensation, ...] = ()
    refund_total: Decimal | None = Field(default=None, description="in `currency`")
    value_total: Decimal | None = Field(
        default=None, description="refund, store credit and exchange together, in `currency`"
    )
    currency: str | None = None
    unknown_words: tuple[str, ...] = Field(
        default=(), description="enumerated words that the hub was not told of, with where they are"
    )

    @property
    def is_closed(self) -> bool:
        """Whether the portal has finished with this return."""
        return self.status in CLOSED

    @property
    def worth(self) -> Worth | None:
        """All that the customer gets, or where only that is told, the refund; None where no amount
        is told with its currency, in a form that can be added up."""
        amount = self.refund_total if self.value_total is None else self.value_total
        currency = self.currency or ""
        if amount is None or not CURRENCY.fullmatch(currency):
            return None
        is_sane = abs(amount) <= MOST_WORTH and int(amount.as_tuple().exponent) >= FINEST_WORTH
        return Worth(amount, currency) if is_sane else None

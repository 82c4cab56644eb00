"""From Mintsoft's words to ours, and what the hub writes into a record's comments."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from returns_hub.adapters.mintsoft.models import Return
from returns_hub.adapters.mintsoft.times import to_utc
from returns_hub.domain.receipts import Condition, Receipt, ReceivedRow
from returns_hub.errors import Retryable
from returns_hub.ports import ExternalReturnDraft

COMMENT_LENGTH = 200
"""Characters of an item's comments. Mintsoft documents no limit; the marker is always whole."""
STOCK_ACTIONS = {
    "DoNothing": Condition.GOOD,
    "Quarantine": Condition.QUARANTINE,
    "Scrap": Condition.SCRAP,
}
"""The words seen; Mintsoft publishes no list."""
LONGEST_REMARK = 200
OURS = re.compile(r"\w+ return [^\[]*\[RH-[0-9a-f]{20}\](?: \([^()]*\))?")
"""What the hub put there itself: note, marker and label."""


def comments_of(draft: ExternalReturnDraft) -> str:
    """What every item of an external return says: note, marker, and the label where it fits."""
    room = COMMENT_LENGTH - len(draft.marker) - len(" []")
    comments = f"{draft.note[:room]} [{draft.marker}]"
    label = draft.label.replace("(", "").replace(")", "").strip()
    if label and len(comments) + len(label) + 3 <= COMMENT_LENGTH:
        comments = f"{comments} ({label})"
    return comments


def to_receipt(row: Return, zone: ZoneInfo) -> Receipt:
    """An external return as we see it; its times are in the tenant's zone.

    Raises:
        Retryable: Its version cannot be read.
    """
    items = row.items or ()
    order_id = row.order_id if row.order_id and row.order_id > 0 else None
    try:
        updated_at = to_utc(row.last_updated, zone)
    except ValueError:
        raise Retryable(
            "mintsoft.bad_time", f"return {row.id} has no readable LastUpdated", after=300
        ) from None
    return Receipt(
        external_return_id=row.id,
        version=row.last_updated,
        confirmed=bool(row.confirmed),
        updated_at=updated_at,
        reference=row.reference or "",
        rows=tuple(
            ReceivedRow(
                sku=(item.sku or "").strip(),
                quantity=item.quantity or 0,
                condition=STOCK_ACTIONS.get(item.stock_action or "", Condition.UNKNOWN),
                remark=_remark(item.comments or ""),
                photos=tuple(url for url in item.photos or () if url.startswith("https://")),
            )
            for item in items
        ),
        markers=tuple(dict.fromkeys(item.comments for item in items if item.comments)),
        order_id=order_id,
        # Without an order Mintsoft shows a word in the number's place.
        order_number=(row.order_number or "").strip() if order_id else "",
    )


def _remark(comments: str) -> str:
    """What the warehouse wrote: the comment without the note and marker that the hub put there."""
    return " ".join(OURS.sub("", comments).split())[:LONGEST_REMARK]

"""What widgets about the newest overviews have in common."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from returns_hub.domain.overview.overview import OLD, Overview
from returns_hub.domain.privacy import masked
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.html import NOTHING, Child, Html, join, tag
from returns_hub.widgets.page import ago, bullets, head, moment, note, page
from returns_hub.widgets.room import Room


def as_of(overviews: Sequence[Overview], asked: Asked, now: datetime) -> Html:
    """When the picture was taken: the oldest of the overviews counts."""
    if not overviews:
        return NOTHING
    oldest = min(overview.at for overview in overviews)
    return join("as of ", moment(oldest, asked, now), f", {ago(now - oldest)} ago")


def doubts(
    overviews: Sequence[Overview], missing: Sequence[str], left_out: int, now: datetime
) -> Html:
    """What this picture does not show, and why."""
    old = [overview for overview in overviews if now - overview.at > OLD]
    parts: list[Child] = []
    if old:
        names = ", ".join(overview.merchant for overview in old)
        parts.append(
            note(
                "This is an old picture.",
                f" The overview of {names} was made more than 15 minutes ago; it is made by"
                " ops_metrics every five. See docs/runbook.md.",
                tone="warn",
            )
        )
    told = [
        f"{overview.merchant}: {masked(why)}" for overview in overviews for why in overview.not_told
    ]
    if missing:
        told.append(f"No overview was made yet of {', '.join(missing)}.")
    if left_out:
        told.append(
            f"{left_out} more merchants are not shown: give the widget a parameter merchant."
        )
    if told:
        parts.append(note("Not told here", bullets(told), tone="warn"))
    return join(*parts)


def nothing_yet(asked: Asked, missing: Sequence[str]) -> Html:
    """Nobody has made an overview: what to do about it."""
    if not missing:
        return page(
            asked,
            head("No merchant yet", ""),
            note("The hub has no merchant.", " hub config apply puts the first one's file live."),
        )
    return page(
        asked,
        head("No overview yet", ""),
        note(
            "Nothing was looked at yet.",
            " ops_metrics looks every five minutes, beginning with the first after a deploy.",
        ),
    )


def whose(merchant: str, overviews: Sequence[Overview]) -> Html:
    """The merchant below a name, where more than one is shown."""
    several = len(overviews) > 1 and merchant
    return tag("span", merchant, class_="rh-dim rh-sub") if several else NOTHING


def seen(room: Room, asked: Asked) -> tuple[tuple[Overview, ...], tuple[str, ...], int, datetime]:
    """As `Room.overviews_of`, and the present moment."""
    return (*room.overviews_of(asked), room.clock.now())

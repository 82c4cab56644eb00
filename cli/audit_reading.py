"""Acts of people, found for whoever asks: by merchant, by person, by return."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cli.terminal import REFUSED
from cli.worlds import CommandError
from returns_hub.bootstrap import Hub
from returns_hub.domain.audit import Act
from returns_hub.ports.overview import AuditTrail


@dataclass(frozen=True)
class Wanted:
    """Which acts are meant; nothing given narrows nothing.

    Args:
        since: Asked for at this time or later.
        until: And before this one.
        merchant: Whose.
        who: A person as they are recorded, or the last part of that: the session's name.
        return_id: About this return of the merchant.
        verb: The command's words, or the first of them.
    """

    since: datetime
    until: datetime
    merchant: str = ""
    who: str = ""
    return_id: str = ""
    verb: str = ""

    def takes(self, act: Act) -> bool:
        """Whether the act is meant."""
        return (
            (not self.merchant or self.merchant in {act.merchant, act.details.get("merchant", "")})
            and (not self.who or self.who in {act.who, short_name(act.who)})
            and (not self.return_id or act.return_id == self.return_id)
            and (not self.verb or f"{act.verb} ".startswith(f"{self.verb} "))
        )


def short_name(who: str) -> str:
    """The last part of a caller's ARN, by which people know each other; else the whole name."""
    return who.rpartition("/")[2] if who.startswith("arn:") else who


def trail_of(made: Hub) -> AuditTrail:
    """The trail.

    Raises:
        CommandError: The stack has none.
    """
    if not made.settings.audit_table:
        raise CommandError("this stack keeps no record of acts; deploy this release", REFUSED)
    return made.audit


def found_acts(made: Hub, wanted: Wanted, *, newest_first: bool = True) -> Iterator[Act]:
    """Acts that are meant, by the time they were asked at.

    Of a return: 1 request for each megabyte of its acts. Of a person named in full: of all of
    theirs. Else 1 for each month and merchant (and month of acts about no merchant), and for each
    further megabyte.
    """
    trail = trail_of(made)
    since, until = wanted.since, wanted.until
    if wanted.return_id:
        rows = trail.of_return(
            wanted.merchant, wanted.return_id, since, until, newest_first=newest_first
        )
        return filter(wanted.takes, rows)
    if wanted.who and _is_whole(wanted.who):
        rows = trail.by_person(wanted.who, since, until, newest_first=newest_first)
        return filter(wanted.takes, rows)
    owners = (wanted.merchant,) if wanted.merchant else made.merchants.all_ids()
    each = [
        trail.of_merchant(owner, since, until, newest_first=newest_first)
        for owner in dict.fromkeys((*owners, ""))
    ]
    return filter(wanted.takes, _by_time(each, newest_first=newest_first))


def _is_whole(who: str) -> bool:
    """Whether it is a name as it is recorded: an ARN, or a dashboard's."""
    return who.startswith(("arn:", "dashboard "))


def _by_time(each: Iterable[Iterator[Act]], *, newest_first: bool) -> Iterator[Act]:
    return heapq.merge(*each, key=_place, reverse=newest_first)


def _place(act: Act) -> tuple[datetime, str]:
    return (act.at, act.act_id)

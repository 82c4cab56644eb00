"""Trying an act: the very flow runs up to its first write, and that is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from returns_hub.adapters.aws import Clients
from returns_hub.bootstrap import Hub
from returns_hub.errors import Permanent

READS = ("get_", "query", "batch_get_", "describe_", "list_", "can_paginate", "exceptions", "meta")
REFUSED_BY_PARTNER = "partner.read_only"


class WouldWrite(BaseException):
    """The first write was reached. Nothing that goes on after a failure may catch it."""


class _Reading:
    """An AWS client of which only reads are there.

    Attributes that are kept of what partners were asked pass: the catalogue, and the count of a
    partner's calls.
    """

    def __init__(self, behind: Any, kept: Callable[[dict[str, Any]], bool]) -> None:
        self._behind = behind
        self._kept = kept

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._behind, name)
        if name.startswith(READS):
            return found

        def refused(**given: Any) -> Any:
            if self._kept(given):
                return found(**given)
            raise WouldWrite(name)

        return refused


def dry(made: Hub) -> Hub:
    """The same hub, in which the first write of tables, queues, files or partners ends the try.

    A partner's log-in is kept in its secret all the same, and what was read of SKUs and how many
    calls were made and turns taken, as by every look.
    """
    settings = made.settings

    def kept(given: dict[str, Any]) -> bool:
        table = given.get("TableName")
        key = str(given.get("Key", {}).get("pk", {}).get("S", ""))
        tables = {table} if table else set(given.get("RequestItems", ()))
        return tables == {settings.catalogue_table} or key.startswith(("calls#", "gate#"))

    def behind_a_wall(aws: Clients) -> Clients:
        return replace(
            aws,
            dynamodb=cast(Any, _Reading(aws.dynamodb, kept)),
            sqs=cast(Any, _Reading(aws.sqs, lambda _: False)),
            events=None,
            s3=None,
        )

    return made.reading_only(behind_a_wall)


def up_to_the_first_write(act: Callable[[], object]) -> bool:
    """Run the act on a hub of `dry`; whether it came to a write, and else had nothing to do.

    Raises:
        Verdict: What the act itself would end in before it wrote anything.
    """
    try:
        act()
    except WouldWrite:
        return True
    except Permanent as verdict:
        if verdict.code == REFUSED_BY_PARTNER:
            return True
        raise
    return False

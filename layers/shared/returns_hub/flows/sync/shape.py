"""The one shape of a flow that keeps records in step: pull changes, plan steps, take them, move on.

What differs from flow to flow is its `Source`: where changes come from, and what is to be done
about one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from returns_hub.domain.file_types import Mode
from returns_hub.domain.operations import Claim, LookUp
from returns_hub.domain.sync.records import SyncState

Content = TypeVar("Content")


@dataclass(frozen=True)
class Change(Generic[Content]):
    """A record as its source shows it.

    Args:
        key: Names the record at its source, for good.
        version: Equal for readings between which nothing changed.
        at: When it changed, by the source's clock; None where it does not tell.
        content: The record.
    """

    key: str
    version: str
    at: datetime | None
    content: Content


@dataclass(frozen=True)
class Step:
    """One write to a partner.

    Args:
        name: Unique among the record's steps, for good: ``order``, ``lines/2``.
        partner: Who is written to.
        summary: What it does, in a line without personal data.
        send: See `flows.operation.run_operation`.
        look_up: The same; its docstring says why it is conclusive.
        settle: Seconds until what was sent shows in a look-up.
        give_up: Seconds after which an outcome that cannot be observed goes to a person.
        told: What is told, for the record's timeline; no personal data.
    """

    name: str
    partner: str
    summary: str
    send: Callable[[datetime], str]
    look_up: Callable[[Claim], LookUp]
    settle: float = 60.0
    give_up: float = 24 * 3600.0
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What is to be done about a change.

    Args:
        steps: In their order; those that the record has taken before are passed over.
        outcome: The record's word when all of them are taken.
        again: The record is to be looked at in every run, though nothing changed (it waits for
            something that changes elsewhere).
    """

    steps: Sequence[Step] = ()
    outcome: str = "in_step"
    again: bool = False


class Source(Protocol[Content]):
    """One flow: where its changes come from, and what is to be done about one."""

    @property
    def name(self) -> str:
        """The flow's name, e.g. ``unleashed.orders``."""

    @property
    def mode(self) -> Mode:
        """How far it goes."""

    @property
    def every(self) -> timedelta:
        """How often it runs at most."""

    @property
    def overlap(self) -> timedelta:
        """How far behind its newest change it reads again: clocks differ, lists lag."""

    @property
    def first_look_back(self) -> timedelta:
        """How far back its first run reads."""

    def pull(self, since: datetime) -> Iterator[Change[Content]]:
        """Changes at or after `since`, in no promised order, each at least once.

        Raises:
            Retryable: The list did not come to its end; what came before it counts.
        """

    def read(self, key: str) -> Change[Content] | None:
        """One record as it stands; None when the source does not know it any more."""

    def plan(self, change: Change[Content], state: SyncState) -> Plan:
        """What is to be done about this version.

        Raises:
            Skip: Nothing, for a reason that is told once.
            Permanent: It makes no sense to us; a person is asked.
            Retryable: It cannot be told now.
        """

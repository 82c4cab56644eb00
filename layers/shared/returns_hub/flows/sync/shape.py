"""The one shape of a flow that keeps records in step: pull changes, plan steps, take them, move on.

What differs from flow to flow is its `Source`: where changes come from, and what is to be done
about one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, Protocol, TypeVar, runtime_checkable

from returns_hub.domain.file_types import Mode
from returns_hub.domain.operations import Claim, LookUp
from returns_hub.domain.sync.records import SyncState

Content = TypeVar("Content")


@dataclass(frozen=True)
class Change(Generic[Content]):
    """A record as its source shows it.

    Args:
        key: Names the record at its source, for good; 1 to 200 characters, no personal data.
        version: Equal for readings between which nothing changed. Not empty.
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
        name: Unique among the record's steps, for good: ``order``, ``lines/2``. For what versions
            do anew: `SyncState.anew`. At most 200 characters.
        partner: Who is written to.
        summary: What it does, in a line without personal data.
        send: See `flows.operation.run_operation`.
        look_up: The same; its docstring says why it is conclusive.
        settle: Seconds until what was sent shows in a look-up.
        give_up: Seconds after which an outcome that cannot be observed goes to a person.
        told: What is told, for the record's timeline; no personal data, JSON's types.
        does: For whoever reads the plan before it is carried out.
        passing: The record may forget the step when its version is dealt with, since its name has
            the turn in it: a record that changes every hour does not grow.
        if_refused: ``plan``: what the partner refuses is planned anew, by what is so then; the
            step stands as refused, and the plan leaves it out. ``ask``: a person is asked.
    """

    name: str
    partner: str
    summary: str
    send: Callable[[datetime], str]
    look_up: Callable[[Claim], LookUp]
    settle: float = 60.0
    give_up: float = 24 * 3600.0
    told: Mapping[str, Any] = field(default_factory=dict)
    does: Literal["create", "update"] = "update"
    passing: bool = False
    if_refused: Literal["ask", "plan"] = "ask"


@dataclass(frozen=True)
class Plan:
    """What is to be done about a change.

    Args:
        steps: In their order; those that the record has taken before are passed over.
        outcome: The record's word when all of them are taken.
        again: The record is to be looked at in every run, though nothing changed (it waits for
            something that changes elsewhere). Each look reads the record: for what waits in
            thousands, make what it waits for a source of its own.
        memo: What the flow wants to know of this version when it sees the next one, kept on the
            record's timeline once the steps are taken; small, no personal data, JSON's types.
            Empty: what was kept stays.
    """

    steps: Sequence[Step] = ()
    outcome: str = "in_step"
    again: bool = False
    memo: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reached:
    """A list came this far: everything before it was given.

    Args:
        place: From where the source can go on, in its own words; not empty.
    """

    place: str


@dataclass(frozen=True)
class Coming:
    """The changes that come next are of these records: what is known of them can be read at once.

    A record that is named and does not come, or comes without being named, does no harm.
    """

    keys: tuple[str, ...]


class Source(Protocol[Content]):
    """One flow: where its changes come from, and what is to be done about one."""

    @property
    def name(self) -> str:
        """The flow's name, e.g. ``unleashed.orders``; neither ``#`` nor ``/`` in it."""

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
        """What is to be done about this version. Writes nothing.

        `state` tells what was done before; a step whose `turn` is not the state's told an earlier
        version. Of its `open_steps` nobody knows the end yet: a plan
        goes on with one by naming it, also where the partner seems to be in step already, and
        `StepState.told` says what it told. One that the plan does not name is withdrawn where it
        was never sent; where nobody knows, a person is asked before anything else is done.

        Raises:
            Skip: Nothing, for a reason that is told once.
            Permanent: It makes no sense to us; a person is asked.
            Retryable: It cannot be told now.
        """


@runtime_checkable
class Remembers(Protocol):
    """A source that keeps something small of its own from run to run, with its cursor.

    What it keeps moves as the cursor does, under the lease; a plan that is only looked at keeps
    nothing. It holds no personal data, and has to fit into an item with the cursor: 250 KB.
    """

    def take_up(self, kept: Mapping[str, Any]) -> None:
        """What was kept by the run before; called once, before anything else is asked."""

    def to_keep(self) -> Mapping[str, Any]:
        """What the next run is to be given; called at the run's end, however it ended."""


@runtime_checkable
class LongList(Protocol[Content]):
    """A source whose list may take more than one run: it goes on where the last one ended.

    While its list is read the `since` of every run is the same, and the list counts as read from
    when the first of them began. docs/decisions/0019.
    """

    @property
    def basis(self) -> str:
        """Stands for all that decides about a change besides the change, a hash of settings; in
        every `Change.version` too. With another basis the list is read as in the first run."""

    def pull_from(
        self, since: datetime, place: str
    ) -> Iterator[Change[Content] | Reached | Coming]:
        """As `Source.pull`, from a place on, and telling from time to time how far it came, and
        what comes next.

        Args:
            since: As in `Source.pull`.
            place: Where to begin; empty, or one that is not known any more: at the beginning.
        """


def basis_of(source: Source[Any]) -> str:
    """The source's `LongList.basis`; empty where it has none."""
    return source.basis if isinstance(source, LongList) else ""

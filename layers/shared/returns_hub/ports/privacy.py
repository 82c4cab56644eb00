"""Where a person's data is in the hub's own tables, and taking it out there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class Subject:
    """Whose data is looked for, in the hub's own words.

    Args:
        merchant: Whose customer.
        return_ids: Returns, RMAs among them.
        orders: Orders of the marketplace, (shop, number).
        records: Records that are kept in step, (flow, key).
        operations: The ledger's keys.
        words: Names of orders, tracking numbers, an e-mail: what the rows may have of the person.
            They are compared, and kept nowhere.
    """

    merchant: str
    return_ids: tuple[str, ...] = ()
    orders: tuple[tuple[str, int], ...] = ()
    records: tuple[tuple[str, str], ...] = ()
    operations: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """Where a copy is, and what makes sure that nobody changed it meanwhile.

    Args:
        table: Of the hub's.
        key: The item's.
        was: Attributes that are written or must not have changed, as they were read.
    """

    table: str
    key: Mapping[str, str]
    was: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredCopy:
    """One row with something about the person.

    Args:
        place: Its name in `domain.personal_data.MAP`.
        where: Which row, for people; ids, never a person's words.
        content: What it says.
        row: Where it is.
        becomes: Attributes that forgetting writes, and what they are then; None deletes the row;
            empty where there is nothing to take out.
        needed: Why nothing may be taken out now; empty when it may.
    """

    place: str
    where: str
    content: Mapping[str, Any]
    row: Row
    becomes: Mapping[str, str] | None = field(default_factory=dict)
    needed: str = ""

    @property
    def does(self) -> str:
        """What forgetting does with it: ``delete``, ``mask``, ``keep`` or ``wait``."""
        if self.needed:
            return "wait"
        if self.becomes is None:
            return "delete"
        return "mask" if self.becomes else "keep"


@dataclass(frozen=True)
class Remembered:
    """Somebody who was forgotten, by id; kept so that a restored table can be forgotten again.

    Args:
        name: ``return R`` or ``order SHOP N``.
        began_at: When it was begun last.
        done_at: When it came to its end last; None while it has not.
    """

    name: str
    began_at: datetime
    done_at: datetime | None = None


class PersonalData(Protocol):
    """Rows about persons. Reads are consistent but where an index is asked."""

    def copies(self, subject: Subject) -> Iterator[StoredCopy]:
        """Rows about the person, table by table; those that others are found by come before those
        that tell of them.

        Raises:
            Retryable: The tables cannot be asked now.
        """

    def scan(self, subject: Subject, tell: Callable[[str, int], None]) -> Iterator[StoredCopy]:
        """Rows of the merchant that have one of the subject's ids or words, in tables where nothing
        else finds them; every row is read, slowly, so as not to be in the flows' way.

        Args:
            subject: Whose.
            tell: Is told the table, and how many of its rows were read.
        """

    def take_out(self, copy: StoredCopy) -> None:
        """Mask or delete it; nothing where there is nothing to take out. 1 request.

        Raises:
            Conflict: Somebody changed the row since it was read.
        """

    def remember(self, merchant: str, name: str, began_at: datetime, *, done: bool) -> None:
        """Keep in the register that somebody is being forgotten, or was."""

    def remembered(self, merchant: str) -> Iterable[Remembered]:
        """The register, the names in order."""

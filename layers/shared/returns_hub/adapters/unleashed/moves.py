"""What transfers and assemblies of Unleashed have in common.

Sources: Unleashed's pages on both, and the data model of another vendor for their keys. Both are
listed, read by Guid, and completed with a POST without a body, after which their status is
``Completed``. Goods move in that one step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from returns_hub.adapters.unleashed.account import UnleashedResource
from returns_hub.adapters.unleashed.client import quoted
from returns_hub.adapters.unleashed.paging import Row
from returns_hub.adapters.unleashed.reading import (
    Raw,
    guid_of,
    number_or_none,
    part_of,
    rows_of,
    text_of,
    value_of,
)
from returns_hub.adapters.unleashed.signing import Query
from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.unleashed.moves import Move
from returns_hub.errors import Permanent, Retryable

UNREADABLE = Decimal("NaN")
NOTHING = Decimal(0)


class UnleashedMoves(UnleashedResource, ABC):
    """`ports.erp.moves.ErpMoves`.

    Attributes:
        path: Of the list.
        lines: The key of its lines.
        status: The list's filter by status.
        leaves_out_deleted: The list does so, unless they are asked for.
    """

    path: str
    lines: str
    status: str
    leaves_out_deleted: bool = False

    @abstractmethod
    def move_of(self, row: Raw) -> Move:
        """A row in our words.

        Raises:
            ValueError: It is none.
        """

    # -- reading ----------------------------------------------------------------------------

    def changed_since(self, since: datetime) -> Iterator[Move]:
        """See `ErpMoves.changed_since`. Where the list leaves out lines, each is read."""
        for row in self._every_changed(since):
            move = self._whole(row)
            if move is not None:
                yield move

    def _every_changed(self, since: datetime) -> Iterator[Row]:
        yield from self._changed(self.path, since)
        if self.leaves_out_deleted:
            yield from self._deleted_if_known(self.path, self.status, since)

    def read(self, key: str) -> Move | None:
        """See `ErpMoves.read`."""
        row = self._one(self.path, key)
        return None if row is None else self._told(row)

    def with_status(self, status: str, since: datetime | None = None) -> Iterator[Move]:
        """See `ErpMoves.with_status`."""
        wanted: Query = ((self.status, status),)
        if since is not None:
            rows = self._changed(self.path, since, status=wanted)
        else:
            rows = self._client.rows(self.path, wanted, size=self._connection.page_size)
        yield from map(self._told, rows)

    def _whole(self, row: Row) -> Move | None:
        guid = guid_of(row)
        if value_of(row, self.lines) is None and guid:
            return self.read(guid)
        return self._told(row)

    def _told(self, row: Raw) -> Move:
        try:
            return self.move_of(row)
        except ValueError as error:
            raise Retryable(
                "unleashed.unreadable",
                f"Unleashed's answer to {self.path} cannot be read: {error}",
                after=300,
            ) from None

    # -- completing -------------------------------------------------------------------------

    def complete(self, guid: str, send_by: datetime) -> None:
        """See `ErpMoves.complete`."""
        try:
            self._client.write(
                "POST",
                f"{self.path}/{quoted(guid)}/Complete",
                template=f"{self.path}/{{id}}/Complete",
                send_by=send_by,
            )
        except Permanent:
            # Somebody may have completed it a moment ago.
            if isinstance(self.completed(guid), Found):
                return
            raise

    def completed(self, guid: str) -> LookUp:
        """See `ErpMoves.completed`."""
        move = self.read(guid)
        if move is None:
            return Inconclusive(f"Unleashed does not know {self.path}/{guid} any more")
        return Found(guid) if move.is_completed else NotFound()


def sku_of(row: Raw) -> str:
    """The code of a row's product."""
    return text_of(part_of(row, "Product"), "ProductCode")


def quantity_of(row: Raw, name: str) -> Decimal:
    """A quantity; not a number where it is none, so that a person is asked about this record."""
    found = number_or_none(row, name)
    return UNREADABLE if found is None else found


def numbered(row: Raw, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """A row's lines with their numbers.

    Raises:
        ValueError: It has none that can be read.
    """
    for position, line in enumerate(rows_of(row, name), start=1):
        number = value_of(line, "LineNumber")
        is_number = isinstance(number, int) and not isinstance(number, bool) and number > 0
        yield (number if is_number else position), line

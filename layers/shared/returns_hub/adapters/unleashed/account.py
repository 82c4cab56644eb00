"""What every resource's adapter of Unleashed is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from returns_hub.adapters.unleashed import dates
from returns_hub.adapters.unleashed.client import UnleashedClient, any_of, quoted
from returns_hub.adapters.unleashed.errors import NotThere
from returns_hub.adapters.unleashed.natural_keys import NaturalKeys
from returns_hub.adapters.unleashed.paging import Row
from returns_hub.adapters.unleashed.reading import guid_of
from returns_hub.adapters.unleashed.signing import Query
from returns_hub.domain.unleashed.budget import CallClass
from returns_hub.domain.unleashed.settings import UnleashedConnection
from returns_hub.errors import Permanent
from returns_hub.ports import Clock

PRODUCTS = "/Products"
DELETED = "Deleted"
GUIDS_AT_ONCE = 40
"""Of one request, so that its address stays below 2,000 characters."""
PRODUCTS_SIZE = 2 * GUIDS_AT_ONCE


@dataclass(frozen=True)
class UnleashedAccount:
    """A merchant's account at Unleashed.

    Args:
        client: Signed and counted requests.
        connection: The `unleashed:` block of the merchant's file.
        keys: Guids by natural key.
        clock: Tells the time.
    """

    client: UnleashedClient
    connection: UnleashedConnection
    keys: NaturalKeys
    clock: Clock

    def counted_as(self, kind: CallClass, *, at_most: int | None = None) -> UnleashedAccount:
        """The same account; see `UnleashedClient.counted_as`."""
        client = self.client.counted_as(kind, at_most=at_most)
        return replace(self, client=client, keys=self.keys.asked_by(client))


class UnleashedResource:
    """One resource of an account."""

    def __init__(self, account: UnleashedAccount) -> None:
        self._account = account
        self._client = account.client
        self._connection = account.connection

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
        self._client.require_open()

    # -- what resources read alike ----------------------------------------------------------

    def _one(self, path: str, guid: str, query: Query = ()) -> Row | None:
        """The object with this Guid, below the path of its list; None when there is none."""
        try:
            return self._client.one(f"{path}/{quoted(guid)}", query, template=f"{path}/{{guid}}")
        except NotThere:
            return None

    def _changed(
        self, path: str, since: datetime, query: Query = (), *, status: Query = ()
    ) -> Iterator[Row]:
        """Rows of a list that changed since; of a status, where one is named."""
        asked = (*status, ("modifiedSince", dates.since(since)), *query)
        return self._client.rows(path, asked, size=self._connection.page_size)

    def _deleted(self, path: str, status: str, since: datetime, query: Query = ()) -> Iterator[Row]:
        """Rows of a list that were deleted since, which it leaves out unless they are asked for.

        Read after the others, so that one that is deleted meanwhile is seen.

        Args:
            path: The list's.
            status: The name of its filter by status.
            since: When.
            query: Besides.
        """
        return self._changed(path, since, query, status=((status, DELETED),))

    def _deleted_if_known(
        self, path: str, status: str, since: datetime, query: Query = ()
    ) -> Iterator[Row]:
        """As `_deleted`, of a list of which no source says that it knows the word: an account that
        refuses it cannot tell of deletions."""
        try:
            yield from self._deleted(path, status, since, query)
        except Permanent as verdict:
            if verdict.code != "unleashed.refused":
                raise

    def _products(self, guids: Iterable[str]) -> Iterator[Row]:
        """Products with these Guids, obsolete ones as well."""
        for lot in lots_of(guids):
            asked: Query = (("productId", any_of(lot)), ("includeObsolete", True))
            for row in self._client.rows(PRODUCTS, asked, size=PRODUCTS_SIZE, settle=False):
                if guid_of(row) in lot:
                    yield row


def lots_of(guids: Iterable[str]) -> list[Sequence[str]]:
    """Guids, once each, by as many as one request may name."""
    every = sorted({guid.lower() for guid in guids if guid})
    return [every[at : at + GUIDS_AT_ONCE] for at in range(0, len(every), GUIDS_AT_ONCE)]

"""Guids by natural key and account, in the table of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from returns_hub.adapters.dynamodb.cached import CachedRows
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDbGuids:
    """`adapters.unleashed.natural_keys.Guids`; see `cached.CachedRows` for what it costs."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._rows: CachedRows[str] = CachedRows(client, table, "guid", clock)

    def known(self, account: str, kind: str, codes: Iterable[str]) -> dict[str, str]:
        """See `Guids.known`."""
        keys = {_pk(account, kind, code): code for code in codes}
        return {keys[key]: found for key, found in self._rows.known(keys).items()}

    def remember(self, account: str, kind: str, guids: Mapping[str, str]) -> None:
        """See `Guids.remember`."""
        self._rows.remember({_pk(account, kind, code): guid for code, guid in guids.items()})

    def forget(self, account: str, kind: str, codes: Iterable[str]) -> None:
        """See `Guids.forget`."""
        self._rows.forget(_pk(account, kind, code) for code in codes)


def _pk(account: str, kind: str, code: str) -> str:
    # No merchant's name has a colon, so that this is no key of `catalogue`.
    return f"unleashed:{account}:{kind}#{code}"

"""The version of all that is stored: one row of the merchants' table, which every function reads.

``pk`` is ``#store``, which is no merchant's id.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.items import as_text, dynamodb_errors, typed
from returns_hub.adapters.dynamodb.table import Row, Table
from returns_hub.domain.store_version import StoreVersion
from returns_hub.errors import Conflict, Misconfigured

STORE, VERSION = "#store", "VERSION"


class DynamoDbStoreVersion(Table):
    """`ports.migrations.StoreVersions`. Every method is one request."""

    def read(self) -> StoreVersion | None:
        """See `StoreVersions.read`."""
        row = self._get(STORE, VERSION)
        if not row:
            return None
        try:
            complete, newest = int(row["complete"]), int(row["newest"])
        except (KeyError, ValueError):
            raise Misconfigured(
                "store.version_unreadable",
                f"the row {STORE} {VERSION} of the merchants' table is damaged: it says which "
                "release may work with what is stored; see docs/upgrades.md",
            ) from None
        return StoreVersion(complete, newest, frozenset(filter(None, row.get("done", "").split())))

    def write(self, before: StoreVersion | None, after: StoreVersion, who: str) -> None:
        """See `StoreVersions.write`."""
        row: Row = {
            "pk": STORE,
            "sk": VERSION,
            "complete": after.complete,
            "newest": after.newest,
            "done": " ".join(sorted(after.done)),
            "changed_at": as_text(self._clock.now()),
            "changed_by": who,
        }
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if before is not None:
            condition = {
                "ConditionExpression": (
                    "complete = :complete AND newest = :newest AND done = :done"
                ),
                "ExpressionAttributeValues": typed(
                    {
                        ":complete": before.complete,
                        ":newest": before.newest,
                        ":done": " ".join(sorted(before.done)),
                    }
                ),
            }
        try:
            with dynamodb_errors():
                self._client.put_item(TableName=self._table, Item=typed(row), **condition)
        except ClientError as error:
            raise Conflict("the store's version was changed by someone else") from error

    def begin(self, version: int, who: str) -> None:
        """Say of a store that holds nothing yet that it is of this version; nothing where its
        version is known already."""
        try:
            self.write(None, StoreVersion(version, version), who)
        except Conflict:
            return

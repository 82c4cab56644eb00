"""Returns as rows, for migrations."""

from __future__ import annotations

import uuid
from typing import Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.found_returns import term_rows
from returns_hub.adapters.dynamodb.items import dynamodb_errors, from_text, plain, typed
from returns_hub.adapters.dynamodb.returns import return_of, state_key, state_row
from returns_hub.adapters.dynamodb.table import Table
from returns_hub.domain.refolding import Refolded
from returns_hub.errors import Retryable
from returns_hub.ports.migrations import Position, StoredReturn, Walked


class DynamoDbReturnsToMigrate(Table):
    """`ports.migrations.ReturnsToMigrate`. Every method is one request, or a second one that finds
    out why a write was refused."""

    def walk_states(self, position: Position, limit: int) -> Walked:
        """See `ReturnsToMigrate.walk_states`."""
        start: dict[str, Any] = {"ExclusiveStartKey": typed(position)} if position else {}
        with dynamodb_errors():
            page = self._client.scan(
                TableName=self._table,
                FilterExpression="sk = :state",
                ProjectionExpression="pk, #state, updated_at",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=typed({":state": "STATE"}),
                Limit=limit,
                **start,
            )
        return Walked(
            tuple(map(_stored, map(plain, page["Items"]))),
            page["ScannedCount"],
            plain(page.get("LastEvaluatedKey", {})),
        )

    def put_refolded(self, stored: StoredReturn, refolded: Refolded) -> bool:
        """See `ReturnsToMigrate.put_refolded`. Terms beyond the room of a transaction are left
        off, as by an append."""
        state, last = refolded.state, stored.last_event_at
        write_id = uuid.uuid4().hex
        rows, _ = term_rows(state, refolded.terms, refolded.told_at, last, others=1)
        writes: list[Any] = [
            {
                "Put": {
                    "TableName": self._table,
                    "Item": typed(state_row(state, write_id, last)),
                    "ConditionExpression": "#state = :state",
                    "ExpressionAttributeNames": {"#state": "state"},
                    "ExpressionAttributeValues": typed({":state": stored.text}),
                }
            },
            *({"Put": {"TableName": self._table, "Item": typed(row)}} for row in rows),
        ]
        try:
            with dynamodb_errors():
                self._client.transact_write_items(TransactItems=writes, ClientRequestToken=write_id)
        except ClientError:
            found = self._get(*state_key(stored.merchant, stored.return_id))
            if found.get("write_id") == write_id:
                return True  # the client repeated a request whose answer was lost
            if found.get("state") == stored.text:
                busy = "another request was at the same rows, or the table is busy; try again"
                raise Retryable("dynamodb.busy", busy) from None
            return False
        return True

    def stored(self, merchant: str, return_id: str) -> StoredReturn | None:
        """See `ReturnsToMigrate.stored`."""
        found = self._get(*state_key(merchant, return_id))
        return _stored(found) if found else None


def _stored(row: dict[str, Any]) -> StoredReturn:
    merchant, return_id = return_of(row["pk"])
    return StoredReturn(merchant, return_id, row["state"], from_text(row["updated_at"]))

"""Reading and writing a table of timelines, by its keys and its sparse index of what is in work."""

from __future__ import annotations

from typing import Any

from returns_hub.adapters.dynamodb.items import typed
from returns_hub.adapters.dynamodb.table import Row, Table


class KeyedTable(Table):
    """A table with the keys `pk` and `sk`, and an index over `work_pk` and `work_sk`."""

    IN_WORK: str
    """The index's name."""

    def _put(self, row: Row) -> Any:
        return {"Put": {"TableName": self._table, "Item": typed(row)}}

    def _in_work(self, partition: str, limit: int | None, behind: str = "") -> list[dict[str, Any]]:
        """Rows of the sparse index behind a key, the oldest first; all without a limit."""
        # An index takes no empty text to compare with.
        values: Row = {":partition": partition, ":behind": behind or " "}
        wanted = "work_pk = :partition AND work_sk > :behind"
        return list(self._rows(wanted, values, limit, IndexName=self.IN_WORK))

"""DynamoDB of a run: the template's tables, every write of which is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.simulation.permissions import resources
from tests.support.dynamodb import InMemoryDynamoDb


@cache
def tables() -> dict[str, Any]:
    """The tables of template.yaml."""
    return {
        name: resource["Properties"]
        for name, resource in resources().items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }


@dataclass
class Watch:
    """Every version of the ledger's and the cursors' rows, checked as they are written."""

    broken: list[str] = field(default_factory=list)

    def row(self, table: str, was: dict[str, Any] | None, now: dict[str, Any] | None) -> None:
        """One write."""
        if was is None or now is None:
            return
        if int(now.get("fence", {"N": "0"})["N"]) < int(was.get("fence", {"N": "0"})["N"]):
            self.broken.append(f"{table}: the fence of {was['pk']['S']} went back")
        if table != "LedgerTable":
            return
        before, after = was["state"]["S"], now["state"]["S"]
        if before == "CONFIRMED" and (
            after != before or was["partner_id"] != now["partner_id"] or was != now
        ):
            self.broken.append(f"ledger: {was['pk']['S']} changed after it was CONFIRMED")


class Watched(InMemoryDynamoDb):
    """Shows every write of the ledger and the cursors to the watch."""

    def __init__(self, *arguments: Any, watch: Watch, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._watch = watch

    def update_item(self, **parameters: Any) -> Any:
        name = parameters["TableName"]
        table = self.tables[name]
        key = table.key_of(parameters["Key"])
        was = table.items.get(key)
        answer = super().update_item(**parameters)
        if name in {"LedgerTable", "ControlTable"}:
            self._watch.row(name, was, table.items.get(key))
        return answer

"""A merchant's hub over tables that can be written down and set up again, partners included.

`record.py` runs on it in an earlier release's tree, and the tests on it in this one, so it asks of
the other tests' support only what was there then.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from local.simulators.wire import Core, Request
from returns_hub.adapters.dynamodb.catalogue import DynamoDbCatalogue
from returns_hub.adapters.dynamodb.control import DynamoDbCapabilities, DynamoDbCursors
from returns_hub.adapters.dynamodb.ledger import DynamoDbLedger
from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.adapters.dynamodb.parking import DynamoDbParking
from returns_hub.adapters.dynamodb.returns import DynamoDbReturns
from returns_hub.domain.merchant import LiveMerchant, Merchant
from returns_hub.flows.catch_up import catch_up
from returns_hub.flows.way import Way
from tests.simulation.permissions import resources
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.fakes import START
from tests.support.in_process import InProcess
from tests.support.worlds import Bench, merchant_file, redo_return

PAGE = 7
"""Rows of a page of DynamoDB's: few, so that whatever walks meets several."""
Rows = dict[str, list[dict[str, Any]]]
"""Items by table, as DynamoDB has them."""


def return_id(number: int) -> str:
    """The return's id in the portal."""
    return f"66aa01f0c0ffee00{number:08d}"


class Stage(Bench):
    """The bench over DynamoDB in memory. Whatever befalls its partners is in `log`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        tables = {n: r["Properties"] for n, r in resources().items() if "DynamoDB" in r["Type"]}
        self.tables = InMemoryDynamoDb(tables, now=lambda: self.clock.now().timestamp(), page=PAGE)
        client: Any = self.tables
        clock: Any = self.clock
        self.ledger: Any = DynamoDbLedger(client, "LedgerTable", clock)
        self.returns: Any = DynamoDbReturns(client, "ReturnsTable", clock)
        self.cursors: Any = DynamoDbCursors(client, "ControlTable", clock)
        self.parking: Any = DynamoDbParking(client, "ParkedTable", clock)
        self.catalogue: Any = DynamoDbCatalogue(client, "CatalogueTable", clock)
        self.capabilities: Any = DynamoDbCapabilities(client, "ControlTable", clock)
        self.merchants = DynamoDbMerchants(client, "MerchantsTable", clock)
        self.log: list[dict[str, Any]] = []
        self.sent: list[str] = []
        self.partners: dict[str, Core] = {"mintsoft": self.mintsoft, "redo": self.redo}
        for name, wire in (("mintsoft", self.to_mintsoft), ("redo", self.to_redo)):
            wire.requests = _Noted(self, name)

    def live(self) -> LiveMerchant:
        return self.merchants.live("example")

    def apply(self) -> None:
        """The merchant's file goes live."""
        file = merchant_file()
        file["flows"]["catch_up"] = {"enabled": True}
        file["flows"]["process_receipts"]["strategy"] = "by_date"
        self.merchants.apply(Merchant.model_validate(file), "pat", after=0)

    # -- people, at the partners --------------------------------------------------------------

    def people(self, act: str, *given: Any) -> None:
        """Somebody does something at a partner, a minute later."""
        self.clock.advance(minutes=1)
        self.log.append({"at": self._seconds(), "people": act, "given": list(given)})
        self._people(act, given)

    def _people(self, act: str, given: Any) -> None:
        match act:
            case "put":
                number, items, *more = given
                moment = self.clock.now().isoformat().replace("+00:00", "Z")
                order = {"id": f"order{number}", "name": f"#55{number:02d}"}
                times = {"createdAt": moment, "updatedAt": moment}
                changes = {"id": return_id(number), "order": order, **times}
                self.put(redo_return(items, **changes, **(more[0] if more else {})))
            case "status":
                number, status = given
                self.redo.change_status(return_id(number), status)
            case "receive":
                (made,) = given
                self.mintsoft.receive(made, None)
            case _:
                raise ValueError(f"nobody does {act!r} at a partner")

    # -- the hub ------------------------------------------------------------------------------

    def tell(self, number: int) -> str:
        """The message that the return is approved comes."""
        return self.approve(self.message(return_id=return_id(number)))

    def catch_up(self) -> dict[str, int]:
        """A tick of catching up; what it sends is in `sent`."""
        return catch_up(self.world(), Way(self.sent.append, lambda: 0))

    def state_of(self, number: int) -> Any:
        return self.returns.load("example", return_id(number))

    # -- written down, and set up again -------------------------------------------------------

    def rows(self) -> Rows:
        """Everything that is stored."""
        return {
            name: [table.items[key] for key in sorted(table.items)]
            for name, table in self.tables.tables.items()
            if table.items
        }

    def written(self) -> dict[str, Any]:
        """All that `set_up` needs."""
        return {"now": self._seconds(), "rows": self.rows(), "log": self.log}

    def set_up(self, written: dict[str, Any]) -> None:
        """The tables as they were written down, and partners that everything befell that did."""
        for entry in written["log"]:
            self.clock.moment = START + timedelta(seconds=entry["at"])
            if "people" in entry:
                self._people(entry["people"], entry["given"])
            else:
                self.partners[entry["partner"]].handle(_request(entry["request"]))
        self.clock.moment = START + timedelta(seconds=written["now"])
        self.put_rows(written["rows"])
        self.log.clear()

    def put_rows(self, rows: Rows) -> None:
        """Rows into the tables, in place of those with their keys."""
        for name, items in rows.items():
            for item in items:
                self.tables.put_item(TableName=name, Item=item)

    def requests(self, method: str, path: str) -> Iterator[dict[str, Any]]:
        """Requests that the hub made since it was set up."""
        for entry in self.log:
            asked = entry.get("request", {})
            if asked.get("method") == method and path in asked.get("path", ""):
                yield asked

    def _seconds(self) -> float:
        return (self.clock.now() - START).total_seconds()


class _Noted(list[Request]):
    """Requests that go out, noted in the stage's log."""

    def __init__(self, stage: Stage, partner: str) -> None:
        super().__init__()
        self._stage = stage
        self._partner = partner

    def append(self, request: Request) -> None:
        super().append(request)
        self._stage.log.append(
            {
                "at": self._stage._seconds(),
                "partner": self._partner,
                "request": {
                    "method": request.method,
                    "path": request.path,
                    "query": dict(request.query),
                    "headers": dict(request.headers),
                    "body": base64.b64encode(request.body).decode(),
                    "target": request.target,
                },
            }
        )


def _request(noted: dict[str, Any]) -> Request:
    return Request(**{**noted, "body": base64.b64decode(noted["body"])})


__all__ = ["InProcess", "Rows", "Stage", "return_id"]

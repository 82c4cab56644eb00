"""A merchant's world with a portal that speaks Loop's dialect."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local.simulators.loop import LoopSimulator, Settings
from returns_hub.adapters.loop.client import LoopClient
from returns_hub.adapters.loop.portal import LoopPortal
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.merchant import LiveMerchant
from returns_hub.domain.portals import LoopConnection
from tests.support.fakes import START
from tests.support.in_process import InProcess
from tests.support.worlds import Bench, Kind, merchant_file

RETURN = "1673"
REDO_ID = "66aa01f0c0ffee0000000001"
KEY = "loop-key"
AT_LOOP = "http://127.0.0.1:3/api/v1"
LATER = START + timedelta(seconds=30)
AN_HOUR_AGO = START - timedelta(hours=1)
REDOS: dict[str, Any] = {"host": "redo"}
BY_REDO_ID: dict[str, Any] = {"host": "redo", "address_returns_by": "redo_return_id"}


def loop_file(**connection: Any) -> dict[str, Any]:
    """A merchant file whose portal speaks the dialect; the arguments go into `loop:`."""
    content = merchant_file(portal="loop", loop={"base_url": AT_LOOP} | connection)
    del content["redo"]
    return content


def line_item(number: int, sku: str | None, **changes: Any) -> dict[str, Any]:
    """A line item in Loop's shape: one unit."""
    content: dict[str, Any] = {
        "line_item_id": 500 + number,
        "provider_line_item_id": 14000000000000 + number,
        "sku": sku,
        "title": "A thing",
        "price": "18.00",
        "refund": "18.00",
        "return_reason": "Arrived damaged",
        "parent_return_reason": "Quality",
        "return_comment": "The seam is open",
        "outcome": "default",
    }
    return content | changes


def label(tracking: Any = "RM1", items: list[Any] | None = None) -> dict[str, Any]:
    """A label in Loop's shape."""
    content: dict[str, Any] = {
        "status": "pre_transit",
        "carrier": "RoyalMail",
        "tracking_number": tracking,
        "url": "https://labels.example.test/1",
        "rate": "5.00",
    }
    if items is not None:
        content["line_items"] = items
    return content


def loop_return(items: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A return in Loop's shape."""
    content: dict[str, Any] = {
        "id": RETURN,
        "redo_id": REDO_ID,
        "state": "open",
        "created_at": "2026-03-02T08:15:00.000Z",
        "updated_at": "2026-03-02T08:50:00.000Z",
        "edited_at": None,
        "outcome": "refund",
        "order_id": "98766312",
        "order_name": "#5501",
        "total": "18.00",
        "refund": "18.00",
        "currency": "GBP",
        "customer": "pat@example.test",
        "gift_card": "0.00",
        "destination_id": "loc_corby",
        "line_items": items,
        "labels": [label()],
    }
    return content | changes


class LoopBench(Bench):
    """`Bench`, with the Loop simulator in the place of Redo's."""

    def __init__(self, settings: Settings | None = None, **connection: Any) -> None:
        super().__init__(file=loop_file(**connection))
        self.loop = LoopSimulator(now=self.clock, settings=settings)
        self.loop.seed({"keys": [KEY]})
        self.to_loop = InProcess(self.loop)
        self.keys = [KEY]
        self.return_id = REDO_ID if connection.get("address_returns_by") else RETURN

    def portal(self, live: LiveMerchant) -> LoopPortal:
        connection = live.merchant.portal_connection
        assert isinstance(connection, LoopConnection)
        client = LoopClient(
            self.http(connection.base_url, self.to_loop, "loop"),
            connection,
            key=lambda *, fresh: self.keys[-1 if fresh else 0],
            clock=self.clock,
        )
        return LoopPortal(client, connection, clock=self.clock)

    def loop_portal(self) -> LoopPortal:
        return self.portal(self.live())

    def put(self, body: dict[str, Any], orders: list[dict[str, Any]] | None = None) -> None:
        self.loop.put(body)

    def message(self, *, body: dict[str, Any] | None = None, **changes: Any) -> str:
        return super().message(body=body, **({"return_id": self.return_id} | changes))

    def state(self) -> Any:
        return self.returns.load("example", self.return_id)

    def comments(self) -> list[str]:
        return [note["content"] for note in self.loop.notes.get(RETURN, [])]

    def facts(self, kind: type[Kind]) -> list[Kind]:
        timeline = self.returns.timeline("example", self.return_id)
        return [event.fact for event in timeline if isinstance(event.fact, kind)]

    def kinds(self) -> list[str]:
        return [e.fact.kind for e in self.returns.timeline("example", self.return_id)]

    def books(self) -> dict[str, Any]:
        return self.loop.all_books()

    def sent(self, ending: str) -> int:
        """How many requests went to an action."""
        return sum(request.path.endswith(f"/{ending}") for request in self.to_loop.requests)


def bench_with(
    *items: dict[str, Any], settings: Settings | None = None, file: dict[str, Any] | None = None
) -> tuple[LoopBench, LoopPortal]:
    """A bench with one return of these line items; `file` goes into `loop:`."""
    connection = dict(file or {})
    at_redo = connection.get("host") == "redo"
    bench = LoopBench(settings or Settings(host="redo" if at_redo else "loop"), **connection)
    bench.put(loop_return(list(items) or [line_item(1, "TEE")]))
    return bench, bench.loop_portal()


def chosen(*numbers: int, restock: bool = True) -> list[LineToProcess]:
    return [LineToProcess(line_id=str(500 + n), sku="TEE", restock=restock) for n in numbers]


def process(portal: LoopPortal, *numbers: int, restock: bool = True) -> None:
    portal.process(RETURN, chosen(*numbers, restock=restock), LATER)

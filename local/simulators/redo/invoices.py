"""Redo's invoices to the merchant: the list, and the lines of each as CSV.

Source: Redo's OpenAPI 2.2. The columns are not documented; the ones here are made up, and differ
between invoices as they well might.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.simulators.problems import problem
from local.simulators.wire import Reply, Request, json_reply

SCOPE = "invoices_read"


@dataclass
class Invoices:
    """The invoices of one store: as shown in the list, and the CSV of each by its id."""

    store_id: Callable[[], str]
    rows: list[dict[str, Any]] = field(default_factory=list)
    items: dict[str, str] = field(default_factory=dict)
    pending: str = "description,amount\r\n"

    def routes(self) -> list[tuple[str, str, str, Callable[..., Reply]]]:
        """Method, path, scope and answer of each call."""
        return [
            ("GET", r"/stores/([^/]+)/invoices", SCOPE, self._list),
            ("GET", r"/invoices/([^/]+)/items\.csv", SCOPE, self._items),
        ]

    def put(  # noqa: PLR0917 - an invoice, in the order of its list
        self,
        name: str,
        items: str,
        status: str = "paid",
        amount: str = "0.00",
        currency: str = "GBP",
        at: str = "2026-03-01T00:00:00Z",
    ) -> None:
        """Add an invoice with its lines."""
        self.rows.append(
            {
                "id": name,
                "status": status,
                "charge": {"amount": amount, "currency": currency},
                "store": {"id": self.store_id()},
                "createdAt": at,
                "updatedAt": at,
            }
        )
        self.items[name] = items

    def seed(self, content: dict[str, Any]) -> None:
        """Add ``{"invoices": [{name, items, …}], "pending_items": text}``."""
        for invoice in content.get("invoices", []):
            self.put(**invoice)
        self.pending = content.get("pending_items", self.pending)

    def _list(self, _: Request, store_id: str) -> Reply:
        if store_id != self.store_id():
            raise problem(404, "Not Found", "no such store")
        return json_reply(200, {"invoices": self.rows})

    def _items(self, _: Request, name: str) -> Reply:
        text = self.pending if name == "pending" else self.items.get(name)
        if text is None:
            raise problem(404, "Not Found", "no such invoice")
        return Reply(200, {"Content-Type": "text/csv; charset=utf-8"}, text.encode())

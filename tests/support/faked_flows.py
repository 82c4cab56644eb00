"""The hub with flows that are told what to say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from returns_hub.flows.unleashed.sources import SOURCES
from tests.support.erp_hub import ErpHub, names, sources_of
from tests.support.sync import FakePartner, FakeSource

KNOWN: Any = SOURCES
THREE = names("orders", "despatches", "products")


class FakedFlows:
    """The hub with sources that are told what to say, in the place of the flows of three switches.

    `despatches` is urgent, `products` is bulk.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.it = ErpHub(order_management="off")
        self.partner = FakePartner(self.it.bench.clock)
        self.sources: dict[str, FakeSource] = {}
        for name in list(SOURCES):
            monkeypatch.delitem(KNOWN, name)
        for name in ("orders", "despatches", "products"):
            self.register(name, self.source(name))

    def source(self, name: str) -> FakeSource:
        made = FakeSource(self.it.bench.clock, self.partner)
        made.name = f"fake.{name}"
        made.every = timedelta(minutes=15)
        self.sources[name] = made
        return made

    def register(self, flow: str, *sources: FakeSource) -> None:
        self.monkeypatch.setitem(KNOWN, flow, sources_of(*sources))

    def hold(self, name: str, seconds: float = 600) -> Any:
        return self.it.hub.cursors.acquire(name, "another", seconds)

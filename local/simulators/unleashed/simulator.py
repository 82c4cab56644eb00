"""A simulator of Unleashed's REST API: signed reads and whole-object writes of companies.

Built from Unleashed's public pages and what working clients have in common: the signature over the
raw query, pages that are clamped to the last one, ``/Date(ms)/``, objects that are written whole,
batches that need ``serialBatch=true``, the month's quota. What no source tells is a setting, see
`local.simulators.unleashed.settings`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

from local.simulators.admin import CallLog
from local.simulators.clock import Now, system_now
from local.simulators.faults import FaultPlan
from local.simulators.serving import Serving
from local.simulators.unleashed.admin import admin_actions
from local.simulators.unleashed.auth import Gate
from local.simulators.unleashed.company import Company, House
from local.simulators.unleashed.desk import Desk
from local.simulators.unleashed.replies import Call, Refused, refused_of_status
from local.simulators.unleashed.settings import Settings
from local.simulators.wire import Reply, Request


class UnleashedSimulator(Serving):
    """The core. Its books are what really happened, whatever the callers were told."""

    def __init__(
        self,
        now: Now = system_now,
        settings: Settings | None = None,
        *,
        dice: random.Random | None = None,
    ) -> None:
        """`dice` make Guids and keys, and decide what becomes of deliveries."""
        self.house = House(now, settings or Settings(), dice or random.Random())
        self.gate = Gate(self.house)
        self.desks: dict[str, Desk] = {}
        self.faults = FaultPlan(refused_of_status)
        self.calls = CallLog()

    @property
    def settings(self) -> Settings:
        """What no source tells."""
        return self.house.settings

    @settings.setter
    def settings(self, wanted: Settings) -> None:
        self.house.settings = wanted

    # -- serving ----------------------------------------------------------------------------

    def _admin_actions(self) -> dict[str, Callable[[Any], Any]]:
        return admin_actions(self)

    def _carry_out(self, request: Request) -> Reply:
        camel = self.settings.error_keys == "camel"
        try:
            company, query = self.gate.enter(request)
        except Refused as refusal:
            return refusal.reply(camel=camel)
        path = unquote((request.target or request.path).partition("?")[0]).rstrip("/")
        call = Call(request.method, path, query, request.body)
        try:
            return self._route(self.desks[company.api_id], call)
        except Refused as refusal:
            company.refused(call, refusal)
            return refusal.reply(camel=camel)

    def _route(self, desk: Desk, call: Call) -> Reply:
        known = False
        for method, pattern, serve in desk.routes():
            found = _compiled(pattern).fullmatch(call.path)
            if found and method == call.method:
                return serve(call, *found.groups())
            known = known or found is not None
        if known:
            raise Refused(405, f"{call.method} is not supported here.")
        raise Refused(404, "The path was not found.")

    # -- for tests and the local stack ------------------------------------------------------

    def seed(self, content: Mapping[str, Any]) -> None:
        """Add companies; see `desk.Desk.seed` for what each has.

        Raises:
            KeyError: A company has no ``api_id`` or no ``api_key``.
            ValueError: Something that is named is not there.
        """
        for row in content.get("companies", []):
            api_id = str(row["api_id"]).lower()
            if api_id not in self.desks:
                company = Company(self.house, api_id, row["api_key"])
                self.gate.companies[api_id] = company
                self.desks[api_id] = Desk(company)
            self.desks[api_id].seed(row)

    def desk(self, api_id: str | None = None) -> Desk:
        """A company's desk; the first one's without an id.

        Raises:
            KeyError: There is none such.
        """
        if not self.desks:
            raise KeyError("no company was seeded")
        return self.desks[api_id.lower()] if api_id else next(iter(self.desks.values()))

    def all_books(self) -> dict[str, Any]:
        """What really happened, by company."""
        return {
            "companies": {
                api_id: desk.books() | {"quota": self.gate.quota(desk.company)}
                for api_id, desk in self.desks.items()
            },
            "refused_entries": dict(self.gate.refused),
            "client_types": dict(self.gate.clients),
        }


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """More patterns than `re` itself keeps: every request is held against all of them."""
    return re.compile(pattern)

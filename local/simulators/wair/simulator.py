"""A simulator of WAIR's public API: upserts of master data and stock, and what WAIR advises.

Built from docs.wair.ai: a token with the tenant's header, Batch/start and Batch/stop around each
upload, whole objects by their ids, ``fullLoad`` and ``moreRecordsAvailable``, pages of advice by
``Offset`` and ``Limit``. The bodies of stock, of items and of a 400 are published nowhere: what is
done here is a guess, and `Settings.dialect` has other words for all of them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from local.simulators.admin import CallLog
from local.simulators.changed_settings import changed
from local.simulators.clock import Now, system_now
from local.simulators.faults import FaultPlan
from local.simulators.serving import Serving
from local.simulators.wair.advice import Page
from local.simulators.wair.sets import Invalid, told
from local.simulators.wair.settings import ADVICE_PATHS, Settings
from local.simulators.wair.tenant import Refused, Tenant, UploadDesk, object_of, whole_of
from local.simulators.wire import Reply, Request, json_reply

BASE = "/api/v1"


@dataclass(frozen=True)
class Token:
    """A token that was given to a user of a tenant."""

    tenant: str
    ends: datetime


class WairSimulator(Serving):
    """The core. Its books are what really happened, whatever the callers were told."""

    def __init__(
        self,
        now: Now = system_now,
        settings: Settings | None = None,
        *,
        dice: random.Random | None = None,
    ) -> None:
        """`dice` make tokens and the ids of batches."""
        self._now = now
        self._dice = dice or random.Random()
        self.settings = settings or Settings()
        self.tenants: dict[str, Tenant] = {}
        self.tokens: dict[str, Token] = {}
        self.logins = Counter[str]()
        self.refused_entries = Counter[str]()
        self.faults = FaultPlan(self._error)
        self.calls = CallLog()

    # -- serving ----------------------------------------------------------------------------

    def _carry_out(self, request: Request) -> Reply:
        tenant: Tenant | None = None
        try:
            tenant = self._tenant_of(request)
            if request.path == f"{BASE}/Token":
                return self._log_in(tenant, request)
            self._require_token(tenant, request)
            return self._route(tenant, request)
        except (Refused, Invalid) as refusal:
            status = refusal.status if isinstance(refusal, Refused) else 400
            if tenant is None or status in {401, 403}:
                self.refused_entries[f"{status} {refusal.errors[0]}"] += 1
            else:
                tenant.refusals[f"{request.method} {request.path} {status}"] += 1
            return self._error(status, *refusal.errors)

    def _route(self, tenant: Tenant, request: Request) -> Reply:
        path = request.path.removeprefix(BASE)
        if (request.method, path) == ("POST", "/Batch/start"):
            return self._desk(tenant).start()
        if (request.method, path) == ("POST", "/Batch/stop"):
            return self._desk(tenant).stop()
        targets, transfers = ADVICE_PATHS[self.settings.dialect]
        if request.method == "GET" and path == targets:
            return self._page(request, "stockTargets", tenant.advice.targets_page)
        if request.method == "GET" and path == transfers:
            return self._page(request, "transfers", tenant.advice.transfers_page)
        known = False
        for name, words in self.settings.words.items():
            if request.method == "POST" and path == words.path:
                return self._desk(tenant).take(name, request)
            if request.method == "GET" and path == words.read_path:
                return self._page(request, words.wrapper, self._reader(tenant, name))
            known = known or path in {words.path, words.read_path}
        raise Refused(405 if known else 404, "There is no such call.")

    def _desk(self, tenant: Tenant) -> UploadDesk:
        return UploadDesk(tenant, self.settings, self._now(), self._dice)

    # -- entering ---------------------------------------------------------------------------

    def _tenant_of(self, request: Request) -> Tenant:
        found = self.tenants.get(request.headers.get("x-tenant", ""))
        if found is None:
            raise Refused(self.settings.tenant_refusal, "The X-Tenant header is not a tenant's.")
        return found

    def _log_in(self, tenant: Tenant, request: Request) -> Reply:
        if request.method != "POST":
            raise Refused(405, "There is no such call.")
        content = object_of(request)
        user, password = content.get("username"), content.get("password")
        if not isinstance(user, str) or not isinstance(password, str):
            raise Refused(400, "The username and password fields are required.")
        if tenant.users.get(user) != password:
            raise Refused(401, "The credentials are wrong.")
        token = f"eyJ{self._dice.getrandbits(256):064x}"
        seconds = self.settings.token_seconds
        self.tokens[token] = Token(tenant.code, self._now() + timedelta(seconds=seconds))
        self.logins[user] += 1
        return json_reply(
            200,
            {"accessToken": token, "expiresIn": seconds, "tokenType": "Bearer", "scope": "api"},
        )

    def _require_token(self, tenant: Tenant, request: Request) -> None:
        given = request.headers.get("authorization", "")
        token = self.tokens.get(given.removeprefix("Bearer "))
        is_good = token is not None and token.tenant == tenant.code and token.ends > self._now()
        if not given.startswith("Bearer ") or not is_good:
            raise Refused(401, "The token is missing, wrong or has ended.")

    # -- reading ----------------------------------------------------------------------------

    def _reader(self, tenant: Tenant, name: str) -> Page:
        words = self.settings.words[name]

        def page(_: Mapping[str, str]) -> list[Any]:
            return [told(name, one, words) for one in tenant.sets[name].records.values()]

        return page

    def _page(self, request: Request, wrapper: str, rows_of: Page) -> Reply:
        offset = whole_of(request, "Offset", 0)
        limit = whole_of(request, "Limit", 100)
        settings = self.settings
        if limit > settings.largest_limit:
            if settings.over_limit == "refuse":
                raise Refused(400, f"The Limit is at most {settings.largest_limit}.")
            limit = settings.largest_limit
        try:
            rows = rows_of(request.query)
        except ValueError as error:
            raise Refused(400, str(error)) from None
        start = offset if settings.offset == "heeded" else 0
        content: dict[str, Any] = {wrapper: rows[start : start + limit]}
        if settings.page_end == "told":
            is_more = start + limit < len(rows)
            content |= {"offset": offset, "limit": limit, "moreRecordsAvailable": is_more}
        return json_reply(200, content)

    # -- replies ----------------------------------------------------------------------------

    def _error(self, status: int, *errors: str) -> Reply:
        said = list(errors) or [f"Simulated error {status}."]
        match self.settings.errors:
            case "problem" if status == 400:
                body = {"title": "One or more validation errors occurred.", "status": status}
                return json_reply(status, {**body, "errors": {"$": said}})
            case "text":
                return Reply(status, {"Content-Type": "text/plain"}, "\n".join(said).encode())
            case _:
                return json_reply(status, {"errors": said})

    # -- for tests and the local stack ------------------------------------------------------

    def seed(self, content: Mapping[str, Any]) -> None:
        """Add tenants: ``{"tenants": [{"code", "users": {name: password}, "stock": {location:
        {sku: quantity}}, "targets": [...], "transfers": [...]}]}``; all but the code optional.

        Raises:
            KeyError: A tenant has no code.
            ValueError: A row of advice lacks what it needs.
        """
        for row in content.get("tenants", []):
            tenant = self.tenants.setdefault(row["code"], Tenant(row["code"]))
            tenant.users |= row.get("users", {})
            for location, levels in row.get("stock", {}).items():
                self.set_stock(location, levels, tenant=row["code"])
            tenant.advice.seed(row.get("targets", []), row.get("transfers", []))

    def tenant(self, code: str | None = None) -> Tenant:
        """A tenant; the first one without a code.

        Raises:
            KeyError: There is none such.
        """
        if not self.tenants:
            raise KeyError("no tenant was seeded")
        return self.tenants[code] if code else next(iter(self.tenants.values()))

    def set_stock(
        self, location: str, levels: Mapping[str, int], tenant: str | None = None
    ) -> None:
        """Somebody at WAIR sets stock, as nobody told it."""
        rows = [
            {"locationId": location, "skuId": sku, "quantity": units}
            for sku, units in levels.items()
        ]
        self.keep("stock", rows, tenant)

    def keep(
        self, data_set: str, records: Iterable[Mapping[str, Any]], tenant: str | None = None
    ) -> None:
        """Somebody at WAIR makes or changes records of a set, in the documented names.

        Raises:
            KeyError: There is no such set, or a record has no id.
        """
        kept = self.tenant(tenant).sets[data_set]
        for record in records:
            kept.records[kept.key(dict(record))] = dict(record)

    def expire_tokens(self) -> None:
        """Every token ends now."""
        self.tokens.clear()

    def all_books(self) -> dict[str, Any]:
        """What really happened, by tenant."""
        return {
            "tenants": {code: tenant.books() for code, tenant in self.tenants.items()},
            "logins": dict(self.logins),
            "refused_entries": dict(self.refused_entries),
        }

    def _admin_actions(self) -> dict[str, Callable[[Any], Any]]:
        done = {"ok": True}

        def seed(content: Any) -> Any:
            self.seed(content)
            return done

        def settings(content: Any) -> Any:
            self.settings = changed(self.settings, content or {})
            return asdict(self.settings)

        def set_stock(content: Any) -> Any:
            self.set_stock(content["location"], content["stock"], content.get("tenant"))
            return done

        def keep(content: Any) -> Any:
            self.keep(content["set"], content["records"], content.get("tenant"))
            return done

        def advise(content: Any) -> Any:
            book = self.tenant(content.get("tenant")).advice
            book.seed(content.get("targets", []), content.get("transfers", []))
            return done

        def expire_tokens(_: Any) -> Any:
            self.expire_tokens()
            return done

        return {
            "seed": seed,
            "settings": settings,
            "set-stock": set_stock,
            "keep": keep,
            "advise": advise,
            "expire-tokens": expire_tokens,
            "books": lambda _: self.all_books(),
        }

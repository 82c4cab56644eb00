"""Redo's webhook subscriptions.

Built from Redo's OpenAPI 2.2 (``/stores/{storeId}/webhooks``, ``/webhooks/{webhookId}``), which the
hand-written guide contradicts: bodies as in the guide are refused. What subscriptions are owed is
in `deliveries`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from local.simulators.clock import Now, later_than, moment_of, text_of
from local.simulators.problems import bad_request, object_of, problem
from local.simulators.redo.deliveries import Deliveries, Kind, Subscription
from local.simulators.wire import Reply, Request, json_reply

HTTPS = re.compile(r"^https://")
LOOPBACK = re.compile(r"^http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)")
CREATE_FIELDS = frozenset({"callback", "topic", "kind", "externalId", "backfill"})
CHANGE_FIELDS = frozenset({"callback", "externalId"})


class Webhooks:
    """The subscriptions of one store and what they are owed."""

    def __init__(
        self,
        now: Now,
        returns: Callable[[], Iterable[tuple[dict[str, Any], dict[str, Any] | None]]],
        *,
        store_id: Callable[[], str],
        dice: random.Random | None = None,
    ) -> None:
        """`returns` gives every return of the store with its order, as they stand."""
        self._now = now
        self._returns = returns
        self._store_id = store_id
        self.deliveries = Deliveries(now, dice or random.Random(0))
        self.subscriptions: dict[str, Subscription] = {}
        self.replays: list[dict[str, str]] = []
        self._made = 0

    def routes(self) -> list[tuple[str, str, str, Callable[..., Reply]]]:
        """Method, path, scope and answer of each call."""
        one = r"/webhooks/([^/]+)"
        return [
            ("GET", r"/stores/([^/]+)/webhooks", "webhooks_read", self._list),
            ("POST", r"/stores/([^/]+)/webhooks", "webhooks_write", self._create),
            ("GET", one, "webhooks_read", self._read),
            ("PUT", one, "webhooks_write", self._change),
            ("DELETE", one, "webhooks_write", self._delete),
            ("POST", one + "/replay", "webhooks_write", self._replay),
        ]

    # -- subscriptions ----------------------------------------------------------------------

    def _one(self, name: str) -> Subscription:
        if name not in self.subscriptions:
            raise problem(404, "Not Found", "no such webhook")
        return self.subscriptions[name]

    def _store(self, store_id: str) -> None:
        if store_id != self._store_id():
            raise problem(404, "Not Found", "no such store")

    def _list(self, _: Request, store_id: str) -> Reply:
        self._store(store_id)
        rows = [self._shown(found) for found in self.subscriptions.values()]
        return json_reply(200, {"webhooks": rows})

    def _read(self, _: Request, name: str) -> Reply:
        return json_reply(200, {"webhook": self._shown(self._one(name))})

    def _create(self, request: Request, store_id: str) -> Reply:
        self._store(store_id)
        content = _webhook_of(request, CREATE_FIELDS)
        if content.get("topic") != "return":
            raise bad_request("webhook.topic must be return")
        kind = content.get("kind", "redo")
        if kind not in {"redo", "loop"}:
            raise bad_request("webhook.kind is redo or loop")
        backfill = content.get("backfill", False)
        if not isinstance(backfill, bool):
            raise bad_request("webhook.backfill is a boolean")
        url, token = self._callback(content)
        external_id = _external_id(content)
        known = [s for s in self.subscriptions.values() if s.external_id == external_id]
        if external_id is not None and known:
            self._set(known[0], url, token)
            return json_reply(200, {"webhook": self._shown(known[0])})
        made = self.subscribe(url, token, kind=kind, external_id=external_id)
        if backfill:
            self._owe_all(made, "backfill", since=None)
        return json_reply(201, {"webhook": self._shown(made)})

    def _change(self, request: Request, name: str) -> Reply:
        found = self._one(name)
        content = _webhook_of(request, CHANGE_FIELDS)
        url, token = self._callback(content)
        if "externalId" in content:
            found.external_id = _external_id(content)
        self._set(found, url, token)
        return Reply(204)

    def _delete(self, _: Request, name: str) -> Reply:
        self._one(name)
        self.remove(name)
        return Reply(204)

    def _replay(self, request: Request, name: str) -> Reply:
        found = self._one(name)
        content = object_of(request)
        if set(content) != {"start"} or not isinstance(content["start"], str):
            raise bad_request("start is required, and nothing else is taken")
        try:
            start = moment_of(content["start"])
        except ValueError:
            raise bad_request("start is not a date-time") from None
        self.replays.append(
            {"subscription": name, "start": content["start"], "at": text_of(self._now())}
        )
        self._owe_all(found, "backfill", since=start)
        return Reply(202)

    def _callback(self, content: dict[str, Any]) -> tuple[str, str | None]:
        callback = content.get("callback")
        if not isinstance(callback, dict) or "auth" not in callback:
            raise bad_request("webhook.callback needs url and auth")
        url, auth = callback.get("url"), callback["auth"]
        is_taken = isinstance(url, str) and (
            HTTPS.match(url) or (self.deliveries.settings.loopback and LOOPBACK.match(url))
        )
        if not is_taken:
            raise bad_request(f"webhook.callback.url {url} does not match ^https://")
        if auth is None:
            return str(url), None
        bearer = auth.get("bearer") if isinstance(auth, dict) else None
        token = bearer.get("token") if isinstance(bearer, dict) else None
        if not isinstance(token, str):
            raise bad_request("webhook.callback.auth is null or {bearer: {token}}")
        return str(url), token

    def _set(self, found: Subscription, url: str, token: str | None) -> None:
        found.url, found.token = url, token
        found.updated_at = later_than(found.updated_at, self._now())

    def _shown(self, found: Subscription) -> dict[str, Any]:
        callback: dict[str, Any] = {"url": found.url}
        if self.deliveries.settings.echo != "left_out":
            is_masked = self.deliveries.settings.echo == "masked"
            token = "********" if is_masked and found.token else found.token
            callback["auth"] = {"bearer": {"token": token}} if token is not None else None
        return {
            "id": found.id,
            "callback": callback,
            "topic": "return",
            "kind": found.kind,
            "externalId": found.external_id,
            "createdAt": found.created_at,
            "updatedAt": found.updated_at,
        }

    # -- for tests and the local stack ------------------------------------------------------

    def subscribe(
        self, url: str, token: str | None, *, kind: str = "redo", external_id: str | None = None
    ) -> Subscription:
        """Make a subscription, whatever its address."""
        self._made += 1
        now = text_of(self._now())
        made = Subscription(
            id=f"77aa01f0c0ffee{self._made:010d}",
            url=url,
            token=token,
            kind=kind,
            external_id=external_id,
            created_at=now,
            updated_at=now,
        )
        self.subscriptions[made.id] = made
        if self.deliveries.settings.burst_days:
            since = self._now() - timedelta(days=self.deliveries.settings.burst_days)
            self._owe_all(made, "updated", since=since)
        return made

    def take_loopback(self) -> None:
        """Take ``http://127.0.0.1`` too: the hub is on this machine."""
        self.deliveries.settings = replace(self.deliveries.settings, loopback=True)

    def remove(self, name: str) -> None:
        """Delete a subscription, as a team would in the dashboard; what it was owed is lost."""
        del self.subscriptions[name]
        self.deliveries.cancel(name)

    def changed(
        self,
        found: dict[str, Any],
        order: dict[str, Any] | None,
        kind: Literal["created", "updated"],
    ) -> None:
        """A return was made or changed: every subscription is owed its state."""
        at = text_of(self._now())
        for subscription in self.subscriptions.values():
            self.deliveries.owe(subscription, found, order, kind, at)
        if self.subscriptions:
            self.deliveries.remember(found, order, at)

    def books(self) -> dict[str, Any]:
        """What really happened; tokens and bodies stay out."""
        rows = (asdict(found) for found in self.subscriptions.values())
        return {
            "subscriptions": [{k: v for k, v in row.items() if k != "token"} for row in rows],
            "replays": list(self.replays),
            **self.deliveries.books(),
        }

    def _owe_all(self, subscription: Subscription, kind: Kind, since: datetime | None) -> None:
        rows = sorted(self._returns(), key=lambda row: str(row[0]["updatedAt"]))
        for found, order in rows:
            at = str(found["updatedAt"])
            if since is None or moment_of(at) >= since:
                self.deliveries.owe(subscription, found, order, kind, at)


def _webhook_of(request: Request, allowed: frozenset[str]) -> dict[str, Any]:
    content = object_of(request).get("webhook")
    if not isinstance(content, dict):
        raise bad_request("webhook is required")
    unknown = set(content) - allowed
    if unknown:
        raise bad_request(f"webhook.{min(unknown)} is not taken here")
    return content


def _external_id(content: dict[str, Any]) -> str | None:
    external_id = content.get("externalId")
    if external_id is not None and not isinstance(external_id, str):
        raise bad_request("webhook.externalId is a string or null")
    return external_id

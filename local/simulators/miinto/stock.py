"""Miinto's stock service and product map, and the merchant's own product feed."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any

from local.simulators.miinto.catalogue import feed_text, product_map
from local.simulators.miinto.replies import ACCESS, INVALID, UNKNOWN, Call, Failure, Route
from local.simulators.miinto.state import State
from local.simulators.wire import Reply, Request, json_reply

FEED = "/feed/"
FIELDS = {"stock": int, "group": str, "brand": str, "color": str, "size": str}


class Stock:
    """What each shop has in stock at Miinto, and the feed that Miinto would fetch."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.levels: dict[str, dict[str, int]] = {}
        self.feeds: dict[str, str] = {}

    def routes(self) -> list[Route]:
        """What the stock service answers."""
        return [("PATCH", r"/locations/([^/]+)/items", self._set)]

    def map_routes(self) -> list[Route]:
        """What the product map's service answers."""
        return [("GET", r"/productmaps", self._map)]

    def _set(self, call: Call, shop: str) -> Reply:
        rows = self._rows(call.json())

        def carry_out() -> Reply:
            known = {variant.key: variant.sku for variant in self._state.catalogue.values()}
            taken, unknown = {}, []
            for row in rows:
                key = (row["group"], row["brand"], row["color"], row["size"])
                if key in known:
                    taken["|".join(key)] = row["stock"]
                else:
                    unknown.append("|".join(key))
            if unknown and self._state.settings.unknown_variant == "refuse_all":
                raise self._state.invalid(f"no such variant: {', '.join(unknown)}", UNKNOWN)
            self.levels.setdefault(shop, {}).update(taken)
            self._state.note("stock_set", call.caller, shop=shop, rows=taken, skipped=unknown)
            return call.answer(self._state.empty_map())

        return self._state.write("stock", carry_out)

    def _rows(self, body: Any) -> list[dict[str, Any]]:
        if not isinstance(body, list) or not body:
            raise self._state.invalid("the body is not a list with entries", INVALID)
        most = self._state.settings.stock_batch
        if most and len(body) > most:
            raise self._state.invalid(f"at most {most} rows", INVALID)
        for row in body:
            if not isinstance(row, dict) or set(row) != set(FIELDS):
                raise self._state.invalid(f"a row has {', '.join(FIELDS)}", INVALID)
            if any(type(row[name]) is not kind for name, kind in FIELDS.items()):
                raise self._state.invalid("a row has a field of the wrong type", INVALID)
            if row["stock"] < 0:
                raise self._state.invalid("the stock is below nothing", INVALID)
        return body

    def _map(self, call: Call) -> Reply:
        """The bare list, without the envelope, as Miinto's own page shows it."""
        shop = call.query.one("unifiedLocationId")
        if shop not in call.caller.shops:
            raise Failure(403, ACCESS, "the shop is not this account's")
        return json_reply(200, product_map(self._state.catalogue.values()))

    # -- the merchant's feed ----------------------------------------------------------------

    def feed(self, request: Request) -> Reply:
        """``GET /feed/<name>``: the text that was put there, or one made from the catalogue."""
        if not self._may_read(request.headers.get("authorization", "")):
            return Reply(401, {"WWW-Authenticate": 'Basic realm="feed"'})
        if request.method != "GET":
            return Reply(405)
        name = request.path.removeprefix(FEED)
        text = self.feeds.get(name)
        if text is None:
            currencies = dict.fromkeys(shop.currency for shop in self._state.shops.values())
            text = feed_text(self._state.catalogue.values(), currencies)
        headers = {"Content-Type": "text/tab-separated-values; charset=utf-8"}
        return Reply(200, headers, text.encode())

    def _may_read(self, given: str) -> bool:
        settings = self._state.settings
        if not settings.feed_user:
            return True
        try:
            text = base64.b64decode(given.removeprefix("Basic "), validate=True)
        except binascii.Error:
            return False
        right = f"{settings.feed_user}:{settings.feed_password}"
        return given.startswith("Basic ") and hmac.compare_digest(text, right.encode())

"""`ports.MarketplaceProbe` on Miinto's merchant API: reads by which a person finds out what it
answers."""

from __future__ import annotations

from collections.abc import Callable

from returns_hub.adapters.miinto import models
from returns_hub.adapters.miinto.client import MiintoClient, quoted
from returns_hub.adapters.miinto.errors import NotThere
from returns_hub.adapters.miinto.translate import Unreadable, read_as
from returns_hub.errors import Misconfigured, Permanent, Verdict
from returns_hub.ports.marketplace import Granted, Service, ShopAccess

ONE_ROW = [("limit", 1), ("offset", 0)]
OF_VERDICTS = {"miinto.forbidden": "403", "miinto.rate_limited": "429"}


class MiintoProbe:
    """Miinto, looked at.

    Args:
        client: Signed requests, as the flows make them.
        at_version: The same with another version of the API.
    """

    def __init__(self, client: MiintoClient, at_version: Callable[[str], MiintoClient]) -> None:
        self._client = client
        self._at_version = at_version

    def service_status(self, service: Service) -> str:
        """See `ports.MarketplaceProbe.service_status`."""
        return self._client.status(service)

    def granted(self) -> Granted:
        """See `ports.MarketplaceProbe.granted`."""
        grants = self._client.session().grants
        shops = tuple(ShopAccess(id=one.shop, countries=one.countries) for one in grants.shops)
        return Granted(shops, grants.any_shop)

    def shop_name(self, shop: str) -> str:
        """See `ports.MarketplaceProbe.shop_name`."""
        try:
            told = self._client.read(f"/shops/{quoted(shop)}", template="/shops/{shop}")
            return read_as(models.Shop, told.data).name[:100]
        except NotThere:
            raise Misconfigured(
                "miinto.no_such_shop", f"Miinto does not know the shop {shop}"
            ) from None
        except Unreadable:
            return ""

    def answers_version(self, version: str, shop: str) -> bool:
        """See `ports.MarketplaceProbe.answers_version`."""
        try:
            self._at_version(version).read(
                f"/shops/{quoted(shop)}/transfers",
                [("status[]", "pending"), *ONE_ROW],
                template="/shops/{shop}/transfers",
            )
        except (NotThere, Permanent, Misconfigured):
            return False
        return True

    def answer_to(self, path: str) -> str:
        """See `ports.MarketplaceProbe.answer_to`."""
        try:
            self._client.read(path, ONE_ROW, template="/(a path on trial)")
        except NotThere:
            return "404"
        except Verdict as verdict:
            return OF_VERDICTS.get(verdict.code, verdict.reason)
        return "200"

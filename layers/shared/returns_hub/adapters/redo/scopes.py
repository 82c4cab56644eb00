"""Which scopes Redo's token holds, found out by reads: `ports.TokenScopes`.

Sources: Redo's scopes page (the names; a missing one is answered with 403 and names the scope;
scopes can be changed on a token that is there) and its OpenAPI 2.2, whose operations name theirs.
No call tells a token's scopes, so each is tried. What the answers hold is thrown away: the list of
webhooks may echo their tokens.
"""

from __future__ import annotations

from returns_hub.adapters.redo.client import RedoClient
from returns_hub.errors import Misconfigured, Permanent

NO_ORDER = "0" * 24
"""An order that does not exist: its read needs the scope, and shows nobody's order."""


class RedoScopes:
    """The scopes of one merchant's token."""

    def __init__(self, client: RedoClient) -> None:
        self._read = client.read
        store = client.store_path
        self._reads = {
            "returns_read": (f"{store}/returns", "/stores/{id}/returns"),
            "webhooks_read": (f"{store}/webhooks", "/stores/{id}/webhooks"),
            "invoices_read": (f"{store}/invoices", "/stores/{id}/invoices"),
            "orders_read": (f"{store}/orders/{NO_ORDER}", "/stores/{id}/orders/{id}"),
        }

    def holds(self, scope: str) -> bool | None:
        """See `ports.TokenScopes.holds`.

        ``returns_write`` and ``webhooks_write`` stand on calls that write, all of them, so no read
        tells. A 404 is an answer of the operation itself, which a token without the scope does not
        get to (inferred from the 403's being documented for every operation).
        """
        if scope not in self._reads:
            return None
        path, template = self._reads[scope]
        try:
            # Of these lists only that of returns has pages.
            headers = {"X-Page-Size": "1"} if scope == "returns_read" else {}
            self._read(path, template=template, headers=headers)
        except Permanent as verdict:
            if verdict.code == "redo.not_found":
                return True
            raise
        except Misconfigured as verdict:
            if verdict.code == "redo.forbidden":
                return False
            raise
        return True

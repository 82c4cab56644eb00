"""Requests to the place that takes rows, each with its token: one repeat with another after 401."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from returns_hub.adapters.http.transport import Outcome, PartnerHttp
from returns_hub.adapters.wair.errors import Asked, TokenRefused, body_of, content_of
from returns_hub.adapters.wair.login import Proof
from returns_hub.errors import Misconfigured
from returns_hub.ports import Clock

LONGEST_ANSWER = 200
Told = TypeVar("Told")
Query = Mapping[str, str | int]


@dataclass(frozen=True)
class FeedClient:
    """Calls one address for one merchant.

    Args:
        http: To the base URL.
        proof: The token.
        clock: Time.
        who: Who is asked, as an operator knows it.
        tenant: The header ``X-Tenant`` of every call; none when empty.
    """

    http: PartnerHttp
    proof: Proof
    clock: Clock
    who: str
    tenant: str = ""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
        self.http.require_open()

    def post(self, path: str, body: bytes, send_by: datetime, query: Query | None = None) -> str:
        """A write; what was answered, shortened. See `errors.body_of`."""

        def once(token: str) -> str:
            headers = self._headers(token) | {"Content-Type": "application/json"}
            outcome = self.http.request(
                "POST",
                path,
                template=path,
                query=query,
                headers=headers,
                body=body,
                send_by=send_by,
            )
            return _shortened(body_of(outcome, self._asked(path, token, is_read=False)).body)

        return self._with_token(once)

    def get(self, path: str, query: Query) -> Any:
        """A read. See `errors.content_of`."""

        def once(token: str) -> Any:
            outcome: Outcome = self.http.request(
                "GET",
                path,
                template=path,
                query=query,
                headers=self._headers(token),
                is_read=True,
            )
            return content_of(outcome, self._asked(path, token, is_read=True))

        return self._with_token(once)

    def _headers(self, token: str) -> dict[str, str]:
        named = {
            "X-Tenant": self.tenant,
            "Authorization": f"Bearer {token}" if token else "",
        }
        return {name: value for name, value in named.items() if value}

    def _asked(self, path: str, token: str, *, is_read: bool) -> Asked:
        return Asked(self.who, path, is_read=is_read, now=self.clock.now(), private=(token,))

    def _with_token(self, once: Callable[[str], Told]) -> Told:
        token = self.proof.current()
        try:
            return once(token)
        except TokenRefused:
            other = self.proof.after_refusal(token)
        try:
            return once(other)
        except TokenRefused as refused:
            said = f": {refused.said}" if refused.said else ""
            raise Misconfigured(
                "wair.token_refused",
                f"{self.who} answers {refused.status} to a token that was fetched a moment ago"
                f"{said}; the user may lack the right, or the tenant is another one's",
            ) from None


def _shortened(body: bytes) -> str:
    """An answer in one line. It is kept whole enough for a batch's id to be read in it."""
    text = body[: 4 * LONGEST_ANSWER].decode("utf-8", "replace")
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:LONGEST_ANSWER]

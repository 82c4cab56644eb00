"""Calls to Redo with the token of one merchant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from returns_hub.adapters.http.transport import Answer, Method, Outcome, PartnerHttp
from returns_hub.adapters.redo.errors import Unauthorised, content_of
from returns_hub.errors import Misconfigured
from returns_hub.ports import Clock


class TokenSource(Protocol):
    """Where the API token comes from."""

    def __call__(self, *, fresh: bool) -> str:
        """The token, from the cache unless `fresh`."""


class RedoClient:
    """Requests that carry the token, and their answers as content or verdict."""

    def __init__(self, http: PartnerHttp, *, token: TokenSource, clock: Clock) -> None:
        self._http = http
        self._token = token
        self._clock = clock

    def call(
        self,
        method: Method,
        path: str,
        *,
        template: str,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        body: object = None,
        send_by: datetime | None = None,
        is_read: bool = False,
    ) -> tuple[Any, Answer]:
        """One call; after a 401 once more, if the secret holds another token by now.

        Args:
            method: The HTTP method.
            path: Below the base URL, already quoted.
            template: The path without ids, for logs.
            query: Query parameters.
            headers: More headers.
            body: Sent as JSON when not None.
            send_by: It must not leave later; for writes.
            is_read: It changes nothing there.

        Returns:
            The JSON of a read's answer (None of a write's), and the answer.

        Raises:
            Misconfigured: The token is refused, or lacks a scope.
            Permanent: Known refused.
            Retryable: Known not done, or a read that may be repeated.
            UnknownOutcome: A write that may have been carried out.
        """

        def once(token: str) -> tuple[Any, Answer]:
            outcome: Outcome = self._http.request(
                method,
                path,
                template=template,
                query=query,
                headers={**(headers or {}), "Authorization": f"Bearer {token}"},
                json_body=body,
                send_by=send_by,
                is_read=is_read,
            )
            content = content_of(outcome, is_read=is_read, now=self._clock.now())
            return content, outcome if isinstance(outcome, Answer) else Answer(0, {}, b"")

        used = self._token(fresh=False)
        try:
            return once(used)
        except Unauthorised:
            other = self._token(fresh=True)
        if other != used:
            try:
                return once(other)
            except Unauthorised:
                pass
        raise Misconfigured("redo.token_refused", "Redo refuses the token; set a valid one")

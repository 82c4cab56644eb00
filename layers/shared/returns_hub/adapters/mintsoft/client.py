"""Requests to Mintsoft, authenticated: one repeat with another key after a 401."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from returns_hub.adapters.http.transport import Answer, Method, PartnerHttp
from returns_hub.adapters.mintsoft.credentials import MintsoftCredentials
from returns_hub.adapters.mintsoft.errors import NotThere, Unauthorised, content_of
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome

KEY = re.compile(r"[\w.~+/=-]{1,200}", re.ASCII)
"""What can be a key: it has to fit into a header."""


class MintsoftClient:
    """Calls Mintsoft for one merchant."""

    def __init__(self, http: PartnerHttp, credentials: MintsoftCredentials) -> None:
        self._http = http
        self._credentials = credentials

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""
        self._http.require_open()

    def read(
        self, path: str, *, template: str, query: Mapping[str, str | int] | None = None
    ) -> Any:
        """A read.

        Raises:
            NotThere: 404.
        """
        return self._call("GET", path, template=template, query=query, is_read=True)

    def write(
        self, method: Method, path: str, *, template: str, body: object, send_by: datetime
    ) -> Any:
        """A write; see `errors.content_of` for what it raises."""
        try:
            return self._call(method, path, template=template, body=body, send_by=send_by)
        except NotThere:
            raise Permanent("mintsoft.refused", f"Mintsoft has no {template}") from None

    def _call(
        self,
        method: Method,
        path: str,
        *,
        template: str,
        query: Mapping[str, str | int] | None = None,
        body: object = None,
        send_by: datetime | None = None,
        is_read: bool = False,
    ) -> Any:
        def once(key: str) -> Any:
            outcome = self._http.request(
                method,
                path,
                template=template,
                query=query,
                headers={"ms-apikey": key},
                json_body=body,
                send_by=send_by,
                is_read=is_read,
            )
            return content_of(outcome, is_read=is_read)

        key = self._credentials.current()
        try:
            return once(key)
        except Unauthorised:
            other = self._credentials.after_refusal(key)
        try:
            return once(other)
        except Unauthorised:
            self._credentials.remember_refusal(other)
            raise Misconfigured(
                "mintsoft.key_refused", "Mintsoft refuses a key that was fetched a moment ago"
            ) from None


def log_in(http: PartnerHttp, user: str, password: str) -> str:
    """Exchange user name and password for a key (help centre: ``POST /api/Auth``).

    The key comes as a bare JSON string; some clients saw it without quotes.

    Raises:
        Misconfigured: The login is refused.
        Retryable: Mintsoft cannot be reached.
    """
    outcome = http.request(
        "POST",
        "/api/Auth",
        template="/api/Auth",
        json_body={"Username": user, "Password": password},
    )
    try:
        content = content_of(outcome, is_read=False)
    except (Unauthorised, NotThere, Permanent):
        raise Misconfigured(
            "mintsoft.login_refused", "Mintsoft refuses the user name and password"
        ) from None
    except UnknownOutcome as verdict:
        # A bare word is a key that some clients saw come without quotes.
        if not isinstance(outcome, Answer) or outcome.status != 200 or not outcome.complete:
            raise Retryable("mintsoft.login_lost", verdict.reason) from None
        content = outcome.body.decode("ascii", "replace")
        if "<" in content:
            # A page of maintenance, not a refusal.
            raise Retryable("mintsoft.login_lost", "Mintsoft's login answered a page") from None
    key = content.strip().strip('"') if isinstance(content, str) else ""
    if not KEY.fullmatch(key):
        raise Misconfigured("mintsoft.login_refused", "Mintsoft's login gave no key")
    return key

"""Requests to Mintsoft, authenticated: one repeat with another key after a 401."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from returns_hub.adapters.http.rows import JsonRows
from returns_hub.adapters.http.transport import (
    LONGEST_SECONDS,
    Answer,
    Method,
    Outcome,
    PartnerHttp,
    Sink,
)
from returns_hub.adapters.mintsoft.credentials import MintsoftCredentials
from returns_hub.adapters.mintsoft.errors import (
    NotThere,
    Unauthorised,
    answer_of,
    content_of,
    not_allowed,
    rows_end,
)
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict

KEY = re.compile(r"[\w.~+/=-]{1,200}", re.ASCII)
"""What can be a key: it has to fit into a header."""
LONGEST_LIST_SECONDS = 60.0
"""For a list without pages. Clients of Mintsoft wait 15 to 120 seconds."""
PROOF = "/api/Warehouse"
"""A read that every key can make."""
Content = TypeVar("Content")


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

    def read_call(self, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        """A read of a path without ids.

        Raises:
            Permanent: This tenant does not have it.
        """
        try:
            return self.read(path, template=path, query=query)
        except NotThere:
            raise Permanent("mintsoft.no_such_call", f"Mintsoft has no {path}") from None

    def read_rows(
        self,
        path: str,
        row: Callable[[dict[str, Any]], None],
        *,
        template: str,
        query: Mapping[str, str | int] | None = None,
    ) -> None:
        """A read of a list without pages, too long to be kept: `row` gets one row at a time.

        Raises:
            NotThere: 404.
            Retryable: Also when the list broke off; rows that had come were given all the same.
        """
        rows = JsonRows(row)

        def whole(outcome: Outcome) -> None:
            answer = answer_of(outcome, is_read=True)
            try:
                rows.finish(complete=answer.complete)
            except ValueError as error:
                raise rows_end(error) from None

        self._with_key(
            lambda key: whole(
                self._send(
                    "GET",
                    path,
                    key,
                    template=template,
                    query=query,
                    is_read=True,
                    sink=rows.feed,
                    longest=LONGEST_LIST_SECONDS,
                )
            ),
            is_read=True,
        )

    def write(
        self, method: Method, path: str, *, template: str, body: object = None, send_by: datetime
    ) -> Any:
        """A write; see `errors.content_of` for what it raises.

        Some of Mintsoft's writes are made with GET; so the method says nothing.

        Raises:
            Misconfigured: Also when it is answered with 401 though the same key can read: then
                the user may not do it, and no other key of that user's could.
        """
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
            outcome = self._send(
                method,
                path,
                key,
                template=template,
                query=query,
                body=body,
                send_by=send_by,
                is_read=is_read,
            )
            return content_of(outcome, is_read=is_read)

        return self._with_key(once, is_read=is_read)

    def _send(
        self,
        method: Method,
        path: str,
        key: str,
        *,
        template: str,
        query: Mapping[str, str | int] | None = None,
        body: object = None,
        send_by: datetime | None = None,
        is_read: bool = False,
        sink: Sink | None = None,
        longest: float = LONGEST_SECONDS,
    ) -> Outcome:
        return self._http.request(
            method,
            path,
            template=template,
            query=query,
            headers={"ms-apikey": key},
            json_body=body,
            send_by=send_by,
            is_read=is_read,
            sink=sink,
            longest=longest,
        )

    def _with_key(self, once: Callable[[str], Content], *, is_read: bool) -> Content:
        key = self._credentials.current()
        try:
            return once(key)
        except Unauthorised:
            if self._credentials.is_static and not is_read:
                self._require_bad(key)
            other = self._credentials.after_refusal(key)
        try:
            return once(other)
        except Unauthorised:
            if not is_read:
                self._require_bad(other)
            self._credentials.remember_refusal(other)
            raise Misconfigured(
                "mintsoft.key_refused", "Mintsoft refuses a key that was fetched a moment ago"
            ) from None

    def _require_bad(self, key: str) -> None:
        """Find out whether a key, to which a write was refused, can read.

        Raises:
            Misconfigured: It can: so the write was refused to its user, whatever the key.
        """
        try:
            outcome = self._send("GET", PROOF, key, template=PROOF, is_read=True)
            content_of(outcome, is_read=True)
        except (Unauthorised, NotThere, Verdict):
            return
        raise not_allowed("it answered 401, and the key can read")


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

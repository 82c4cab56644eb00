"""Requests to a partner in a trial: reads go out, writes go into the book."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from returns_hub.adapters.http.transport import Method, Outcome, PartnerHttp, Streamed
from returns_hub.adapters.trial.book import Book, thing_of
from returns_hub.errors import Retryable

HARMLESS_LOG_INS = frozenset({"/channels", "/Token"})
"""Miinto's and WAIR's log-in end nobody else's."""
LOG_IN = "/api/Auth"
"""Mintsoft's ends the key that the flows use (facts of its users, 2026), so it is a write."""
NEW_KEY = "plan.new_key"


class TrialHttp(PartnerHttp):
    """`PartnerHttp` of a trial.

    Whether a request is a read is what its adapter says (`is_read`), not its method: some partners
    write on GET.
    """

    def __init__(self, behind: PartnerHttp, partner: str, book: Book) -> None:
        self._behind = behind
        self._named = partner
        self._book = book

    def request(
        self,
        method: Method,
        path: str,
        *,
        template: str,
        query: Mapping[str, str | int] | None = None,
        json_body: object = None,
        body: bytes | None = None,
        send_by: datetime | None = None,
        is_read: bool = False,
        **more: Any,
    ) -> Outcome:
        """See `PartnerHttp.request`.

        Raises:
            Rehearsed: It is a write; nothing was sent.
            Retryable: It asks about what only the trial made, or it would renew the key.
        """
        if template == LOG_IN:
            self._book.request(self._named, f"{method} {template}", b"")
            reason = "the warehouse's key is renewed first, which ends the one in use"
            raise Retryable(NEW_KEY, reason, after=1)
        if not is_read and template not in HARMLESS_LOG_INS:
            content = content_of(query, json_body, body)
            about = thing_of(path, template)
            raise self._book.request(self._named, f"{method} {template}", content, about)
        rests_on = self._book.rests_on(self._named, path, template, str(dict(query or {})))
        if rests_on:
            raise Retryable(
                "plan.depends",
                f"what follows depends on what {self._named} answers to {rests_on}",
                after=1,
            )
        return self._behind.request(
            method,
            path,
            template=template,
            query=query,
            json_body=json_body,
            body=body,
            send_by=send_by,
            is_read=is_read,
            **more,
        )

    @contextmanager
    def stream(self, path: str, *, template: str, **more: Any) -> Iterator[Streamed | Outcome]:
        """See `PartnerHttp.stream`: always a read."""
        with self._behind.stream(path, template=template, **more) as answer:
            yield answer

    def require_open(self) -> None:
        """See `PartnerHttp.require_open`."""
        self._behind.require_open()


def content_of(
    query: Mapping[str, str | int] | None, json_body: object, body: bytes | None
) -> bytes:
    """What a request sends, by which two of them are compared."""
    if body is not None:
        return body
    if json_body is None and not query:
        return b""
    told = [dict(query or {}), json_body]
    return json.dumps(told, sort_keys=True, default=str).encode()

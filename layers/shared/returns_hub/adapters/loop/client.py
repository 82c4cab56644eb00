"""Requests in Loop's dialect: the key, how a return is addressed, and pages.

Source: Loop's reference (authentication by ``X-Authorization``, pagination) and Redo's page on its
Loop-compatible host (addressing by ``redo_return_id``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit

from returns_hub.adapters.http.transport import Method, Outcome, PartnerHttp
from returns_hub.adapters.loop.errors import Unauthorised, content_of, require_taken
from returns_hub.domain.portals import LoopConnection
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.ports import Clock

MOST_PAGES = 500
Judged = TypeVar("Judged")
Query = Mapping[str, str | int]


class KeySource(Protocol):
    """Where the API key comes from."""

    def __call__(self, *, fresh: bool) -> str:
        """The key, from the cache unless `fresh`."""


class LoopClient:
    """One merchant's access to a host that speaks the dialect."""

    def __init__(
        self, http: PartnerHttp, connection: LoopConnection, *, key: KeySource, clock: Clock
    ) -> None:
        self._http = http
        self._connection = connection
        self._key = key
        self._clock = clock

    def require_open(self) -> None:
        """See `ports.ReturnsPortal.require_open`."""
        self._http.require_open()

    def name(self, return_id: str) -> tuple[str, dict[str, str]]:
        """How a return is named: its part of the path, and the query that goes with it.

        Raises:
            Permanent: It cannot be an id of this portal's.
        """
        if self._connection.address_returns_by == "redo_return_id":
            return "0", {"redo_return_id": return_id}
        if not return_id.isascii() or not return_id.isdigit():
            raise Permanent(
                "loop.not_found", "the portal's ids are whole numbers, so it has no such return"
            )
        return return_id, {}

    def read(self, path: str, query: Query, *, template: str, none_is: int | None = None) -> Any:
        """One read; see `errors.content_of`."""

        def judge(outcome: Outcome) -> Any:
            return content_of(outcome, now=self._clock.now(), none_is=none_is)

        return self._call("GET", path, judge, template=template, query=query, is_read=True)

    def act(
        self,
        return_id: str,
        action: str,
        send_by: datetime,
        *,
        query: Query | None = None,
        body: object = None,
    ) -> None:
        """One action on a return; see `errors.require_taken`."""
        named, naming = self.name(return_id)

        def judge(outcome: Outcome) -> None:
            require_taken(outcome, now=self._clock.now())

        self._call(
            "POST",
            f"/warehouse/return/{named}/{action}",
            judge,
            template=f"/warehouse/return/{{id}}/{action}",
            query={**naming, **(query or {})},
            body=body,
            send_by=send_by,
        )

    def pages(self, path: str, query: Query) -> Iterator[Any]:
        """Every page of a list.

        Of the address of the next page only the query is used, and only when it names this very
        list: the key is never sent to an address that an answer brought. The filters of the first
        request stay. A bare array is the whole list.

        Raises:
            Retryable: The list does not come to its end, or names a next page elsewhere.
        """
        asked = dict(query)
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            content = self.read(path, asked, template=path)
            yield content
            following = content.get("nextPageUrl") if isinstance(content, dict) else None
            if not following:
                return
            if not isinstance(following, str) or following in seen:
                raise Retryable("loop.endless_list", "the portal's list names a page twice")
            seen.add(following)
            asked = {**query, **self._query_of(following, path)}
        raise Retryable("loop.endless_list", f"the portal's list has more than {MOST_PAGES} pages")

    def _query_of(self, address: str, path: str) -> dict[str, str]:
        ours = urlsplit(f"{self._connection.base_url}{path}")
        try:
            parts = urlsplit(address)
            is_ours = parts.hostname in {None, ours.hostname} and parts.path == ours.path
        except ValueError:
            is_ours = False
        if not is_ours:
            raise Retryable(
                "loop.strange_page", "the portal names a next page that is not of this list"
            )
        return dict(parse_qsl(parts.query))

    def _call(
        self,
        method: Method,
        path: str,
        judge: Callable[[Outcome], Judged],
        *,
        template: str,
        query: Query,
        body: object = None,
        send_by: datetime | None = None,
        is_read: bool = False,
    ) -> Judged:
        """One call; after a refused key once more, if the secret holds another by now."""

        def once(key: str) -> Judged:
            return judge(
                self._http.request(
                    method,
                    path,
                    template=template,
                    query=query,
                    headers={"X-Authorization": key},
                    json_body=body,
                    send_by=send_by,
                    is_read=is_read,
                )
            )

        used = self._key(fresh=False)
        try:
            return once(used)
        except Unauthorised:
            other = self._key(fresh=True)
        if other != used:
            try:
                return once(other)
            except Unauthorised:
                pass
        raise Misconfigured(
            "loop.key_refused",
            "the portal refuses the key: it is wrong, or lacks the scope Returns",
        )

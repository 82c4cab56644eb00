"""Calls to Redo: the token, paging by headers, and answers read by their models.

Every adapter of Redo calls through here; what an answer means is said in `errors.py` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from returns_hub.adapters.http.transport import Answer, Method, Outcome, PartnerHttp
from returns_hub.adapters.redo.errors import Unauthorised, answer_of, content_of
from returns_hub.domain.portals import RedoConnection
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.ports import Clock

MOST_PAGES = 500

Model = TypeVar("Model", bound=BaseModel)
Read = TypeVar("Read")


class TokenSource(Protocol):
    """Where the API token comes from."""

    def __call__(self, *, fresh: bool) -> str:
        """The token, from the cache unless `fresh`."""


class RedoClient:
    """One store in Redo."""

    def __init__(
        self, http: PartnerHttp, connection: RedoConnection, *, token: TokenSource, clock: Clock
    ) -> None:
        self._http = http
        self._token = token
        self._clock = clock
        self.store_path = f"/stores/{quoted(connection.store_id)}"

    def require_open(self) -> None:
        """See `ports.ReturnsPortal.require_open`."""
        self._http.require_open()

    def read(
        self,
        path: str,
        *,
        template: str,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Any, Mapping[str, str]]:
        """The JSON of one GET, and the answer's headers.

        Raises:
            Retryable: Not to be had now; also an answer that is not whole JSON.
            Permanent: Redo does not know it, or refuses.
            Misconfigured: The token is refused, or lacks a scope.
        """

        def once(token: str) -> tuple[Any, Mapping[str, str]]:
            outcome = self._request(
                "GET", path, token, template=template, query=query, headers=headers, is_read=True
            )
            content = content_of(outcome, now=self._clock.now())
            return content, outcome.headers if isinstance(outcome, Answer) else {}

        return self._with_token(once)

    def read_file(self, path: str, *, template: str, accept: str) -> Answer:
        """The whole answer of one GET that gives a file.

        Raises:
            Retryable: Not to be had now; also a file that is cut off or larger than the transport
                takes (20 MiB).
        """

        def once(token: str) -> Answer:
            outcome = self._request(
                "GET", path, token, template=template, headers={"Accept": accept}, is_read=True
            )
            return answer_of(outcome, is_read=True, now=self._clock.now())

        return self._with_token(once)

    def write(
        self,
        method: Method,
        path: str,
        *,
        template: str,
        send_by: datetime,
        headers: Mapping[str, str] | None = None,
        body: object = None,
        private: Sequence[str] = (),
    ) -> Answer:
        """One request that changes something; its answer's body is not read here.

        Args:
            method: The HTTP method.
            path: Below the base URL, already quoted.
            template: The path without ids.
            send_by: It must not leave later.
            headers: More headers.
            body: Sent as JSON.
            private: Texts in the body that a refusal must not repeat.

        Returns:
            The answer, which may be cut off: the request was carried out all the same.

        Raises:
            Retryable: Known not done.
            Permanent: Known refused.
            Misconfigured: Not done: the token is refused, or lacks a scope.
            UnknownOutcome: It may have been carried out.
        """

        def once(token: str) -> Answer:
            outcome = self._request(
                method, path, token, template=template, headers=headers, body=body, send_by=send_by
            )
            return answer_of(outcome, is_read=False, now=self._clock.now(), private=private)

        return self._with_token(once)

    def rows(
        self,
        path: str,
        name: str,
        *,
        template: str,
        query: Mapping[str, str | int] | None = None,
        page_size: int | None = None,
    ) -> Iterator[Any]:
        """The rows under `name` of all `pages`.

        Raises:
            Retryable: The list did not come to its end.
        """
        for page in self.pages(path, name, template=template, query=query, page_size=page_size):
            yield from page

    def pages(
        self,
        path: str,
        name: str,
        *,
        template: str,
        query: Mapping[str, str | int] | None = None,
        page_size: int | None = None,
    ) -> Iterator[list[Any]]:
        """The rows under `name`, page by page by headers; a list without pages is one page.

        Raises:
            Retryable: It did not come to its end.
        """
        headers = {"X-Page-Size": str(page_size)} if page_size else {}
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            content, told = self.read(path, template=template, query=query, headers=headers)
            yield listed(content, name)
            following = told.get("X-Page-Next", "")
            if not following:
                return
            if following in seen:
                raise Retryable("redo.endless_list", "Redo's list names a page twice")
            seen.add(following)
            headers["X-Page-Continue"] = following
        raise Retryable("redo.endless_list", f"Redo's list has more than {MOST_PAGES} pages")

    def _request(
        self,
        method: Method,
        path: str,
        token: str,
        *,
        template: str,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        body: object = None,
        send_by: datetime | None = None,
        is_read: bool = False,
    ) -> Outcome:
        return self._http.request(
            method,
            path,
            template=template,
            query=query,
            headers={**(headers or {}), "Authorization": f"Bearer {token}"},
            json_body=body,
            send_by=send_by,
            is_read=is_read,
        )

    def _with_token(self, once: Callable[[str], Read]) -> Read:
        """One call; after a 401 once more, if the secret holds another token by now."""
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


def quoted(part: str) -> str:
    """One part of a path."""
    return quote(part, safe="")


def checked(model: type[Model], content: Any) -> Model:
    """An answer's content as its model.

    Raises:
        Retryable: It has another shape; the reason names the place and no value.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise Retryable(
            "redo.unreadable", f"Redo's answer cannot be read at {where or 'its top'}", after=300
        ) from None


def listed(content: Any, name: str) -> list[Any]:
    """The rows under `name` of a list's answer.

    Raises:
        Retryable: There are none, not even an empty list.
    """
    rows = content.get(name) if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise Retryable("redo.unreadable", f"Redo's answer has no {name}", after=300)
    return rows

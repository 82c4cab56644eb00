"""Requests to Unleashed: signed, counted against the month's calls, few at a time.

Every adapter of Unleashed calls through here; what an answer means is said in `errors.py` alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import requests

from returns_hub.adapters.http.transport import Outcome, PartnerHttp, Sign
from returns_hub.adapters.unleashed.bodies import content_of, private_in
from returns_hub.adapters.unleashed.errors import (
    Asked,
    KeyRefused,
    NotThere,
    of_the_key,
    told_by,
)
from returns_hub.adapters.unleashed.keys import KeySource
from returns_hub.adapters.unleashed.meter import Meter
from returns_hub.adapters.unleashed.paging import LARGEST_SIZE, Page, Row, pages_of
from returns_hub.adapters.unleashed.reading import value_of
from returns_hub.adapters.unleashed.signing import KeyPair, Query, query_of, signed_headers
from returns_hub.adapters.unleashed.standing import REMEMBERED_SECONDS, CallsOfRun, KeyStanding
from returns_hub.domain.unleashed.budget import CallClass
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.ports import Clock

WriteMethod = Literal["POST", "PUT", "DELETE"]
Told = TypeVar("Told")
SERIAL_BATCH: Query = (("serialBatch", True),)
"""Without it batches and serial numbers are left out of answers, and dropped from writes."""


class UnleashedClient:
    """One merchant's account at Unleashed; its calls are `CallClass.REGULAR`, see `counted_as`.

    Args:
        http: Requests to the host.
        keys: The account's key pair.
        client_type: Our name in a header.
        meter_of: The count of an account's calls.
        clock: Tells the time.
    """

    def __init__(
        self,
        http: PartnerHttp,
        keys: KeySource,
        *,
        client_type: str,
        meter_of: Callable[[str], Meter],
        clock: Clock,
    ) -> None:
        self._http = http
        self._keys = keys
        self._client_type = client_type
        self._meter_of = meter_of
        self._clock = clock
        self._kind = CallClass.REGULAR
        self._run = CallsOfRun(None)
        self._standing = KeyStanding()

    def counted_as(self, kind: CallClass, *, at_most: int | None = None) -> UnleashedClient:
        """The same client, whose calls count as this class and wait as it does.

        Args:
            kind: The class.
            at_most: Calls that it may make; a further one raises Retryable
                `unleashed.run_limit`, so that a run that is resumable ends.
        """
        other = copy.copy(self)
        other._kind = kind
        other._run = CallsOfRun(at_most)
        return other

    @property
    def account(self) -> str:
        """A short name of the account, by which caches and counts are kept: its Guids are its own.

        Raises:
            Misconfigured: The secret is missing or malformed.
        """
        return self._keys(False).account

    @property
    def calls_made(self) -> int:
        """Calls that this client made, repeats included; those of others are not in it."""
        return self._run.made

    @property
    def meter(self) -> Meter:
        """The count of the account's calls."""
        return self._meter(self._keys(False))

    def require_open(self) -> None:
        """Raise Retryable while asking is known to be no use."""
        self._http.require_open()

    def read(self, path: str, query: Query = (), *, template: str) -> Any:
        """One GET.

        Args:
            path: Below the address; its parts `quoted`.
            query: Names and values; see `signing.query_of` for what a value may hold.
            template: The path without ids, for logs and metrics.

        Raises:
            NotThere: Unleashed does not know it.
            Retryable: Not to be had now, or calls of this class have to wait.
            Permanent: Unleashed refuses to tell, or a value cannot be in a query.
            Misconfigured: The key is refused, or the month's calls are used.
        """
        asked = query_of(query)

        def once(keys: KeyPair) -> Any:
            outcome = self._http.request(
                "GET",
                f"{path}?{asked}" if asked else path,
                template=template,
                sign=self._sign(keys),
                is_read=True,
            )
            with self._http.judged(outcome):
                return told_by(outcome, is_read=True, now=self._clock.now())

        return self._with_key(once, has_query=bool(asked))

    def one(self, path: str, query: Query = (), *, template: str) -> Row:
        """One object, which some answers wrap into a list of one.

        Raises:
            As `read`; Retryable also when the answer is no object.
        """
        content = self.read(path, query, template=template)
        rows = value_of(content, "Items") if isinstance(content, dict) else content
        if isinstance(rows, list):
            if not rows:
                raise NotThere(template)
            content = rows[0] if len(rows) == 1 else None
        if not isinstance(content, dict):
            raise Retryable(
                "unleashed.unreadable", f"Unleashed's answer to {template} is no object", after=300
            )
        return content

    def pages(
        self,
        path: str,
        query: Query = (),
        *,
        size: int,
        first: int = 1,
        settle: bool = True,
    ) -> Iterator[Page]:
        """A list, page by page while it is read; see `paging.pages_of`.

        Args:
            path: Of the list, without a page.
            query: As in `read`, without a page size.
            size: Rows of a page, 1 to 1000.
            first: As in `paging.pages_of`.
            settle: As in `paging.pages_of`.

        Raises:
            As `read`, but Misconfigured where Unleashed knows no such list.
        """
        asked = [*query, ("pageSize", max(1, min(size, LARGEST_SIZE)))]

        def read_page(number: int) -> Any:
            try:
                return self.read(f"{path}/{number}", asked, template=f"{path}/{{page}}")
            except NotThere:
                if number > 1:
                    raise
                raise Misconfigured(
                    "unleashed.no_such_list", f"Unleashed answers 404: it knows no {path}"
                ) from None

        return pages_of(read_page, first=first, settle=settle)

    def rows(
        self, path: str, query: Query = (), *, size: int, settle: bool = True
    ) -> Iterator[Row]:
        """The rows of a list, one by one while it is read; see `pages`."""
        for page in self.pages(path, query, size=size, settle=settle):
            yield from page.rows

    def write(
        self,
        method: WriteMethod,
        path: str,
        *,
        template: str,
        body: object = None,
        query: Query = (),
        send_by: datetime,
        private: Collection[str] = (),
    ) -> Any:
        """One write; what it was answered, None when that is nothing.

        Args:
            method: The HTTP method.
            path: Below the address; its parts `quoted`.
            template: The path without ids, for logs and metrics.
            body: Made into JSON as `bodies.content_of` does; None for none.
            query: E.g. `SERIAL_BATCH`.
            send_by: It must not leave later.
            private: Texts that a refusal must not repeat, beside those that `bodies.private_in`
                finds.

        Raises:
            Retryable: Known not done, or calls of this class have to wait.
            Permanent: Known refused; `unleashed.not_found` when Unleashed does not know it.
            Misconfigured: Not done: the key is refused, or the month's calls are used.
            UnknownOutcome: It may have been carried out.
        """
        asked = query_of(query)
        content = None if body is None else content_of(body)
        hidden = {*private, *private_in(body)}

        def once(keys: KeyPair) -> Any:
            outcome: Outcome = self._http.request(
                method,
                f"{path}?{asked}" if asked else path,
                template=template,
                body=content,
                sign=self._sign(keys),
                send_by=send_by,
            )
            with self._http.judged(outcome):
                return told_by(outcome, is_read=False, now=self._clock.now(), private=hidden)

        try:
            return self._with_key(once, has_query=bool(asked))
        except NotThere:
            raise Permanent(
                "unleashed.not_found", f"Unleashed does not know it ({template})"
            ) from None

    def _with_key(self, once: Callable[[KeyPair], Told], *, has_query: bool) -> Told:
        """One call; after a refusal of the key once more, if the secret has another by now."""
        keys = self._keys(False)
        self._require_not_refused(keys)
        try:
            return self._accepted(keys, once)
        except KeyRefused as refused:
            newer = self._keys(True)
            if newer == keys:
                raise self._remembered(keys, refused, has_query=has_query) from None
        try:
            return self._accepted(newer, once)
        except KeyRefused as refused:
            raise self._remembered(newer, refused, has_query=has_query) from None

    def _accepted(self, keys: KeyPair, once: Callable[[KeyPair], Told]) -> Told:
        with self._standing.at_once:
            try:
                told = once(keys)
            except (NotThere, Permanent):
                self._standing.worked = keys
                raise
        self._standing.worked = keys
        return told

    def _require_not_refused(self, keys: KeyPair) -> None:
        standing = self._standing
        verdict = standing.verdict
        is_same = standing.refused == keys and self._clock.monotonic() < standing.until
        if verdict is not None and is_same:
            raise Misconfigured(verdict.code, verdict.reason, after=verdict.after)

    def _remembered(self, keys: KeyPair, refused: KeyRefused, *, has_query: bool) -> Misconfigured:
        standing = self._standing
        verdict = of_the_key(
            refused,
            Asked(
                now=self._clock.now(),
                is_nearly_spent=self._meter(keys).is_nearly_spent(),
                has_worked=standing.worked == keys,
                has_query=has_query,
            ),
        )
        if verdict.code != "unleashed.query_refused":
            # About one request's bytes it says nothing of the others.
            standing.refused, standing.verdict = keys, verdict
            standing.until = self._clock.monotonic() + REMEMBERED_SECONDS
        if verdict.code == "unleashed.calls_spent":
            self._http.limited()
        return verdict

    def _meter(self, keys: KeyPair) -> Meter:
        meters = self._standing.meters
        if keys.account not in meters:
            meters[keys.account] = self._meter_of(keys.account)
        return meters[keys.account]

    def _sign(self, keys: KeyPair) -> Sign:
        """Signs and counts a request each time it goes on the wire, a repeat as well."""
        meter, kind, run = self._meter(keys), self._kind, self._run

        def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
            run.require_room()
            meter.spend(kind)
            run.made += 1
            request.headers.update(signed_headers(keys, self._client_type, str(request.url)))
            return request

        return sign


def quoted(part: str) -> str:
    """One part of a path, e.g. a Guid or a transfer's number.

    Raises:
        Permanent: It is empty, or would be a step in the path.
    """
    if part.strip() in {"", ".", ".."}:
        raise Permanent("unleashed.no_id", "an id for Unleashed is missing")
    return quote(part, safe="")


def any_of(words: Sequence[str]) -> str:
    """Several values of one filter: ``Placed,Backordered``."""
    return ",".join(words)

"""Requests to Miinto: signed with the channel, on four hosts, in one envelope.

Every adapter of Miinto calls through here; what an answer means is said in `errors.py` alone.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import requests

from returns_hub.adapters.http.bodies import CutOff
from returns_hub.adapters.http.transport import Method, PartnerHttp, Sign, Streamed
from returns_hub.adapters.miinto.channel import MiintoChannel, Session
from returns_hub.adapters.miinto.errors import (
    ChannelRefused,
    NotThere,
    Told,
    failure_in,
    require_success,
    require_taken,
    told_by,
    unclear,
)
from returns_hub.adapters.miinto.paging import pages_of
from returns_hub.adapters.miinto.signing import Channel, Dialect, signed_headers
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Misconfigured, Permanent
from returns_hub.ports import Clock
from returns_hub.ports.marketplace import Service

Query = Sequence[tuple[str, str | int]]
"""Names and values in order; a name may come more than once, e.g. ``status[]``."""
Judged = TypeVar("Judged")
LARGEST_ENVELOPE = 20 * 1024 * 1024
JSON_HEADER = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Hosts:
    """The services. Each has a gate of its own: one that is away stops none of the others."""

    auth: PartnerHttp
    order: PartnerHttp
    stock: PartnerHttp
    product_map: PartnerHttp

    def of(self, service: Service) -> PartnerHttp:
        """The service's host."""
        http: PartnerHttp = getattr(self, service)
        return http


class MiintoClient:
    """One merchant's login at Miinto."""

    def __init__(
        self,
        hosts: Hosts,
        channel: MiintoChannel,
        connection: MiintoConnection,
        *,
        clock: Clock,
        new_seed: Callable[[], str] | None = None,
    ) -> None:
        self._hosts = hosts
        self._channel = channel
        self._dialect = Dialect(connection.version, connection.flavour)
        self._page_size = connection.page_size
        self._clock = clock
        self._new_seed = new_seed or _unique

    def require_open(self, service: Service = "order") -> None:
        """Raise Retryable while asking this service is known to be no use."""
        self._hosts.of(service).require_open()

    def session(self) -> Session:
        """The channel in use, and what the login may use; a login when there is none.

        Raises:
            Misconfigured: The login is refused.
            Retryable: There is no channel to be had now.
        """
        return self._channel.current()

    def status(self, service: Service) -> str:
        """What a service says of itself, unsigned; ``OK`` when it is well.

        Raises:
            Retryable: It does not answer, or not in Miinto's words.
        """
        outcome = self._hosts.of(service).request(
            "GET", "/status", template="/status", is_read=True
        )
        try:
            told = told_by(outcome, is_read=True, now=self._clock.now())
        except (ChannelRefused, NotThere):
            raise unclear("the service has no /status", is_read=True) from None
        word = told.data.get("status") if isinstance(told.data, dict) else None
        return word[:40] if isinstance(word, str) else ""

    def read(
        self, path: str, query: Query = (), *, template: str, service: Service = "order"
    ) -> Told:
        """One signed GET.

        Args:
            path: Below the service's address; its parts `quoted`.
            query: Names and values.
            template: The path without ids, for logs and metrics.
            service: Who is asked.

        Raises:
            NotThere: Miinto does not know it.
            Retryable: Not to be had now.
            Permanent: Miinto refuses to tell.
            Misconfigured: The login is refused, or may not use this shop.
        """

        def once(channel: Channel) -> Told:
            http = self._hosts.of(service)
            outcome = http.request(
                "GET",
                _with(path, query),
                template=template,
                headers=JSON_HEADER,
                sign=self._sign(channel),
                is_read=True,
            )
            with http.judged(outcome):
                return told_by(outcome, is_read=True, now=self._clock.now())

        return self._with_channel(once)

    def pages(
        self, path: str, query: Query = (), *, template: str, service: Service = "order"
    ) -> Iterator[list[Any]]:
        """The rows of a list, page by page, each once; see `paging.pages_of`.

        Raises:
            As `read`, but Misconfigured where Miinto knows no such list; Retryable also when it
                cannot be read to its end.
        """

        def read_page(limit: int, offset: int) -> Told:
            asked = [*query, ("limit", limit), ("offset", offset)]
            try:
                return self.read(path, asked, template=template, service=service)
            except NotThere:
                raise Misconfigured(
                    "miinto.no_such_list", f"Miinto answers 404: it knows no {template}"
                ) from None

        return pages_of(read_page, self._page_size)

    def write(
        self,
        method: Method,
        path: str,
        *,
        template: str,
        body: object,
        send_by: datetime,
        service: Service = "order",
        is_documented: bool = True,
        private: Sequence[str] = (),
    ) -> Any:
        """One signed write; what the answer's ``data`` holds.

        Args:
            method: The HTTP method.
            path: Below the service's address; its parts `quoted`.
            template: The path without ids, for logs and metrics.
            body: Made into JSON once: what is signed is what is sent.
            send_by: It must not leave later.
            service: Who is asked.
            is_documented: Whether we know what a success looks like. Where we do not, a 2xx that
                is no failure is one, and what it holds is not read (None).
            private: Texts in the body that a refusal must not repeat.

        Raises:
            Retryable: Known not done.
            Permanent: Known refused; `miinto.not_found` when Miinto does not know it.
            Misconfigured: Not done: the login is refused, or may not use this shop.
            UnknownOutcome: It may have been carried out.
        """
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

        def once(channel: Channel) -> Any:
            http = self._hosts.of(service)
            outcome = http.request(
                method,
                path,
                template=template,
                headers=JSON_HEADER,
                body=content,
                sign=self._sign(channel),
                send_by=send_by,
            )
            now = self._clock.now()
            with http.judged(outcome):
                if not is_documented:
                    return require_taken(outcome, now=now, private=private)
                return told_by(outcome, is_read=False, now=now, private=private).data

        try:
            return self._with_channel(once)
        except NotThere:
            raise Permanent("miinto.not_found", f"Miinto does not know it ({template})") from None

    @contextmanager
    def stream(
        self,
        path: str,
        query: Query,
        *,
        template: str,
        service: Service,
        seconds: float,
        most_bytes: int,
    ) -> Iterator[Iterator[bytes]]:
        """The body of one signed GET, in parts while it comes.

        One that is an object, as every envelope is, is read whole before it is given (at most
        `LARGEST_ENVELOPE`): it may hold a failure.

        Raises:
            As `read`; and `bodies.CutOff`, here and while the parts are read.
        """
        with ExitStack() as stack:

            def once(channel: Channel) -> Iterator[bytes]:
                got = stack.enter_context(
                    self._hosts.of(service).stream(
                        _with(path, query),
                        template=template,
                        headers=JSON_HEADER,
                        sign=self._sign(channel),
                        seconds=seconds,
                        most_bytes=most_bytes,
                    )
                )
                if isinstance(got, Streamed):
                    return _without_failure(got.parts)
                require_success(got, is_read=True, now=self._clock.now())
                raise unclear("Miinto answered without content", is_read=True)

            yield self._with_channel(once)

    def _with_channel(self, once: Callable[[Channel], Judged]) -> Judged:
        """One call; after a refusal of the channel once more, with a new one if that may help."""
        used = self._channel.current().channel
        try:
            return once(used)
        except ChannelRefused as refused:
            other = self._channel.after_refusal(used)
            if other is None:
                raise refused.verdict from None
        try:
            return once(other.channel)
        except ChannelRefused as refused:
            raise refused.verdict from None

    def _sign(self, channel: Channel) -> Sign:
        """Signs a request when it leaves: its time is now, and nothing changes it afterwards."""

        def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
            body = request.body or b""
            headers = signed_headers(
                channel,
                self._dialect,
                str(request.method),
                str(request.url),
                body.encode() if isinstance(body, str) else body,
                timestamp=int(self._clock.now().timestamp()),
                seed=self._new_seed(),
            )
            request.headers.update(headers)
            return request

        return sign


def _without_failure(parts: Iterator[bytes]) -> Iterator[bytes]:
    first = next(parts, b"")
    if not first.lstrip().startswith(b"{"):
        return chain([first], parts)
    body = bytearray(first)
    for part in parts:
        body += part
        if len(body) > LARGEST_ENVELOPE:
            raise CutOff("is too large")
    try:
        refusal = failure_in(read_json(bytes(body)), is_read=True)
    except ValueError:
        refusal = None
    if refusal is not None:
        raise refusal
    return iter([bytes(body)])


def quoted(part: str) -> str:
    """One part of a path. A shop id's ``!`` stays: all known clients send it as it is."""
    return quote(part, safe="!")


def encoded(query: Query) -> str:
    """A query as it goes on the wire and is signed: ``status%5B%5D=pending&limit=50``."""
    return urlencode(list(query), quote_via=quote, safe="!")


def _with(path: str, query: Query) -> str:
    return f"{path}?{encoded(query)}" if query else path


def _unique() -> str:
    """A seed, as long as those of Miinto's own client."""
    return uuid.uuid4().hex[:13]

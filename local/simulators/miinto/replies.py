"""Miinto's envelope, its refusals, and requests as its services read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from local.simulators.wire import Reply, Request, json_reply

INVALID, UNKNOWN, CONFLICT, ACCESS, INACTIVE = 2001, 2004, 2009, 1003, 1010
"""Codes of refusals. No source tells Miinto's own."""
DEFAULT_VERSION = "2.6"


class Failure(Exception):  # noqa: N818 - an answer, not a fault
    """A request that is refused: ``meta.status`` is ``failure``."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def reply(self, version: str = DEFAULT_VERSION) -> Reply:
        """The refusal as it is answered."""
        content = {
            "meta": {"status": "failure", "version": version},
            "data": {"errors": [{"code": self.code, "message": self.message}]},
        }
        return json_reply(self.status, content)


def failure_of_status(status: int) -> Reply:
    """A failure on demand."""
    return Failure(status, 5000, "made on demand").reply()


def not_found(what: str) -> Failure:
    """There is no such thing, or it is another shop's."""
    return Failure(404, UNKNOWN, f"{what} not found")


class Query:
    """A query's values, in their order; a name may come more than once."""

    def __init__(self, text: str) -> None:
        self._pairs = parse_qsl(text, keep_blank_values=True)

    def one(self, name: str, default: str = "") -> str:
        """The last value of the name, as PHP has it."""
        return self.many(name)[-1] if self.many(name) else default

    def many(self, name: str) -> list[str]:
        """Every value of the name."""
        return [value for known, value in self._pairs if known == name]


@dataclass(frozen=True)
class Caller:
    """Who asks: an account through a channel."""

    identifier: str
    channel: str
    shops: frozenset[str]


@dataclass(frozen=True)
class Call:
    """A request that its service took.

    Attributes:
        service: ``auth``, ``order``, ``stock``, ``pc`` or ``pms``.
        path: Below the service, decoded.
        host: The Host header without its port: what is signed.
    """

    service: str
    method: str
    path: str
    query: Query
    headers: Mapping[str, str]
    body: bytes
    host: str
    signed_path: str
    signed_query: str
    caller: Caller = Caller("", "", frozenset())

    @property
    def version(self) -> str:
        """The version that the answer tells."""
        if self.service != "order":
            return "1.0"
        return self.headers.get("miinto-api-control-version", DEFAULT_VERSION)

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            Failure: It is not.
        """
        try:
            return json.loads(self.body)
        except ValueError:
            raise Failure(400, INVALID, "the body is not JSON") from None

    def answer(self, data: Any, *, total: int | None = None) -> Reply:
        """A success."""
        meta: dict[str, Any] = {"status": "success", "version": self.version}
        if total is not None:
            meta["totalItemCount"] = total
        return json_reply(200, {"meta": meta, "data": data})


SERVICES = ("auth", "order", "stock", "pc", "pms")


def call_of(request: Request) -> Call | None:
    """The request as a call to one of the services; None when it is for none.

    A service is found by its host (``api-order.…``, ``api-order-sandbox.…``), or on one port by the
    first part of the path (``/order/shops/…``), which then is part of the path that is signed: the
    address of a service may well have a path of its own.
    """
    target = request.target or request.path
    path, _, query = target.partition("?")
    host = request.headers.get("host", "").rsplit(":", 1)[0].lower()
    first, _, rest = path.removeprefix("/").partition("/")
    by_host = [name for name in SERVICES if host.split(".")[0].split("-")[:2] == ["api", name]]
    if by_host:
        service, own = by_host[0], path
    elif first in SERVICES:
        service, own = first, f"/{rest}"
    else:
        return None
    return Call(
        service=service,
        method=request.method,
        path=unquote(own),
        query=Query(query),
        headers=request.headers,
        body=request.body,
        host=host,
        signed_path=path,
        signed_query=query,
    )


Route = tuple[str, str, Callable[..., Reply]]
"""Method, pattern of the path, and what answers: it takes the call and the pattern's groups."""

"""Requests, replies and deliveries held to Redo's official OpenAPI document.

Stricter than the document in one way: what it does not name (a property, a query parameter, an X-
header) is a contradiction too, in both directions. Redo would ignore what we send in vain, and a
simulator's reply with a word of its own would let an adapter read what Redo never says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from local.simulators.faults import CLOUDFLARE, HTML_ERROR
from local.simulators.wire import Reply, Request
from tests.official.document import as_published, corrected

OF_A_GATEWAY = frozenset({CLOUDFLARE, HTML_ERROR})
"""What stands before Redo answers in HTML; the document is about what is behind it."""
Schema = Mapping[str, Any]
PROBLEM = "application/problem+json"
METHODS = ("get", "post", "put", "delete", "patch")


@dataclass(frozen=True)
class Operation:
    """One method of one path of the document."""

    method: str
    path: str
    content: Mapping[str, Any]

    @property
    def name(self) -> str:
        """As `GET /returns/{returnId}`."""
        return f"{self.method} {self.path}"

    @property
    def answers(self) -> tuple[str, ...]:
        """The documented answers: statuses, and `default`."""
        return tuple(self.content["responses"])

    def answer_of(self, status: int) -> str:
        """Which documented answer a status is; empty for none."""
        for name in (str(status), f"{status // 100}XX", "default"):
            if name in self.content["responses"]:
                return name
        return ""


class _AsRequest:
    """A request as openapi-core takes it, as if it went to Redo's own host."""

    def __init__(self, host: str, request: Request) -> None:
        self.host_url = host
        self.path = request.path
        self.name = "return"
        self.method = request.method.lower()
        self.body = request.body or None
        self.content_type = request.headers.get("content-type", "")
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(dict(request.query)),
            header=Headers(dict(request.headers)),
            cookie=ImmutableMultiDict(),
        )


class _AsResponse:
    """A reply as openapi-core takes it."""

    def __init__(self, reply: Reply) -> None:
        self.status_code = reply.status
        self.headers = Headers(dict(reply.headers))
        self.content_type = self.headers.get("Content-Type", "")
        self.data = reply.body


class Contract:
    """The document, ready to be held against."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        config = Config(
            # That the document itself is valid is a test of its own: it takes seconds. The types
            # of openapi-core do not know that None is taken.
            spec_validator_cls=None,  # type: ignore[arg-type]
            additional_properties_default_policy="forbid",
            extra_media_type_deserializers={PROBLEM: _json, "text/csv": _text},
        )
        self._api = OpenAPI.from_dict(document, config=config)
        self._host, _, base = str(document["servers"][0]["url"]).partition("/v")
        self._base = f"/v{base}"
        self._operations = list(self._read_operations())

    def _read_operations(self) -> Iterator[tuple[re.Pattern[str], Operation]]:
        # Fewest placeholders first: a path without any is meant before one that fits as well.
        for path in sorted(self.document["paths"], key=lambda path: path.count("{")):
            pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))
            for method in METHODS:
                if method in self.document["paths"][path]:
                    content = self.document["paths"][path][method]
                    yield pattern, Operation(method.upper(), path, content)

    def operation(self, request: Request) -> Operation | None:
        """The operation that a request is of."""
        path = request.path.removeprefix(self._base)
        for pattern, operation in self._operations:
            if operation.method == request.method and pattern.fullmatch(path):
                return operation
        return None

    def of_request(self, request: Request) -> tuple[str, ...]:
        """What a request says against the document; empty when nothing."""
        operation = self.operation(request)
        if operation is None:
            return (f"no operation is {request.method} {request.path}",)
        asked = _AsRequest(self._host, request)
        found = [
            words
            for error in self._api.iter_apicall_request_errors(asked)
            for words in _told(error)
        ]
        return tuple(found + list(self._undeclared(operation, request)))

    def of_reply(self, request: Request, reply: Reply) -> tuple[str, ...]:
        """What a reply says against the document; empty when nothing."""
        if reply.body in OF_A_GATEWAY or not reply.status:
            return ()
        operation = self.operation(request)
        if operation is None:
            # A path that Redo has not is answered as an error of any operation is.
            operation = self._operations[0][1]
            request = Request("GET", self._base + "/returns/none")
        asked = _AsRequest(self._host, request)
        errors = self._api.iter_apicall_response_errors(asked, _AsResponse(reply))
        found = [words for error in errors for words in _told(error)]
        documented = operation.content["responses"].get(operation.answer_of(reply.status), {})
        contents = documented.get("content", {})
        if not contents and reply.body:
            found.append("a body where the document has none")
        if not reply.body and reply.headers.get("Content-Type", "").partition(";")[0] == "text/csv":
            # An empty table is a text like any other; openapi-core takes it for a missing body.
            return () if "text/csv" in contents else tuple(found)
        return tuple(found)

    def of_delivery(self, request: Request) -> tuple[str, ...]:
        """What a delivery of a return's event says against the document; empty when nothing."""
        errors = self._api.iter_webhook_request_errors(_AsRequest(self._host, request))
        return tuple(words for error in errors for words in _told(error))

    def _undeclared(self, operation: Operation, request: Request) -> Iterator[str]:
        path = self.document["paths"][operation.path]
        declared = {"query": set[str](), "header": set[str](), "path": set[str]()}
        for parameter in [*path.get("parameters", []), *operation.content.get("parameters", [])]:
            known = self.resolved(parameter)
            declared[known["in"]].add(known["name"].lower())
        for name in sorted(request.query):
            if name.lower() not in declared["query"]:
                yield f"the query names {name!r}, which the operation has not"
        for name in sorted(request.headers):
            is_special = name.lower().startswith("x-") or name.lower() == "idempotency-key"
            if is_special and name.lower() not in declared["header"]:
                yield f"the header {name!r} is none of the operation's"

    def schema(self, name: str) -> Schema:
        """One of the document's named schemas."""
        return self.resolved({"$ref": f"#/components/schemas/{name}"})

    def resolved(self, node: Schema) -> Schema:
        """What a `$ref` leads to, the words beside it added; else the node itself."""
        if "$ref" not in node:
            return node
        found: Any = self.document
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return {**self.resolved(found), **{key: node[key] for key in node if key != "$ref"}}


@cache
def contract() -> Contract:
    """The official document with its corrections.

    Raises:
        LookupError: It is not in the cache.
    """
    return Contract(corrected(as_published()))


def assert_delivery(body: Mapping[str, Any] | bytes, headers: Mapping[str, str]) -> None:
    """Hold one delivery of Redo's own kind to the document's webhook `return`.

    Args:
        body: The event, as JSON bytes or as what is in them.
        headers: As sent; `Authorization: Bearer …` and `Content-Type` are looked at.

    Raises:
        AssertionError: It contradicts the document; says where.
    """
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {name.lower(): value for name, value in headers.items()}
    found = contract().of_delivery(Request("POST", "/", {}, names, content))
    if found:
        raise AssertionError("the delivery contradicts the official schema: " + "; ".join(found))


def _json(body: bytes, **_: str) -> object:
    """A body, whatever the parameters of its type."""
    return json.loads(body)


def _text(body: bytes, charset: str = "utf-8", **_: str) -> str:
    return body.decode(charset)


def _told(error: Exception) -> Iterator[str]:
    """An error of openapi-core in short: where, and what; never the value."""
    cause: Any = error if hasattr(error, "schema_errors") else error.__cause__
    rows = list(getattr(cause, "schema_errors", ()))
    if not rows:
        yield f"{error}"[:200]
    for row in rows:
        where = ".".join(map(str, row.absolute_path))
        yield f"{where or 'the body'}: {row.message}"[:200]
        for inner in row.context or ():
            yield f"{where}.{'.'.join(map(str, inner.path))}: {inner.message}"[:200]

"""Refusals as problem+json, and bodies that have to be JSON objects."""

from __future__ import annotations

from typing import Any

from local.simulators.wire import Reply, Request, json_reply

PROBLEM = "application/problem+json"


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """The reply of a request that is refused."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def problem(status: int, title: str, detail: str, kind: str = "about:blank") -> Refusal:
    """A refusal as problem+json."""
    body = {"type": kind, "title": title, "detail": detail}
    return Refusal(json_reply(status, body, PROBLEM))


def bad_request(detail: str) -> Refusal:
    """A refusal of what was sent."""
    return problem(400, "Bad Request", detail)


def object_of(request: Request) -> dict[str, Any]:
    """The body, which has to be a JSON object."""
    try:
        content = request.json()
    except ValueError:
        raise bad_request("the body is not JSON") from None
    if not isinstance(content, dict):
        raise bad_request("the body is not an object")
    return content

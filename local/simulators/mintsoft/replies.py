"""Mintsoft's ways of answering, and of refusing what it cannot read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from local.simulators.wire import Reply, Request, json_reply


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """The reply of a request that is refused."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def toolkit(success: bool, made: int, message: str) -> Reply:
    """A ToolkitResult."""
    return json_reply(
        200,
        {
            "ID": made if success else 0,
            "Success": success,
            "SensitiveData": None,
            "Message": message,
            "WarningMessage": None,
            "AllocatedFromReplen": False,
        },
    )


def object_of(request: Request) -> dict[str, Any]:
    """The body, which has to be an object."""
    try:
        content = request.json()
    except ValueError:
        raise Refusal(invalid("")) from None
    if not isinstance(content, dict):
        raise Refusal(invalid(""))
    return content


def whole(content: dict[str, Any], name: str, default: int | None = None) -> int:
    """A whole number of a body."""
    value = content.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal(invalid(name))
    return value


def text(content: dict[str, Any], name: str) -> str:
    """A text of a body; empty when it is missing or null."""
    value = content.get(name)
    if value is not None and not isinstance(value, str):
        raise Refusal(invalid(name))
    return value or ""


def rows(content: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects of a body; empty when it is missing or null."""
    value = content.get(name) or []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise Refusal(invalid(name))
    return value


def invalid(name: str) -> Reply:
    """A body that cannot be bound."""
    return json_reply(
        400, {"Message": "The request is invalid.", "ModelState": {name: ["is not valid"]}}
    )


def day(written: str) -> str | None:
    """A date as it is asked for; None for what cannot be read."""
    try:
        return datetime.fromisoformat(written).date().isoformat()
    except ValueError:
        return None


def number(query: dict[str, str], name: str, default: int = 0) -> int:
    """A whole number of a query.

    Raises:
        Refusal: It is none.
    """
    try:
        return int(query.get(name) or default)
    except ValueError:
        raise Refusal(invalid(name)) from None

"""Numbers that go to Mintsoft as JSON: its own are doubles."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from returns_hub.errors import Permanent


def as_json_number(value: Decimal) -> float:
    """The double that reads as exactly this number.

    Raises:
        Permanent: There is none.
    """
    number = float(value)
    if Decimal(repr(number)) != value:
        raise Permanent("mintsoft.bad_number", f"{value} cannot be sent exactly; round it")
    return number


def as_json(content: Any) -> Any:
    """Content that was read from Mintsoft, to be sent back.

    Raises:
        Permanent: A number in it cannot be sent exactly.
    """
    match content:
        case Decimal():
            return as_json_number(content)
        case dict():
            return {name: as_json(value) for name, value in content.items()}
        case list():
            return [as_json(value) for value in content]
    return content

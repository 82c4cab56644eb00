"""Reading models out of rows, whichever release wrote them.

A field that a later release added is passed over; one that an earlier release did not have yet has
its default. What cannot be read even so is never guessed at: its work waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from returns_hub.errors import Misconfigured

Model = TypeVar("Model", bound=BaseModel)
Read = TypeVar("Read")


def read_model(model: type[Model], text: str, what: str) -> Model:
    """The model that a row holds as JSON.

    Args:
        model: Which.
        text: The JSON.
        what: Whose row, for whoever reads why it cannot be read.

    Raises:
        Misconfigured: This release cannot read it.
    """
    return readable(lambda: model.model_validate_json(text, extra="ignore"), what)


def readable(read: Callable[[], Read], what: str) -> Read:
    """What is read.

    Raises:
        Misconfigured: This release cannot read it.
    """
    try:
        return read()
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
    raise Misconfigured(
        "store.unreadable",
        f"{what} cannot be read (at {where}): a release wrote it that this one does not know; "
        "deploy that release again (docs/upgrades.md)",
    )

"""Mintsoft's answers, read by their models; a shape that is none of them is tried again later."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from returns_hub.errors import Retryable

Model = TypeVar("Model", bound=BaseModel)


def whole_number(content: Any) -> int:
    """A bare whole number."""
    if isinstance(content, bool) or not isinstance(content, int):
        raise Retryable("mintsoft.unreadable", "Mintsoft's answer is not a whole number", after=300)
    return content


def one(model: type[Model], content: Any) -> Model:
    """One object."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise _unreadable(error) from None


def rows_of(model: type[Model], content: Any) -> list[Model]:
    """Rows of a list, which is a bare array; some calls may wrap it in ``Results`` or ``Data``."""
    if isinstance(content, dict):
        content = content.get("Results", content.get("Data"))
    try:
        return TypeAdapter(list[model]).validate_python(content)  # type: ignore[valid-type]
    except ValidationError as error:
        raise _unreadable(error) from None


def _unreadable(error: ValidationError) -> Retryable:
    where = ".".join(map(str, error.errors()[0]["loc"]))
    return Retryable(
        "mintsoft.unreadable",
        f"Mintsoft's answer cannot be read at {where or 'its top'}",
        after=300,
    )

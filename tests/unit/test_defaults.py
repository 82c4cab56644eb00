"""Defaults that are models are constructed, not validated: they are what validation would make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from returns_hub.domain.merchant import Merchant


def models(of: Any, found: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """Every model that a field of this type may hold, and those inside."""
    if isinstance(of, type) and issubclass(of, BaseModel):
        if of not in found:
            found.add(of)
            for field in of.model_fields.values():
                models(field.annotation, found)
        return found
    for inner in get_args(of):
        models(inner, found)
    return found


def defaults() -> Iterator[tuple[str, BaseModel]]:
    for model in sorted(models(Merchant, set()), key=str):
        for name, field in model.model_fields.items():
            if isinstance(field.default, BaseModel):
                yield f"{model.__module__}.{model.__name__}.{name}", field.default


DEFAULTS = dict(defaults())


def test_there_are_some() -> None:
    assert len(DEFAULTS) > 50


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_default_is_what_validation_makes(name: str) -> None:
    default = DEFAULTS[name]
    given = default.model_dump(exclude_unset=True)
    made = type(default).model_validate(given)
    assert made == default
    assert made.model_fields_set == default.model_fields_set
    assert type(default).model_validate(default.model_dump()) == default

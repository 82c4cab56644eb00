"""Settings of a simulator, changed while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Settings = TypeVar("Settings", bound="DataclassInstance")


def changed(settings: Settings, wanted: Mapping[str, Any]) -> Settings:
    """The settings with changes from JSON.

    Raises:
        ValueError: A name or a value that there is not.
    """
    hints = get_type_hints(type(settings))
    known = {field.name for field in fields(settings)}
    given = dict(wanted)
    for name, value in wanted.items():
        if name not in known:
            raise ValueError(f"no setting {name}")
        if get_origin(hints[name]) is Literal and value not in get_args(hints[name]):
            raise ValueError(f"{name} is one of {get_args(hints[name])}")
        if get_origin(hints[name]) is tuple:
            given[name] = tuple(value)
    return replace(settings, **given)

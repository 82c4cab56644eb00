"""The `despatch_relay:` and `order_changes:` blocks of a merchant's file."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from returns_hub.domain.base import Frozen
from returns_hub.domain.expressions import expression_problem
from returns_hub.domain.file_types import (
    BaseUrl,
    Hours,
    LookBack,
    Minutes,
    Mode,
    Overlap,
    RequestRate,
    SecretName,
    Switch,
)

TargetName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class RelayTarget(Frozen):
    """Somebody who is told of despatches, by POST of `despatch/1`; docs/events.md has it."""

    name: TargetName
    url: BaseUrl
    secret: SecretName = Field(description="name of the secret: signing_key, or token, or both")
    requests_per_second: RequestRate = 5.0
    answer_lost: Literal["again", "ask"] = Field(
        default="again",
        description="again: told once more with the same id, which a receiver takes once; ask: a "
        "person decides",
    )


class DespatchRelay(Frozen):
    """Despatches of the warehouse are told upstream, part by part."""

    mode: Mode = Field(
        default=Mode.OFF, description="shadow plans everything and writes to no partner"
    )
    every_minutes: Minutes = Field(default=5, description="minutes between two runs")
    overlap_minutes: Overlap = Field(
        default=10, description="how far each run reads back behind the last one"
    )
    first_look_back_hours: LookBack = Field(
        default=24, description="how far the first run reads back"
    )
    channels: tuple[str, ...] = Field(
        default=(), description="only orders of these sales channels; empty: all"
    )
    targets: tuple[RelayTarget, ...] = Field(default=(), max_length=10)

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [target.name for target in self.targets]
        if len(set(names)) != len(names):
            raise ValueError("a target's name stands twice")
        if self.mode is not Mode.OFF and not names:
            raise ValueError("despatch_relay needs targets")
        return self


class OrderChangesSettings(Frozen):
    """Orders that were edited or cancelled upstream, told by `order-change/1`."""

    mode: Mode = Field(default=Mode.OFF, description="shadow plans and writes to no partner")
    cancel: Switch = Field(
        default=True, description="cancel at Mintsoft what is not begun; else it is only flagged"
    )
    wait_for_replacement_hours: Hours = Field(
        default=24,
        description="an edited order is cancelled when the order that replaces it is there; after "
        "so long without it a person is asked",
    )
    edit_suffix: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        default=r"[-/][Ee]?[0-9]{1,2}",
        description="regular expression of what an edit puts behind an order's number; drift holds "
        "such orders against each other",
    )

    @model_validator(mode="after")
    def _suffix_is_one(self) -> Self:
        problem = expression_problem(self.edit_suffix)
        if problem:
            raise ValueError(f"order_changes.edit_suffix {problem}")
        if re.fullmatch(self.edit_suffix, ""):
            raise ValueError("order_changes.edit_suffix fits the empty text: every number has that")
        return self

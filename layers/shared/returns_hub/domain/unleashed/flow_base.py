"""What the settings of every flow between Unleashed and the warehouse share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from returns_hub.domain.base import Frozen
from returns_hub.domain.file_types import LookBack, Minutes, Mode, Overlap, WholeNumber

SHORTEST_MINUTES = 15
"""Between two runs of what the connector's document says "minimum 15" of."""
MOST_CUSTOM_STATUSES = 10
LONGEST_CUSTOM_STATUS = 15
"""Unleashed keeps ten custom statuses of at most fifteen characters (its help pages)."""


def _customs(words: tuple[str, ...]) -> tuple[str, ...]:
    seen: set[str] = set()
    for word in words:
        if not word.strip() or word != word.strip() or not word.isprintable():
            raise ValueError("a custom status is a word as Unleashed shows it, without blanks")
        if "," in word:
            raise ValueError("a custom status holds no comma; write a list: [one, two]")
        if len(word) > LONGEST_CUSTOM_STATUS:
            raise ValueError(
                f"a custom status has at most {LONGEST_CUSTOM_STATUS} characters at Unleashed"
            )
        if word.casefold() in seen:
            raise ValueError(f"the custom status {word} stands twice")
        seen.add(word.casefold())
    return words


CustomStatuses = Annotated[
    tuple[str, ...], Field(max_length=MOST_CUSTOM_STATUSES), AfterValidator(_customs)
]
"""Custom statuses of Unleashed; where any is named, they alone count."""
Courier = Annotated[str, StringConstraints(min_length=1, max_length=60)]
"""A Mintsoft courier service, by id or name; AUTO leaves it to Mintsoft's shipping rules."""
TaxCode = Annotated[str, StringConstraints(min_length=1, max_length=50)]

FewestMinutes = Annotated[WholeNumber, Field(ge=SHORTEST_MINUTES, le=1440)]


class ChangesFlow(Frozen):
    """A flow that reads what changed since its last run."""

    mode: Mode = Field(
        default=Mode.OFF, description="shadow plans everything and writes to no partner"
    )
    every_minutes: Minutes = Field(default=15, description="minutes between two runs")
    overlap_minutes: Overlap = Field(
        default=10, description="how far each run reads back behind the last one"
    )


class UnleashedFlow(ChangesFlow):
    """A flow whose first run does not begin with the account's whole past."""

    first_look_back_hours: LookBack = Field(
        default=24, description="how far the first run reads back"
    )

"""What every model of ours shares."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


class Frozen(BaseModel):
    """An immutable model that refuses fields it does not know.

    A default that is a model is made by `model_construct`: to make it as usual would build its
    validator when its module is loaded, at every start, and every file has to fit its type anyway.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def _as_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time needs its offset, e.g. 2026-03-02T09:15:00Z")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time out of range") from None


def _as_written(value: object) -> object:
    """A time that is written as one: 20261201 would be taken for seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and RFC_3339.fullmatch(value)):
        return value
    raise ValueError("must be a time with its offset, e.g. 2026-03-02T09:15:00Z")


UtcTime = Annotated[datetime, BeforeValidator(_as_written), AfterValidator(_as_utc)]
"""An aware time, kept in UTC. A naive time is refused: nobody knows what it means."""

MerchantId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
"""A merchant's id: the name of its file; lower-case letters, digits and dashes."""


def short_hash(text: str, length: int = 16) -> str:
    """The first `length` hexadecimal digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def plain_word(word: str) -> str:
    """A word of a partner's as it is compared: letters' case and blanks do not count."""
    return " ".join(word.split()).casefold()

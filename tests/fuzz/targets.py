"""What an entry of the hub is to the fuzzer: one small function from bytes to an answer.

An entry may answer with a value of its declared type or with one of the verdicts of
`returns_hub.errors`. What else must hold is said beside each entry and raises `Wrong`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from tests.fuzz.mutations import CANARIES

ROOT = Path(__file__).parents[2]
LONGEST_REASON = 500
Dialect = Literal["json", "yaml", "script", "raw"]


class Wrong(Exception):
    """The answer breaks a property. `name` tells kinds of findings apart."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name


class Refused(Exception):
    """A refusal that is no verdict: what is wrong with a merchant file, in words."""

    def __init__(self, code: str, lines: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.lines = lines


@dataclass(frozen=True)
class Target:
    """An entry.

    Args:
        name: As the command line and the reports call it.
        dialect: How its inputs are changed.
        run: The entry; its result is checked against `gives`.
        gives: What a value may be an instance of.
        seeds: Inputs to begin with.
        canaries: Whether reasons are searched for the planted canaries.
    """

    name: str
    dialect: Dialect
    run: Callable[[bytes], object]
    gives: tuple[type, ...]
    seeds: tuple[bytes, ...]
    canaries: bool = True


def checked_reason(text: str, code: str) -> None:
    """A reason is one printable line, and not too long."""
    if not text or not text.isprintable():
        raise Wrong(f"reason is not one printable line: {code}", ascii(text[:200]))
    if len(text) > LONGEST_REASON:
        raise Wrong(f"reason is too long: {code}", f"{len(text)} characters: {text[:100]}")


def without_canaries(text: str, code: str) -> None:
    """No planted secret or personal data in a text for operators or logs."""
    for canary in CANARIES:
        if canary in text:
            raise Wrong(f"reason repeats a canary: {code}", text[:200])


def writable(value: object) -> None:
    """A model can be written down: no surrogates, no numbers that JSON does not have."""
    if isinstance(value, BaseModel):
        value.model_dump_json()


def delivered(data: bytes) -> str:
    """As a queue delivers it: always valid Unicode."""
    return data.decode("utf-8", "replace")


def as_json(content: object) -> bytes:
    """Content as a partner or a queue gives it."""
    return json.dumps(content).encode()

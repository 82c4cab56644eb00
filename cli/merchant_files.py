"""Merchant files: read with care, and what is wrong with them told in an operator's words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cli.file_problems import Problem, in_one_line, line_of
from cli.merchant_advice import warnings_of
from cli.plain_yaml import Unreadable, load_plain
from returns_hub.domain.file_types import Mode
from returns_hub.domain.merchant import Merchant


@dataclass(frozen=True)
class Reading:
    """A file as read: the merchant when it is valid, and all that is to be said of it."""

    merchant: Merchant | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the file from being applied."""
        return tuple(p for p in self.problems if not p.is_warning)


def read_merchant_file(path: Path) -> Reading:
    """Read and check a file; every problem at once, not only the first."""
    try:
        content, lines = load_plain(path)
    except Unreadable as error:
        return Reading(None, (Problem("", error.line, error.text),))
    found = list(_live_without_date(content, lines))
    try:
        merchant = Merchant.model_validate(content)
    except ValidationError as error:
        found = list(problems_of(error, lines, found))
    if found:
        return Reading(None, tuple(sorted(found, key=lambda p: p.line)))
    return Reading(merchant, warnings_of(merchant, lines))


def problems_of(
    error: ValidationError,
    lines: dict[tuple[str, ...], int] | None = None,
    told: Iterable[Problem] = (),
) -> tuple[Problem, ...]:
    """What is wrong with a file's content, in an operator's words, after what is told already."""
    problems = error.errors(include_url=False)
    found = [*told, *(_in_words(problem, lines or {}) for problem in problems if problem["loc"])]
    # The model's own rules speak of the whole file; what they say may be told already.
    return tuple(found or [_in_words(problem, lines or {}) for problem in problems])


WORDS = {
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be a text; put it in quotes",
    "dict_type": "must be keys and values, indented below it",
    "model_type": "must be keys and values, indented below it",
    "tuple_type": "must be a list, e.g. [return]",
    "datetime_type": "must be a time with its offset, e.g. 2026-12-01T06:00:00Z",
    "datetime_parsing": "must be a time with its offset, e.g. 2026-12-01T06:00:00Z",
    "datetime_from_date_parsing": "must be a time with its offset, e.g. 2026-12-01T06:00:00Z",
}
PATTERNS = {
    "merchant": "must be lower-case letters, digits and dashes, at most 40",
    "store_id": "must be the id from Redo (Settings, Developer): letters, digits, - and _",
    "secret": "must be a secret's name (lower-case letters, digits and dashes), never its value; "
    "the value is set with: hub secrets set",
}
NEVER_SHOWN = frozenset({"secret", "base_url"})
"""Keys whose wrong value may be a credential that was put in the wrong place."""


def _live_without_date(content: Any, lines: dict[tuple[str, ...], int]) -> Iterator[Problem]:
    """Live flows in a file without live_from; told even when the file has other mistakes."""
    if not isinstance(content, dict) or content.get("live_from") is not None:
        return
    flows = content.get("flows")
    for name, flow in flows.items() if isinstance(flows, dict) else ():
        if isinstance(flow, dict) and flow.get("mode") == Mode.LIVE.value:
            path = ("flows", str(name), "mode")
            text = "is live, and live_from is needed before a flow may be: the moment of the switch"
            yield Problem(".".join(path), line_of(path, lines), text)


def _in_words(problem: ErrorDetails, lines: dict[tuple[str, ...], int]) -> Problem:
    path = tuple(str(part) for part in problem["loc"])
    where = in_one_line(".".join(part[:60] for part in path))[:120]
    line = line_of(path, lines)
    kind = problem["type"]
    if kind == "extra_forbidden":
        return Problem(where, line, _unknown_key(path))
    if kind == "missing":
        return Problem(where, line, "is missing")
    said = WORDS.get(kind) or problem["msg"].removeprefix("Value error, ")
    if kind == "string_pattern_mismatch":
        said = PATTERNS.get(path[-1], said)
    given = problem.get("input")
    is_plain = isinstance(given, str | int | float) and path and path[-1] not in NEVER_SHOWN
    shown = f" (it is {ascii(given)[:80]})" if is_plain else ""
    return Problem(where, line, in_one_line(f"{said[0].lower()}{said[1:]}{shown}"))


def _unknown_key(path: tuple[str, ...]) -> str:
    known = _keys_at(Merchant, path[:-1])
    nearest = difflib.get_close_matches(path[-1], known, n=1, cutoff=0.5)
    if nearest:
        return f"is not a key; did you mean {nearest[0]}?"
    return f"is not a key; there are: {', '.join(sorted(known))}"


def _keys_at(model: type[BaseModel], path: tuple[str, ...]) -> list[str]:
    for name in path:
        field = model.model_fields.get(name)
        if field is None and name.isdigit():
            continue  # an entry of a list
        inner = field.annotation if field else None
        models = [inner, *get_args(inner)]
        found = [m for m in models if isinstance(m, type) and issubclass(m, BaseModel)]
        if not found:
            return []
        model = found[0]
    return list(model.model_fields)


def differences(old: Merchant | None, new: Merchant) -> list[tuple[str, str, str]]:
    """What changes, one row for each key: path, what it was, what it becomes."""
    before = _flat(old.model_dump(mode="json")) if old else {}
    after = _flat(new.model_dump(mode="json"))
    return [
        (path, before.get(path, ""), after.get(path, ""))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]


def _flat(content: Any, path: str = "") -> dict[str, str]:
    if isinstance(content, dict) and content:
        rows: dict[str, str] = {}
        for key, value in content.items():
            rows |= _flat(value, f"{path}.{key}" if path else str(key))
        return rows
    if isinstance(content, list) and any(isinstance(value, dict) for value in content):
        return _flat({str(number): value for number, value in enumerate(content)}, path)
    return {path: str(content)}

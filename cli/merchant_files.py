"""Merchant files: read with care, and what is wrong with them told in an operator's words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cli import miinto_advice, unleashed_advice
from returns_hub.adapters.loop.portal import ABILITIES
from returns_hub.adapters.miinto.portal import ABILITIES as RMA_ABILITIES
from returns_hub.domain.file_types import Mode
from returns_hub.domain.flow_settings import ProcessReceipts
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.policy_lint import lint
from returns_hub.domain.returns import PortalAbilities

LONGEST_WORDS = 300
DEEPEST = 20
OPENING = (
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
)
CLOSING = (yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken, yaml.BlockEndToken)
LARGEST_FILE = 256 * 1024
"""Bytes; a merchant's file is a few kilobytes."""


@dataclass(frozen=True)
class Problem:
    """Something wrong, or worth a warning, at a line of a file."""

    where: str
    line: int
    text: str
    is_warning: bool = False


@dataclass(frozen=True)
class Reading:
    """A file as read: the merchant when it is valid, and all that is to be said of it."""

    merchant: Merchant | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the file from being applied."""
        return tuple(p for p in self.problems if not p.is_warning)


class Unreadable(Exception):  # noqa: N818 - a finding about a file
    """The file cannot be read as YAML that we take."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


class Plain(yaml.SafeLoader):
    """YAML by the rules of 1.2, as editors read it: `off` and `no` are texts, and so is every key.

    By PyYAML's own rules (1.1) `mode: off` would be false, and a location's id a number.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping whose keys are as they were written."""
        for key, _ in node.value:
            key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


Plain.yaml_implicit_resolvers = {}
for _tag, _form, _starts in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", list("-+0123456789")),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)$", list("-+.0123456789")),
):
    Plain.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_form), _starts)


def read_merchant_file(path: Path) -> Reading:
    """Read and check a file; every problem at once, not only the first."""
    try:
        content, lines = _load(path)
    except Unreadable as error:
        return Reading(None, (Problem("", error.line, error.text),))
    found = list(_live_without_date(content, lines))
    try:
        merchant = Merchant.model_validate(content)
    except ValidationError as error:
        found = list(problems_of(error, lines, found))
    if found:
        return Reading(None, tuple(sorted(found, key=lambda p: p.line)))
    return Reading(merchant, tuple(_warnings(merchant, lines)))


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


def _load(path: Path) -> tuple[Any, dict[tuple[str, ...], int]]:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise Unreadable(
                0, f"has over {LARGEST_FILE} bytes; a merchant file is a few kilobytes"
            )
        text = content.decode("utf-8")
    except OSError as error:
        raise Unreadable(0, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Unreadable(0, "is not UTF-8 text") from None
    try:
        refuse_what_is_not_plain(text)
        node = yaml.compose(text, Loader=Plain)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = in_one_line(f"is not YAML: {error.problem}")
        raise Unreadable(mark.line + 1 if mark else 0, said) from None
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError):
        # PyYAML lets Python's own errors through, e.g. of "\UFFFFFFFF".
        raise Unreadable(0, "is not YAML") from None
    if not isinstance(node, yaml.MappingNode):
        raise Unreadable(1, "a merchant file is a list of keys and values")
    lines: dict[tuple[str, ...], int] = {}
    _note_lines(node, (), lines)
    try:
        return Plain(text).get_single_data(), lines
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(0, in_one_line(f"is not YAML: {error}")) from None


def in_one_line(text: str) -> str:
    """Printable, and not too long."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 2 * LONGEST_WORDS])
    return " ".join(printable.split())[:LONGEST_WORDS]


def refuse_what_is_not_plain(text: str) -> None:
    """Anchors and tags, and nesting that PyYAML would follow for minutes."""
    depth = 0
    for token in yaml.scan(text):
        line = token.start_mark.line + 1
        if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
            raise Unreadable(line, "anchors and aliases (& and *) are not taken")
        if isinstance(token, yaml.TagToken):
            raise Unreadable(line, "is not YAML that is taken here: it has tags (!)")
        depth += isinstance(token, OPENING) - isinstance(token, CLOSING)
        if depth > DEEPEST:
            raise Unreadable(line, "is not YAML that is taken here: it is nested too deeply")


def _note_lines(node: yaml.Node, path: tuple[str, ...], lines: dict[tuple[str, ...], int]) -> None:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise Unreadable(key.start_mark.line + 1, "has a key that is not a text")
            inner = (*path, str(key.value))
            if inner in lines:
                line = key.start_mark.line + 1
                name = in_one_line(".".join(inner))[:120]
                raise Unreadable(line, f"{name} stands twice (line {lines[inner]} too)")
            _note_lines(value, inner, lines)
            lines[inner] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            _note_lines(value, (*path, str(position)), lines)


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


def _line_of(path: tuple[str, ...], lines: dict[tuple[str, ...], int]) -> int:
    """The line of the key, or of the nearest one around it."""
    return next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), 1)


def _live_without_date(content: Any, lines: dict[tuple[str, ...], int]) -> Iterator[Problem]:
    """Live flows in a file without live_from; told even when the file has other mistakes."""
    if not isinstance(content, dict) or content.get("live_from") is not None:
        return
    flows = content.get("flows")
    for name, flow in flows.items() if isinstance(flows, dict) else ():
        if isinstance(flow, dict) and flow.get("mode") == Mode.LIVE.value:
            path = ("flows", str(name), "mode")
            text = "is live, and live_from is needed before a flow may be: the moment of the switch"
            yield Problem(".".join(path), _line_of(path, lines), text)


def _in_words(problem: ErrorDetails, lines: dict[tuple[str, ...], int]) -> Problem:
    path = tuple(str(part) for part in problem["loc"])
    where = in_one_line(".".join(part[:60] for part in path))[:120]
    line = _line_of(path, lines)
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


def warnings_of(merchant: Merchant) -> tuple[Problem, ...]:
    """What is allowed in a file and probably not wanted; without the lines of a file."""
    return tuple(_warnings(merchant, {}))


def _warnings(merchant: Merchant, lines: dict[tuple[str, ...], int]) -> Iterator[Problem]:
    mintsoft = merchant.mintsoft
    reasons = ("mintsoft", "reasons", "default")
    if mintsoft.reasons.is_placeholder:
        yield Problem(
            ".".join(reasons),
            lines.get(reasons, 1),
            "is 0, a placeholder: the reason map is not validated, and returns would reach "
            "Mintsoft with reason id 0; set the real id before going live",
            is_warning=True,
        )
    warehouses = mintsoft.warehouses
    if not warehouses.by_location and warehouses.merchant_address is None:
        yield Problem(
            "mintsoft.warehouses",
            lines.get(("mintsoft", "warehouses"), lines.get(("mintsoft",), 1)),
            "maps no warehouse: every return would be skipped",
            is_warning=True,
        )
    portal = merchant.portal_connection
    if portal.secret == mintsoft.secret:
        yield Problem(
            "mintsoft.secret",
            _line_of(("mintsoft", "secret"), lines),
            f"is the name of {merchant.portal.title()}'s secret too; each partner needs one of its "
            "own",
            is_warning=True,
        )
    flows = merchant.flows
    if flows.process_receipts.mode is Mode.LIVE and (
        flows.create_external_returns.mode is not Mode.LIVE
    ):
        yield Problem(
            "flows",
            lines.get(("flows",), 1),
            "processes receipts live while external returns are not made by the hub",
            is_warning=True,
        )
    for path, text in (
        *miinto_advice.advice_on(merchant),
        *unleashed_advice.advice_on(merchant),
    ):
        yield Problem(".".join(path), _line_of(path, lines), text, is_warning=True)
    yield from _advice(merchant, lines)


def _advice(merchant: Merchant, lines: dict[tuple[str, ...], int]) -> Iterator[Problem]:
    """What in the decision table cannot be done, or is probably not meant."""
    own = merchant.flows.process_receipts
    tables: list[tuple[tuple[str, ...], ProcessReceipts, PortalAbilities]] = [
        (("flows", "process_receipts"), own, abilities_of(merchant))
    ]
    if merchant.miinto is not None and merchant.miinto.rma.decide.mode is not Mode.OFF:
        decide = merchant.miinto.rma.decide
        tables.append((("miinto", "rma", "decide"), decide, RMA_ABILITIES))
    for place, settings, abilities in tables:
        for advice in lint(settings.policy, abilities, restock=settings.restock):
            if not advice.is_note:
                path = (*place, "policy", *advice.where.split(".", 2))
                line = _line_of(path, lines)
                yield Problem(".".join(path), line, in_one_line(advice.text), is_warning=True)


def abilities_of(merchant: Merchant) -> PortalAbilities:
    """What the portal of a merchant's file can do, told without asking it."""
    if merchant.portal == "miinto":
        return RMA_ABILITIES
    if merchant.redo is None or merchant.portal == "loop":
        return ABILITIES
    return PortalAbilities(amount_counts=merchant.redo.adjustment_counts)


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

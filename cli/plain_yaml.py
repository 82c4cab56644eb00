"""YAML as it is taken from people: plain values, each key once, with the line of each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from cli.file_problems import in_one_line

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


def load_plain(path: Path) -> tuple[Any, dict[tuple[str, ...], int]]:
    """A file's content, and the line of each key.

    Raises:
        Unreadable: It is none that is taken.
    """
    text = text_of(path)
    try:
        refuse_what_is_not_plain(text)
        reading = Plain(text)
        node = reading.get_single_node()
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
        return reading.construct_document(node), lines
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(0, in_one_line(f"is not YAML: {error}")) from None


def text_of(path: Path) -> str:
    """A small file's text.

    Raises:
        Unreadable: It cannot be read, or is larger than any such file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise Unreadable(
                0, f"has over {LARGEST_FILE} bytes; a merchant file is a few kilobytes"
            )
        return content.decode("utf-8")
    except OSError as error:
        raise Unreadable(0, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Unreadable(0, "is not UTF-8 text") from None


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

"""Changes to inputs, aware of their structure: JSON, YAML, and scripts of replies."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import yaml

CANARIES = ("pat.lee@example.test", "+447700900123", "tok.9f31c2a7e5d84b60c7d2")
"""An e-mail address, a phone number and a token: no reason may ever repeat them."""
MOST_NODES = 30_000
RUINOUS = ("1e3500000", "-3E+3499999")
"""Numbers of few characters that are millions of digits once written out."""


class Raw(str):
    """A piece of JSON text that stands for itself, valid or not."""

    __slots__ = ()


class Pairs(list[tuple[str, Any]]):
    """A JSON object that may have a key twice."""


NUMBERS = (
    "0",
    "-0",
    "1",
    "-1",
    "0.5",
    "2.0",
    "1e0",
    "1e3",
    "2147483648",
    "9223372036854775808",
    "-9223372036854775809",
    "9" * 40,
    "9" * 400,
    "9" * 5000,
    "1e308",
    "1e309",
    "-1e309",
    "1e4299",
    "1e5000",
    "1e-5000",
    "1e9999999999999999999",
    "1e-9999999999999999999",
    "NaN",
    "Infinity",
    "-Infinity",
    "1700000000",
    "20261201",
    "1e11",
    "0x10",
    "01",
    *RUINOUS,
)
TEXTS = (
    "",
    " ",
    "\n",
    "a\nb",
    "\x00",
    "\x1b[31m",
    "\u202e",
    "\u2028",
    "\ud800",
    "\udfff\ud800",
    "\uffff",
    "\U0001f600",
    "é",
    "\xa0",
    "null",
    "true",
    "off",
    "NaN",
    "0",
    "5",
    "-5",
    "1e5",
    "9" * 5000,
    "x" * 41,
    "x" * 700,
    "x" * 70_000,
    "<html><body>Service Unavailable</body></html>",
    "../../admin",
    "a/b?c=d#e",
    "%00",
    "example",
    "approved-return/1",
    "approved-return/2",
    "return",
    "open",
    "complete",
    "pending",
    *CANARIES,
)
TIMES = (
    "2026-03-02T09:15:00Z",
    "2026-03-02T09:15:00",
    "2026-03-02T09:15:00.1234567",
    "2026-03-02T09:15:00.1234567890123Z",
    "2026-03-02 09:15:00+00:00",
    "2026-03-02T09:15Z",
    "2026-03-02T24:00:00Z",
    "2026-03-02T23:59:60Z",
    "2026-02-30T00:00:00Z",
    "2026-03-02T09:15:00+24:00",
    "2026-03-02T09:15:00-23:59",
    "2026-W10-1",
    "20260302T091500",
    "2026-03-02",
    "0000-00-00T00:00:00",
    "0001-01-01T00:00:00",
    "0001-01-01T00:00:00+05:00",
    "9999-12-31T23:59:59.9999999",
    "9999-12-31T23:59:59-05:00",
    "1700000000",
    "-1",
    "99999999999999",
    "P1D",
    "soon",
)
HEADERS = (
    "Retry-After: 0",
    "Retry-After: -5",
    "Retry-After: 1e400",
    "Retry-After: nan",
    "Retry-After: Infinity",
    "Retry-After: soon",
    "Retry-After: " + "9" * 5000,
    "Retry-After: Mon, 02 Mar 2026 09:30:00 GMT",
    "Retry-After: Mon, 02 Mar 2026 09:30:00 +9999",
    "Retry-After: Mon, 01 Jan 99999999999 00:00:00 GMT",
    "Retry-After: Mon, 02 Mar 2026 09:30:00 +99999999999999999999",
    "Retry-After: Mon, 31 Dec 9999 23:59:59 -2359",
    "X-Page-Next: 2",
    "X-Page-Next: 3",
    "X-Page-Next: \xa0x",
    "X-Page-Next: \xff\xfe",
    "X-Page-Next: " + CANARIES[2],
    "Content-Type: text/html",
    "Content-Encoding: gzip",
    "Content-Encoding: deflate",
    "Content-Encoding: br, gzip",
    "Location: http://127.0.0.1:9/",
    "Set-Cookie: a=" + CANARIES[2],
)
STATUSES = (
    *(100, 199, 200, 200, 200, 200, 201, 202, 204, 206, 226, 299, 300, 302, 304, 307, 400, 401),
    *(402, 403, 404, 405, 406, 408, 409, 410, 412, 413, 414, 415, 418, 421, 422, 423, 425, 429),
    *(431, 451, 499, 500, 501, 502, 503, 504, 520, 522, 524, 529, 599, 0, 999),
)
WIRES = ("", "", "", "cut", "reset", "late", "refused")
BODIES = (
    b"",
    b"null",
    b"true",
    b"0",
    b"12",
    b'"text"',
    b"[]",
    b"{}",
    b"[[]]",
    b"[null]",
    b'{"Success": true}',
    b'{"Success": "true", "ID": 5}',
    b'{"Success": 1, "ID": 5}',
    b'{"Success": true, "ID": true}',
    b'{"Success": true, "ID": "5"}',
    b'{"Success": false, "ID": 5}',
    b'{"Success": true, "ID": 5',
    b'{"Results": []}',
    b'{"Data": null}',
    b"<html><head><title>429 Too Many Requests</title></head></html>",
    b"\xff\xfe[\x00]\x00",
    b"\xef\xbb\xbf[]",
    b"\x1f\x8b\x08\x00garbage",
    b"\x00" * 40,
    b"\xc3\x28",
    b'"\xed\xa0\x80"',
)
YAML_SCALARS = (
    *("!!timestamp x", "!!timestamp 2026-01-01", "!!bool maybe", '!!int ""', '!!float ""'),
    *(
        "!!null x",
        "!!str 5",
        "!!binary x",
        "!!binary aGk=",
        "!!set {a}",
        "!!omap [a: 1]",
        "!!seq x",
    ),
    *("!!pairs [a: 1]", "!!map x", "!!python/name:os.system", "!local x", "!<x> y", "! x"),
    *(
        "&a x",
        "*a",
        "<<",
        "{<<: {a: 1}}",
        "? x",
        "- x",
        "| \n  x",
        ">-\n  x",
        "''",
        '"',
        "'",
        "{",
        "[",
    ),
    *(
        '"\\UFFFFFFFF"',
        '"\\U00110000"',
        '"\\ud800"',
        '"\\x00"',
        '"\\q"',
        "@x",
        "`x",
        "%x",
        "\t",
        "#",
    ),
    *(
        "off",
        "no",
        "yes",
        "on",
        "~",
        "null",
        "true",
        "False",
        "0",
        "-0",
        "+1",
        "0x1F",
        "0o17",
        "1_000",
    ),
    *(
        ".",
        "-.",
        ".5",
        "1.",
        "1e3",
        ".inf",
        ".nan",
        "12:30:45",
        "2026-12-01",
        "2026-12-01T06:00:00Z",
    ),
    *(
        "20261201",
        "9" * 400,
        "9" * 5000,
        "https://x.test/",
        "http://x.test",
        "https://[",
        "https://u:p@x",
    ),
    *("https://[::1", "http://localhost:1", "https://\u2100.test", "http://127.0.0.1:99999999"),
    *("Europe/London", "Mars/Base", "../../etc/passwd", "/etc/passwd", "x" * 700, *CANARIES),
)
YAML_LINES = (
    "%YAML 1.1",
    "%TAG ! x",
    "---",
    "...",
    "--- x",
    "\ufeff",
    "\x00",
    "\x85",
    "\t a: 1",
    "? a",
)


def parse_json(text: str) -> Any:
    """The tree of a JSON text, numbers as they were written.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It is nested too deeply.
    """
    return json.loads(
        text, object_pairs_hook=Pairs, parse_int=Raw, parse_float=Raw, parse_constant=Raw
    )


def dump_json(tree: Any, *, ascii_only: bool = True) -> str:
    """The text of a tree; `Raw` leaves stand as they are."""
    if isinstance(tree, Raw):
        return str(tree)
    if isinstance(tree, str):
        return json.dumps(tree, ensure_ascii=ascii_only)
    if isinstance(tree, Pairs):
        rows = (
            f"{json.dumps(key, ensure_ascii=ascii_only)}: {dump_json(value, ascii_only=ascii_only)}"
            for key, value in tree
        )
        return "{" + ", ".join(rows) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(dump_json(value, ascii_only=ascii_only) for value in tree) + "]"
    return json.dumps(tree)


class Mutator:
    """Makes new inputs from known ones; the same random numbers give the same inputs."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.ruinous = True
        """Whether what is known to take long is tried: vast numbers, and the deepest nesting."""

    # -- whole inputs -----------------------------------------------------------------------

    def json(self, data: bytes, other: bytes) -> bytes:
        """A change to a JSON text."""
        if self._rng.random() < 0.12:
            return self.raw(data, other)
        try:
            tree = parse_json(data.decode("utf-8"))
            for _ in range(self._rng.choice((1, 1, 2, 3, 5))):
                tree = self._change(tree)
            text = dump_json(tree, ascii_only=self._rng.random() < 0.8)
        except (ValueError, RecursionError):
            return self.raw(data, other)
        return text.encode("utf-8", "surrogatepass")

    def yaml(self, data: bytes, other: bytes) -> bytes:
        """A change to a YAML text, by its lines or by its tree."""
        way = self._rng.random()
        if way < 0.1:
            return self.raw(data, other)
        if way < 0.35:
            try:
                tree = _pairs_of(yaml.load(data, Loader=yaml.BaseLoader))  # noqa: S506 - own seeds
                for _ in range(self._rng.choice((1, 1, 2, 4))):
                    tree = self._change(tree)
                return dump_json(tree).encode("utf-8", "surrogatepass")
            except (yaml.YAMLError, ValueError, RecursionError, TypeError):
                return self.raw(data, other)
        lines = data.decode("utf-8", "replace").split("\n")
        for _ in range(self._rng.choice((1, 1, 2, 3))):
            self._change_line(lines)
        return "\n".join(lines).encode("utf-8", "surrogatepass")

    def script(self, data: bytes, other: bytes) -> bytes:
        """A change to a script of replies: to one reply's status, headers, wire or body."""
        rng = self._rng
        if rng.random() < 0.04:
            return self.raw(data, other)
        blocks = data.split(b"\n== ")
        at = rng.randrange(len(blocks))
        way = rng.random()
        if way < 0.06:
            blocks.insert(at, rng.choice(other.split(b"\n== ")).removeprefix(b"== "))
        elif way < 0.1 and len(blocks) > 1:
            del blocks[at]
        elif way < 0.14:
            blocks.insert(at, blocks[at])
        else:
            blocks[at] = self._change_reply(blocks[at], first=at == 0)
        if not blocks[0].startswith(b"== "):
            blocks[0] = b"== " + blocks[0]
        return b"\n== ".join(
            block.removeprefix(b"== ") if n else block for n, block in enumerate(blocks)
        )

    def raw(self, data: bytes, other: bytes) -> bytes:
        """A change that knows no structure."""
        rng = self._rng
        at = rng.randrange(len(data) + 1)
        match rng.randrange(7):
            case 0:
                return data[:at]
            case 1:
                return data[:at] + rng.randbytes(rng.choice((1, 1, 4))) + data[at:]
            case 2:
                return data[:at] + rng.randbytes(1) + data[at + 1 :]
            case 3:
                return (
                    data[:at]
                    + rng.choice((b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x00", b"\xef\xbb\xbf"))
                    + data[at:]
                )
            case 4:
                return data[:at] + other[rng.randrange(len(other) + 1) :]
            case 5:
                return data[:at] + data[min(len(data), at + rng.randrange(1, 30)) :]
            case _:
                depth = rng.choice((5, 200, 800, 100_000 if self.ruinous else 3))
                return data[:at] + rng.choice((b"[", b'{"a":')) * depth + data[at:]

    # -- JSON -------------------------------------------------------------------------------

    def value(self) -> Any:
        """Any value."""
        rng = self._rng
        match rng.randrange(12):
            case 0:
                return None
            case 1:
                return rng.random() < 0.5
            case 2 | 3 | 4:
                number = rng.choice(NUMBERS)
                return Raw(number if self.ruinous or number not in RUINOUS else "7")
            case 5 | 6 | 7:
                return rng.choice(TEXTS)
            case 8 | 9:
                return rng.choice(TIMES)
            case 10:
                return rng.choice(([], Pairs(), [None], [[]], Pairs([("a", None)]), [Pairs()]))
            case _:
                depth = rng.choice((3, 90, 800, 20_000 if self.ruinous else 7))
                opening, closing = rng.choice((("[", "]"), ('{"a":', "}")))
                return Raw(opening * depth + "1" + closing * depth)

    def _change(self, tree: Any) -> Any:
        """The tree with one node changed."""
        found: list[tuple[Any, int]] = []
        _nodes(tree, found)
        if not found or len(found) > MOST_NODES or self._rng.random() < 0.02:
            return self.value()
        holder, at = self._rng.choice(found)
        if isinstance(holder, Pairs):
            self._change_pair(holder, at)
        else:
            self._change_entry(holder, at)
        return tree

    def _change_pair(self, holder: Pairs, at: int) -> None:
        rng = self._rng
        key, value = holder[at]
        match rng.randrange(10):
            case 0:
                del holder[at]
            case 1:
                holder.insert(rng.randrange(len(holder) + 1), (key, self.value()))
            case 2:
                holder.append((rng.choice(TEXTS), self.value()))
            case 3:
                holder[at] = (
                    rng.choice((key.upper(), key.lower(), key + " ", rng.choice(TEXTS))),
                    value,
                )
            case _:
                holder[at] = (key, self._instead_of(value))

    def _change_entry(self, holder: list[Any], at: int) -> None:
        rng = self._rng
        match rng.randrange(8):
            case 0:
                del holder[at]
            case 1:
                holder.insert(at, holder[at])
            case 2:
                holder.extend([holder[at]] * (rng.choice((2, 60, 600)) if len(holder) < 60 else 1))
            case 3:
                holder.insert(at, self.value())
            case _:
                holder[at] = self._instead_of(holder[at])

    def _instead_of(self, value: Any) -> Any:
        rng = self._rng
        match rng.randrange(7):
            case 0:
                return [value]
            case 1:
                return Pairs([("id", value)])
            case 2 if isinstance(value, Raw):
                return str(value)
            case 2 if isinstance(value, str):
                return rng.choice(
                    (value.upper(), f" {value}\n", value + value, value[:-1], Raw("5"))
                )
            case 3 if isinstance(value, str) and re.match(r"\d{4}-", value):
                return rng.choice(TIMES)
            case 3 if isinstance(value, Raw):
                return Raw(rng.choice(NUMBERS if self.ruinous else NUMBERS[: -len(RUINOUS)]))
            case _:
                return self.value()

    # -- YAML -------------------------------------------------------------------------------

    def _change_line(self, lines: list[str]) -> None:
        rng = self._rng
        at = rng.randrange(len(lines))
        line = lines[at]
        match rng.randrange(9):
            case 0:
                del lines[at]
                if not lines:
                    lines.append("")
            case 1:
                lines.insert(at, line)
            case 2:
                lines[at] = " " * rng.randrange(5) + line.lstrip()
            case 3:
                lines.insert(at, rng.choice(YAML_LINES))
            case 4:
                scalar = rng.choice(YAML_SCALARS)
                lines[at] = re.sub(r"\w+(?=:)", lambda _: scalar, line, count=1)
            case 5:
                lines.insert(
                    at, f"{line[: len(line) - len(line.lstrip())]}{rng.choice(TEXTS[:20])}: 1"
                )
            case _:
                key, colon, _ = line.partition(":")
                scalar = rng.choice(YAML_SCALARS)
                lines[at] = f"{key}: {scalar}" if colon else f"{line} {scalar}"

    # -- replies ----------------------------------------------------------------------------

    def _change_reply(self, block: bytes, *, first: bool) -> bytes:
        rng = self._rng
        head, _, body = block.partition(b"\n\n")
        if first:
            head = head.removeprefix(b"== ")
        lines = head.decode("latin-1").split("\n")
        way = rng.random()
        if way < 0.1:
            lines[0] = f"{rng.choice(STATUSES)} {rng.choice(WIRES)}".strip()
        elif way < 0.14:
            lines[0] = f"{lines[0].split(' ')[0]} {rng.choice(WIRES)}".strip()
        elif way < 0.24:
            lines.append(rng.choice(HEADERS))
        elif way < 0.27 and len(lines) > 1:
            del lines[rng.randrange(1, len(lines))]
        elif way < 0.34:
            body = rng.choice(BODIES)
        else:
            body = self.json(body, rng.choice(BODIES))
        return "\n".join(lines).encode("latin-1", "replace") + b"\n\n" + body


def _nodes(tree: Any, found: list[tuple[Any, int]]) -> None:
    """Every place of the tree, as its holder and its position there."""
    if isinstance(tree, list):
        for at, entry in enumerate(tree):
            found.append((tree, at))
            _nodes(entry[1] if isinstance(tree, Pairs) else entry, found)


def _pairs_of(content: Any) -> Any:
    if isinstance(content, dict):
        return Pairs((str(key), _pairs_of(value)) for key, value in content.items())
    if isinstance(content, list):
        return [_pairs_of(value) for value in content]
    if isinstance(content, str) and re.fullmatch(r"-?\d+|true|false|null", content):
        return Raw(content)
    return content

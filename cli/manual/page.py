"""A verb's page of the manual, as its docstring has it.

A docstring is paragraphs: the first begins with one sentence that says all; then what else is to be
known; then examples (``Example: hub …``, or lines after ``\\b``), ``Exit codes: …`` where they say
more than the house's, and ``See also: …``, each a verb or a file of docs/.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

import click

EXIT_CODES = {
    0: "fine",
    1: "refused, or not as it should be",
    2: "the words of the command are wrong",
    3: "something cannot be reached",
    70: "a fault of the command itself; a file says more",
    130: "interrupted",
}
"""What every verb's exit code means; a verb's page says where it differs."""
RAW = "\b"


@dataclass(frozen=True)
class Page:
    """What a verb's docstring says.

    Args:
        first: Its first sentence.
        body: The paragraphs after it, in plain words.
        examples: Command lines.
        exit_codes: What its exit codes say beyond `EXIT_CODES`; empty where they do not.
        see_also: Verbs (``hub …``) and files (``docs/…``).
    """

    first: str
    body: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    exit_codes: str = ""
    see_also: tuple[str, ...] = ()


def page_of(command: click.Command) -> Page:
    """The page of a verb or a group."""
    body: list[str] = []
    examples: list[str] = []
    exit_codes, see_also = "", ""
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(command.help or "").strip()):
        words = " ".join(paragraph.split())
        if paragraph.startswith("Example: "):
            examples.append(words.removeprefix("Example: "))
        elif paragraph.lstrip().startswith(RAW):
            lines = [line.strip() for line in paragraph.replace(RAW, "").strip().splitlines()]
            if any(line.startswith("hub ") for line in lines):
                examples += lines
            else:
                body.append(paragraph)
        elif paragraph.startswith("Exit code"):
            exit_codes = words.partition(": ")[2] if words.startswith("Exit codes: ") else words
        elif paragraph.startswith("See also: "):
            see_also = words.removeprefix("See also: ").removesuffix(".")
        else:
            body.append(words)
    first, rest = _first_sentence(body[0] if body else "")
    return Page(
        first,
        tuple(filter(None, (rest, *body[1:]))),
        tuple(examples),
        exit_codes,
        tuple(filter(None, see_also.split(", "))),
    )


def _first_sentence(text: str) -> tuple[str, str]:
    found = re.match(r"(.+?[.:])(?:\s+(?=[A-Z`\"])|$)", text)
    return (found.group(1), text[found.end() :]) if found else (text, "")

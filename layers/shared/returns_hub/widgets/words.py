"""How the hub's codes are told to people."""

from __future__ import annotations

from returns_hub.widgets.page import Tone

OUTCOMES: dict[str, Tone] = {
    "parked": "bad",
    "flagged": "warn",
    "withdrawn": "warn",
    "processed": "good",
    "announced": "good",
}


def plain(code: str) -> str:
    """A code as words."""
    return code.replace("_", " ").replace(".", ": ", 1)


def sentence(words: str) -> str:
    """The words with a capital in front; what else is in them stays as it is."""
    return f"{words[:1].upper()}{words[1:]}"


def many(count: int, one: str, more: str = "") -> str:
    """A count with its noun."""
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"

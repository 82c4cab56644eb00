"""Markdown as HTML: texts of the dashboard, answers of widgets, and the pages of docs/."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from local.page.layout import slug

_BUTTON = re.compile(r"\[button:(primary:)?([^\]]+)\]\(([^)\s]+)\)")


@cache
def _reader() -> MarkdownIt:
    # HTML in a text stays text: what is shown here was written by others.
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


def rendered(text: str) -> str:
    """A text as HTML; HTML in it is shown and not taken. Buttons are as CloudWatch has them:
    `[button:primary:Words](address)`."""
    reader = _reader()
    tokens = reader.parse(_BUTTON.sub(_button, text))
    seen: dict[str, int] = {}
    for token, inline in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _unique(slug(inline.content.replace("`", "")), seen))
    _mark_buttons(tokens)
    html: Any = reader.renderer.render(tokens, reader.options, {})
    return str(html)


def page(title: str, text: str) -> tuple[str, str]:
    """The title and the HTML of a page of docs/."""
    first = re.search(r"^# (.+)$", text, re.MULTILINE)
    return escape(first[1] if first else title), rendered(text)


def _button(found: re.Match[str]) -> str:
    kind = "primary" if found[1] else "normal"
    return f'[{found[2]}]({found[3]} "button:{kind}")'


def _mark_buttons(tokens: list[Token]) -> None:
    for token in tokens:
        for child in token.children or []:
            title = str(child.attrGet("title") or "")
            if child.type == "link_open" and title.startswith("button:"):
                del child.attrs["title"]
                child.attrSet("class", "btn btn-primary" if title.endswith("primary") else "btn")


def _unique(name: str, seen: dict[str, int]) -> str:
    seen[name] = seen.get(name, -1) + 1
    return f"{name}-{seen[name]}" if seen[name] else name

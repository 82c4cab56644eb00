"""HTML that cannot be unsafe: elements and attributes of a short list, and every text escaped.

A library would bring a template language into every function's layer; this is what the widgets
need, and nothing that a widget is shown can leave it.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_ELEMENTS = (
    "div span p h3 ul ol li dl dt dd table caption thead tbody tr th td b small code time"
    " button form label input textarea select option details summary svg rect line path"
    " circle title"
)
_ATTRIBUTES = (
    "class id title datetime scope colspan type name value for method placeholder maxlength"
    " selected autocomplete open role aria-label aria-hidden data-label width height viewBox"
    " preserveAspectRatio x y x1 x2 y1 y2 rx cx cy r d rows"
)
ELEMENTS = frozenset(_ELEMENTS.split())
VOID = frozenset({"input"})
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
"""No `style`, no `href`, no `on…`: what is not here cannot be said."""
LONGEST_TEXT = 600
"""Characters of one text; a widget is no place for more."""


@dataclass(frozen=True)
class Html:
    """Markup that is safe to show. Made by this module alone."""

    markup: str

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.markup)


Child = Html | str | int | None
Value = str | int | float | bool | None
NOTHING = Html("")


def text(words: str) -> Html:
    """A text, escaped; letters that are not printable become U+FFFD, and a long one is cut."""
    return Html(html.escape(_clean(words)))


def join(*parts: Child) -> Html:
    """Parts one after the other; texts are escaped."""
    return Html("".join(_markup(part) for part in parts))


def each(parts: Iterable[Child]) -> Html:
    """As `join`."""
    return join(*parts)


def tag(name: str, /, *children: Child, **attributes: Value) -> Html:
    """An element; ``class_`` and ``data_label`` are written as Python has them.

    Raises:
        ValueError: It is none of `ELEMENTS`, or has an attribute that is none of `ATTRIBUTES`.
    """
    if name not in ELEMENTS:
        raise ValueError(f"no element of a widget: {name}")
    opened = f"<{name}{''.join(_attribute(n, v) for n, v in attributes.items())}>"
    if name in VOID:
        return Html(opened)
    return Html(f"{opened}{join(*children).markup}</{name}>")


def style_sheet(css: str) -> Html:
    """A style sheet of our own; never with anything in it that came from elsewhere."""
    if "<" in css:
        raise ValueError("a style sheet has no markup")
    return Html(f"<style>{css}</style>")


def action(
    trigger: Html,
    *,
    endpoint: str,
    params: Mapping[str, Value],
    display: str = "widget",
    confirmation: str = "",
) -> Html:
    """An element, and what a click on it does: a call of a function, with these parameters.

    The tag stands right behind its element, as CloudWatch wants it. In the JSON nothing is left
    that means anything in HTML, so it reads the same however the page takes the element's content.
    """
    content = json.dumps(dict(params))
    for letter in "<>&":
        content = content.replace(letter, f"\\u{ord(letter):04x}")
    asked = {"action": "call", "display": display, "endpoint": endpoint}
    if confirmation:
        asked["confirmation"] = confirmation
    told = "".join(f' {name}="{html.escape(_clean(value))}"' for name, value in asked.items())
    return Html(f"{trigger.markup}<cwdb-action{told}>{content}</cwdb-action>")


def _markup(part: Child) -> str:
    match part:
        case None:
            return ""
        case Html():
            return part.markup
        case _:
            return text(str(part)).markup


def _attribute(name: str, value: Value) -> str:
    written = name.rstrip("_").replace("_", "-")
    if written not in ATTRIBUTES:
        raise ValueError(f"no attribute of a widget: {written}")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {written}"
    return f' {written}="{html.escape(_clean(str(value)))}"'


def _clean(words: str) -> str:
    cut = words if len(words) <= LONGEST_TEXT else f"{words[: LONGEST_TEXT - 1]}\u2026"
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in cut)

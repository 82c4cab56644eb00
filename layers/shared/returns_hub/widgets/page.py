"""The parts that widgets are built of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

from returns_hub.domain.privacy import masked
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.html import NOTHING, Child, Html, action, each, join, style_sheet, tag
from returns_hub.widgets.style import CSS

Tone = Literal["", "good", "warn", "bad"]
SHEET = style_sheet(CSS)
MINUTE, HOUR, DAY = 60, 3600, 86_400


def page(asked: Asked, *parts: Child) -> Html:
    """The whole of a widget; the dashboard's own styles are switched off for it."""
    theme = f"rh rh-{asked.theme} cwdb-no-default-styles"
    return tag("div", SHEET, *parts, class_=theme)


def head(words: str, tone: Tone, *more: Child) -> Html:
    """What matters, in a line: a dot, a sentence, and what belongs to it."""
    said = tag("b", dot(tone), words)
    return tag(
        "div", said, *(tag("span", part, class_="rh-dim") for part in more), class_="rh-head"
    )


def dot(tone: Tone) -> Html:
    """A spot of a tone; never the only way in which something is said."""
    circle = tag("circle", cx=5, cy=5, r=5)
    return tag(
        "svg", circle, class_=f"rh-dot {toned(tone)}", viewBox="0 0 10 10", aria_hidden="true"
    )


def toned(tone: Tone) -> str:
    """A tone's class."""
    return f"rh-{tone}" if tone else ""


def pill(words: str, tone: Tone = "") -> Html:
    """A word that stands out."""
    return tag("span", words, class_=f"rh-pill {toned(tone)}".strip())


def note(words: Child, *more: Child, tone: Tone = "") -> Html:
    """A box: what is good about an empty list, what went wrong, what to do."""
    return tag("div", tag("b", words), *more, class_=f"rh-box {toned(tone)}".strip(), role="status")


def failed(asked: Asked, words: str, *more: Child) -> Html:
    """A widget that could not be made: a clear box and nothing else."""
    return page(asked, note(masked(words), *(tag("p", part) for part in more), tone="bad"))


def dim(words: Child) -> Html:
    """Beside the point, and there all the same."""
    return tag("span", words, class_="rh-dim")


def ident(words: str) -> Html:
    """An id, to be copied."""
    return tag("span", words, class_="rh-id")


def command(words: str) -> Html:
    """A line for the command."""
    return tag("code", words)


def moment(at: datetime, asked: Asked, now: datetime) -> Html:
    """A time as the dashboard tells it, with UTC behind it."""
    there, today = _shifted(at, asked.offset), _shifted(now, asked.offset)
    form = "%H:%M" if there.date() == today.date() else f"{there.day} %b %H:%M"
    if there.year != today.year:
        form = f"{there.day} %b %Y %H:%M"
    utc = at.astimezone(UTC)
    return tag(
        "time",
        there.strftime(form),
        datetime=f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        title=f"{utc:%Y-%m-%d %H:%M:%S} UTC",
    )


def _shifted(at: datetime, offset: timedelta) -> datetime:
    try:
        return at.astimezone(UTC).replace(tzinfo=None) + offset
    except OverflowError:
        return at.replace(tzinfo=None)


def ago(span: timedelta) -> str:
    """How long ago, in two units at most."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        minutes = seconds % HOUR // MINUTE
        return f"{seconds // HOUR} h {minutes} min" if minutes else f"{seconds // HOUR} h"
    hours = seconds % DAY // HOUR
    return f"{seconds // DAY} d {hours} h" if hours else f"{seconds // DAY} d"


def money(value: Mapping[str, Decimal]) -> str:
    """Amounts of every currency; a dash for none."""
    return ", ".join(f"{amount:,.2f} {code}" for code, amount in sorted(value.items())) or "\u2013"


def bar(share: float, tone: Tone = "", label: str = "") -> Html:
    """A share of a whole, 0 to 1; what is above 1 fills it."""
    width = round(100 * min(max(share, 0.0), 1.0), 1)
    return tag(
        "svg",
        tag("title", label) if label else NOTHING,
        tag("rect", class_="rh-track", x=0, y=0, width=100, height=6),
        tag("rect", class_=f"rh-fill {toned(tone)}".strip(), x=0, y=0, width=width, height=6),
        class_="rh-bar",
        viewBox="0 0 100 6",
        preserveAspectRatio="none",
        role="img",
        aria_label=label or f"{width:.0f} %",
    )


@dataclass(frozen=True)
class Column:
    """A column of a table; `kind` is a class of its cells."""

    name: str
    kind: Literal["", "rh-num", "rh-keep", "rh-do"] = ""


def table(columns: Sequence[Column], rows: Iterable[Sequence[Child]], title: str) -> Html:
    """A table that becomes a list of cards where the widget is narrow."""
    names = (
        tag(
            "th",
            column.name,
            scope="col",
            class_=column.kind or None,
            aria_label=column.name or "act",
        )
        for column in columns
    )
    body = (
        tag(
            "tr",
            *(
                tag("td", cell, class_=column.kind or None, data_label=column.name or None)
                for column, cell in zip(columns, row, strict=True)
            ),
        )
        for row in rows
    )
    return tag("table", tag("thead", tag("tr", *names)), tag("tbody", *body), aria_label=title)


def facts(rows: Iterable[tuple[str, Child]]) -> Html:
    """Names and what they are."""
    return tag("dl", *(join(tag("dt", name), tag("dd", value)) for name, value in rows))


def button(words: str, *kinds: str, submits: bool = False) -> Html:
    """What is clicked, or reached with the keyboard. A button takes part in neither a form nor a
    link by itself; its `action` stands behind it."""
    return tag(
        "button",
        words,
        type="submit" if submits else "button",
        class_=" ".join(("rh-btn", *kinds)),
    )


@dataclass(frozen=True)
class Ways:
    """Whom the widget's buttons call.

    Args:
        shows: The function that shows, by its ARN.
        acts: The one that acts; empty where the stack has none.
    """

    shows: str
    acts: str = ""

    def to(
        self, label: str, /, *kinds: str, submits: bool = False, **params: str | int | None
    ) -> Html:
        """A button that shows something else in the widget's place."""
        given = {name: value for name, value in params.items() if value not in {None, ""}}
        return action(button(label, *kinds, submits=submits), endpoint=self.shows, params=given)

    def act(self, label: str, /, *kinds: str, sure: str, **params: str | int | None) -> Html:
        """A button that does something, once the person is sure; what came of it pops up."""
        given = {name: value for name, value in params.items() if value not in {None, ""}}
        return action(
            button(label, *kinds),
            endpoint=self.acts,
            params=given,
            display="popup",
            confirmation=sure,
        )


def row(*parts: Child) -> Html:
    """Parts beside each other, as far as there is room."""
    return tag("div", *parts, class_="rh-row")


def bullets(words: Iterable[Child]) -> Html:
    """Lines one below the other."""
    lines = [tag("li", line) for line in words]
    return tag("ul", each(lines)) if lines else NOTHING

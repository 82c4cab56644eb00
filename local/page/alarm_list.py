"""The alarms with their state, since when, why, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from local.cloudwatch.alarm_rules import StateValue
from local.cloudwatch.alarms import AlarmState, Change
from local.page.figures import ago, clock_words

WORDS: dict[StateValue, tuple[str, str]] = {
    "ALARM": ("alarm", "In alarm"),
    "INSUFFICIENT_DATA": ("unknown", "No data"),
    "OK": ("ok", "OK"),
}
"""State -> its class, and its word; the word and the sign tell it without a colour."""
SIGNS: dict[StateValue, str] = {"ALARM": "▲", "INSUFFICIENT_DATA": "○", "OK": "✓"}
MOST_CHANGES = 8


def alarm_list(
    states: Mapping[str, AlarmState], history: Mapping[str, Sequence[Change]], *, now: float
) -> str:
    """All alarms: what needs a person on top, what is well folded away.

    Args:
        states: By logical id.
        history: Changes by logical id, oldest first.
        now: The world's moment.
    """
    if not states:
        return '<p class="empty">The template has no alarms.</p>'
    of = {value: [s for s in states.values() if s.value == value] for value in WORDS}
    counts = "".join(
        f'<span class="count {WORDS[value][0] if of[value] else "none"}">'
        f'<i aria-hidden="true">{SIGNS[value]}</i>'
        f"<b>{len(of[value])}</b> {WORDS[value][1].lower()}</span>"
        for value in WORDS
    )
    raised = _table(of["ALARM"], history, now) if of["ALARM"] else ""
    quiet = "" if raised else '<p class="quiet">No alarm is raised.</p>'
    others = [*of["INSUFFICIENT_DATA"], *of["OK"]]
    folded = (
        f'<details data-key="others"><summary>{len(others)} others</summary>'
        f"{_table(others, history, now)}</details>"
        if others
        else ""
    )
    return f'<div class="counts">{counts}</div>{raised}{quiet}{folded}'


def _table(
    states: Iterable[AlarmState], history: Mapping[str, Sequence[Change]], now: float
) -> str:
    rows = "".join(
        _row(state, history.get(state.logical_id, ()), now)
        for state in sorted(states, key=lambda state: (-state.since.timestamp(), state.logical_id))
    )
    head = "".join(f"<th>{word}</th>" for word in ("State", "Alarm", "Since", "Why", "Runbook"))
    return (
        f'<div class="wide"><table class="alarms"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(state: AlarmState, changes: Sequence[Change], now: float) -> str:
    kind, word = WORDS[state.value]
    since = state.since.timestamp()
    lately = "".join(_change(change) for change in list(changes)[-MOST_CHANGES:][::-1])
    more = (
        f'<details data-key="{escape(state.logical_id)}"><summary>{escape(_short(state))}</summary>'
        f"<p>{escape(state.reason)}</p><p>Raised by: {escape(state.condition)}</p>"
        f"<ol>{lately}</ol></details>"
    )
    link = (
        f'<a href="/{escape(state.runbook)}">{escape(_section(state.runbook))}</a>'
        if state.runbook
        else ""
    )
    return (
        f'<tr data-key="{escape(state.logical_id)}" class="{kind}"><td class="state">'
        f'<i aria-hidden="true">{SIGNS[state.value]}</i> {word}</td>'
        f"<td><b>{escape(_plain(state.logical_id))}</b><br>{escape(_words(state.description))}</td>"
        f'<td title="{state.since:%Y-%m-%d %H:%M} UTC of the world">{ago(now - since)}</td>'
        f"<td>{more}</td><td>{link}</td></tr>"
    )


def _short(state: AlarmState) -> str:
    """The first part of a reason, without the words that every one has."""
    return re.sub(r"^(Threshold Crossed|Insufficient Data|Unchecked): ", "", state.reason).split(
        " (", 1
    )[0]


def _change(change: Change) -> str:
    at = clock_words(change.at.timestamp(), with_day=True)
    return f"<li>{at} {WORDS[change.was][1]} → <b>{WORDS[change.value][1]}</b></li>"


def _plain(logical_id: str) -> str:
    """`StaleCursorAlarm` as words."""
    name = logical_id.removesuffix("Alarm") or logical_id
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)


def _words(description: str) -> str:
    """A description without the address of its runbook, which has a column of its own."""
    return re.sub(r"[\s,;-]*(?:see )?docs/[\w/#.-]+\.?$", "", description).strip()


def _section(runbook: str) -> str:
    page, _, section = runbook.partition("#")
    return section.replace("-", " ") or page.rsplit("/", 1)[-1]


def alarm_tiles(states: Sequence[AlarmState], missing: Sequence[str], *, now: float) -> str:
    """An alarm status widget."""
    tiles = "".join(
        f'<li class="{WORDS[state.value][0]}"><i aria-hidden="true">{SIGNS[state.value]}</i>'
        f"<b>{escape(_plain(state.logical_id))}</b> {WORDS[state.value][1]}, "
        f"{ago(now - state.since.timestamp())}</li>"
        for state in states
    )
    unknown = "".join(
        f'<li class="unknown"><b>{escape(arn.rsplit(":", 1)[-1])}</b> is not in the template</li>'
        for arn in missing
    )
    return f'<ul class="tiles">{tiles}{unknown}</ul>'

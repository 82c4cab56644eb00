"""What a backfill command's arguments mean: a window, ids or statuses, each checked."""

from __future__ import annotations

import errno
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from cli.choices import RETURN_ID
from cli.terminal import clean
from returns_hub.domain.backfill import Selection
from returns_hub.domain.returns import UNDER_WAY, ReturnStatus

LONG_WINDOW = timedelta(days=90)
"""A longer one is asked about by refusing it without --yes."""
LONG_AGO = datetime(2015, 1, 1, tzinfo=UTC)
"""Where a search by status alone begins."""
MOST_IDS = 20_000
MOST_BYTES = 2_000_000
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)


@dataclass(frozen=True)
class When:
    """A moment as somebody wrote it."""

    moment: datetime
    is_day: bool = False
    is_guessed: bool = False

    @property
    def end(self) -> datetime:
        """The same as the end of a window: a day is meant to its end."""
        try:
            return self.moment + timedelta(days=1) if self.is_day else self.moment
        except OverflowError:  # the last day there is
            return self.moment


class WhenType(click.ParamType[When]):
    """A day, or a time with or without its offset; without one it is taken as UTC."""

    name = "time"

    def convert(
        self, value: str | When, param: click.Parameter | None, ctx: click.Context | None
    ) -> When:
        if isinstance(value, When):
            return value
        found = written_time(value.strip())
        if found is None:
            self.fail(f"{value!r} is no time; e.g. 2026-03-02 or 2026-03-02T09:15:00Z", param, ctx)
        return found


def written_time(text: str) -> When | None:
    """The moment that the text is; None when it is none."""
    try:
        if DAY.fullmatch(text):
            return When(datetime.fromisoformat(text).replace(tzinfo=UTC), is_day=True)
        if MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text.upper())
            if moment.tzinfo is None:
                return When(moment.replace(tzinfo=UTC), is_guessed=True)
            return When(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return None
    return None


class StatusesType(click.ParamType[tuple[ReturnStatus, ...]]):
    """Statuses of returns that are under way, by commas."""

    name = "statuses"

    def convert(
        self,
        value: str | tuple[ReturnStatus, ...],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[ReturnStatus, ...]:
        if isinstance(value, tuple):
            return value
        words = dict.fromkeys(word.strip() for word in value.split(","))
        good = sorted(status.value for status in UNDER_WAY)
        bad = [word for word in words if word not in good]
        if bad:
            self.fail(
                f"{bad[0]!r} is not a status of returns that are announced; those are: "
                f"{', '.join(good)}",
                param,
                ctx,
            )
        return tuple(ReturnStatus(word) for word in sorted(words))


class IdsType(click.ParamType[tuple[str, ...]]):
    """Ids by commas, @FILE with one or more a line, or - for standard input."""

    name = "ids"

    def convert(
        self,
        value: str | tuple[str, ...],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        try:
            text = _text_of(value)
        except OSError as error:
            self.fail(f"{value.removeprefix('@')} cannot be read: {error.strerror}", param, ctx)
        except UnicodeDecodeError:
            self.fail(f"{value} is not UTF-8 text", param, ctx)
        ids = tuple(dict.fromkeys(word for word in re.split(r"[\s,]+", text) if word))
        bad = [word for word in ids if not RETURN_ID.fullmatch(word)]
        if bad:
            some = ", ".join(repr(clean(word[:40])) for word in bad[:5])
            more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
            self.fail(f"no ids of returns: {some}{more}; nothing was looked for", param, ctx)
        if not ids:
            self.fail("there is no id in it; nothing was looked for", param, ctx)
        if len(ids) > MOST_IDS:
            self.fail(f"{len(ids)} ids are too many at once; at most {MOST_IDS}", param, ctx)
        return ids


def _text_of(value: str) -> str:
    """The text in which the ids stand.

    Raises:
        OSError: The file cannot be read, or is larger than any list of ids: of one that is cut off
            the last id would be another one.
        UnicodeDecodeError: It is no text.
    """
    if value == "-":
        content = sys.stdin.buffer.read(MOST_BYTES + 1)
    elif value.startswith("@"):
        with Path(value[1:]).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    else:
        return value
    if len(content) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {MOST_BYTES} bytes")
    return content.decode("utf-8")


@dataclass(frozen=True)
class Asked:
    """What the arguments ask for, under the name that the same arguments always give."""

    selection: Selection
    name: str
    notes: tuple[str, ...] = ()

    @property
    def is_long(self) -> bool:
        """Whether the window is so long that it may be a slip."""
        chosen = self.selection
        if chosen.since is None or chosen.until is None or chosen.since == LONG_AGO:
            return False
        return chosen.until - chosen.since > LONG_WINDOW


def asked_for(
    since: When | None,
    until: When | None,
    ids: tuple[str, ...],
    statuses: tuple[ReturnStatus, ...],
    *,
    even_before_live: bool,
    now: datetime,
) -> Asked:
    """What the arguments ask for.

    Raises:
        UsageError: Nothing, or what makes no sense.
    """
    if ids:
        if since or until or statuses:
            raise click.UsageError(
                "--ids names the returns; it goes without --from, --to, --status"
            )
        chosen = Selection(ids=ids, even_before_live=even_before_live)
        name = f"ids-{len(ids)}-{chosen.digest[:8]}"
        return Asked(chosen, name)
    if since is None and until is not None:
        raise click.UsageError("--to goes with --from")
    if since is None and not statuses:
        raise click.UsageError("say which returns: --from (and --to), --ids or --status")
    begins = since.moment if since else LONG_AGO
    ends = until.end if until else now
    notes = ["--to lies in the future; the window ends now"] if ends > now else []
    notes += [
        f"{when.moment:%Y-%m-%d %H:%M} is taken as UTC"
        for when in (since, until)
        if when is not None and when.is_guessed
    ]
    if begins >= now:
        raise click.UsageError("--from lies in the future")
    if ends <= begins:
        raise click.UsageError("--to is not after --from")
    chosen = Selection(
        since=begins,
        until=ends,
        open_ended=until is None,
        statuses=statuses,
        even_before_live=even_before_live,
    )
    return Asked(chosen, _name(chosen), tuple(notes))


def _name(chosen: Selection) -> str:
    parts: Iterable[str] = (
        *(("from", _stamp(chosen.since)) if chosen.since and chosen.since != LONG_AGO else ()),
        *(("to", _stamp(chosen.until)) if chosen.until and not chosen.open_ended else ()),
        *(status.value.replace("_", "-") for status in chosen.statuses),
        *(("even-before-live",) if chosen.even_before_live else ()),
    )
    return "-".join(parts)


def _stamp(moment: datetime) -> str:
    is_midnight = (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)
    return f"{moment:%Y%m%d}" if is_midnight else f"{moment:%Y%m%d.%H%M%S}"

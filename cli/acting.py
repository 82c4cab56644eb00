"""Who did what: every command that writes records its act before it does anything, and its end.

A verb is declared by one line, `@acts(...)`, next to its function. The act is recorded at the
moment when the verb asks for the hub: before that it cannot have done anything, and a user's
mistake that shows before it is nobody's act. A verb that only looks is in `declared.READS`.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from cli.declared import TOLD
from cli.terminal import REFUSED, clean
from cli.worlds import UNREACHABLE, CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.audit import Act
from returns_hub.errors import Conflict, Retryable, UnknownOutcome, Verdict

Verb = TypeVar("Verb", bound=Callable[..., Any])
Outcome = Literal["done", "refused", "failed"]
Choose = Callable[[Mapping[str, Any]], bool]

UNTOLD = frozenset({"as_json", "yes", "note", "merchant", "merchant_", "merchant_word"})
"""Options that have their own place in an act, or say nothing of it."""
MOST_LISTED = 20
LONGEST = 300
"""Characters of an option's value, and of what came of it."""


def acts(
    subject: str = "", *, when: Choose | None = None, hides: tuple[str, ...] = ()
) -> Callable[[Verb], Verb]:
    """Declare a verb as one that acts; a dry run of it is none.

    Args:
        subject: The parameter that names what it is about.
        when: Whether it acts with these parameters; by default always.
        hides: Parameters among `TOLD` that hold a free text here.
    """

    def declared(verb: Verb) -> Verb:
        @wraps(verb)
        def recorded(first: Any, *more: Any, **given: Any) -> Any:
            ctx = click.get_current_context()
            is_looking = ctx.params.get("dry_run") or not (when is None or when(ctx.params))
            if is_looking or ctx.invoked_subcommand is not None:
                return verb(first, *more, **given)
            reach = ctx.find_object(Reach)
            if reach is None:
                raise AssertionError("the command's root gives it")
            acting = Acting(reach, _act_of(ctx, given, subject, frozenset(hides)))
            ctx.obj = acting
            with acting.to_its_end():
                return verb(acting if first is reach else first, *more, **given)

        recorded.__acts__ = True  # type: ignore[attr-defined]  # for the test that walks all verbs
        return recorded  # type: ignore[return-value]

    return declared


def is_about(merchant: str, return_id: str = "") -> None:
    """Say whose the act is, where no parameter does; before the hub is asked for."""
    ctx = click.get_current_context()
    if isinstance(ctx.obj, Acting):
        known = {"merchant": merchant, "return_id": return_id}
        ctx.obj.act = ctx.obj.act.model_copy(update=known)


class Acting(Reach):
    """The way to the hub for a verb that acts: who gets the hub here is on record."""

    def __init__(self, reach: Reach, act: Act) -> None:
        self._reach = reach
        self.act = act
        self._made: Hub | None = None
        self._is_kept = False
        self._who = ""

    @property
    def is_somewhere(self) -> bool:
        """See `Reach.is_somewhere`."""
        return self._reach.is_somewhere

    @property
    def addresses(self) -> dict[str, str]:  # type: ignore[override]  # the same, of who was reached
        """See `Reach.addresses`."""
        return self._reach.addresses

    def hub(self) -> Hub:
        """The hub, once the act is recorded.

        Raises:
            CommandError: It cannot be reached, or cannot record the act; nothing was done.
        """
        if self._made is None:
            made = self._reach.hub()
            self._ask(made)
            self._made = made
        return self._made

    def caller(self) -> str:
        """See `Reach.caller`; asked for once."""
        self._who = self._who or self._reach.caller()
        return self._who

    def _ask(self, made: Hub) -> None:
        if not made.settings.audit_table:
            warning = "warning: this stack keeps no record of acts; deploy this release"
            click.echo(warning, err=True)
            return
        try:
            self.act = self.act.model_copy(update=_whose(made, self.act))
            known = {"at": made.clock.now(), "who": self.caller()}
            self.act = self.act.model_copy(update=known)
            made.audit.record(self.act)
        except (Verdict, Conflict) as why:
            reason = f"nothing was done, for it could not be recorded who does it: {why}"
            code = UNREACHABLE if isinstance(why, Retryable) else REFUSED
            raise CommandError(clean(reason), code) from None
        self._is_kept = True

    @contextmanager
    def to_its_end(self) -> Iterator[None]:
        """Record how what is done within ends."""
        heard = _LastLine(sys.stdout)
        try:
            sys.stdout = heard
            try:
                yield
            finally:
                sys.stdout = heard.stream
        except BaseException as ended:
            self._end(*_ending(ended, heard.line))
            raise
        self._end("done", heard.line)

    def _end(self, outcome: Outcome, told: str) -> None:
        if not self._is_kept or self._made is None:
            return
        told = clean(told).strip()[:LONGEST]
        self.act = self.act.model_copy(update={"outcome": outcome, "told": told})
        try:
            self._made.audit.record(self.act)
        except (Verdict, Conflict) as why:
            warning = f"warning: how this ended could not be recorded ({why}); that it was asked is"
            click.echo(clean(warning), err=True)


class _LastLine:
    """Standard output, and the last line that went there; of JSON nothing is kept."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.line = ""

    def write(self, text: str) -> int:
        lines = [line for line in text.splitlines() if line.strip()]
        if lines:
            self.line = "" if lines[-1].strip()[-1] in "{}[]" else lines[-1]
        written: int = self.stream.write(text)
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _ending(ended: BaseException, line: str) -> tuple[Outcome, str]:
    """How an act ended that raised this, and in which words."""
    match ended:
        case SystemExit(code=code) | click.exceptions.Exit(exit_code=code):
            if not code:
                return "done", line
            return ("refused" if code == REFUSED else "failed"), line
        case click.UsageError():
            return "refused", ended.format_message()
        case CommandError(exit_code=code):
            return ("failed" if code == UNREACHABLE else "refused"), ended.message
        case click.Abort():
            return "refused", "the person did not go on"
        case KeyboardInterrupt():
            return "failed", "interrupted"
        case Retryable() | UnknownOutcome():
            return "failed", ended.reason
        case Verdict():
            return "refused", ended.reason
        case Conflict():
            return "refused", "somebody else changed it meanwhile"
        case _:
            return "failed", type(ended).__name__


def _whose(made: Hub, act: Act) -> dict[str, Any]:
    """Whose it is, by a name under which it is looked for: where nobody is named, of the only
    merchant there is. A merchant without a file is among the details alone."""
    ids = made.merchants.all_ids() if not act.merchant else ()
    merchant = act.merchant or (ids[0] if len(ids) == 1 else "")
    version = made.merchants.newest_number(merchant) if merchant else 0
    if merchant and not version:
        return {"merchant": "", "details": act.details | {"merchant": merchant}}
    return {"merchant": merchant, "config_version": version}


def _act_of(
    ctx: click.Context, given: Mapping[str, Any], subject: str, hides: frozenset[str]
) -> Act:
    """What was asked for, without secrets, contents of files and what is written to customers."""
    params = {**ctx.params, **given}
    merchant = params.get("merchant") or params.get("merchant_")
    return_id = params.get("return_id") or ("" if params.get("by_order") else params.get("return_"))
    details = {
        param.name: _shown(param, params.get(param.name), hides)
        for param in ctx.command.params
        if param.name and param.name not in UNTOLD and _is_given(ctx, param.name)
    }
    return Act(
        act_id=uuid.uuid4().hex,
        at=datetime.now(UTC),
        who="",
        through="hub",
        verb=_words(ctx),
        merchant=(merchant if isinstance(merchant, str) else "")[:80],
        subject=_text(params.get(subject)) if subject else "",
        return_id=(return_id if isinstance(return_id, str) else "")[:80],
        details=details,
        note=str(params.get("note") or "").strip()[:LONGEST],
    )


def _words(ctx: click.Context) -> str:
    """The words of the command, without the program's name."""
    words: list[str] = []
    while ctx.parent is not None:
        words.insert(0, ctx.info_name or "")
        ctx = ctx.parent
    return " ".join(words)


def _is_given(ctx: click.Context, name: str) -> bool:
    given = ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    return given and ctx.params.get(name) not in {None, ()}


def _shown(param: click.Parameter, value: Any, hides: frozenset[str]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Enum | datetime | timedelta):
        return _text(value)
    if isinstance(value, Path):
        return _text(value)
    if param.name in TOLD and param.name not in hides:
        return _text(value)
    return "(given)"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        more = f" and {len(value) - MOST_LISTED} more" if len(value) > MOST_LISTED else ""
        return (", ".join(map(_text, value[:MOST_LISTED])) + more)[:LONGEST]
    if isinstance(value, Path):
        value = value.name
    if isinstance(value, Enum):
        value = value.value
    return clean(str(value)).strip()[:LONGEST]

"""How the command ends: exit codes, and errors in words or as a JSON document."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import click

from cli.terminal import MACHINE, REFUSED, clean, say_json
from cli.verbs import DONE, STOPPED, WRITES, Verbs
from cli.worlds import UNREACHABLE, CommandError
from returns_hub.errors import Conflict, Misconfigured, Retryable, UnknownOutcome, Verdict

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

FAULT = 70
INTERRUPTED = 130
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
WHERE = ("--stack", "--region", "--profile")
NAMES = {
    REFUSED: "refused",
    2: "usage",
    UNREACHABLE: "unreachable",
    FAULT: "fault",
    INTERRUPTED: "interrupted",
}


class Root(Verbs):
    """The command. It turns verdicts into words: a user's mistake never shows a stack trace."""

    _ctx: click.Context | None = None

    def make_context(self, *given: Any, **more: Any) -> click.Context:
        self._ctx = super().make_context(*given, **more)
        return self._ctx

    def main(  # type: ignore[override]  # click's own words may come by name alone
        self, args: Sequence[str] | None = None, *, standalone_mode: bool = True, **more: Any
    ) -> Any:
        given = list(sys.argv[1:] if args is None else args)
        if not standalone_mode:
            return super().main(given, standalone_mode=False, **more)
        self._ctx = None
        told: click.ClickException
        try:
            ended = super().main(given, standalone_mode=False, **more)
        except click.NoSuchOption as error:
            told = _of_the_root(error)
        except click.ClickException as error:
            told = error
        except click.Abort:
            told = CommandError("interrupted; nothing was done", INTERRUPTED)
        except Exception as error:  # noqa: BLE001 - our own fault: its trace goes into a file
            told = self._unwritten(error) or CommandError(_kept(error), FAULT)
        else:
            sys.exit(ended if isinstance(ended, int) else 0)
        told.show()
        if "--json" in given[: given.index("--") if "--" in given else None]:
            self._tell_machines(told)
        sys.exit(told.exit_code)

    def _unwritten(self, error: Exception) -> CommandError | None:
        """Words for a disk that takes no more of what is said; None for any other error."""
        if not isinstance(error, OSError) or error.errno not in FULL:
            return None
        done = f"; {so_far(self._ctx)}" if self._ctx is not None else ""
        return CommandError(f"what is said cannot be written: {error.strerror}{done}", REFUSED)

    def _tell_machines(self, error: click.ClickException) -> None:
        """The error as the one document, unless the verb has said its own before it."""
        found = self._ctx.meta.get(MACHINE) if self._ctx is not None else None
        if found is not None and found.was_told:
            return
        code = error.exit_code
        message = clean(error.format_message())
        told = {"code": NAMES.get(code, "refused"), "exit_code": code, "message": message}
        say_json({"error": told})

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise CommandError(f"interrupted; {so_far(ctx)}", INTERRUPTED) from None
        except Misconfigured as verdict:
            raise CommandError(clean(verdict.reason), REFUSED) from None
        except (Retryable, UnknownOutcome) as verdict:
            raise CommandError(clean(verdict.reason), UNREACHABLE) from None
        except Verdict as verdict:
            raise CommandError(clean(verdict.reason), REFUSED) from None
        except Conflict as conflict:
            raise CommandError(
                f"{clean(str(conflict))}; look at it and try again", REFUSED
            ) from None
        except Exception as error:
            if not _is_of_aws(error):
                raise
            from cli.aws_words import aws_in_words  # noqa: PLC0415 - most runs end well

            raise CommandError(clean(aws_in_words(error)), UNREACHABLE) from None


def _is_of_aws(error: Exception) -> TypeGuard[ClientError | BotoCoreError]:
    """Whether AWS, or the way to it, refused. Its errors cannot be met before they are loaded."""
    errors = sys.modules.get("botocore.exceptions")
    return errors is not None and isinstance(error, (errors.ClientError, errors.BotoCoreError))


def _of_the_root(error: click.NoSuchOption) -> click.UsageError:
    """Words for an option that says which hub is meant, and stands behind the verb."""
    if error.option_name not in WHERE:
        return error
    words = (
        f"{error.option_name} says which hub: it stands before the verb, hub {error.option_name}"
    )
    return click.UsageError(f"{words} … VERB", ctx=error.ctx)


def so_far(ctx: click.Context) -> str:
    """What an interrupted verb had done, in words."""
    meta = ctx.find_root().meta
    if DONE in meta:
        return str(meta[DONE])
    return STOPPED if meta.get(WRITES) else "nothing was changed"


def _kept(error: Exception) -> str:
    """Where the trace of a fault of our own is, in words."""
    name = f"fault-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    text = "".join(traceback.format_exception(error))
    for folder in (Path(state) / "returns-hub", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            number = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError:
            continue
        return f"a fault of the command itself ({type(error).__name__}); see {folder / name}"
    return f"a fault of the command itself ({type(error).__name__}), and no file could be written"

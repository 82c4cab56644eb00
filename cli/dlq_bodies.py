"""The new body of a dead letter: from a file, or from the person's editor."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

import click

from cli.asking import require_terminal
from cli.terminal import REFUSED, clean
from cli.worlds import CommandError
from returns_hub.flows.dead_letters import READABLE, Dead, judged
from returns_hub.flows.receive_approved_return import LONGEST_MESSAGE


def from_file(file: BinaryIO, contract: Callable[[str], object]) -> str:
    """The body that a file holds, once it is readable."""
    try:
        body = file.read(LONGEST_MESSAGE + 1).decode("utf-8")
    except UnicodeDecodeError:
        raise CommandError("the new body is not UTF-8 text; nothing was sent", REFUSED) from None
    code, reason = judged(body, contract)
    if code != READABLE:
        raise CommandError(clean(f"{code}: {reason}; nothing was sent"), REFUSED)
    return body


def edited(dead: Dead, contract: Callable[[str], object]) -> str:
    """The body from the user's editor, once it is readable."""
    require_terminal("give the new body with --body FILE")
    body = dead.letter.body
    while True:
        saved = click.edit(body, extension=".json")
        if saved is None or saved.strip() == dead.letter.body.strip():
            raise CommandError(
                "the body was not changed, and nothing was sent; replay sends it as it is", REFUSED
            )
        body = saved
        code, reason = judged(body, contract)
        if code == READABLE:
            return body
        click.echo(clean(f"{code}: {reason}; nothing was sent"), err=True)
        if not click.confirm("Edit it again?", err=True):
            raise CommandError("nothing was sent", REFUSED)

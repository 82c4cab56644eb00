"""hub publish: an approved-return event is put on the queue by hand."""

from __future__ import annotations

from typing import Any

import click

from cli.acting import acts, is_about
from cli.choices import merchant_option
from cli.filters import dry_run_option
from cli.terminal import REFUSED, act_json_option, clean, pass_reach, say_outcome
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.flows.receive_approved_return import LONGEST_MESSAGE, parse


@verb()
@click.argument("file", type=click.File("rb"))
@merchant_option
@dry_run_option
@act_json_option
@pass_reach
@acts()
def publish(reach: Reach, file: Any, merchant: str | None, dry_run: bool) -> None:
    """Check an approved-return event (a file, or - for standard input) and put it on the queue.

    The event names its merchant; with --merchant it is refused when it is another's.

    \b
    hub publish docs/events/example.json --dry-run
    hub publish docs/events/example.json

    See also: hub config schema, hub timeline, docs/events.md
    """
    content: bytes = file.read(LONGEST_MESSAGE + 1)
    if len(content) > LONGEST_MESSAGE:
        raise CommandError(
            "the event is larger than the queue takes: leave its bodies out", REFUSED
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise CommandError("the event is not UTF-8 text", REFUSED) from None
    event = parse(text)
    if merchant not in {None, event.merchant}:
        raise CommandError(
            f"the event is {event.merchant}'s, not {clean(str(merchant))}'s", REFUSED
        )
    is_about(event.merchant, event.return_id)
    made = reach.hub()
    named: dict[str, Any] = {"merchant": event.merchant, "return_id": event.return_id}
    if dry_run:
        click.echo(f"would be published: return {event.return_id} of {event.merchant}")
        say_outcome("would_be_done", dry_run=True, **named)
        return
    made.queue(made.settings.approved_returns_queue_url).send(text)
    click.echo(f"published: return {event.return_id} of {event.merchant}")
    say_outcome("done", **named)

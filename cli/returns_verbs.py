"""hub returns show, status, comment: one return in the portal, by a person's hand.

What is changed goes through the ledger under a request id, so a command that was cut off can be
repeated with it, and the return's timeline says who asked.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_option, one_merchant, one_return, order_option
from cli.dry import dry, up_to_the_first_write
from cli.filters import dry_run_option, yes_option
from cli.terminal import (
    act_json_option,
    clean,
    console,
    json_option,
    pass_reach,
    say_json,
    say_outcome,
    shown,
    table,
)
from cli.verbs import verbs
from cli.worlds import UNREACHABLE, CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.returns import SETTABLE, UNDER_WAY, PortalReturn, ReturnStatus
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Retryable, UnknownOutcome
from returns_hub.flows.act_on_return import Request, comment, set_status
from returns_hub.flows.operation import Done
from returns_hub.flows.world import World

WARNINGS = {
    ReturnStatus.COMPLETE: (
        "every line is marked complete. Nothing says that this pays anybody: refunds come of "
        "processing, and the hub processes no line of a return that is complete. Opening it again "
        "is possible."
    ),
    ReturnStatus.REJECTED: (
        "nothing is paid, and the hub does nothing more for it. Opening it again is possible. "
        "Whether the portal writes to the customer is not documented."
    ),
    ReturnStatus.DELETED: (
        "the portal resets the return, and no way back is documented. A record that was announced "
        "stays in the warehouse."
    ),
    ReturnStatus.FLAGGED: "it waits for the team; add a comment that says why.",
    ReturnStatus.OPEN: "its lines are open again.",
}
REOPENED = (
    "opening it again resets its lines and what was being processed. Refunds and exchanges that "
    "were made are NOT reversed, and can be made once more by whoever processes it in the portal; "
    "the hub processes no line twice."
)


def _request(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", value):
        raise click.BadParameter("letters, digits, - and _, at most 40")
    return value


request_option = click.option(
    "--request",
    callback=_request,
    help="id of an earlier request that was cut off: it is finished, not made again",
)


@verbs()
def returns() -> None:
    """One return in the portal, by its id (or with --order by its order's name).

    \b
    hub returns show 5501 --order
    hub returns comment 5501 "call the customer" --order --dry-run

    See also: hub timeline, hub decide, docs/operating.md
    """


@returns.command("show")
@click.argument("return_", metavar="RETURN")
@merchant_option
@order_option
@json_option
@pass_reach
def show(reach: Reach, return_: str, merchant: str | None, by_order: bool, as_json: bool) -> None:
    """Show a return as the portal has it now, and where the hub stands with it.

    \b
    hub returns show 66aa01f0c0ffee0000000001
    hub returns show 5501 --order --merchant example

    See also: hub timeline, hub decide, hub returns status
    """
    made = reach.hub()
    world = made.world(one_merchant(made, merchant)).for_return(return_)
    found = world.portal.read_return(one_return(world, return_, by_order=by_order))
    state = made.returns.load(world.merchant, found.id)
    if as_json:
        say_json({"portal": found.model_dump(mode="json"), "hub": _for_machines(state)})
        return
    _show_portal(found)
    _show_hub(state)


def _show_portal(found: PortalReturn) -> None:
    orders = ", ".join(found.order_names) or "no order's name"
    click.echo(clean(f"{found.type} {found.id} ({orders}): {found.status_word or found.status}"))
    click.echo(f"made {found.created_at:%Y-%m-%d %H:%M}, changed {found.updated_at:%Y-%m-%d %H:%M}")
    lines = table("line", "SKU", "units", "status", "reason")
    for line in found.lines:
        kept = " (kept by the customer)" if line.keep_item else ""
        lines.add_row(
            shown(line.id),
            shown(line.sku or "-"),
            str(line.quantity),
            f"{line.status.value}{kept}",
            shown(line.reason),
        )
    console().print(lines)
    for shipment in found.shipments:
        parts = (shipment.key, shipment.carrier, shipment.tracking_number, shipment.location_id)
        click.echo(clean("shipment " + " ".join(part for part in parts if part)))


def _show_hub(state: ReturnState) -> None:
    if not state.version:
        click.echo("the hub has not seen this return")
        return
    made = [
        f"{s.key}: external return {s.external_return_id}"
        for s in state.shipments
        if s.external_return_id is not None
    ]
    told = f" ({'; '.join(made)})" if made else ""
    story = f"hub timeline {state.merchant} {state.return_id}"
    click.echo(clean(f"the hub: {state.outcome}{told}; its story: {story}"))


def _for_machines(state: ReturnState) -> dict[str, Any] | None:
    if not state.version:
        return None
    return {"outcome": state.outcome, **state.model_dump(mode="json")}


@returns.command("status")
@click.argument("return_", metavar="RETURN")
@click.argument("status", type=click.Choice(sorted(status.value for status in SETTABLE)))
@merchant_option
@order_option
@request_option
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("status")
def change_status(
    reach: Reach,
    return_: str,
    status: str,
    merchant: str | None,
    by_order: bool,
    request: str | None,
    yes: bool,
    dry_run: bool,
) -> None:
    """Put a return into a status, once, with your name on its timeline.

    No status pays anybody by itself, as far as is documented; what the portal allows from where is
    not, and a refusal is shown in its words.

    \b
    hub returns status 66aa01f0c0ffee0000000001 flagged --dry-run
    hub returns status 5501 rejected --order

    See also: hub returns show, hub returns comment, hub timeline
    """
    made = reach.hub()
    world = made.world(one_merchant(made, merchant)).for_return(return_)
    return_id = one_return(world, return_, by_order=by_order)
    wanted = ReturnStatus(status)
    found = world.portal.read_return(return_id)
    named: dict[str, Any] = {"merchant": world.merchant, "return_id": return_id, "status": status}
    if found.status is wanted and request is None:
        click.echo(f"{return_id} is {status} already; nothing was sent")
        say_outcome("nothing_to_do", dry_run=dry_run, **named)
        return
    click.echo(clean(_question(found, wanted)))
    if dry_run:
        _try(made, world, request, lambda it, asked: set_status(it, return_id, wanted, asked))
        click.echo(f"{return_id} would be put into {status}; nothing was sent")
        say_outcome("would_be_done", dry_run=True, **named)
        return
    require_yes(f"put it into {status}?", yes=yes)
    asked, done = _once(request, reach, lambda asked: set_status(world, return_id, wanted, asked))
    click.echo(f"{return_id}: {status}{_how(done)}")
    say_outcome("done", **named, request=asked.id, how=done.how)


def _question(found: PortalReturn, wanted: ReturnStatus) -> str:
    orders = f" ({', '.join(found.order_names)})" if found.order_names else ""
    now = found.status_word or found.status.value
    warning = WARNINGS[wanted]
    if wanted is ReturnStatus.OPEN and found.status not in UNDER_WAY:
        warning = REOPENED
    return f"{found.id}{orders} is {now}; {wanted.value}: {warning}"


@returns.command("comment")
@click.argument("return_", metavar="RETURN")
@click.argument("text")
@merchant_option
@order_option
@request_option
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts()
def add_comment(
    reach: Reach,
    return_: str,
    text: str,
    merchant: str | None,
    by_order: bool,
    request: str | None,
    yes: bool,
    dry_run: bool,
) -> None:
    """Add a comment for the team to a return in the portal, once.

    Whether the portal ever shows comments to the customer is not documented: write nothing that
    the customer must not read. A short marker is added, by which the hub finds it again.

    \b
    hub returns comment 66aa01f0c0ffee0000000001 "the box was wet"
    hub returns comment 5501 "the box was wet" --order --dry-run

    See also: hub returns show, hub timeline
    """
    made = reach.hub()
    world = made.world(one_merchant(made, merchant)).for_return(return_)
    return_id = one_return(world, return_, by_order=by_order)
    named: dict[str, Any] = {"merchant": world.merchant, "return_id": return_id}
    if dry_run or not yes:
        click.echo(clean(f"to {return_id}: {text}"))
    if dry_run:
        _try(made, world, request, lambda it, asked: comment(it, return_id, text, asked))
        click.echo("it would be added; nothing was sent")
        say_outcome("would_be_done", dry_run=True, **named)
        return
    require_yes("add this comment?", yes=yes)
    asked, done = _once(request, reach, lambda asked: comment(world, return_id, text, asked))
    click.echo(f"{return_id}: comment added{_how(done)}")
    say_outcome("done", **named, request=asked.id, how=done.how)


def _try(
    made: Hub, world: World, request: str | None, act: Callable[[World, Request], object]
) -> None:
    """The same act up to its first write; refused where it would be."""
    asked = Request(request or "dry-run", "dry run")
    it = dry(made).world(world.merchant)
    up_to_the_first_write(lambda: act(it, asked))


def _once(
    request: str | None, reach: Reach, act: Callable[[Request], Done]
) -> tuple[Request, Done]:
    """Do what is asked; when its end is not known, say how to find out."""
    asked = Request(request or uuid.uuid4().hex[:12], reach.caller())
    click.echo(
        f"request {asked.id} (cut off? repeat the command with --request {asked.id})", err=True
    )
    try:
        return asked, act(asked)
    except UnknownOutcome as verdict:
        raise CommandError(
            clean(
                f"{verdict.reason}. It may have been done: in {verdict.after:.0f} s repeat the "
                f"command with --request {asked.id}, which looks before it sends"
            ),
            UNREACHABLE,
        ) from None
    except Retryable as verdict:
        raise CommandError(
            clean(
                f"{verdict.reason}. In {verdict.after:.0f} s repeat the command with "
                f"--request {asked.id}"
            ),
            UNREACHABLE,
        ) from None


def _how(done: Done) -> str:
    return {
        "sent": "",
        "looked_up": " (an earlier try had done it)",
        "already": " (done before; nothing was sent)",
    }[done.how]

"""Which merchant and which return a command is about."""

from __future__ import annotations

import re

import click

from cli.terminal import REFUSED, clean
from cli.worlds import CommandError
from returns_hub.bootstrap import Hub
from returns_hub.flows.world import World

RETURN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

merchant_option = click.option("--merchant", help="whose; not needed while there is only one")
order_option = click.option(
    "--order", "by_order", is_flag=True, help="RETURN is the name of its order, e.g. 5501 or #5501"
)


def one_merchant(made: Hub, given: str | None) -> str:
    """The merchant named, or the only one there is."""
    if given is not None:
        return given
    ids = made.merchants.all_ids()
    if not ids:
        raise CommandError("no merchant file has been applied (hub config apply)", REFUSED)
    if len(ids) > 1:
        raise click.UsageError(f"say --merchant; there are: {', '.join(ids)}")
    return ids[0]


def one_return(world: World, given: str, *, by_order: bool) -> str:
    """The id of the return named: by its id, or by its order's name, which the portal is asked."""
    if not by_order and RETURN_ID.fullmatch(given):
        return given
    if not given.strip():
        raise click.UsageError("name a return, or with --order its order")
    found = world.portal.returns_of_order(given)
    if not found:
        raise CommandError(clean(f"the portal has no return of an order named {given}"), REFUSED)
    if len(found) > 1:
        rows = "\n".join(
            f"  {row.id}  {row.status.value}  changed {row.updated_at:%Y-%m-%d %H:%M}"
            for row in found
        )
        raise CommandError(
            clean(f"{given} has {len(found)} returns; name one by its id:\n{rows}"), REFUSED
        )
    return found[0].id

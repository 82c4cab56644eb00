"""Which merchant and which return a command is about."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from cli.known_words import complete_merchants
from cli.terminal import REFUSED, clean
from cli.verbs import MerchantArgument
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.flows.world import World

RETURN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

F = TypeVar("F", bound=Callable[..., Any])


class Named(click.ParamType[str]):
    """A word that names one thing. An empty one is refused: what a variable of the shell that is
    not set stands for must never mean everything.

    Args:
        what: The thing.
    """

    name = "text"

    def __init__(self, what: str) -> None:
        self._what = what

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value.strip():
            self.fail(f"an empty word is no {self._what}", param, ctx)
        return value


MERCHANT = Named("merchant")
merchant_option = click.option(
    "--merchant",
    type=MERCHANT,
    shell_complete=complete_merchants,
    help="whose; not needed while there is only one",
)
merchants_option = click.option(
    "--merchant", type=MERCHANT, shell_complete=complete_merchants, help="only this merchant's"
)
order_option = click.option(
    "--order", "by_order", is_flag=True, help="RETURN is the name of its order, e.g. 5501 or #5501"
)


def merchant_argument(function: F) -> F:
    """MERCHANT in front of the other words, or --merchant, or neither while there is only one.

    The verb gets one text, `merchant`. It is refused when both are given and differ.
    """
    return _takes_merchant(function, _or_the_only_one, merchant_option)


def merchants_argument(function: F) -> F:
    """The same of a verb that means all merchants when none is named: it gets None then."""
    return _takes_merchant(function, lambda given: given, merchants_option)


def _takes_merchant(
    function: F, of: Callable[[str | None], str | None], option: Callable[[Any], Any]
) -> F:
    @functools.wraps(function)
    def given(*rest: Any, merchant: str | None, merchant_word: str | None, **more: Any) -> Any:
        if None not in {merchant, merchant_word} and merchant != merchant_word:
            raise click.UsageError(
                clean(f"MERCHANT says {merchant_word} and --merchant says {merchant}: give one")
            )
        return function(*rest, merchant=of(merchant_word if merchant is None else merchant), **more)

    made: Any = click.argument(
        "merchant_word",
        type=MERCHANT,
        metavar="[MERCHANT]",
        required=False,
        cls=MerchantArgument,
        shell_complete=complete_merchants,
    )(option(given))
    return made  # type: ignore[no-any-return]


def _or_the_only_one(given: str | None) -> str:
    if given is not None:
        return given
    reach = click.get_current_context().find_object(Reach)
    if reach is None:
        raise AssertionError("the command's root gives it")
    return one_merchant(reach.hub(), None)


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

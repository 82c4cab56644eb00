"""hub privacy map, export, forget."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import click

from cli.acting import acts
from cli.asking import require_terminal
from cli.choices import merchant_option, one_merchant
from cli.filters import dry_run_option, yes_option
from cli.privacy.desk import Desk, Tell, desk_of
from cli.progress import progress
from cli.terminal import (
    REFUSED,
    act_json_option,
    clean,
    console,
    json_option,
    machine,
    pass_reach,
    say_json,
    say_outcome,
    shown,
    table,
)
from cli.verbs import done_so_far, verbs
from cli.whole_files import whole_file
from cli.worlds import CommandError, Reach
from returns_hub.domain.personal_data import (
    MAP,
    PARTNERS,
    as_markdown,
    partners_as_markdown,
)
from returns_hub.flows.privacy.find import Found, document
from returns_hub.flows.privacy.forget import forget as forget_flow
from returns_hub.flows.privacy.forget import require_free
from returns_hub.flows.privacy.subject import Wanted, wanted_again

F = TypeVar("F", bound=Callable[..., Any])
WORD = "forget"
"""What is typed to go on."""
NOTHING = "the hub has nothing of it"


@dataclass(frozen=True)
class Whom:
    """By what the person is looked for, as it was given; see `whom_options`."""

    return_ids: tuple[str, ...]
    order_names: tuple[str, ...]
    tracking: tuple[str, ...]
    texts: tuple[str, ...]
    scan: bool

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """What was given of the person, by its kind."""
        every = {
            "returns": self.return_ids,
            "orders": self.order_names,
            "tracking": self.tracking,
            "texts": self.texts,
        }
        return {kind: words for kind, words in every.items() if words}

    def wanted(self) -> Wanted:
        """The same for the flow.

        Raises:
            UsageError: Nobody is named, or by a word that is in anything.
        """
        given = [word for words in self.words.values() for word in words]
        if not given:
            raise click.UsageError("say who: --return, --order, --tracking or --email")
        if any(not word.strip() for word in given):
            raise click.UsageError("an empty word is nobody's")
        if any(len(word.strip()) < 4 for word in self.texts):
            raise click.UsageError("--email takes an e-mail; so short a word is in anything")
        return Wanted(self.return_ids, self.order_names, self.tracking, self.texts)


WHOM = (
    click.option("--return", "return_ids", multiple=True, help="a return's id; repeatable"),
    click.option(
        "--order",
        "order_names",
        multiple=True,
        help="an order's name or number, Miinto's as SHOP/NUMBER; repeatable",
    ),
    click.option("--tracking", "tracking", multiple=True, help="a tracking number"),
    click.option(
        "--email",
        "texts",
        multiple=True,
        help="an e-mail; only messages that wait for a person can hold one",
    ),
    click.option(
        "--scan",
        is_flag=True,
        help="read the ledger, all acts and all records in step too; slow",
    ),
)


def whom_options(function: F) -> F:
    """By what the person is found: the verb gets one `whom`."""

    @functools.wraps(function)
    def given(*rest: Any, **more: Any) -> Any:
        whom = Whom(**{one.name: more.pop(one.name) for one in fields(Whom)})
        return function(*rest, whom=whom, **more)

    made: Any = given
    for option in reversed(WHOM):
        made = option(made)
    return made  # type: ignore[no-any-return]


@verbs()
def privacy() -> None:
    """What the hub has of a person, where, for how long; and forgetting it.

    The person is found by what they bought: the hub keeps no names, addresses or e-mails.

    \b
    hub privacy map
    hub privacy export --order 5501 --out person.json
    hub privacy forget --order 5501 --dry-run

    See also: hub search, hub audit, docs/privacy.md
    """


@privacy.command("map")
@click.option("--personal", is_flag=True, help="only places with personal data")
@click.option("--markdown", is_flag=True, help="both tables as docs/privacy.md has them")
@merchant_option
@json_option
def show_map(
    personal: bool,
    markdown: bool,
    merchant: str | None,  # noqa: ARG001 - it is of every merchant
    as_json: bool,
) -> None:
    """Show every place with personal data: what, why, how long, how it goes, and what stays.

    It is the same for every merchant, and no hub is asked for it.

    \b
    hub privacy map
    hub privacy map --personal --json

    See also: hub privacy export, docs/privacy.md
    """
    places = [one for one in MAP if one.has_personal_data or not personal]
    if as_json:
        say_json(
            {
                "places": [asdict(one) for one in places],
                "partners": [asdict(one) for one in PARTNERS],
            }
        )
        return
    if markdown:
        click.echo(f"{as_markdown()}\n{partners_as_markdown()}", nl=False)
        return
    rows = table("place", "what", "how long", "how it goes", "what stays")
    for one in places:
        rows.add_row(*map(shown, (one.name, one.what, one.kept, one.goes, one.stays or "-")))
    console().print(rows)
    asked = table("partner", "holds", "what to ask there")
    for partner in PARTNERS:
        asked.add_row(*map(shown, (partner.name, partner.holds, partner.ask)))
    console().print(asked)


@privacy.command()
@merchant_option
@whom_options
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="else standard output")
@json_option
@pass_reach
def export(
    reach: Reach,
    merchant: str | None,
    whom: Whom,
    out: Path | None,
    as_json: bool,  # noqa: ARG001 - it is JSON in any case
) -> None:
    """Write everything that is kept about a person's orders and returns, as one JSON document.

    Of every place of the map it says what is there, or why that is not told, and which partner to
    ask. It holds what the tables hold: keep it as such, and delete it when it was handed over.

    \b
    hub privacy export --order 5501 --out person.json
    hub privacy export --return 66aa01f0c0ffee0000000001 --merchant example --scan

    Exit codes: 0 written, 1 nothing is kept

    See also: hub privacy forget, hub privacy map, docs/privacy.md
    """
    wanted = whom.wanted()
    desk = _desk(reach, merchant)
    with _scanning(whom.scan) as tell:
        found = desk.find(desk.subject(wanted), tell)
    if not (found.copies or found.letters):
        raise CommandError(clean(f"{NOTHING}; {_beside(desk)}"), REFUSED)
    asked = {kind: list(words) for kind, words in whom.words.items()}
    told = document(found, asked, desk.hub.clock.now())
    if out is None:
        say_json(told)
        return
    with whole_file(out) as file:
        json.dump(told, file, indent=1, ensure_ascii=False)
        file.write("\n")
    click.echo(f"{out}: {len(found.copies) + len(found.letters)} rows", err=True)
    say_outcome("done", out=str(out), rows=len(found.copies) + len(found.letters))


@privacy.command()
@merchant_option
@whom_options
@click.option(
    "--again", is_flag=True, help="everybody of the register: after a restore, or a stop midway"
)
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("return_ids")
def forget(
    reach: Reach,
    merchant: str | None,
    whom: Whom,
    again: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """Mask or delete what is kept about a person, but for what keeps things from happening twice.

    Names of orders, tracking numbers, comments, reasons and notes go; ids, SKUs, units and amounts
    stay. Nothing is done while goods or money of the person are under way, or a message about them
    waits: it says what to do first. Done again, it goes on where it was, or has nothing to do.

    \b
    hub privacy forget --order 5501 --dry-run
    hub privacy forget --return 66aa01f0c0ffee0000000001 --yes
    hub privacy forget --again --yes

    Exit codes: 0 forgotten, or nothing left to do, 1 something is needed yet, 3 go on later

    See also: hub privacy export, hub dlq discard, hub parked discard, docs/privacy.md
    """
    if again and whom.words:
        raise click.UsageError("--again is about everybody in the register; name nobody else")
    wanted = Wanted() if again else whom.wanted()
    desk = _desk(reach, merchant)
    unfinished = [one.name for one in desk.data.remembered(desk.merchant) if one.done_at is None]
    if again:
        wanted = wanted_again(one.name for one in desk.data.remembered(desk.merchant))
    with _scanning(whom.scan) as tell:
        found = desk.find(desk.subject(wanted), tell)
        _show(found)
        if unfinished and not again:
            click.echo(clean(f"begun and not ended: {', '.join(unfinished)}; --again"), err=True)
        require_free(found)
        if _is_done(found, unfinished if again else ()):
            click.echo("nothing is left to take out")
            _say("nothing_to_do", found, dry_run=dry_run)
            return
        if dry_run:
            click.echo("this would be done; nothing was")
            _say("would_be_done", found, dry_run=True)
            return
        _require_word(yes=yes)
        count = 0

        def told(line: str) -> None:
            nonlocal count
            count += 1
            done_so_far(f"{count} rows were dealt with; hub privacy forget --again goes on")
            click.echo(clean(line), err=True)

        done = forget_flow(found, desk.of(reach.caller(), tell), told)
    click.echo(f"forgotten: {done.masked} rows masked, {done.deleted} deleted")
    for line in ASK:
        click.echo(line, err=True)
    _say("done", found, masked=done.masked, deleted=done.deleted)


ASK = tuple(clean(f"{one.name}: {one.ask}") for one in PARTNERS if one.ask != "nothing")
"""What is to be asked of partners, a line each."""


def _desk(reach: Reach, merchant: str | None) -> Desk:
    made = reach.hub()
    return desk_of(made, one_merchant(made, merchant))


@contextmanager
def _scanning(scan: bool) -> Iterator[Tell | None]:
    if not scan:
        yield None
        return
    with progress("reading") as tell:
        yield lambda name, read: tell(0.0, f"{name}: {read} rows")


def _is_done(found: Found, unfinished: tuple[str, ...] | list[str]) -> bool:
    takes = any(copy.does in {"mask", "delete"} for copy in found.copies)
    states = [c for c in found.copies if c.place in {"returns.state", "market.orders"}]
    is_told = all(c.content.get("forgotten", True) for c in states)
    return not takes and is_told and not unfinished


def _beside(desk: Desk) -> str:
    portal = desk.hub.merchants.live(desk.merchant).merchant.portal
    return (
        f"what {portal} has, ask there (hub returns show NAME --order finds its returns); after "
        "400 days the hub's own rows are gone by themselves"
    )


def _show(found: Found) -> None:
    if not found.copies:
        click.echo("no row of the hub's tables is about it")
        return
    rows = table("place", "what is done", "which")
    for copy in found.copies:
        rows.add_row(copy.place, copy.does, shown(copy.where))
    console().print(rows)
    for doubt in found.doubts:
        click.echo(clean(doubt), err=True)


def _require_word(*, yes: bool) -> None:
    """Go on only when the word is typed: what is taken out does not come back."""
    if yes:
        return
    require_terminal("this asks first; say --yes, or see with --dry-run")
    typed = click.prompt(f'type "{WORD}" to go on', default="", show_default=False, err=True)
    if typed.strip() != WORD:
        raise CommandError("you did not go on; nothing was done", REFUSED)


def _say(outcome: str, found: Found, *, dry_run: bool = False, **facts: Any) -> None:
    if machine() is None:
        return
    rows = [{"place": c.place, "does": c.does, "where": c.where} for c in found.copies]
    about = {
        "returns": list(found.subject.return_ids),
        "orders": [f"{shop}/{number}" for shop, number in found.subject.orders],
    }
    say_outcome(
        outcome, dry_run=dry_run, is_about=about, rows=rows, doubts=list(found.doubts), **facts
    )

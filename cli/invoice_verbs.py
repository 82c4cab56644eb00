"""hub redo invoices: Redo's invoices to the merchant, as a list and as one table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import click

from cli.choices import merchant_argument
from cli.terminal import (
    act_json_option,
    console,
    json_option,
    machine,
    pass_reach,
    say_json,
    say_outcome,
    shown,
    table,
)
from cli.verbs import verbs
from cli.whole_files import plain_stdout, whole_file
from cli.worlds import Reach
from returns_hub.domain.invoices import Invoice
from returns_hub.flows.export_invoices import chosen
from returns_hub.flows.export_invoices import export as export_lines


@verbs()
def invoices() -> None:
    """Redo's invoices to the merchant; not refunds of returns.

    \b
    hub redo invoices list example
    hub redo invoices export example --out invoices.csv

    See also: docs/webhook-subscription.md
    """


@invoices.command("list")
@merchant_argument
@json_option
@pass_reach
def list_invoices(reach: Reach, merchant: str, as_json: bool) -> None:
    """List the store's invoices.

    Example: hub redo invoices list example

    See also: hub redo invoices export
    """
    made = reach.hub()
    found = made.invoices(made.merchants.live(merchant)).list()
    if as_json:
        say_json([invoice.model_dump(mode="json") for invoice in found])
        return
    rows = table("invoice", "status", "charge", "currency", "created (UTC)", "updated (UTC)")
    for invoice in found:
        rows.add_row(*(shown(cell) for cell in _cells(invoice)))
    console().print(rows)
    click.echo(f"{len(found)} invoices")


@invoices.command()
@merchant_argument
@click.option("--invoice", "invoice_id", help="only this one")
@click.option("--pending", is_flag=True, help="the lines that are on no invoice yet")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="else standard output")
@act_json_option
@pass_reach
def export(
    reach: Reach, merchant: str, invoice_id: str | None, pending: bool, out: Path | None
) -> None:
    """Write the lines of all invoices, of one, or of none yet, as one CSV in UTF-8.

    The first columns say which invoice; then come Redo's own, as they are. A cell that a
    spreadsheet would take for a formula gets an apostrophe. A file is written whole or not at all.

    \b
    hub redo invoices export example --out invoices.csv
    hub redo invoices export example --pending

    See also: hub redo invoices list, docs/webhook-subscription.md
    """
    if invoice_id is not None and pending:
        raise click.UsageError("--invoice and --pending exclude each other")
    made = reach.hub()
    portal = made.invoices(made.merchants.live(merchant))
    wanted: list[Invoice | None]
    if pending:
        wanted = [None]
    elif invoice_id is not None:
        wanted = [chosen(portal, invoice_id)]
    else:
        wanted = list(portal.list())
    if out is None and machine() is not None:
        text = io.StringIO(newline="")
        export_lines(portal, wanted, text)
        rows = list(csv.DictReader(io.StringIO(text.getvalue(), newline="")))
        say_json({"merchant": merchant, "lines": rows})
        return
    if out is None:
        export_lines(portal, wanted, plain_stdout())
        return
    with whole_file(out) as file:
        count = export_lines(portal, wanted, file)
    click.echo(f"{out}: {count} lines of {len(wanted)} {'part' if pending else 'invoices'}")
    say_outcome("done", merchant=merchant, out=str(out), lines=count)


def _cells(invoice: Invoice) -> Iterator[str]:
    yield invoice.id
    yield invoice.status
    yield "" if invoice.charge is None else f"{invoice.charge:f}"
    yield invoice.currency
    for moment in (invoice.created_at, invoice.updated_at):
        yield f"{moment:%Y-%m-%d %H:%M}" if moment else ""

"""hub cost: what a month costs, and a return."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError

from cli.cost.bill import PRICES, Item, Prices, Use, bill, read_prices, total
from cli.cost.measure import Clients, measure
from cli.terminal import REFUSED, clean, console, json_option, pass_reach, say_json, table
from cli.verbs import verb
from cli.worlds import UNREACHABLE, CommandError, Reach

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
NOT_MEASURED = (
    "not in it: traffic out to partners (their answers come in for nothing), S3, KMS requests, "
    "starts of environments, CloudWatch's own requests, free tiers, taxes, discounts"
)
UNCOUNTED = (
    "external returns: not known, so there is no cost per return (the stack's MetricsByMerchant is "
    "no, and what merchants do is in the log only: docs/operators.md)"
)


class MonthType(click.ParamType[datetime]):
    """A month, as 2026-03; its first moment in UTC."""

    name = "month"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        found = MONTH.fullmatch(value.strip())
        if found is None or int(found[1]) < 2015:
            self.fail(f"{value!r} is no month; e.g. 2026-03", param, ctx)
        begin = datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC)
        if begin > datetime.now(UTC):
            self.fail(f"{value} has not begun", param, ctx)
        return begin


@verb()
@click.option("--month", type=MonthType(), help="e.g. 2026-03 [this month, so far]")
@click.option(
    "--prices",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=PRICES,
    help="a file like cli/cost/prices.json [that one]",
)
@json_option
@pass_reach
def cost(reach: Reach, month: datetime | None, path: Path, as_json: bool) -> None:
    """Say what the stack costs in a month, by what AWS measured, and a return's share of it.

    Amounts are CloudWatch's and the resources' own; prices are the public ones of the file. What is
    assumed stands beside each line. This is an estimate, and the bill is AWS's.

    \b
    hub --stack returns-hub cost
    hub --stack returns-hub cost --month 2026-03 --json

    See also: hub unleashed flows, docs/operating.md
    """
    prices = _prices(path)
    if reach.is_local:
        raise CommandError(
            "the local stack costs nothing, and nobody measures it by the month: name the --stack "
            "in AWS (make bench measures the hub on this machine)",
            REFUSED,
        )
    session, stack = reach.in_aws()
    now = datetime.now(UTC)
    start = month or datetime(now.year, now.month, 1, tzinfo=UTC)
    whole = _next(start)
    end = min(now, whole)
    share = (end - start) / (whole - start)
    try:
        aws = Clients(
            cloudformation=session.client("cloudformation"),
            cloudwatch=session.client("cloudwatch"),
            functions=session.client("lambda"),
            dynamodb=session.client("dynamodb"),
            secrets=session.client("secretsmanager"),
        )
        use = measure(aws, stack, start, end, share)
    except (ClientError, BotoCoreError) as error:
        raise CommandError(clean(f"{stack} cannot be measured: {error}"), UNREACHABLE) from None
    items = bill(use, prices)
    if as_json:
        say_json(_for_machines(start, end, use, items, prices))
    else:
        _say(start, end, use, items, prices)


def _prices(path: Path) -> Prices:
    try:
        return read_prices(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}", REFUSED) from None
    except ValueError as error:
        raise CommandError(clean(f"{path}: {error}"), REFUSED) from None


def _next(month: datetime) -> datetime:
    is_last = month.month == 12
    return month.replace(year=month.year + is_last, month=1 if is_last else month.month + 1)


def per_return(use: Use, items: tuple[Item, ...]) -> Decimal | None:
    """What one external return costs; None when none was made."""
    return total(items) / Decimal(str(use.returns)) if use.returns else None


def _say(start: datetime, end: datetime, use: Use, items: tuple[Item, ...], prices: Prices) -> None:
    rows = table("what")
    rows.add_column("used", justify="right")
    rows.add_column(prices.currency, justify="right")
    rows.add_column("basis", style="dim", overflow="fold")
    for item in items:
        rows.add_row(item.name, item.amount, f"{item.cost:,.2f}", item.basis)
    rows.add_row("in all", "", f"{total(items):,.2f}", "", style="bold")
    console().print(rows)
    click.echo(f"{start:%Y-%m-%d} to {end:%Y-%m-%d %H:%M} UTC ({use.share:.0%} of the month)")
    each = per_return(use, items)
    if use.returns is None:
        click.echo(UNCOUNTED)
    elif each is None:
        click.echo("no external return was made in it, so there is no cost per return")
    else:
        calls = f", with {use.calls / use.returns:,.1f} calls to partners" if use.calls else ""
        click.echo(
            f"{use.returns:,.0f} external returns: {each:,.4f} {prices.currency} each{calls}"
        )
    if use.calls is None:
        click.echo("calls to partners: not measured in this time")
    click.echo(f"prices: {prices.region}, {prices.as_of}. {prices.source}")
    click.echo(NOT_MEASURED)


def _for_machines(
    start: datetime, end: datetime, use: Use, items: tuple[Item, ...], prices: Prices
) -> dict[str, Any]:
    each = per_return(use, items)
    return {
        "from": start.isoformat(),
        "to": end.isoformat(),
        "share_of_month": round(use.share, 4),
        "currency": prices.currency,
        "items": [
            {"name": i.name, "used": i.amount, "cost": f"{i.cost:.6f}", "basis": i.basis}
            for i in items
        ],
        "total": f"{total(items):.6f}",
        "external_returns": use.returns,
        "per_return": None if each is None else f"{each:.6f}",
        "partner_calls": use.calls,
        "prices": {"as_of": prices.as_of, "region": prices.region, "source": prices.source},
        "not_measured": NOT_MEASURED,
    }

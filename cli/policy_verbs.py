"""hub policy: a merchant's decision table as it counts, and another one tried on past returns."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from cli.choices import merchant_argument
from cli.merchant_advice import abilities_of
from cli.policies import Kind, Outcome, as_rmas, candidate, newest_first, try_on
from cli.progress import progress
from cli.terminal import REFUSED, clean, console, json_option, pass_reach, say_json, shown, table
from cli.verbs import verbs
from cli.worlds import Reach
from returns_hub.domain.merchant import LiveMerchant
from returns_hub.domain.policy import PRESETS, ExtraRules, LineRules, Policy
from returns_hub.domain.policy_lint import Advice, lint
from returns_hub.domain.policy_trial import Change

FIRST = 20


@verbs()
def policy() -> None:
    """The decision table: what is done about each difference.

    \b
    hub policy show example
    hub policy test example --set lines.short=ask

    See also: hub decide, docs/decisions-engine.md, docs/policy-commands.md
    """


rmas_option = click.option(
    "--rmas", "of_rmas", is_flag=True, help="the table for RMAs of Miinto (miinto.rma.decide)"
)


@policy.command()
@merchant_argument
@rmas_option
@json_option
@pass_reach
def show(reach: Reach, merchant: str, of_rmas: bool, as_json: bool) -> None:
    """Show the whole table of a merchant, and what in it is probably not meant.

    Example: hub policy show example

    See also: hub policy test, docs/decisions-engine.md
    """
    live = reach.hub().merchants.live(merchant)
    if of_rmas or live.merchant.portal == "miinto":
        live = live.model_copy(update={"merchant": as_rmas(live.merchant)})
    settings = live.merchant.flows.process_receipts
    found = settings.policy
    advice = lint(found, abilities_of(live.merchant), restock=settings.restock)
    if as_json:
        say_json(_for_machines(live, found, advice))
        return
    click.echo(f"{merchant} v{live.version}: policy {found.version}, preset {found.preset}")
    rows = table("row", "action", "from", "when")
    for row, action in found.table().items():
        origin = "the file" if found.origin(row) == "override" else f"preset {found.preset}"
        rows.add_row(row, action, origin, _when(row))
    console().print(rows)
    for name, value in _settings(found).items():
        click.echo(clean(f"{name}: {value}"))
    for one in advice:
        kind = "note" if one.is_note else "warning"
        console().print(f"{kind}: {shown(one.where)}: {shown(one.text)}", soft_wrap=True)


def _when(row: str) -> str:
    fields = LineRules.model_fields | ExtraRules.model_fields
    return fields[row].description or ""


def _settings(found: Policy) -> dict[str, str]:
    limits, matching, told = found.limits, found.matching, found.reject_reasons
    bounds = []
    if limits.most_units is not None:
        bounds.append(f"{limits.most_units} units")
    if limits.most_money is not None:
        bounds.append(f"{limits.most_money} {limits.currency}")
    hold = f"{found.hold_hours} h, then {found.after_hold}" if found.hold_hours else "no end"
    return {
        "complete_when": found.complete_when.value,
        "wait_seconds": str(found.wait_seconds),
        "hold_hours": hold,
        "limits": f"{' or '.join(bounds)}, above them {limits.above}" if bounds else "none",
        "confirm": _confirmed(found),
        "reject_reasons": "; ".join(f"{row}: {words}" for row, words in told.items()) or "none",
        "note_differences": "true" if found.note_differences else "false",
        "matching": f"{len(matching.aliases)} aliases, {len(matching.bundles)} bundles, barcodes "
        f"{'compared' if matching.barcodes else 'not compared'}",
    }


def _confirmed(found: Policy) -> str:
    """Who has a say before the table is carried out."""
    confirm = found.confirm
    processing = {
        "never": "",
        "unless_matched": "lines to be processed, unless every line matches",
        "always": "lines to be processed",
    }[confirm.processing]
    rejecting = "lines to be rejected" if confirm.rejecting else ""
    said = " and ".join(filter(None, (processing, rejecting)))
    return f"a person confirms {said}" if said else "nobody has to confirm anything"


def _for_machines(live: LiveMerchant, found: Policy, advice: tuple[Advice, ...]) -> dict[str, Any]:
    return {
        "merchant": live.merchant.merchant,
        "config_version": live.version,
        "policy": found.version,
        "table": {
            row: {"action": action, "origin": found.origin(row)}
            for row, action in found.table().items()
        },
        "settings": found.model_dump(mode="json", exclude={"lines", "extras"}),
        "advice": [one.model_dump() for one in advice],
    }


@policy.command("test")
@merchant_argument
@click.option("--file", type=click.Path(path_type=Path), help="a merchant file with the policy")
@click.option("--preset", type=click.Choice(list(PRESETS)), help="the live policy on this preset")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="the live policy with this key, e.g. lines.short=ask; may be repeated",
)
@click.option(
    "--last",
    type=click.IntRange(1, 100_000),
    default=200,
    show_default=True,
    help="most returns to try it on, those that changed last first",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="only returns that changed on or after this day (UTC)",
)
@click.option("--all", "everything", is_flag=True, help=f"list all changes, not the first {FIRST}")
@click.option("--fail-on-change", is_flag=True, help="exit with 1 when anything would change")
@rmas_option
@json_option
@pass_reach
def test_(
    reach: Reach,
    merchant: str,
    file: Path | None,
    preset: str | None,
    changes: tuple[str, ...],
    last: int,
    since: datetime | None,
    everything: bool,
    fail_on_change: bool,
    of_rmas: bool,
    as_json: bool,
) -> None:
    """Try a policy on past returns: what would have been decided otherwise.

    Every decision keeps what it was made from, so nothing is read from partners, and nothing is
    written. Without a policy to try, it is the live one: then only what the policy has changed
    since, or the release, can differ.

    \b
    hub policy test example --set lines.short=ask --last 500
    hub policy test example --file config/example.yaml --fail-on-change

    Exit codes: 0 fine, 1 refused, or with --fail-on-change something would change

    See also: hub policy show, hub decide, docs/policy-commands.md
    """
    made = reach.hub()
    live = made.merchants.live(merchant)
    of_rmas = of_rmas or live.merchant.portal == "miinto"
    tried = candidate(live.merchant, file, preset, changes, of_rmas=of_rmas)
    if of_rmas:
        live = live.model_copy(update={"merchant": as_rmas(live.merchant)})

    begin = since.replace(tzinfo=UTC) if since else None
    with progress(f"trying it on returns of {merchant}") as tell:
        outcome = try_on(
            newest_first(
                made.returns,
                merchant,
                begin,
                lambda count: tell(min(1.0, count / last), f"{count} returns found"),
            ),
            lambda return_id: made.returns.timeline(merchant, return_id),
            tried,
            abilities_of(tried),
            last,
        )
    found = tried.flows.process_receipts.policy
    if as_json:
        say_json(_outcome_for_machines(live, found, outcome))
    else:
        _say_outcome(live, found, outcome, everything=everything)
    if fail_on_change and outcome.changed:
        sys.exit(REFUSED)


def _say_outcome(live: LiveMerchant, found: Policy, outcome: Outcome, *, everything: bool) -> None:
    old = live.merchant.flows.process_receipts.policy.version
    which = "the live one" if found.version == old else f"instead of {old}, which is live"
    click.echo(f"policy {found.version} ({which}), tried on {outcome.tested} returns")
    if outcome.untestable:
        click.echo(
            f"{outcome.untestable} returns have decisions of an earlier release, which kept too "
            "little of them to be tested"
        )
    click.echo(f"{outcome.same} would go as they went, {len(outcome.changed)} would not")
    if not outcome.changed:
        return
    kinds = table("then", "would", "returns", "worth to the customers")
    for kind in outcome.kinds():
        kinds.add_row(kind.then, kind.would, str(kind.returns), _worth(kind))
    console().print(kinds)
    most = len(outcome.changed) if everything else FIRST
    for return_id, change in outcome.changed[:most]:
        console().print(
            f"{shown(return_id)}  {change.at:%Y-%m-%d %H:%M}  {_told(change)}", soft_wrap=True
        )
    if len(outcome.changed) > most:
        click.echo(f"and {len(outcome.changed) - most} more (--all)")
    if outcome.release_changed:
        click.echo(
            f"{len(outcome.release_changed)} of them were decided by this very policy: not the "
            "policy, but the release or what the portal can do has changed since"
        )


def _worth(kind: Kind) -> str:
    told = [f"{amount} {shown(currency)}" for currency, amount in sorted(kind.worth.items())]
    if kind.worth_unknown:
        told.append(f"{kind.worth_unknown} unknown")
    return ", ".join(told)


def _told(change: Change) -> str:
    told = f"{change.then} ({shown(change.then_rule)})"
    told += f" -> {change.would} ({shown(change.would_rule)})"
    if change.value is not None:
        told += f", {change.value} {shown(change.currency or '')}"
    if change.lines:
        told += f"\n    {shown('; '.join(change.lines))}"
    if change.same_policy:
        told += "\n    by the same policy: the release or what the portal can do has changed"
    return told


def _outcome_for_machines(live: LiveMerchant, found: Policy, outcome: Outcome) -> dict[str, Any]:
    return {
        "merchant": live.merchant.merchant,
        "policy": found.version,
        "live_policy": live.merchant.flows.process_receipts.policy.version,
        "tested": outcome.tested,
        "same": outcome.same,
        "changed": len(outcome.changed),
        "cannot_be_tested": outcome.untestable,
        "release_changed": len(outcome.release_changed),
        "kinds": [
            {
                "then": kind.then,
                "would": kind.would,
                "returns": kind.returns,
                "worth": {name: str(amount) for name, amount in sorted(kind.worth.items())},
                "worth_unknown": kind.worth_unknown,
            }
            for kind in outcome.kinds()
        ],
        "returns": [
            {"return_id": return_id} | change.model_dump(mode="json")
            for return_id, change in outcome.changed
        ],
    }

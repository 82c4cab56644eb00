"""hub secrets: credentials go in, and never come out."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from cli.acting import acts
from cli.asking import require_terminal
from cli.choices import merchant_argument
from cli.config_verbs import live_or_none
from cli.filters import dry_run_option
from cli.terminal import (
    REFUSED,
    act_json_option,
    clean,
    json_option,
    pass_reach,
    say_json,
    say_outcome,
)
from cli.verbs import verbs
from cli.worlds import CommandError, Reach
from returns_hub.adapters.loop.webhook import SIGNATURE
from returns_hub.adapters.unleashed.webhooks import SIGNATURE as UNLEASHED_SIGNATURE
from returns_hub.bootstrap import Hub
from returns_hub.domain.base import MerchantId
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.overview.keys import ENDS_AT
from returns_hub.domain.webhooks import BEARER_TOKEN, Proof, usable_keys
from returns_hub.errors import Misconfigured

Shapes = tuple[tuple[str, ...], ...]
TOKEN: Shapes = (("api_token",),)
PROOFS: tuple[Proof, ...] = (BEARER_TOKEN, SIGNATURE, UNLEASHED_SIGNATURE)
WEBHOOK, SIGNED_WEBHOOK, SIGNATURE_KEY = (
    ((proof.field,), (proof.field, f"previous_{proof.field}")) for proof in PROOFS
)
STATIC_KEY, LOGIN = ("api_key",), ("username", "password")
LOOP_KEY: Shapes = (("api_key",),)
MIINTO_LOGIN: Shapes = (("identifier", "secret"),)
FEED_LOGIN: Shapes = (("user", "password"),)
UNLEASHED_KEY: Shapes = (("api_id", "api_key"),)
WAIR_LOGIN: Shapes = (LOGIN,)
AGREED_TOKEN: Shapes = (("token",),)
RELAY_KEY: Shapes = (("signing_key",), ("signing_key", "token"), ("token",))
"""What a target of despatches knows us by: a signature, a token, or both."""
FIRST_NAMES: dict[str, Shapes] = {
    "loop": LOOP_KEY,
    "loop-webhook": SIGNED_WEBHOOK + WEBHOOK,
    "miinto": MIINTO_LOGIN,
    "mintsoft": (STATIC_KEY, LOGIN),
    "redo": TOKEN,
    "redo-webhook": WEBHOOK,
    "unleashed": UNLEASHED_KEY,
    "unleashed-webhook": SIGNATURE_KEY,
    "wair": WAIR_LOGIN + AGREED_TOKEN,
}
"""What a merchant file names by default; for merchants whose file is not applied yet."""


@verbs()
def secrets() -> None:
    """Credentials: set them, and see whether they are set. They are never shown.

    \b
    hub secrets set example mintsoft
    hub secrets status example

    See also: hub config, docs/deploy.md
    """


@secrets.command("set")
@merchant_argument
@click.argument("name")
@click.option("--from-stdin", is_flag=True, help="a JSON object on standard input")
@click.option(
    "--ends",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="the day on which the partner ends this key, if it said so; you are told 72 hours before",
)
@dry_run_option
@act_json_option
@pass_reach
@acts("name")
def set_secret(
    reach: Reach, merchant: str, name: str, from_stdin: bool, ends: datetime | None, dry_run: bool
) -> None:
    """Store a merchant's credentials for one partner.

    NAME is as in the merchant's file: redo or loop, mintsoft, miinto, unleashed, wair, and
    redo-webhook, loop-webhook or unleashed-webhook, unless it says otherwise. Values are asked for
    without echo, or read as JSON from standard input; never an argument.

    \b
    hub secrets set example mintsoft
    hub secrets set example redo --from-stdin --dry-run

    See also: hub secrets status, hub check, docs/deploy.md
    """
    merchant = _merchant_id(merchant)
    made = reach.hub()
    live = live_or_none(made, merchant)
    if live is None:
        click.echo(f"warning: {merchant} has no file yet; is the name right?", err=True)
    shapes = _shapes(names_of(live.merchant) if live else FIRST_NAMES, merchant, name)
    value = _from_stdin() if from_stdin else _ask(shapes)
    if not any(set(value) == set(shape) and all(value.values()) for shape in shapes):
        takes = " or ".join("{" + ", ".join(shape) + "}" for shape in shapes)
        raise CommandError(f"{name} takes {takes}, each a text that is not empty", REFUSED)
    _require_long(value, name)
    if live and shapes is not RELAY_KEY and not set(shapes[0]) <= set(value):
        wanted = " and ".join(shapes[0])
        click.echo(f"warning: {merchant}'s file has the hub look for {wanted} there", err=True)
    if ends is not None:
        if ends.date() <= made.clock.now().date():
            raise CommandError(f"{ends:%Y-%m-%d} is over: a key that ended is no use", REFUSED)
        value = value | {ENDS_AT: f"{ends:%Y-%m-%d}"}
    named: dict[str, Any] = {"merchant": merchant, "secret": name, "fields": sorted(value)}
    if dry_run:
        click.echo(f"{merchant}/{name} would be set; nothing was written")
        say_outcome("would_be_done", dry_run=True, **named)
        return
    made.secrets.write(merchant, name, value)
    until = f" and ends on {ends:%Y-%m-%d}" if ends is not None else ""
    click.echo(f"{merchant}/{name} is set{until}; functions use it within five minutes")
    say_outcome("done", **named)


def _require_long(value: dict[str, str], name: str) -> None:
    for proof in PROOFS:
        if proof.field in value:
            try:
                usable_keys(value, name, proof)
            except Misconfigured as verdict:
                hint = "; try: openssl rand -hex 24" if proof is BEARER_TOKEN else ""
                raise CommandError(f"{verdict.reason}{hint}", REFUSED) from None


def names_of(merchant: Merchant) -> dict[str, Shapes]:
    """The secrets that a merchant's file names: what each may hold, what the file wants first."""
    is_login = merchant.mintsoft.authentication == "login"
    mintsoft = (LOGIN, STATIC_KEY) if is_login else (STATIC_KEY, LOGIN)
    portal = {"loop": LOOP_KEY, "miinto": MIINTO_LOGIN}.get(merchant.portal, TOKEN)
    names = {merchant.portal_connection.secret: portal, merchant.mintsoft.secret: mintsoft}
    if merchant.portal == "loop" and merchant.loop is not None:
        is_signed = merchant.loop.webhook.authentication == "signature"
        names[merchant.loop.webhook.secret] = SIGNED_WEBHOOK if is_signed else WEBHOOK
    if merchant.redo is not None:
        names[merchant.redo.webhook.secret] = WEBHOOK
    if merchant.miinto is not None:
        names[merchant.miinto.secret] = MIINTO_LOGIN
        if merchant.miinto.feed is not None and merchant.miinto.feed.secret is not None:
            names[merchant.miinto.feed.secret] = FEED_LOGIN
    if merchant.unleashed is not None:
        names[merchant.unleashed.secret] = UNLEASHED_KEY
        names[merchant.unleashed.webhooks.secret] = SIGNATURE_KEY
    if merchant.wair is not None and merchant.wair.sink == "wair_api":
        names[merchant.wair.secret] = WAIR_LOGIN
    if merchant.wair is not None and merchant.wair.sink == "http_json":
        names[merchant.wair.secret] = AGREED_TOKEN
    return names | {target.secret: RELAY_KEY for target in merchant.despatch_relay.targets}


def _merchant_id(value: str) -> str:
    """The argument, once it is sure to be one part of a secret's name."""
    try:
        return TypeAdapter(MerchantId).validate_python(value)
    except ValidationError:
        raise click.BadParameter("a merchant is lower-case letters, digits and dashes") from None


def _shapes(known: dict[str, Shapes], merchant: str, name: str) -> Shapes:
    if name not in known:
        *rest, last = sorted(known)
        names = f"{', '.join(rest)} and {last}"
        raise CommandError(f"{merchant} has no secret {name}; there are: {names}", REFUSED)
    return known[name]


def _from_stdin() -> dict[str, str]:
    try:
        content = json.loads(sys.stdin.buffer.read(64 * 1024))
    except (ValueError, RecursionError):
        raise CommandError("standard input is not JSON", REFUSED) from None
    if not isinstance(content, dict) or not all(isinstance(v, str) for v in content.values()):
        raise CommandError("standard input is not a JSON object of texts", REFUSED)
    return {str(key): value.strip() for key, value in content.items()}


def _ask(shapes: Shapes) -> dict[str, str]:
    require_terminal("say --from-stdin and give a JSON object")
    shape = shapes[0]
    if len(shapes) > 1:
        kinds = {",".join(found): found for found in shapes}
        choice = click.Choice(list(kinds))
        shape = kinds[click.prompt("Which", type=choice, default=next(iter(kinds)), err=True)]
    return {word: click.prompt(word, hide_input=True, err=True).strip() for word in shape}


@secrets.command()
@merchant_argument
@json_option
@pass_reach
def status(reach: Reach, merchant: str, as_json: bool) -> None:
    """Say which of a merchant's secrets are set, and what each is called; never a value.

    Example: hub secrets status example

    See also: hub secrets set, hub check
    """
    merchant = _merchant_id(merchant)
    made = reach.hub()
    live = live_or_none(made, merchant)
    names = sorted(names_of(live.merchant)) if live else sorted(FIRST_NAMES)
    if live is None or live.merchant.mintsoft.authentication == "login":
        minted = live.merchant.mintsoft.secret if live else "mintsoft"
        names.append(f"{minted}-session")
    if live is not None and live.merchant.miinto is not None:
        names.append(live.merchant.miinto.channel_secret)
    rows = [_state(made, merchant, name) for name in names]
    if as_json:
        say_json(rows)
        return
    for row in rows:
        click.echo(clean(f"{row['name']}: {row['state']}"))


def _state(made: Hub, merchant: str, name: str) -> dict[str, Any]:
    try:
        found = made.secrets.read_if_set(merchant, name)
    except Misconfigured as verdict:
        if verdict.code != "secret.malformed":
            raise
        return {"name": name, "is_set": False, "fields": [], "state": verdict.reason}
    fields = sorted(found.value.keys() - {ENDS_AT}) if found else []
    ends = found.value.get(ENDS_AT, "") if found else ""
    state = f"set ({', '.join(fields)})" if found else "not set"
    if found and "expires_at" in found.value:
        state += f", good until {found.value['expires_at']}"
    if ends:
        state += f", ends {ends}"
    row = {"name": name, "is_set": bool(found), "fields": fields, "state": state}
    return row | ({ENDS_AT: ends} if ends else {})

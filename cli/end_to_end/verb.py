"""hub check --end-to-end: where the walk goes, and what is refused before it begins."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from cli.checks.model import Finding, failed
from cli.checks.run import from_verdict
from cli.end_to_end.walk import AREA, Stage, Walk
from cli.filters import Finite
from cli.merchant_files import read_merchant_file
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.file_types import Mode
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Permanent, Verdict
from returns_hub.flows.make_test_return import SandboxReturnAsked, require_sandbox
from returns_hub.flows.world import World
from returns_hub.ports import SandboxLine, ShipFrom

CONFIG = Path(__file__).resolve().parents[2] / "config"
EXAMPLE = "example"
EVERY_SECONDS = 10.0
MACHINE_SECONDS = 900.0
"""Two ticks of the receipts' schedule, and time for a partner that is away for a moment."""
SAY_EVERY = 30.0
MOST_LINES = 20
SHOP_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:/.-]{0,79}", re.ASCII)
SHIP_FROM = ShipFrom("1 Sample Row", "Leeds", "West Yorkshire", "LS1 1AA", "GB")
Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class SandboxAsked:
    """A walk through a real sandbox: the test return, and how long the warehouse may take."""

    asked: SandboxReturnAsked
    wait_minutes: float


def sandbox_options(command: Command) -> Command:
    """The options of ``--sandbox``; the command gets one argument, `sandbox`."""

    @wraps(command)
    def gathered(*, sandbox: bool, **given: Any) -> Any:
        own = {name: given.pop(name) for name in OWN}
        if not sandbox:
            _refuse_without_sandbox(own)
            return command(sandbox=None, **given)
        return command(sandbox=_sandbox_asked(**own), **given)

    made: Any = gathered
    for option in reversed(OPTIONS):
        made = option(made)
    return made  # type: ignore[no-any-return]


OPTIONS = (
    click.option(
        "--sandbox", is_flag=True, help="with --end-to-end: in the merchant's own sandbox; writes"
    ),
    click.option("--yes", is_flag=True, help="with --sandbox: yes, make a test return there"),
    click.option("--order", help="with --sandbox: the order's id in the shop"),
    click.option("--line", "lines", multiple=True, help="with --sandbox: line item ids of it"),
    click.option("--shop", help="with --sandbox: the shop's system (default shopify)"),
    click.option("--reason", help="with --sandbox: the customer's reason code or text"),
    click.option("--ship-from", type=click.File("rb"), help="with --sandbox: an address, as JSON"),
    click.option(
        "--number",
        type=click.IntRange(1, 999),
        help="with --sandbox: 2 makes another of these lines",
    ),
    click.option(
        "--wait",
        type=Finite(0, 24 * 60),
        help="with --sandbox: minutes that the warehouse may take (default 30)",
    ),
)
OWN = ("yes", "order", "lines", "shop", "reason", "ship_from", "number", "wait")


def _refuse_without_sandbox(own: dict[str, Any]) -> None:
    given = [name for name, value in own.items() if value not in {None, False, ()}]
    if given:
        option = given[0].replace("_", "-").replace("lines", "line")
        raise click.UsageError(f"--{option} goes with --end-to-end --sandbox")


def _sandbox_asked(
    *,
    yes: bool,
    order: str | None,
    lines: tuple[str, ...],
    shop: str | None,
    reason: str | None,
    ship_from: Any,
    number: int | None,
    wait: float | None,
) -> SandboxAsked:
    if not order or not lines:
        raise click.UsageError("--sandbox needs --order, and a --line of it")
    if not yes:
        raise click.UsageError("--sandbox makes a test return: say --yes that it may")
    wrong = [given for given in (order, *lines) if not SHOP_ID.fullmatch(given)]
    if wrong or len(lines) > MOST_LINES:
        raise click.UsageError(
            f"--order and --line take ids of the shop; at most {MOST_LINES} lines"
        )
    word = reason or "Test return"
    asked = SandboxReturnAsked(
        shop=shop or "shopify",
        order_id=order,
        lines=tuple(SandboxLine(line, word, reason) for line in dict.fromkeys(lines)),
        ship_from=_address(ship_from.read(64 * 1024)) if ship_from else SHIP_FROM,
        number=number or 1,
    )
    return SandboxAsked(asked, 30.0 if wait is None else wait)


def _address(content: bytes) -> ShipFrom:
    names = [field.name for field in fields(ShipFrom)]
    try:
        given = json.loads(content)
        if set(given) == set(names) and all(isinstance(v, str) and v for v in given.values()):
            return ShipFrom(**given)
    except (ValueError, RecursionError, TypeError):
        pass
    raise click.UsageError(f"--ship-from takes a JSON object of texts: {', '.join(names)}")


# -- on this machine ----------------------------------------------------------------------------


def walk_here(reach: Reach, name: str | None, file: Path | None) -> Iterator[Finding]:
    """Walk with a merchant's file on this machine; every write goes to simulators."""
    # Only here does the command know of the local stack, and only when it is asked for.
    from local.rehearsal import rehearsal  # noqa: PLC0415
    from local.stack import LocalStackError  # noqa: PLC0415

    found = _merchant(reach, name, file)
    if not isinstance(found, Merchant):
        yield from (_named(problem, name or "") for problem in found)
        return
    try:
        with rehearsal(found, _waiting(said_every=SAY_EVERY)) as stage:
            yield from _walked(stage)
    except LocalStackError as error:
        yield _named(failed("local stack", str(error), "see docs/preflight.md"), found.merchant)
    except Verdict as verdict:
        yield _named(from_verdict("local stack", verdict), found.merchant)


def _merchant(reach: Reach, name: str | None, file: Path | None) -> Merchant | list[Finding]:
    """The file to walk with: the one named, else the live one of a stack, else the one on disk."""
    if file is None and name is not None and reach.is_somewhere:
        try:
            return reach.hub().merchants.live(name).merchant
        except CommandError as error:
            return [replace(failed("stack", error.message, ""), unreachable=True)]
        except Verdict as verdict:
            return [from_verdict("merchant file", verdict)]
    path = file or CONFIG / f"{name or EXAMPLE}.yaml"
    reading = read_merchant_file(path)
    if reading.merchant is None:
        to_do = f"correct {path}" if path.exists() else "name the file with --file"
        return [
            failed(f"{path.name}:{problem.line}", f"{problem.where} {problem.text}".strip(), to_do)
            for problem in reading.errors
        ]
    if name is not None and reading.merchant.merchant != name:
        wrong = f"is the file of {reading.merchant.merchant}, not of {name}"
        return [failed(path.name, wrong, "name the file with --file")]
    return reading.merchant


# -- in a real sandbox --------------------------------------------------------------------------


def walk_in_sandbox(reach: Reach, name: str, sandbox: SandboxAsked) -> Iterator[Finding]:
    """Walk in the merchant's own tenants; refused unless its live file says they are for tests."""
    try:
        made = reach.hub()
        world = made.world(name)
        require_sandbox(world)
        _require_live(world)
        stage = _sandbox_stage(made, world, sandbox)
    except CommandError as error:
        yield _named(replace(failed("stack", error.message, ""), unreachable=True), name)
        return
    except Verdict as verdict:
        yield _named(from_verdict("sandbox", verdict), name)
        return
    yield from _walked(stage)


def _require_live(world: World) -> None:
    """Raise unless the walk can come to its end: in shadow nothing is written to the warehouse."""
    flows = world.live.merchant.flows
    for flow in ("create_external_returns", "process_receipts"):
        mode = getattr(flows, flow).mode
        if mode is not Mode.LIVE:
            raise Permanent(
                "merchant.not_live",
                f"flows.{flow}.mode is {mode.value}, so the walk would end there; set it to live "
                "in this sandbox's file",
            )


def _sandbox_stage(made: Hub, world: World, sandbox: SandboxAsked) -> Stage:
    client = world.live.merchant.mintsoft.client_id

    def ask_a_person(ids: tuple[int, ...]) -> None:
        numbers = ", ".join(map(str, ids))
        click.echo(
            f"now confirm external return {numbers} (client {client}) in Mintsoft, with exactly "
            "what was announced; this goes on by itself, and may be stopped and started again",
            err=True,
        )

    return Stage(
        world=world,
        portal=made.sandbox_returns(world.live),
        publish=made.queue(made.settings.approved_returns_queue_url).send,
        asked=sandbox.asked,
        confirm=ask_a_person,
        judge=None,
        every=EVERY_SECONDS,
        machine_seconds=MACHINE_SECONDS,
        person_seconds=sandbox.wait_minutes * 60,
        waiting=_waiting(said_every=SAY_EVERY),
    )


# -- both ---------------------------------------------------------------------------------------


def _walked(stage: Stage) -> Iterator[Finding]:
    merchant = stage.world.merchant
    try:
        for finding in Walk(stage).steps():
            yield _named(finding, merchant)
    except KeyboardInterrupt:
        stopped = "the walk was stopped"
        yield _named(failed("stopped", stopped, "the same command goes on where it was"), merchant)


def _named(finding: Finding, merchant: str) -> Finding:
    return replace(finding, area=AREA, merchant=merchant)


def _waiting(*, said_every: float) -> Callable[[str, float], None]:
    """Progress on standard error, now and then."""
    said: dict[str, float] = {}

    def waiting(step: str, seconds: float) -> None:
        if seconds - said.get(step, 0.0) >= said_every:
            said[step] = seconds
            click.echo(f"waiting for: {step} ({seconds:.0f} s)", err=True)

    return waiting

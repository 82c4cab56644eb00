"""Keep the local stack running, and print its addresses; Ctrl-C ends everything it started.

With `--partners off --config DIR` the merchant files of a folder are applied as they are, and the
hub talks to whatever base URLs they name; set the credentials with `./hub secrets set`.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

try:
    from rich.console import Console

    from local.alive import something_going_on
    from local.cloudwatch.clock import WorldTime
    from local.cloudwatch.watch import watching
    from local.merchant_samples import MERCHANTS
    from local.page.beside import page_beside
    from local.page.server import USUAL_PORT
    from local.partners import PartnerSimulators, partner_simulators
    from local.processes import AlreadyRunning, RunLock
    from local.run.publish import put_in_portal, samples
    from local.stack import LocalStackError
    from local.world import (
        STATE,
        LocalWorld,
        apply_merchants,
        local_world,
        set_sample_secrets,
        ticking,
    )
except KeyboardInterrupt:  # while loading: nothing was started yet
    raise SystemExit(130) from None


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make up",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--partners", choices=["on", "off"], default="on", help="off: no simulators"
    )
    parser.add_argument("--config", type=Path, help="folder with merchant files (*.yaml)")
    parser.add_argument(
        "--speed", type=float, default=30.0, help="schedules' clock; 30 is a tick in ten seconds"
    )
    parser.add_argument(
        "--page-port", type=int, default=USUAL_PORT, help="where the dashboard is served, if free"
    )
    parser.add_argument(
        "--still", action="store_true", help="publish no sample returns: nothing goes on by itself"
    )
    options = parser.parse_args()
    if options.partners == "off" and options.config is None:
        parser.error("PARTNERS=off needs CONFIG=dir: the folder with your merchant files")
    if options.config is not None and not options.config.is_dir():
        parser.error(f"{options.config} is not a folder")
    if not 1 <= options.speed <= 3000:
        parser.error("--speed takes 1 to 3000")
    return options


def main() -> int:
    options = arguments()
    console = Console(highlight=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with RunLock(STATE):
            return run(options, console)
    except AlreadyRunning as other:
        console.print(
            f"A local stack of this work tree runs already (process {other}). Stop it with Ctrl-C "
            f"where it runs, or: kill {other}"
        )
        return 2
    except LocalStackError as error:
        console.print(f"The local stack could not be started: {error}", markup=False)
        return 2
    except KeyboardInterrupt:
        return 130


def run(options: argparse.Namespace, console: Console) -> int:
    with ExitStack() as ends:
        partners, known = None, []
        if options.partners == "on":
            partners = ends.enter_context(partner_simulators())
        world = ends.enter_context(local_world(partners=partners, speed=options.speed))
        clock = WorldTime(options.speed)
        cloudwatch = ends.enter_context(watching(world, logs=STATE / "logs", clock=clock))
        page = ends.enter_context(page_beside(world, cloudwatch, port=options.page_port))
        set_sample_secrets(world)
        applied = apply_merchants(world, options.config or MERCHANTS)
        if partners:
            known = samples(None, datetime.now(UTC))
            put_in_portal(known, partners)
        ends.enter_context(ticking(world))
        if known and not options.still:
            ends.enter_context(something_going_on(world, known))
        _tell(console, world, applied, page.url)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
        console.print("\nStopping everything that was started.")
    return 0


def _tell(console: Console, world: LocalWorld, applied: list[str], page: str) -> None:
    rows = [
        ("dashboard", page),
        ("AWS", world.aws.url),
        ("approved returns", world.queue_url("ApprovedReturnsQueue")),
        ("merchants", ", ".join(applied)),
        ("logs", ".local/logs"),
    ]
    if world.partners:
        redo, mintsoft = world.partners.redo_url, world.partners.mintsoft_url
        miinto, unleashed = world.partners.miinto_url, world.partners.unleashed_url
        wair = world.partners.wair_url
        rows += [
            ("Redo", f"{redo}/v2.2   books: {redo}/_admin/books"),
            ("Mintsoft", f"{mintsoft}   books: {mintsoft}/_admin/books"),
            ("Miinto", f"{miinto}   books: {miinto}/_admin/books"),
            ("Unleashed", f"{unleashed}   books: {unleashed}/_admin/books"),
            ("WAIR", f"{wair}/api/v1   books: {wair}/_admin/books"),
        ]
    rows += [
        ("webhook", f"{world.environment['REDO_WEBHOOK_URL']}/{{merchant}}"),
        ("in Loop's shape", f"{world.loop_webhook_url}/{{merchant}}"),
        ("of Unleashed's", f"{world.environment['UNLEASHED_WEBHOOK_URL']}/{{merchant}}"),
    ]
    for name, value in rows:
        console.print(f"{name:>17}  {value}", soft_wrap=True)
    if world.partners:
        console.print(f"A delivery by hand:\n{_curl(world, world.partners)}", soft_wrap=True)
    console.print("Try ./hub check example, ./hub unleashed flows example; Ctrl-C ends everything.")


def _curl(world: LocalWorld, partners: PartnerSimulators) -> str:
    """A command that delivers a sample; its token was made for this run and opens nothing else."""
    token = partners.credentials["webhook_token"]
    return (
        f"  curl {world.environment['REDO_WEBHOOK_URL']}/example --data @samples/delivery.json "
        f"-H 'Content-Type: application/json' -H 'Authorization: Bearer {token}'"
    )


if __name__ == "__main__":
    sys.exit(main())

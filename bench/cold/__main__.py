"""Cold starts in AWS's Runtime Interface Emulator: python -m bench.cold

Each door is started as `sam build` leaves it, with a first event of its daily work, beside a plain
handler of its kind (a queue's worker, a webhook, a schedule's poller) with Powertools, boto3,
requests and pydantic of the same versions. The plain one is shown as `sam build` or
`pip install -t` and SAM's packing leave it, without bytecode that counts, and once more with valid
bytecode, and the hub once more without, so that each technique's share shows. boto3 is the
runtime's for both. Starts of all are interleaved, each round in another order, so that what else
the machine does falls on all alike; milliseconds are this machine's, ratios are what to compare.
"""

from __future__ import annotations

import argparse
import compileall
import json
import py_compile
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.tables import Table, as_markdown, show, write_between
from local.artifact.built import build, copy_sources, mount, runtime_folder, unpacked_size
from local.artifact.rie import Started, cold_start
from local.artifact.world import ColdWorld, cold_world
from local.aws import LocalAws
from local.stack import ROOT
from returns_hub.ahead import DOORS

PAGE = ROOT / "docs" / "cold-start.md"
PLAIN = Path(__file__).with_name("plain")
MB = 1024 * 1024
KINDS = {
    "create_external_return": "worker",
    "despatch_relay": "worker",
    "order_changes": "worker",
    "store_refunds": "worker",
    "redo_webhook": "webhook",
    "loop_webhook": "webhook",
    "unleashed_webhook": "webhook",
}
"""Which plain handler a door is held against; the others against the poller."""
MODELS = {"worker": "create_external_return", "webhook": "redo_webhook", "poller": "poll_mintsoft"}
"""The door whose share of each technique is shown."""
FLOOR = "boto3's DynamoDB client and nothing else"
"""What no door can be lighter than that makes its client so."""


@dataclass
class Case:
    """One thing that is started again and again."""

    name: str
    path: list[Path]
    event: Callable[[], Any]
    environment: dict[str, str]
    memory_mb: int = 512
    timeout: float = 60
    handler: str = "app.handler"
    starts: list[Started] = field(default_factory=list)

    def figures(self, of: Callable[[Started], float]) -> list[float]:
        return [of(started) for started in self.starts]


class Folders:
    """Everything that is started, packed and unpacked as on AWS."""

    def __init__(self, root: Path, world: ColdWorld) -> None:
        built = build(copy_sources(root / "sources"))
        self.root, self.runtime = root, runtime_folder(root / "runtime")
        layer = built / "SharedLayer"
        self.layer_zipped = mount(layer, root / "opt")
        self.layer = root / "opt" / "python"
        bare = _without_bytecode(layer, root / "bare-layer")
        mount(bare, root / "bare-opt")
        self.bare_layer = root / "bare-opt" / "python"
        self.functions, self.function_zipped = {}, {}
        for door in DOORS:
            self.functions[door] = root / "task" / door
            self.function_zipped[door] = mount(
                built / world.spec_of(door).name, self.functions[door]
            )
        packages = _without_bytecode(layer / "python", root / "packages")
        shutil.rmtree(packages / "returns_hub")
        (root / "floor").mkdir()
        shutil.copy(PLAIN / "floor.py", root / "floor" / "app.py")
        self.floor = root / "floor-task"
        mount(root / "floor", self.floor)
        self.plain, self.compiled, self.plain_zipped = {}, {}, {}
        for kind in MODELS:
            folder = root / "plain" / kind
            shutil.copytree(packages, folder)
            shutil.copy(PLAIN / f"{kind}.py", folder / "app.py")
            self.plain[kind] = root / "plain-task" / kind
            self.plain_zipped[kind] = mount(folder, self.plain[kind])
            unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
            compileall.compile_dir(folder, quiet=2, invalidation_mode=unchecked)
            self.compiled[kind] = root / "compiled-task" / kind
            mount(folder, self.compiled[kind])


def _without_bytecode(folder: Path, into: Path) -> Path:
    shutil.copytree(folder, into, ignore=shutil.ignore_patterns("__pycache__"))
    return into


def cases_of(world: ColdWorld, folders: Folders, doors: Iterable[str]) -> Iterator[Case]:
    """Every door, and the plain handlers and variants of the kinds that are among them."""
    doors = list(doors)
    for door in doors:
        yield _of_the_hub(world, folders, door, folders.layer, door)
    least = {**world.environment_of(doors[0]), **_plain_environment(world)}
    yield Case(FLOOR, [folders.floor, folders.runtime], dict, least)
    for kind in sorted({kind_of(door) for door in doors}):
        model = MODELS[kind]
        yield _of_the_hub(world, folders, model, folders.bare_layer, f"{kind}: hub, no bytecode")
        environment = {**world.environment_of(model), **_plain_environment(world)}
        for name, task in (
            (f"{kind}: plain", folders.plain[kind]),
            (f"{kind}: plain, bytecode", folders.compiled[kind]),
        ):
            yield Case(
                name, [task, folders.runtime], _event_of(world, model), environment, timeout=60
            )


def _of_the_hub(world: ColdWorld, folders: Folders, door: str, layer: Path, name: str) -> Case:
    spec = world.spec_of(door)
    path = [folders.functions[door], layer, folders.runtime]
    environment = world.environment_of(door)
    event = _event_of(world, door)
    return Case(name, path, event, environment, spec.memory_mb, spec.timeout, spec.handler)


def _event_of(world: ColdWorld, door: str) -> Callable[[], Any]:
    return lambda: world.event_for(door)


def kind_of(door: str) -> str:
    """The kind of plain handler that a door is held against."""
    return KINDS.get(door, "poller")


def _plain_environment(world: ColdWorld) -> dict[str, str]:
    portal = world.hub.merchants.live("example").merchant.portal_connection
    return {
        "IDEMPOTENCY_TABLE": "plain-idempotency",
        "MINTSOFT_URL": world.partners.mintsoft_url,
        "REDO_URL": portal.base_url,
        "REASON_ID": "1",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def _idempotency_table(aws: LocalAws) -> None:
    aws.client("dynamodb").create_table(
        TableName="plain-idempotency",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def measure(world: ColdWorld, folders: Folders, doors: list[str], runs: int) -> dict[str, Case]:
    """Start everything `runs` times, each round in another order."""
    cases = list(cases_of(world, folders, doors))
    chance = random.Random(1)
    for turn in range(runs):
        chance.shuffle(cases)
        for case in cases:
            started = cold_start(
                case.event(),
                path=case.path,
                environment=case.environment,
                folder=case.path[0],
                handler=case.handler,
                memory_mb=case.memory_mb,
                timeout=case.timeout,
                logs=folders.root,
            )
            require_good(case.name, started)
            case.starts.append(started)
        print(f"round {turn + 1} of {runs}", file=sys.stderr)
    return {case.name: case for case in cases}


def require_good(name: str, started: Started) -> None:
    """Stop when an answer is none: the figures would mean nothing."""
    said = started.answer
    failed = isinstance(said, dict) and ("errorMessage" in said or said.get("statusCode") == 400)
    if failed or "Traceback" in started.log:
        raise SystemExit(f"bench: {name} failed: {json.dumps(said)[:1500]}")


def rows_of(cases: dict[str, Case], doors: list[str]) -> Iterator[list[str]]:
    """The table of doors."""
    for door in doors:
        plain = cases[f"{kind_of(door)}: plain"]
        hub = cases[door]
        whole, other = hub.figures(_whole), plain.figures(_whole)
        yield [
            door,
            _spread(whole),
            f"{kind_of(door)} {_spread(other)}",
            f"{statistics.median(whole) / statistics.median(other):.2f}",
            _spread(hub.figures(lambda one: one.init_ms)),
            f"{statistics.median(hub.figures(lambda one: one.most_mb)):.0f}",
        ]


def shares_of(cases: dict[str, Case], doors: list[str]) -> Iterator[list[str]]:
    """The table of what each technique gives."""
    names = {FLOOR: FLOOR}
    for kind in sorted({kind_of(door) for door in doors}):
        model = MODELS[kind]
        if model in cases:
            names[model] = f"{kind}: hub ({model})"
        for name in (f"{kind}: hub, no bytecode", f"{kind}: plain, bytecode", f"{kind}: plain"):
            names |= {name: name}
    for name, shown in names.items():
        case = cases[name]
        yield [
            shown,
            _spread(case.figures(_whole)),
            _spread(case.figures(lambda one: one.init_ms)),
            f"{statistics.median(case.figures(lambda one: one.cpu_seconds)) * 1000:.0f}",
            f"{statistics.median(case.figures(lambda one: one.most_mb)):.0f}",
        ]


def sizes_of(folders: Folders) -> Iterator[list[str]]:
    """The table of sizes."""
    unpacked = unpacked_size(folders.layer) / MB
    yield ["shared layer, once", f"{folders.layer_zipped / MB:.1f}", f"{unpacked:.1f}"]
    most = max(folders.function_zipped, key=lambda door: folders.function_zipped[door])
    size = unpacked_size(folders.functions[most]) / MB
    yield ["the largest function", f"{folders.function_zipped[most] / MB:.4f}", f"{size:.4f}"]
    size = unpacked_size(folders.plain["worker"]) / MB
    yield ["each plain function", f"{folders.plain_zipped['worker'] / MB:.1f}", f"{size:.1f}"]


def _whole(started: Started) -> float:
    return started.seconds * 1000


def _spread(figures: list[float]) -> str:
    if len(figures) < 2:
        return f"{figures[0]:.0f}"
    low, middle, high = statistics.quantiles(figures, n=4, method="inclusive")
    return f"{middle:.0f} [{low:.0f}-{high:.0f}]"


def tables_of(cases: dict[str, Case], doors: list[str], folders: Folders) -> tuple[Table, ...]:
    """All that was measured."""
    return (
        Table(
            "Start to first answer, ms: median [quartiles]",
            ("door", "hub", "plain, as built", "ratio", "of it the init", "most MB"),
            list(rows_of(cases, doors)),
        ),
        Table(
            "What each technique gives, ms",
            ("variant", "start to answer", "init", "processor", "most MB"),
            list(shares_of(cases, doors)),
        ),
        Table("Sizes, MB", ("what", "zipped", "unpacked"), list(sizes_of(folders))),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cold", description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="starts of each (default 9)")
    parser.add_argument("--doors", nargs="+", choices=sorted(DOORS), default=sorted(DOORS))
    parser.add_argument("--delay", type=float, default=0.0, help="seconds of a partner's answer")
    parser.add_argument("--markdown", action="store_true", help="tables as Markdown")
    parser.add_argument("--write-docs", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    given = parser.parse_args()
    doors: list[str] = given.doors
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        with LocalAws(folder) as aws, cold_world(aws, 4 * given.runs, given.delay) as world:
            _idempotency_table(aws)
            folders = Folders(folder / "built", world)
            cases = measure(world, folders, doors, given.runs)
            tables = tables_of(cases, doors, folders)
            for table in () if given.markdown else tables:
                show(Console(width=170, highlight=False), table)
            if given.markdown:
                print(as_markdown(tables))
            if given.write_docs:
                write_between(PAGE, "cold-start", as_markdown(tables))
            for path in folder.rglob("*"):  # what was mounted may not be written, nor removed
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o755)


if __name__ == "__main__":
    main()

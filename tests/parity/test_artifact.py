"""Every function as it was built, started once in AWS's Runtime Interface Emulator.

The code and the layer are packed and unpacked as on AWS; boto3 is the runtime's. Each door's answer
is the house's own; what it loads at its start is counted, so that a start does not grow unseen.
Counts and bytes are the same on every machine; milliseconds are `python -m bench.cold`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from local.artifact.built import mount, runtime_folder, unpacked_size
from local.artifact.rie import Started, cold_start
from local.artifact.world import cold_world
from local.aws import LocalAws
from local.stack import ROOT
from returns_hub.ahead import DOORS

MB = 1024 * 1024
LAYER_MB = 28.5
"""Of the layer, unpacked; AWS takes 250 MB with the function. Today's figure and a little."""
LAYER_ZIPPED_MB = 11.2
FUNCTION_BYTES = 2048
"""Of a function's archive: it is a door, and nothing else."""
BUDGETS = {
    "catch_up_redo": 700,
    "check_webhooks": 700,
    "create_external_return": 710,
    "despatch_relay": 740,
    "drift_report": 900,
    "loop_webhook": 520,
    "miinto_rma": 775,
    "ops_acts": 715,
    "ops_metrics": 600,
    "ops_widgets": 715,
    "order_changes": 725,
    "poll_mintsoft": 740,
    "redo_webhook": 520,
    "refresh_credentials": 700,
    "store_refunds": 745,
    "unleashed_sync": 900,
    "unleashed_webhook": 520,
    "wair_sync": 790,
    "watch_returns": 745,
}
"""Modules after a door's start: today's, and about a fortieth more. It was 760 for every door, and
up to 900 after the first event, when each loaded all."""
BYTECODE_KB = {"redo_webhook": 2630, "create_external_return": 4700, "unleashed_sync": 6500}
LATE = 4
"""Modules that the first event may load beside what the start has: Python's own codecs, say."""
BY_MERCHANT = {"drift_report": 150}
"""A look goes over the systems that the merchant's file names, and loads those."""
NEVER = (
    *("aws_xray_sdk", "pydantic_settings", "boto3", "s3transfer", "rich", "yaml", "click"),
    *("aws_lambda_powertools.utilities.parser", "aws_lambda_powertools.utilities.idempotency"),
    "aws_lambda_powertools.utilities.batch",
    *("aws_lambda_powertools.utilities.parameters", "aws_lambda_powertools.event_handler"),
    *("local", "cli", "tests", "moto", "pytest", "cffi", "cryptography"),
)
PARTNERS = frozenset({"redo", "loop", "mintsoft", "miinto", "unleashed", "wair", "relay", "trial"})
OF_A_RETURN = {"redo", "mintsoft"}
ASKS: dict[str, set[str]] = {
    "catch_up_redo": OF_A_RETURN,
    "check_webhooks": OF_A_RETURN,
    "create_external_return": OF_A_RETURN,
    "despatch_relay": OF_A_RETURN | {"relay"},
    "drift_report": OF_A_RETURN,
    "loop_webhook": {"loop"},
    "miinto_rma": OF_A_RETURN | {"miinto"},
    "ops_acts": set(),
    "ops_metrics": {"unleashed"},
    "ops_widgets": set(),
    "order_changes": OF_A_RETURN,
    "poll_mintsoft": OF_A_RETURN,
    "redo_webhook": {"redo"},
    "refresh_credentials": OF_A_RETURN | {"unleashed"},
    "store_refunds": OF_A_RETURN | {"miinto"},
    "unleashed_sync": OF_A_RETURN | {"unleashed"},
    "unleashed_webhook": {"unleashed"},
    "wair_sync": OF_A_RETURN | {"wair"},
    "watch_returns": OF_A_RETURN,
}
"""Whose adapters a door loads at its start; another portal's come with a merchant that has it."""
NO_PARTNER = tuple(door for door, ahead in DOORS.items() if not ahead.partners)
ANSWERS: dict[str, Callable[[Any], bool]] = {
    "check_webhooks": lambda said: said == {"example": "off", "outlet": "off"},
    "loop_webhook": lambda said: said["statusCode"] == 401,
    "ops_acts": lambda said: "<div" in said,
    "ops_metrics": lambda said: said == {"example": "told", "outlet": "told"},
    "ops_widgets": lambda said: "<div" in said,
    "order_changes": lambda said: len(said["batchItemFailures"]) <= 1,
    "redo_webhook": lambda said: said["statusCode"] == 202,
    "refresh_credentials": lambda said: said["outlet"] == "key renewed",
    "unleashed_webhook": lambda said: said["statusCode"] == 401,
    "catch_up_redo": lambda said: said == {"example": {}, "outlet": {}},
    "watch_returns": lambda said: said == {"example": {}, "outlet": {}},
}
"""What the house says; a batch of the others' is done without a failure."""


def done(said: Any) -> bool:
    return bool(said == {"batchItemFailures": []})


@dataclass(frozen=True)
class Artifact:
    layer: Path
    layer_zipped: int
    functions: dict[str, Path]
    function_zipped: dict[str, int]
    start: Callable[[str], Started]


@pytest.fixture(scope="session")
def artifact(
    built: Path, aws: LocalAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Artifact]:
    """The built application, mounted as on AWS; each function is started when it is asked for."""
    folder = tmp_path_factory.mktemp("mounted")
    opt, runtime = folder / "opt", runtime_folder(folder / "runtime")
    layer_zipped = mount(built / "SharedLayer", opt)
    functions, zipped = {}, {}
    with cold_world(aws) as world:
        for door in DOORS:
            functions[door] = folder / "task" / door
            zipped[door] = mount(built / world.spec_of(door).name, functions[door])

        @cache
        def start(door: str) -> Started:
            spec = world.spec_of(door)
            return cold_start(
                world.event_for(door),
                path=[functions[door], opt / "python", runtime],
                environment=world.environment_of(door),
                folder=functions[door],
                handler=spec.handler,
                memory_mb=spec.memory_mb,
                timeout=spec.timeout,
                logs=tmp_path_factory.mktemp("logs"),
                observe=True,
            )

        yield Artifact(opt / "python", layer_zipped, functions, zipped, start)


def test_every_function_of_the_template_is_started_here() -> None:
    doors = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}
    assert doors == set(DOORS) == set(BUDGETS) == set(ASKS)
    for door in doors:
        app = (ROOT / "functions" / door / "app.py").read_text(encoding="utf-8")
        assert f'HUB = hub(os.environ, "{door}")' in app


@pytest.mark.parametrize("door", sorted(DOORS))
def test_a_door_answers_as_it_was_built(artifact: Artifact, door: str) -> None:
    started = artifact.start(door)
    assert "Traceback" not in started.log
    assert ANSWERS.get(door, done)(started.answer), started.answer


@pytest.mark.parametrize("door", sorted(DOORS))
def test_nothing_of_the_layer_is_compiled_again(artifact: Artifact, door: str) -> None:
    compiled = artifact.start(door).seen["compiled"]
    ours = [path for path in compiled if "/runtime/" not in path]
    assert ours == [str(artifact.functions[door] / "app.py")]  # 0.1 ms; see decision 0032


@pytest.mark.parametrize("door", sorted(DOORS))
def test_a_start_loads_no_more_than_its_budget(artifact: Artifact, door: str) -> None:
    modules = artifact.start(door).seen["init"]
    assert len(modules) <= BUDGETS[door]
    assert len(modules) >= BUDGETS[door] * 0.93, "it became lighter: lower its budget"


@pytest.mark.parametrize("door", sorted(BYTECODE_KB))
def test_a_start_reads_no_more_bytecode_than_its_budget(artifact: Artifact, door: str) -> None:
    read = [Path(file) for file in artifact.start(door).seen["init"].values() if "/opt/" in file]
    kilobytes = sum(path.stat().st_size for path in read) / 1024
    assert BYTECODE_KB[door] * 0.85 <= kilobytes <= BYTECODE_KB[door]


@pytest.mark.parametrize("door", sorted(DOORS))
def test_the_first_event_loads_next_to_nothing(artifact: Artifact, door: str) -> None:
    """An invocation has a share of a processor, a start a whole one."""
    seen = artifact.start(door).seen
    late = seen["answered"].keys() - seen["init"].keys()
    assert len(late) <= BY_MERCHANT.get(door, LATE), sorted(late)


@pytest.mark.parametrize("door", sorted(DOORS))
def test_a_door_never_loads_what_is_not_its_own(artifact: Artifact, door: str) -> None:
    seen = artifact.start(door).seen
    assert not [name for name in seen["answered"] if is_of(name, NEVER)]
    ours = [name.split(".") for name in seen["init"] if is_of(name, ("returns_hub.adapters",))]
    adapters = {words[2] for words in ours if len(words) > 2}
    assert adapters & PARTNERS == ASKS[door]


@pytest.mark.parametrize("door", NO_PARTNER)
def test_a_door_that_asks_no_partner_has_no_http_client(artifact: Artifact, door: str) -> None:
    seen = artifact.start(door).seen["answered"]
    found = {name.partition(".")[0] for name in seen}
    assert not found & {"requests", "charset_normalizer"}
    assert "returns_hub.adapters.http.transport" not in seen


def test_the_layer_is_no_larger_than_it_has_to_be(artifact: Artifact) -> None:
    unpacked = unpacked_size(artifact.layer) / MB
    assert LAYER_MB * 0.9 <= unpacked <= LAYER_MB
    assert LAYER_ZIPPED_MB * 0.9 <= artifact.layer_zipped / MB <= LAYER_ZIPPED_MB
    assert max(artifact.function_zipped.values()) <= FUNCTION_BYTES


def test_every_locked_package_is_loaded_by_some_door(artifact: Artifact) -> None:
    """A dependency that nothing imports is weight for its owner."""
    text = (ROOT / "layers" / "shared" / "requirements.txt").read_text(encoding="utf-8")
    locked = {name.replace("-", "_") for name in re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)}
    loaded = {
        name.partition(".")[0] for door in DOORS for name in artifact.start(door).seen["answered"]
    }
    assert locked - loaded == set()


def test_all_bytecode_is_valid_whatever_the_files_times_are(artifact: Artifact) -> None:
    sources = list(artifact.layer.rglob("*.py"))
    assert len(sources) > 500
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-311.pyc"
        assert compiled.read_bytes()[4:8] == b"\x01\x00\x00\x00", source  # PEP 552: unchecked


def is_of(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)

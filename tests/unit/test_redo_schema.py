"""Getting the official schema: every way, and that nothing but the pinned document is taken."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.processes import free_port
from local.simulators.wire import Reply, Request, Server
from tools import redo_schema
from tools import setup as environments
from tools.redo_schema import NotToBeHad, Pin

DOCUMENT = b"openapi: 3.1.0\n"


def packed(document: bytes = DOCUMENT) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as package:
        member = tarfile.TarInfo("package/lib/openapi.yaml")
        member.size = len(document)
        package.addfile(member, io.BytesIO(document))
    return content.getvalue()


def pin_of(tarball: bytes, document: bytes = DOCUMENT) -> Pin:
    return Pin(
        package="@sample/api-schema",
        version="1.2.3",
        tarball_sha256=hashlib.sha256(tarball).hexdigest(),
        member="package/lib/openapi.yaml",
        sha256=hashlib.sha256(document).hexdigest(),
    )


TARBALL = packed()
PIN = pin_of(TARBALL)


class Registry:
    """Has one package, and counts who asks."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def handle(self, request: Request) -> Reply:
        self.paths.append(request.path)
        if request.path == "/npm/@sample/api-schema/-/api-schema-1.2.3.tgz":
            return Reply(200, {}, TARBALL)
        return Reply(404)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Registry, str]]:
    """A registry at an address, on a machine with neither npm nor settings of its own."""
    for name in list(os.environ):
        if name.lower().startswith("npm_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    core = Registry()
    with Server(core) as server:
        yield core, f"{server.url}/npm/"


def test_a_named_registry_is_asked_once_and_then_nobody(
    registry: tuple[Registry, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    core, address = registry
    monkeypatch.setenv("NPM_REGISTRY", address)
    for _ in range(2):
        path = redo_schema.fetch(PIN, tmp_path / "cache")
        assert path.read_bytes() == DOCUMENT
    assert core.paths == ["/npm/@sample/api-schema/-/api-schema-1.2.3.tgz"]


def test_a_spoiled_cache_is_no_cache(
    registry: tuple[Registry, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NPM_REGISTRY", registry[1])
    redo_schema.fetch(PIN, tmp_path).write_bytes(b"something else")
    assert redo_schema.cached(PIN, tmp_path) is None
    assert redo_schema.fetch(PIN, tmp_path).read_bytes() == DOCUMENT


@pytest.mark.parametrize("name", ["npm_config_registry", "NPM_CONFIG_REGISTRY"])
def test_npms_own_settings_name_the_registry(
    registry: tuple[Registry, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv(name, registry[1])
    redo_schema.fetch(PIN, tmp_path / "cache")
    assert registry[0].paths


def test_npms_settings_file_names_the_registry(
    registry: tuple[Registry, str], tmp_path: Path
) -> None:
    lines = f"fund=false\nscope:registry=http://127.0.0.1:1/\nregistry = {registry[1]}\n"
    (tmp_path / ".npmrc").write_text(lines)
    redo_schema.fetch(PIN, tmp_path / "cache")
    assert registry[0].paths


def npm_that(tmp_path: Path, script: str) -> str:
    """A program in npm's place."""
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def test_npm_is_used_where_it_is_installed(registry: tuple[Registry, str], tmp_path: Path) -> None:
    (tmp_path / "made.tgz").write_bytes(TARBALL)
    npm_that(tmp_path, f'/bin/cp {tmp_path}/made.tgz "$3/sample.tgz"; echo "$@" > {tmp_path}/asked')
    assert redo_schema.fetch(PIN, tmp_path / "cache").read_bytes() == DOCUMENT
    assert (tmp_path / "asked").read_text().split()[-1] == "@sample/api-schema@1.2.3"
    assert not registry[0].paths


def test_what_npm_says_is_told(tmp_path: Path) -> None:
    program = npm_that(tmp_path, "echo 'npm error code E404' >&2; exit 1")
    with pytest.raises(NotToBeHad, match="code E404"):
        redo_schema.with_npm(PIN, program)


def test_where_there_is_no_npm_one_is_put_up_and_removed(
    registry: tuple[Registry, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "made.tgz").write_bytes(TARBALL)

    def build(environment: str) -> None:
        assert environment == "npm"
        npm_that(tmp_path / "npm", f'/bin/cp {tmp_path}/made.tgz "$3/sample.tgz"')

    (tmp_path / "npm").mkdir()
    monkeypatch.setattr(environments, "VENVS", tmp_path)
    monkeypatch.setattr(environments, "build", build)
    assert redo_schema.fetch(PIN, tmp_path / "cache").read_bytes() == DOCUMENT
    assert not (tmp_path / "npm").exists()


@pytest.mark.parametrize(
    ("pin", "reason"),
    [
        (pin_of(TARBALL + b"x"), "sha256 differs"),
        (pin_of(TARBALL, b"another document"), "openapi.yaml"),
    ],
)
def test_nothing_but_the_pinned_document_is_taken(
    registry: tuple[Registry, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    pin: Pin,
    reason: str,
) -> None:
    monkeypatch.setenv("NPM_REGISTRY", registry[1])
    with pytest.raises(NotToBeHad, match=reason):
        redo_schema.fetch(pin, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_registry_without_it_a_silent_one_and_no_address(
    registry: tuple[Registry, str],
) -> None:
    with pytest.raises(NotToBeHad, match="404"):
        redo_schema.from_registry(PIN, registry[1] + "elsewhere")
    with pytest.raises(NotToBeHad, match="cannot be reached"):
        redo_schema.from_registry(PIN, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(NotToBeHad, match="http or https"):
        redo_schema.from_registry(PIN, "file:///etc")


def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing cached, and a registry that nobody answers for."""
    monkeypatch.setattr(redo_schema, "cached", lambda *_: None)
    monkeypatch.setenv("NPM_REGISTRY", f"http://127.0.0.1:{free_port()}")


def test_without_a_registry_the_command_fails_in_one_sentence_that_says_what_to_do(
    registry: tuple[Registry, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    missing(monkeypatch)
    with pytest.raises(SystemExit) as ended:
        redo_schema.main()
    said = str(ended.value)
    assert said.count("\n") == 0
    assert "NPM_REGISTRY=" in said
    assert "HUB_OFFLINE=1" in said


@pytest.mark.parametrize("value", ["0", ""])
def test_offline_is_only_what_the_user_said(
    registry: tuple[Registry, str], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    missing(monkeypatch)
    monkeypatch.setenv("HUB_OFFLINE", value)
    with pytest.raises(SystemExit):
        redo_schema.main()


def test_offline_is_loud(
    registry: tuple[Registry, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    missing(monkeypatch)
    monkeypatch.setenv("HUB_OFFLINE", "1")
    redo_schema.main()
    assert "NOTHING IS CHECKED" in capsys.readouterr().err
    assert not registry[0].paths

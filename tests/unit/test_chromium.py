"""Which Chromium the tests of the local page use, and that its absence is no failure."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools import setup


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose only programs are in this folder, and where nothing can be installed."""
    monkeypatch.delenv("HUB_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(setup, "VENVS", tmp_path / "venvs")
    monkeypatch.setattr(setup, "attempt", lambda command, **_: None)
    return tmp_path


def program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_one_that_is_named_goes_before_the_paths_and_a_fetched_one(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = program(setup.browsers_folder() / "chromium-1200" / "chrome-linux64" / "chrome")
    assert setup.chromium() == fetched
    on_path = program(machine / "chromium")
    assert setup.chromium() == on_path
    named = program(machine / "named")
    monkeypatch.setenv("HUB_CHROMIUM", named)
    assert setup.chromium() == named
    monkeypatch.setenv("HUB_CHROMIUM", str(machine / "gone"))
    assert setup.chromium() is None


def test_without_one_it_is_said_what_to_do_and_setting_up_goes_on(
    machine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.install_chromium()
    assert "install the package chromium, or name one in HUB_CHROMIUM" in capsys.readouterr().err
    monkeypatch.setenv("HUB_CHROMIUM", str(machine / "gone"))
    setup.install_chromium()
    assert "which is not there" in capsys.readouterr().err


def test_on_debian_the_package_is_installed_and_else_it_is_fetched(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(setup, "attempt", lambda command, **_: asked.append(" ".join(command)))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    setup.install_chromium()
    (fetch,) = asked
    assert fetch.endswith("-m playwright install chromium")
    asked.clear()
    program(machine / "apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    setup.install_chromium()
    has_apt = Path("/etc/debian_version").exists()
    assert len(asked) == (3 if has_apt else 1)
    assert asked[-2:-1] == ([f"{machine}/apt-get -q install -y chromium"] if has_apt else [])

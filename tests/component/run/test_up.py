"""`make up`: what stops it is told in words, and a world that never ran ends cleanly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.stack import ROOT, LocalStackError
from local.world import apply_merchants, local_world


def up(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local.up", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'layers' / 'shared'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def test_partners_off_needs_merchant_files() -> None:
    done = up("--partners", "off")

    assert done.returncode == 2
    assert "CONFIG=dir" in done.stderr


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    done = up("--config", str(tmp_path / "nowhere"))

    assert done.returncode == 2
    assert "nowhere is not a folder" in done.stderr


@pytest.mark.parametrize(
    ("files", "word"),
    [({}, "no merchant file"), ({"mistaken.yaml": "merchant: mistaken\n"}, "mistaken.yaml")],
)
def test_a_world_ends_cleanly_before_its_clock_ran(
    tmp_path: Path, files: dict[str, str], word: str
) -> None:
    folder = tmp_path / "merchants"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")

    with (
        pytest.raises(LocalStackError, match=word),
        local_world(partners=None, speed=1, state=tmp_path / "state") as world,
    ):
        apply_merchants(world, folder)

    assert not (tmp_path / "state" / "world.json").exists()

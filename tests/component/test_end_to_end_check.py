"""`hub check --end-to-end`, whole: its own stack, the real handlers, the example's maps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

from local.stack import ROOT


def hub(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'layers' / 'shared'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=480,
    )


def test_R13_a_test_return_walks_through_the_real_handlers(tmp_path: Path) -> None:
    """With a login, two locations, a list that is proven: not the example's own choices."""
    file = yaml.safe_load((ROOT / "config" / "example.yaml").read_text(encoding="utf-8"))
    file["mintsoft"]["authentication"] = "login"
    file["mintsoft"]["user_kind"] = "client"
    file["flows"]["process_receipts"]["strategy"] = "list"
    (tmp_path / "example.yaml").write_text(yaml.safe_dump(file), encoding="utf-8")
    where = ROOT / ".local" / "world.json"
    before = where.read_bytes() if where.exists() else b""

    done = hub("check", "--end-to-end", "--json", "--file", str(tmp_path / "example.yaml"))
    content = json.loads(done.stdout)

    assert done.returncode == 0, done.stdout + done.stderr
    assert [row["name"] for row in content["checks"]] == [
        *("created", "published", "announced", "comment", "confirmed", "processed", "books")
    ]
    announced = content["checks"][2]
    assert "in warehouse 3 (reason 2)" in announced["found"]
    assert "in warehouse 4 (reason 2)" in announced["found"]
    assert announced["details"]["seconds"] > 0
    assert (where.read_bytes() if where.exists() else b"") == before

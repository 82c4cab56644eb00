"""What the SAM CLI says of template.yaml, and what it builds of it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from local.stack import ROOT

SAM = ROOT / ".venvs" / "sam" / "bin" / "sam"


def test_doors_are_thin() -> None:
    for door in (ROOT / "functions").glob("*/app.py"):
        text = door.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 40, door
        assert "boto3" not in text


def run_sam(*arguments: str) -> subprocess.CompletedProcess[str]:
    if not SAM.exists():
        pytest.fail("the SAM CLI is missing: python3.11 tools/setup.py sam")
    uv = ROOT / ".venvs" / "uv" / "bin" / "uv"
    environment = {
        **os.environ,
        "SAM_CLI_TELEMETRY": "0",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "HUB_UV": str(uv),
    }
    return subprocess.run(
        [str(SAM), *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_sam_validates_and_lints_it() -> None:
    done = run_sam("validate", "--lint")
    assert done.returncode == 0, done.stdout + done.stderr


def test_sam_builds_a_layer_with_valid_bytecode_and_nothing_unneeded(tmp_path: Path) -> None:
    done = run_sam("build", "--build-dir", str(tmp_path / "b"), "--no-cached")
    assert done.returncode == 0, done.stdout + done.stderr

    layer = tmp_path / "b" / "SharedLayer" / "python"
    assert (layer / "returns_hub" / "bootstrap.py").exists()
    for absent in ("boto3", "botocore", "pytest", "aws_xray_sdk", "yaml", "rich"):
        assert not (layer / absent).exists(), absent
    native = list(layer.glob("pydantic_core/*.so"))
    assert native
    assert all("aarch64" in path.name for path in native)
    stale = [
        source
        for source in (layer / "returns_hub").rglob("*.py")
        if not _has_valid_bytecode(source)
    ]
    assert not stale
    size = sum(path.stat().st_size for path in layer.rglob("*") if path.is_file())
    assert size < 40 * 1024 * 1024


def _has_valid_bytecode(source: Path) -> bool:
    """Whether the bytecode is taken whatever the source's time is (PEP 552, unchecked hash)."""
    compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-311.pyc"
    return compiled.exists() and compiled.read_bytes()[4:8] == b"\x01\x00\x00\x00"

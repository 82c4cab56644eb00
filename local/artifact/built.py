"""The application built for this machine, packed as SAM does, unpacked as Lambda does."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import subprocess
import sysconfig
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.stack import ROOT

SAM = ROOT / ".venvs" / "sam" / "bin" / "sam"
SOURCES = ("template.yaml", "functions", "layers")
OF_THE_RUNTIME = (
    *("boto3", "botocore", "s3transfer", "dateutil", "jmespath", "urllib3", "six.py"),
    *("awslambdaric", "simplejson", "snapshot_restore_py.py"),
)
"""What Lambda's own Python runtime brings: the SDK, and the client of its runtime API."""
EPOCH_OF_ZIP = 315532800
"""1980-01-01: the time that files have after SAM packed them."""


def machine() -> str:
    """This machine's architecture, in SAM's words."""
    return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


def build_environment() -> dict[str, str]:
    """What `sam build` of this application is told by its environment."""
    return {
        **os.environ,
        "SAM_CLI_TELEMETRY": "0",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "HUB_UV": str(ROOT / ".venvs" / "uv" / "bin" / "uv"),
        "LAYER_ARCHITECTURE": machine(),
    }


def copy_sources(into: Path) -> Path:
    """What the build needs, in a folder of its own: a build leaves files beside its template."""
    into.mkdir(parents=True, exist_ok=True)
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, into / name, ignore=ignored)
        else:
            shutil.copy(source, into / name)
    return into


def build(sources: Path, environment: Mapping[str, str] | None = None) -> Path:
    """Build for this machine with the real SAM CLI; the folder of what it built.

    Raises:
        RuntimeError: It could not; with its words.
    """
    done = subprocess.run(
        [str(SAM), "build", "--cached", "--parameter-overrides", f"Architecture={machine()}"],
        cwd=sources,
        env=dict(environment or build_environment()),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"sam build failed:\n{done.stdout}{done.stderr}")
    return sources / ".aws-sam" / "build"


@dataclass(frozen=True)
class Mounted:
    """A function's code and its layer, where a Lambda environment has them.

    Args:
        task: ``/var/task``.
        opt: ``/opt``; the layer's packages are in its ``python``. None without a layer.
        zipped: Bytes of both archives.
    """

    task: Path
    opt: Path | None
    zipped: int

    @property
    def path(self) -> list[Path]:
        """What the runtime looks for modules in, before its own."""
        return [self.task, *([self.opt / "python"] if self.opt else [])]


def mount(code: Path, into: Path) -> int:
    """Pack a folder as SAM does and unpack it as Lambda does: files of 1980, not to be written.

    Returns:
        The archive's size in bytes.
    """
    into.mkdir(parents=True, exist_ok=True)
    archive = into.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(code.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(code).as_posix())
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = stat.S_IMODE(path.stat().st_mode) << 16
                packed.writestr(entry, path.read_bytes())
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(into)
    for path in [*into.rglob("*"), into]:
        os.utime(path, (EPOCH_OF_ZIP, EPOCH_OF_ZIP))
        path.chmod(0o555 if path.is_dir() else 0o444)
    return archive.stat().st_size


def unpacked_size(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def runtime_folder(into: Path) -> Path:
    """What Lambda's runtime brings, apart from everything else that this environment has."""
    into.mkdir(parents=True, exist_ok=True)
    packages = Path(sysconfig.get_paths()["purelib"])
    for name in OF_THE_RUNTIME:
        (into / name).symlink_to(packages / name)
    for native in packages.glob("runtime_client*"):
        (into / native.name).symlink_to(native)
    return into

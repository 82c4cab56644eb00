"""Create the project's environments from their hash locks; do nothing when they are already right.

Usage: python3.11 tools/setup.py [ENVIRONMENT]... (app and emulator when none is named)

Environments of their own, because their pins fight: the application with its tests, the local AWS
(`emulator`), and the SAM CLI; `npm` is put up by `tools.redo_schema` where npm is missing.
`browser` is what drives a Chromium in the tests of the local page, and the Chromium itself where
there is none: without one those tests are skipped, and setting up still succeeds. `checkov` reads
the template (`make check-template`), `sbom` holds the bill of materials to its schema, `rivals` is
what `make bench` measures the hub beside, `plots` draws for `make scale`. Each is rebuilt only when
its lock changed, so that a second `make run` starts at once. Only the standard library is used
here: this is what runs on a bare machine.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENVS = ROOT / ".venvs"
REQUIREMENTS = ROOT / "requirements"
LOCKS = {
    "app": [REQUIREMENTS / "app.txt"],
    "emulator": [REQUIREMENTS / "emulator.txt"],
    "sam": [REQUIREMENTS / "sam.txt"],
    "npm": [REQUIREMENTS / "npm.txt"],
    "browser": [REQUIREMENTS / "browser.txt"],
    "plots": [REQUIREMENTS / "plots.txt"],
    "checkov": [REQUIREMENTS / "checkov.txt"],
    "sbom": [REQUIREMENTS / "sbom.txt"],
    "rivals": [REQUIREMENTS / "rivals.txt"],
}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LONGEST_ATTEMPT = 300.0
"""Seconds for one step of getting a Chromium."""
NO_CHROMIUM = (
    "no Chromium: install the package chromium, or name one in HUB_CHROMIUM=/path/to/chromium, "
    "then: python3.11 tools/setup.py browser"
)
WANTED_PYTHON = (3, 11)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def python_of(environment: str) -> Path:
    return VENVS / environment / "bin" / "python"


def digest_of(environment: str) -> str:
    content = b"".join(lock.read_bytes() for lock in LOCKS[environment])
    return hashlib.sha256(sys.version.encode() + content).hexdigest()


def stamp_of(environment: str) -> Path:
    return VENVS / environment / "lock.sha256"


def is_current(environment: str) -> bool:
    stamp = stamp_of(environment)
    return (
        stamp.is_file()
        and stamp.read_text() == digest_of(environment)
        and python_of(environment).exists()
    )


def run(command: list[str], what: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        say(done.stdout + done.stderr)
        raise SystemExit(f"setup: {what} failed (the output is above). Nothing was left half done.")


def uv() -> str:
    """The path of uv: a pinned one of our own, installed from the lock with plain pip."""
    home = VENVS / "uv"
    program = home / "bin" / "uv"
    if not program.exists():
        shutil.rmtree(home, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(home)], "creating the environment for uv")
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "--no-deps"]
        run([*pip, "--require-hashes", "-r", str(REQUIREMENTS / "uv.txt")], "installing uv")
    return str(program)


def build(environment: str) -> None:
    started = time.monotonic()
    say(f"setup: installing the {environment} environment (first time, or its lock changed)")
    installer = uv()
    home = VENVS / environment
    shutil.rmtree(home, ignore_errors=True)
    run([installer, "venv", "-q", "--python", sys.executable, str(home)], f"creating {home}")
    for lock in LOCKS[environment]:
        command = [installer, "pip", "install", "-q", "--require-hashes", "--compile-bytecode"]
        command += ["--python", str(python_of(environment)), "-r", str(lock)]
        run(command, f"installing {lock.name}")
    stamp_of(environment).write_text(digest_of(environment))
    say(f"setup: {environment} ready in {time.monotonic() - started:.1f} s")


def browsers_folder() -> Path:
    """Where the driver keeps a Chromium that it fetched itself."""
    return VENVS / "browser" / "fetched"


def chromium() -> str | None:
    """The Chromium that tests use: HUB_CHROMIUM, one on the path, or one that was fetched."""
    named = os.environ.get("HUB_CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    on_path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    fetched = sorted(browsers_folder().glob("chromium-*/chrome-linux*/chrome"))
    return on_path or (str(fetched[-1]) if fetched else None)


def attempt(command: list[str], **environment: str) -> None:
    """Run a command that may fail, or take so long that it is given up."""
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(
            command,
            check=False,
            capture_output=True,
            env={**os.environ, **environment},
            timeout=LONGEST_ATTEMPT,
        )


def install_chromium() -> None:
    """Get a Chromium where there is none; say what to do where that does not work."""
    if chromium() is not None:
        return
    if os.environ.get("HUB_CHROMIUM"):
        say(f"setup: HUB_CHROMIUM names {os.environ['HUB_CHROMIUM']}, which is not there")
        return
    say("setup: installing a Chromium for the tests of the local page")
    apt = shutil.which("apt-get")
    if os.geteuid() == 0 and Path("/etc/debian_version").exists() and apt:
        for words in (["update"], ["install", "-y", "chromium"]):
            attempt([apt, "-q", *words], DEBIAN_FRONTEND="noninteractive")
    if chromium() is None:
        fetch = [str(python_of("browser")), "-m", "playwright", "install", "chromium"]
        attempt(fetch, PLAYWRIGHT_BROWSERS_PATH=str(browsers_folder()))
    if chromium() is None:
        say(f"setup: {NO_CHROMIUM}; until then the tests in a browser are skipped")


def main(arguments: list[str]) -> None:
    if sys.version_info[:2] != WANTED_PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        raise SystemExit(
            f"setup: Python 3.11 is needed (the Lambda runtime's version); this is {found}."
        )
    unknown = [name for name in arguments if name not in LOCKS]
    if unknown:
        raise SystemExit(
            f"setup: unknown environment {unknown[0]!r}; there are: {', '.join(LOCKS)}."
        )
    os.environ.setdefault("UV_SYSTEM_CERTS", "1")
    for environment in arguments or ["app", "emulator"]:
        if not is_current(environment):
            build(environment)
        if environment == "browser":
            install_chromium()


if __name__ == "__main__":
    main(sys.argv[1:])

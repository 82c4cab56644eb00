"""Renew the hash locks from the .in files. Usage: python3.11 tools/lock.py"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import setup as environments

ROOT = environments.ROOT
LOCKS = {
    "layer": ROOT / "layers" / "shared" / "requirements.txt",
    "app": ROOT / "requirements" / "app.txt",
    "emulator": ROOT / "requirements" / "emulator.txt",
    "sam": ROOT / "requirements" / "sam.txt",
    "uv": ROOT / "requirements" / "uv.txt",
}
OPTIONS = (
    "--python-version 3.11 --universal --generate-hashes --no-emit-index-url "
    "--no-emit-find-links --no-annotate --no-header -q"
).split()


def main() -> None:
    for name, lock in LOCKS.items():
        source = ROOT / "requirements" / f"{name}.in"
        command = [environments.uv(), "pip", "compile", *OPTIONS, str(source), "-o", str(lock)]
        environments.run([*command, *sys.argv[1:]], f"locking {name}")
        environments.say(f"locked {lock.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

"""Renew the hash locks from the .in files. Usage: python3.11 -m tools.lock"""

from __future__ import annotations

import sys

from tools import setup as environments

ROOT = environments.ROOT
LOCKS = {
    "layer": ROOT / "layers" / "shared" / "requirements.txt",
    "app": ROOT / "requirements" / "app.txt",
    "emulator": ROOT / "requirements" / "emulator.txt",
    "sam": ROOT / "requirements" / "sam.txt",
    "npm": ROOT / "requirements" / "npm.txt",
    "browser": ROOT / "requirements" / "browser.txt",
    "plots": ROOT / "requirements" / "plots.txt",
    "checkov": ROOT / "requirements" / "checkov.txt",
    "sbom": ROOT / "requirements" / "sbom.txt",
    "rivals": ROOT / "requirements" / "rivals.txt",
    "uv": ROOT / "requirements" / "uv.txt",
}
OPTIONS = [
    *("--python-version", "3.11", "--universal", "--generate-hashes", "--no-emit-index-url"),
    *("--no-emit-find-links", "--no-annotate", "--no-header", "-q"),
]


def main() -> None:
    for name, lock in LOCKS.items():
        source = ROOT / "requirements" / f"{name}.in"
        command = [environments.uv(), "pip", "compile", *OPTIONS, str(source), "-o", str(lock)]
        environments.run([*command, *sys.argv[1:]], f"locking {name}")
        environments.say(f"locked {lock.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

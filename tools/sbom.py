"""What ships, as a software bill of materials: CycloneDX JSON, the same bytes for the same lock.

Usage: python -m tools.sbom [FILE] [--at TIME] [--serial URN] (make sbom)

It lists the layer's dependencies from the hash lock that the build installs them by, with the
licences that they were published under, and the boto3 of the Lambda runtime, which does not ship.
Without FILE it is printed. A time and a serial number, which CycloneDX has room for, would make
each bill another: they are in it when they are given.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from local.stack import ROOT
from returns_hub import __version__
from tools.licences import ALLOWED, LicenceError, allowed_licences, is_allowed

LOCK = ROOT / "layers" / "shared" / "requirements.txt"
WANTED = ROOT / "requirements" / "layer.in"
SCHEMA_PYTHON = ROOT / ".venvs" / "sbom" / "bin" / "python"
SPEC = "1.6"
PIN = r"([\w.-]+)==([^\s;]+)\s*(?:;[^#]*?)?((?:\s*--hash=sha256:\w{64})+)\s*"
HUB = f"pkg:generic/returns-hub@{__version__}"
BOTO3 = "pkg:pypi/boto3"
VALIDATE = f"""
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
wrong = JsonStrictValidator(SchemaVersion.V{SPEC.replace(".", "_")}).validate_str(sys.stdin.read())
sys.exit(str(wrong)[:2000] if wrong else 0)
"""


class SbomError(Exception):
    """No bill can be made; the message says why and what to do."""


@dataclass(frozen=True)
class Pinned:
    """A line of the lock. `hashes` are SHA-256 of the files that may be installed as it."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its address among packages of all kinds."""
        return f"pkg:pypi/{self.name}@{self.version}"


@dataclass(frozen=True)
class Part:
    """What is compiled into a package, by the bill that its publisher put into it."""

    name: str
    version: str
    purl: str
    licence: str


@dataclass(frozen=True)
class Published:
    """What a package says of itself: an SPDX licence, what it needs, what is compiled into it."""

    licence: str
    needs: tuple[str, ...]
    parts: tuple[Part, ...] = ()


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(lock: str) -> tuple[Pinned, ...]:
    """The packages of a hash lock, in its order.

    Raises:
        SbomError: A line is no pin with hashes.
    """
    found = []
    for line in lock.replace("\\\n", " ").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        told = re.fullmatch(PIN, line)
        if told is None:
            raise SbomError(f"the lock has a line that is no pin with hashes: {line[:80]}")
        hashes = tuple(re.findall(r"sha256:(\w{64})", told[3]))
        found.append(Pinned(normal(told[1]), told[2], hashes))
    return tuple(found)


def published(package: Pinned) -> Published:
    """What its installed copy says.

    Raises:
        SbomError: It is not installed here in this version, or names no licence.
    """
    try:
        found = distribution(package.name)
    except PackageNotFoundError:
        raise SbomError(f"{package.name} is not installed here: make setup") from None
    if found.version != package.version:
        raise SbomError(
            f"{package.name} is installed as {found.version} and locked as {package.version}: "
            "make lock"
        )
    told = found.metadata
    licence = next(
        (told[key] for key in ("License-Expression", "License") if told[key]), ""
    ).strip()
    if not licence or "\n" in licence:
        raise SbomError(f"{package.name} {package.version} names no licence in a word: read it")
    needs = (
        re.match(r"[\w.-]+", need)
        for need in found.requires or ()
        if "extra ==" not in need.replace("'", '"')
    )
    own = tuple(sorted(normal(name[0]) for name in needs if name))
    return Published(licence, own, _parts(found))


def _parts(found: Distribution) -> tuple[Part, ...]:
    """Of the bills in its dist-info (PEP 770), e.g. the crates of a Rust extension."""
    parts = set()
    for path in found.files or ():
        if path.parent.name == "sboms" and path.name.endswith(".json"):
            for one in json.loads(path.read_text(encoding="utf-8")).get("components", []):
                licences = [
                    row.get("expression") or row["license"]["id"] for row in one["licenses"]
                ]
                licence = " AND ".join(f"({text})" for text in licences)
                only = licences[0] if len(licences) == 1 else licence
                parts.add(Part(one["name"], one["version"], one["purl"].partition("?")[0], only))
    return tuple(sorted(parts, key=lambda part: part.purl))


def require_allowed(packages: Iterable[Pinned]) -> None:
    """Raise SbomError where a licence of what ships cannot be met by those of licences.yaml."""
    allowed = allowed_licences()
    told = [(package.name, published(package)) for package in packages]
    licences = [(name, one.licence) for name, one in told]
    licences += [
        (f"{name}'s {part.name}", part.licence) for name, one in told for part in one.parts
    ]
    wrong = [
        f"{name} ({licence})" for name, licence in licences if not is_allowed(licence, allowed)
    ]
    if wrong:
        raise SbomError(f"a licence that is not in {ALLOWED.name}: {', '.join(wrong)}")


def direct() -> tuple[str, ...]:
    """The packages that the hub itself asks for."""
    lines = WANTED.read_text(encoding="utf-8").splitlines()
    named = (re.match(r"[\w.-]+", line) for line in lines)
    return tuple(sorted(normal(name[0]) for name in named if name))


def bill(packages: Sequence[Pinned], *, at: str = "", serial: str = "") -> dict[str, Any]:
    """The bill of these packages as CycloneDX has it.

    Args:
        packages: What the layer holds.
        at: When it was made, as RFC 3339 has it; left out when empty.
        serial: Its serial number, `urn:uuid:…`; left out when empty.

    Raises:
        SbomError: See `published`.
    """
    told = {package.name: published(package) for package in packages}
    purls = {package.name: package.purl for package in packages}
    depends = {
        purls[name]: [purls[one] for one in told[name].needs if one in purls] for name in told
    }
    depends[HUB] = [purls[name] for name in direct()] + [BOTO3]
    depends[BOTO3] = []
    made: dict[str, Any] = {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "version": 1,
        "metadata": {
            "component": {
                "bom-ref": HUB,
                "type": "application",
                "name": "returns-hub",
                "version": __version__,
            }
        },
        "components": [_component(one, told[one.name]) for one in packages] + [_boto3()],
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(depends[ref])} for ref in sorted(depends)
        ],
    }
    if at:
        made["metadata"]["timestamp"] = at
    if serial:
        made["serialNumber"] = serial
    return made


def _component(package: Pinned, told: Published) -> dict[str, Any]:
    made: dict[str, Any] = {
        "bom-ref": package.purl,
        "type": "library",
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "scope": "required",
        "licenses": [_licence(told.licence)],
        # One of these files is what the build installs; pip and uv take no other.
        "externalReferences": [
            {
                "type": "distribution",
                "url": package.purl,
                "hashes": [{"alg": "SHA-256", "content": one} for one in package.hashes],
            }
        ],
    }
    if told.parts:
        made["components"] = [
            {
                "bom-ref": f"{package.purl}#{part.purl}",
                "type": "library",
                "name": part.name,
                "version": part.version,
                "purl": part.purl,
                "licenses": [_licence(part.licence)],
            }
            for part in told.parts
        ]
    return made


def _licence(text: str) -> dict[str, Any]:
    is_one = re.fullmatch(r"[\w.+-]+", text)
    return {"license": {"id": text}} if is_one else {"expression": text}


def _boto3() -> dict[str, Any]:
    return {
        "bom-ref": BOTO3,
        "type": "library",
        "name": "boto3",
        "purl": BOTO3,
        "scope": "required",
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "properties": [
            {
                "name": "returns-hub:provided-by",
                "value": "the Lambda runtime python3.11, which AWS updates; it does not ship",
            }
        ],
    }


def written(made: dict[str, Any]) -> str:
    """The bill as text."""
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def validate(text: str) -> None:
    """Hold a bill to CycloneDX's own schema, in the strict form that knows no other fields.

    Raises:
        SbomError: It is another thing, or the environment that knows the schema is missing.
    """
    if not SCHEMA_PYTHON.exists():
        raise SbomError("the schema is missing: python3.11 tools/setup.py sbom")
    done = subprocess.run(
        [str(SCHEMA_PYTHON), "-c", VALIDATE],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SbomError(f"not what CycloneDX {SPEC} says:\n{done.stderr.strip()}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write it, once it is valid and every licence is allowed."""
    parser = argparse.ArgumentParser(description="What ships, as CycloneDX JSON.")
    parser.add_argument("file", nargs="?", type=Path, help="where to [printed]")
    parser.add_argument("--at", default="", help="when it was made, e.g. 2026-01-31T12:00:00Z")
    parser.add_argument("--serial", default="", help="its serial number, urn:uuid:…")
    given = parser.parse_args(arguments)
    try:
        packages = pinned(LOCK.read_text(encoding="utf-8"))
        text = written(bill(packages, at=given.at, serial=given.serial))
        validate(text)
        require_allowed(packages)
    except (SbomError, LicenceError) as error:
        print(f"sbom: {error}", file=sys.stderr)
        return 1
    if given.file is None:
        sys.stdout.write(text)
        return 0
    given.file.parent.mkdir(parents=True, exist_ok=True)
    given.file.write_text(text, encoding="utf-8")
    print(f"{given.file}: {len(packages)} packages that ship, CycloneDX {SPEC}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

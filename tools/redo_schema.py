"""Get Redo's official OpenAPI document from the npm registry, once; afterwards offline.

Usage: python3.11 -m tools.redo_schema

The package is named by its version and by the sha256 of its tarball and of the document in it, so
it does not matter which registry or mirror it comes from. It names no licence, so it is not kept in
the repository. Only the standard library is used here. Ways, the first that there is:

1. the cache, ``.cache/``;
2. NPM_REGISTRY, the address of a registry: a plain HTTPS request;
3. npm, with whatever its configuration says (mirrors, proxies, tokens);
4. the address in npm's own settings (``npm_config_registry``, ``~/.npmrc``): a plain request;
5. npm from a locked Python package, put up for this and removed again (about 60 MB).

With HUB_OFFLINE=1 nothing is fetched: what is not in the cache is said to be missing, and the
checks that need it are skipped, loudly.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools import setup as environments

SECONDS = 60
MOST_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Pin:
    """One file of one version of one package."""

    package: str
    version: str
    tarball_sha256: str
    member: str
    sha256: str

    @property
    def in_words(self) -> str:
        return f"{self.package} {self.version}"


PIN = Pin(
    package="@redotech/redo-api-schema",
    version="2.2.693",
    tarball_sha256="0727138088fe8ff4f9153c5479bc7427013eb6ac379dc566a0e5319f40742e1a",
    member="package/lib/openapi.yaml",
    sha256="7d26077dc8e04db392384bb2d21fc5c326f2cf05a399b219a86f971370849653",
)
CACHE = environments.ROOT / ".cache"


class NotToBeHad(Exception):  # noqa: N818 - says why, in words for a person
    """The package cannot be got."""


def is_offline() -> bool:
    """Whether the user said that nothing may be fetched."""
    return os.environ.get("HUB_OFFLINE", "") not in {"", "0"}


def cached(pin: Pin = PIN, cache: Path = CACHE) -> Path | None:
    """The document in the cache, if it is there and is the one that is named."""
    path = _place(pin, cache)
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return path if _sha256(content) == pin.sha256 else None


def fetch(pin: Pin = PIN, cache: Path = CACHE) -> Path:
    """The document, from the cache or from a registry.

    Raises:
        NotToBeHad: No registry gave it, or what came is not what is named.
    """
    here = cached(pin, cache)
    if here is not None:
        return here
    way, get = _way(os.environ, Path.home())
    environments.say(f"contract: getting {pin.in_words} {way}")
    document = document_of(get(pin), pin)
    path = _place(pin, cache)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as half:
        half.write(document)
    Path(half.name).chmod(0o644)
    Path(half.name).replace(path)
    return path


def document_of(tarball: bytes, pin: Pin) -> bytes:
    """The document in a tarball.

    Raises:
        NotToBeHad: The tarball or the document is not the one that is named.
    """
    if _sha256(tarball) != pin.tarball_sha256:
        raise NotToBeHad(f"what came is not {pin.in_words}: its sha256 differs from the pinned one")
    with tarfile.open(fileobj=io.BytesIO(tarball)) as package:
        member = package.extractfile(pin.member)
        content = member.read() if member else b""
    if _sha256(content) != pin.sha256:
        raise NotToBeHad(f"{pin.member} of {pin.in_words} differs from the pinned sha256")
    return content


def registry_of(environment: Mapping[str, str], home: Path) -> str:
    """The registry's address as npm's settings have it; empty for npm's own default."""
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        if environment.get(name):
            return environment[name]
    settings = Path(environment.get("NPM_CONFIG_USERCONFIG") or home / ".npmrc")
    try:
        text = settings.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    found = re.search(r"^\s*registry\s*=\s*[\"']?(https?://[^\s\"']+)", text, re.MULTILINE)
    return found[1] if found else ""


def _way(environment: Mapping[str, str], home: Path) -> tuple[str, Callable[[Pin], bytes]]:
    named = environment.get("NPM_REGISTRY", "")
    if named:
        return "from NPM_REGISTRY", lambda pin: from_registry(pin, named)
    program = shutil.which("npm")
    if program:
        return "with npm", lambda pin: with_npm(pin, program)
    set_there = registry_of(environment, home)
    if set_there:
        return "from the registry of npm's settings", lambda pin: from_registry(pin, set_there)
    return "with an npm of its own, as none is installed", _with_an_npm_of_its_own


def from_registry(pin: Pin, registry: str) -> bytes:
    """The tarball by a plain request.

    Raises:
        NotToBeHad: The registry is not reached or refuses.
    """
    if not registry.startswith(("https://", "http://")):
        raise NotToBeHad("the registry's address is not one of http or https")
    name = pin.package.rpartition("/")[2]
    address = f"{registry.rstrip('/')}/{pin.package}/-/{name}-{pin.version}.tgz"
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:  # noqa: S310 - checked
            return bytes(answer.read(MOST_BYTES))
    except urllib.error.HTTPError as error:
        error.close()
        raise NotToBeHad(f"the registry answered {error.code}") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", error)
        raise NotToBeHad(f"the registry cannot be reached ({why})") from None


def with_npm(pin: Pin, program: str) -> bytes:
    """The tarball by npm.

    Raises:
        NotToBeHad: npm did not get it.
    """
    with tempfile.TemporaryDirectory() as place:
        options = ["--pack-destination", place, "--loglevel=error", "--fetch-retries=1"]
        options += [f"--fetch-timeout={1000 * SECONDS // 2}", "--ignore-scripts"]
        try:
            done = subprocess.run(
                [program, "pack", *options, f"{pin.package}@{pin.version}"],
                check=False,
                capture_output=True,
                cwd=place,
                stdin=subprocess.DEVNULL,
                text=True,
                timeout=2 * SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotToBeHad(f"npm did not end well ({type(error).__name__})") from None
        packed = sorted(Path(place).glob("*.tgz"))
        if done.returncode == 0 and packed:
            return packed[0].read_bytes()
    said = re.findall(r"^npm (?:error|ERR!) (?!A complete log)(.+)$", done.stderr, re.MULTILINE)
    raise NotToBeHad(f"npm did not get it ({'; '.join(said[:3]) or 'it does not say why'})")


def _with_an_npm_of_its_own(pin: Pin) -> bytes:
    home = environments.VENVS / "npm"
    os.environ.setdefault("UV_SYSTEM_CERTS", "1")
    try:
        environments.build("npm")
        return with_npm(pin, str(home / "bin" / "npm"))
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _place(pin: Pin, cache: Path) -> Path:
    name = pin.package.rpartition("/")[2]
    return cache / f"{name}-{pin.version}-{pin.sha256[:12]}.yaml"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main() -> None:
    """Get it, or say in one sentence why not.

    Raises:
        SystemExit: It cannot be got, and the user did not say that this is as it should be.
    """
    if cached():
        return
    if is_offline():
        environments.say(
            f"contract: HUB_OFFLINE is set and {PIN.in_words} is not in .cache: NOTHING IS CHECKED "
            "against Redo's official schema"
        )
        return
    try:
        fetch()
    except NotToBeHad as error:
        sys.exit(
            f"contract: {PIN.in_words}, Redo's official schema, could not be fetched: {error}. "
            "Name a registry that this machine reaches (make contract NPM_REGISTRY=https://…), "
            "or set HUB_OFFLINE=1 to go on without this check."
        )


if __name__ == "__main__":
    main()

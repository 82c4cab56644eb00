"""What is deployed, by name: a digest of it, the version and the commit."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.deploy.talk import USAGE, Stopped

DEPLOYED = ("template.yaml", "functions", "layers")
NO_COMMIT = "0000000"
COMMIT_LETTERS = 12
NAME = re.compile(r"([0-9a-f]{10})-([0-9A-Za-z.]{1,20})-([0-9a-f]{7,40})(-changed)?")
VERSION = Path("layers/shared/returns_hub/__init__.py")


@dataclass(frozen=True)
class GitState:
    """Where the source stands; `changed` files are not in the commit."""

    commit: str
    branch: str
    changed: int

    @property
    def in_words(self) -> str:
        """For a person."""
        if self.commit == NO_COMMIT:
            return "no git here; a rollback to this will not be possible"
        place = f"{self.commit} ({self.branch})"
        if not self.changed:
            return place
        files = "1 file that is" if self.changed == 1 else f"{self.changed} files that are"
        return f"{place} with {files} not committed"


@dataclass(frozen=True)
class Release:
    """A name as it stands in the stack's parameters `Release` and `ReleaseBefore`."""

    text: str
    version: str
    commit: str
    changed: bool

    @property
    def source(self) -> tuple[str, bool]:
        """What two releases of the same files have in common, whatever their parameters."""
        return self.commit, self.changed


def release_in(text: str) -> Release | None:
    """A name's parts; None for no such name."""
    found = NAME.fullmatch(text)
    if not found:
        return None
    return Release(text, found[2], found[3], found[4] is not None)


def git(root: Path, *words: str) -> str | None:
    """What git says; None where it fails or is not there."""
    try:
        done = subprocess.run(
            ["git", *words],  # noqa: S607 - the git of whoever deploys
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def git_state(root: Path) -> GitState:
    """Where the source stands."""
    commit = git(root, "rev-parse", f"--short={COMMIT_LETTERS}", "HEAD")
    if not commit:
        return GitState(NO_COMMIT, "", 0)
    branch = git(root, "rev-parse", "--abbrev-ref", "HEAD") or "?"
    changed = git(root, "status", "--porcelain", "--", *DEPLOYED) or ""
    return GitState(commit, "no branch" if branch == "HEAD" else branch, len(changed.splitlines()))


def release_of(root: Path, state: GitState, parameters: Mapping[str, str]) -> Release:
    """The name of what would be deployed now.

    Its digest is of the files and of the parameters: when either changes, versions are published.
    """
    digest = hashlib.sha256()
    for path in sorted(_files(root)):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    for name, value in sorted(parameters.items()):
        digest.update(f"{name}={value}\0".encode())
    stated = re.search(r'__version__ = "([^"]+)"', (root / VERSION).read_text(encoding="utf-8"))
    version = re.sub(r"[^0-9A-Za-z.]", ".", stated[1] if stated else "0")[:20]
    changed = bool(state.changed) or state.commit == NO_COMMIT
    text = f"{digest.hexdigest()[:10]}-{version}-{state.commit}{'-changed' if changed else ''}"
    return Release(text, version, state.commit, changed)


def _files(root: Path) -> Iterator[Path]:
    for name in DEPLOYED:
        if (root / name).is_file():
            yield root / name
        for path in (root / name).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def before(now: Release, in_stack: Mapping[str, str]) -> str:
    """What a rollback after this deployment goes back to; empty for nothing known."""
    running = release_in(in_stack.get("Release", ""))
    if running is None or running.source == now.source:
        return in_stack.get("ReleaseBefore", "")
    return running.text


@contextmanager
def checked_out(root: Path, commit: str) -> Iterator[Path]:
    """The files of a commit, in a work tree of their own that is removed again.

    Raises:
        Stopped: The commit is not here, or git could not lay its files out.
    """
    if git(root, "cat-file", "-e", f"{commit}^{{commit}}") is None:
        raise Stopped(f"this clone has no commit {commit}; fetch it: git fetch --all --tags", USAGE)
    folder = root / ".deploy" / f"release-{commit}"
    git(root, "worktree", "remove", "--force", str(folder))
    if git(root, "worktree", "add", "--detach", str(folder), commit) is None:
        raise Stopped(f"git could not lay out {commit} in {folder}")
    try:
        yield folder
    finally:
        git(root, "worktree", "remove", "--force", str(folder))

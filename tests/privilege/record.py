"""The record of a run of the whole suite, as its processes left it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from local.iam.held import RECORD
from local.iam.rules import REFUSED

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "privilege"
SHARE = "HUB_SUITE_SHARE"
"""Names the share of the suite that a pytest process runs."""
SHARES = frozenset({"alone", "on-the-stack"})
"""The shares of a whole run; see the target `test` of the Makefile."""


class NotWhole(Exception):
    """The record is not one of the whole suite; the message says what is missing."""


@dataclass(frozen=True)
class Use:
    """Somebody (a function, a verb) asked for an action on a resource."""

    who: str
    action: str
    resource: str


@dataclass
class Seen:
    """What was used, and where it was seen; what was refused on the local stack."""

    uses: dict[Use, set[str]] = field(default_factory=dict)
    refused: set[Use] = field(default_factory=set)


def read(who: str, folder: Path = FOLDER) -> Seen:
    """What ``functions`` or ``verbs`` were seen to ask; a line that was cut off is passed over."""
    seen = Seen()
    for line in _lines(folder / f"{who}.jsonl"):
        try:
            name, action, resource, where = json.loads(line)
        except ValueError:
            continue
        if where == REFUSED:
            seen.refused.add(Use(name, action, resource))
        else:
            seen.uses.setdefault(Use(name, action, resource), set()).add(where)
    return seen


def require_whole(folder: Path = FOLDER) -> None:
    """Refuse a record that is not of a whole run in which every test passed.

    Raises:
        NotWhole: With what is missing.
    """
    ended = dict(json.loads(line) for line in _lines(folder / "ended.jsonl"))
    for share in sorted(SHARES):
        if share not in ended:
            raise NotWhole(
                f"no run of the whole suite is on record ({share} is missing): make test"
            )
        if ended[share] != 0:
            raise NotWhole(f"tests failed in the run on record ({share}): mend them, make test")


def session_ended(exit_status: int) -> None:
    """Note that a share of a recorded run ended."""
    folder, share = os.environ.get(RECORD), os.environ.get(SHARE)
    if folder and share:
        path = Path(folder) / "ended.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([share, exit_status]) + "\n")


def _lines(path: Path) -> Iterator[str]:
    if path.exists():
        yield from path.read_text(encoding="utf-8").splitlines()

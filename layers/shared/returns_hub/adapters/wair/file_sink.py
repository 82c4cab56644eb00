"""Rows as files: one for each part, and a manifest that is written last.

``FOLDER/MERCHANT/RUN/SET-NNN.json`` or ``.csv``, then ``manifest.json`` beside them. Whoever takes
the files waits for the manifest: a run without one has not come to its end.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Literal

from returns_hub.adapters.wair.csv_rows import csv_of
from returns_hub.adapters.wair.naming import naming_of, utc_text
from returns_hub.adapters.wair.sink import require_fitting
from returns_hub.domain.strict_json import read_json
from returns_hub.domain.wair.rows import Row
from returns_hub.domain.wair.settings import DataSetName, WairConnection
from returns_hub.errors import Retryable
from returns_hub.ports import Clock
from returns_hub.ports.feed import Part
from returns_hub.ports.files import Files

MANIFEST = "manifest.json"
SCHEMA = "feed-files/1"
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
PART_NAME = re.compile(r"(?P<set>[a-z]+)-(?P<number>\d+)\.(json|csv)")
TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


@dataclass(frozen=True)
class Written:
    """A file of a run, as the manifest tells it. `rows` are its records, without a header; with
    `more` it is not the last one of its set."""

    name: str
    data_set: str
    number: int
    rows: int
    size: int
    sha256: str
    full: bool
    more: bool = False


class FileFeed:
    """`ports.feed.Feed` over files.

    Args:
        connection: The folder, and the names of fields.
        merchant: Whose.
        kind: How a file is written.
        files: Makes the place; asked when it is first needed.
        clock: Time.
    """

    def __init__(
        self,
        connection: WairConnection,
        merchant: str,
        kind: Literal["json", "csv"],
        files: Callable[[], Files],
        clock: Clock,
    ) -> None:
        self._connection = connection
        self._merchant = merchant
        self._kind = kind
        self._files = files
        self._clock = clock
        self._written: dict[str, Written] = {}

    def require_open(self) -> None:
        """Files are never closed."""

    def begin(self, run: str, send_by: datetime) -> str:  # noqa: ARG002 - a folder needs none
        """See `Feed.begin`; there are no batches: the run's folder is one."""
        return ""

    def tell(self, run: str, part: Part, send_by: datetime) -> str:
        """See `Feed.tell`: the file's name. A part that is told again replaces its file."""
        require_fitting(self._connection, part)
        naming = naming_of(self._connection, part.data_set)
        if self._kind == "csv":
            content, count = csv_of(naming, part.rows)
        else:
            content, count = naming.body(part.rows), len(part.rows)
        name = f"{self._folder(run)}/{part.data_set}-{part.number:03d}.{self._kind}"
        self._write(name, content, TYPES[self._kind], send_by)
        self._written[name] = _written(name, content, count, full=part.full, more=part.more)
        return name

    def end(self, run: str, send_by: datetime) -> None:
        """See `Feed.end`: the manifest, of every file that the run has written.

        It is left as it is where nothing was told since it was written.
        """
        folder = self._folder(run)
        names = [*self._files().names(folder)]
        manifest = f"{folder}/{MANIFEST}"
        if manifest in names and not any(name in self._written for name in names):
            return
        parts = [self._part(name) for name in sorted(names) if name != manifest]
        # A part that another process wrote may be one of some rows only, and then so are all; and
        # a set whose last part was not told is none that replaces what was there.
        partly = {part.data_set for part in parts if not part.full}
        last = {part.data_set: part for part in sorted(parts, key=lambda part: part.number)}
        partly |= {name for name, part in last.items() if part.more}
        content = {
            "schema": SCHEMA,
            "merchant": self._merchant,
            "run": run,
            "written_at": utc_text(self._clock.now()),
            "files": [
                {
                    "name": part.name.removeprefix(f"{folder}/"),
                    "data_set": part.data_set,
                    "part": part.number,
                    "rows": part.rows,
                    "bytes": part.size,
                    "sha256": part.sha256,
                    "full": part.data_set not in partly,
                }
                for part in parts
            ],
        }
        body = json.dumps(content, indent=1).encode()
        self._write(manifest, body, TYPES["json"], send_by)
        for part in parts:
            self._written.pop(part.name, None)

    def told_back(self, data_set: DataSetName) -> Iterator[Row] | None:  # noqa: ARG002
        """None: what became of files that were taken, nobody can read."""
        return None

    def check_access(self) -> str:
        """See `Feed.check_access`: the folder can be listed."""
        folder = f"{self._connection.folder}/{self._merchant}"
        found = next(iter(self._files().names(folder)), None)
        return f"{folder} can be listed; it {'has files' if found else 'is empty'}"

    def _folder(self, run: str) -> str:
        name = UNSAFE.sub("-", run).strip(".-") or "run"
        return f"{self._connection.folder}/{self._merchant}/{name}"

    def _write(self, name: str, content: bytes, kind: str, send_by: datetime) -> None:
        if self._clock.now() > send_by:
            raise Retryable("wair.too_late", "the claim's time to write has passed", after=1)
        self._files().write(name, [content], kind)

    def _part(self, name: str) -> Written:
        """A file of the run; one that another process wrote is read."""
        known = self._written.get(name)
        if known is not None:
            return known
        content = self._files().read(name) or b""
        return _written(name, content, self._count(name, content), full=False)

    def _count(self, name: str, content: bytes) -> int:
        text = content.decode("utf-8", "replace")
        if name.endswith(".csv"):
            return max(sum(1 for _ in csv.reader(StringIO(text, newline=""))) - 1, 0)
        try:
            (rows,) = read_json(text).values()
            return len(rows)
        except (ValueError, AttributeError, TypeError):
            return 0


def _written(name: str, content: bytes, count: int, *, full: bool, more: bool = False) -> Written:
    found = PART_NAME.fullmatch(name.rpartition("/")[2])
    return Written(
        name=name,
        data_set=found["set"] if found else "",
        number=int(found["number"]) if found else 0,
        rows=count,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        full=full,
        more=more,
    )

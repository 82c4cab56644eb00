"""Rows told over HTTP: to WAIR's API, or to another address that takes the same bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from returns_hub.adapters.wair.client import FeedClient
from returns_hub.adapters.wair.naming import Naming, naming_of
from returns_hub.adapters.wair.pages import rows_of
from returns_hub.domain.wair.rows import Row
from returns_hub.domain.wair.settings import DATA_SETS, DataSetName, WairConnection
from returns_hub.errors import Misconfigured, Permanent
from returns_hub.ports.feed import Part

START, STOP = "/Batch/start", "/Batch/stop"
OPEN = "(open|started|running|active)"
IS_OPEN = re.compile(rf"\balready\b( \w+){{0,3}} {OPEN}\b", re.IGNORECASE)
IS_CLOSED = re.compile(
    rf"\bno( {OPEN})? batch\b"
    rf"|\bbatch\b( \w+){{0,2}} not( \w+)? {OPEN}\b"
    r"|\balready\b( \w+){0,3} (closed|stopped|ended)\b",
    re.IGNORECASE,
)
"""How a refusal may say that there is nothing left to do. No page shows its words; any other
refusal is told as one."""


class HttpFeed:
    """`ports.feed.Feed` over HTTP.

    Args:
        client: To the base URL.
        connection: Paths, wrappers, names and switches.
        has_batches: Whether uploads are put between ``Batch/start`` and ``Batch/stop``.
    """

    def __init__(
        self, client: FeedClient, connection: WairConnection, *, has_batches: bool
    ) -> None:
        self._client = client
        self._connection = connection
        self._has_batches = has_batches

    def require_open(self) -> None:
        """See `Feed.require_open`."""
        self._client.require_open()

    def begin(self, run: str, send_by: datetime) -> str:  # noqa: ARG002 - a batch has no name
        """See `Feed.begin`. The request has no body, as none is published.

        One that is open already is of a run of ours that ended in the midst: nobody else has this
        tenant's user, so it is gone on with.
        """
        if not self._has_batches:
            return ""
        try:
            return self._client.post(START, b"", send_by)
        except Permanent as refused:
            if not IS_OPEN.search(refused.reason):
                raise
            return ""

    def tell(self, run: str, part: Part, send_by: datetime) -> str:  # noqa: ARG002
        """See `Feed.tell`."""
        connection, name = self._connection, part.data_set
        require_fitting(connection, part)
        flags: dict[str, str | int] = {}
        if part.full and connection.data_set(name).full_load:
            flags = {"fullLoad": "true", "moreRecordsAvailable": "true" if part.more else "false"}
        elif not part.rows:
            return ""
        body = self._naming(name).body(part.rows)
        return self._client.post(connection.path_of(name), body, send_by, flags)

    def end(self, run: str, send_by: datetime) -> None:  # noqa: ARG002
        """See `Feed.end`."""
        if not self._has_batches:
            return
        try:
            self._client.post(STOP, b"", send_by)
        except Permanent as refused:
            if not IS_CLOSED.search(refused.reason):
                raise

    def told_back(self, data_set: DataSetName) -> Iterator[Row] | None:
        """See `Feed.told_back`."""
        path = self._connection.data_set(data_set).read_path
        if path is None:
            return None
        naming = self._naming(data_set)
        return (naming.row(row) for row in rows_of(self._client, path, naming.wrapper))

    def check_access(self) -> str:
        """See `Feed.check_access`: the token, and a read where there is one.

        Raises:
            Misconfigured: The login is refused, or no read is allowed.
            Retryable: It cannot be asked now.
        """
        token = self._client.proof.current()
        told = f"{self._client.who} gave a token" if self._client.tenant else _of_token(token)
        read = self._a_read()
        if read is None:
            return f"{told}; no read proves more"
        path, wrapper = read
        try:
            next(rows_of(self._client, path, wrapper), None)
        except Misconfigured as verdict:
            if verdict.code != "wair.no_such_call":
                raise
            return f"{told}; it has no {path}"
        return f"{told}, and {path} can be read"

    def _a_read(self) -> tuple[str, str] | None:
        """Path and wrapper of something that can be read."""
        connection = self._connection
        for name in DATA_SETS:
            path = connection.data_set(name).read_path
            if path is not None:
                return path, connection.wrapper_of(name)
        if connection.sink == "wair_api":
            return connection.advice.targets_path, "stockTargets"
        return None

    def _naming(self, name: DataSetName) -> Naming:
        return naming_of(self._connection, name)


def require_fitting(connection: WairConnection, part: Part) -> None:
    """Refuse more rows than the sink may be told in one call.

    Raises:
        Permanent: There are more.
    """
    most = connection.chunk_of(part.data_set)
    if len(part.rows) > most:
        raise Permanent(
            "wair.too_many_rows",
            f"{len(part.rows)} rows of {part.data_set} in one part, and at most {most} are told",
        )


def _of_token(token: str) -> str:
    return "a token is set" if token else "no token is set: requests carry none"

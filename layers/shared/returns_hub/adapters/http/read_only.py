"""Requests to a partner in a world that writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from returns_hub.adapters.http.transport import Method, Outcome, PartnerHttp, Streamed
from returns_hub.errors import Permanent

LOG_INS = frozenset({"/api/Auth", "/channels", "/Token"})
"""Templates of requests that only fetch a key: Mintsoft's, Miinto's and WAIR's."""


class ReadOnlyHttp(PartnerHttp):
    """Lets reads and log-ins through, and refuses everything else before it is sent.

    Whether a request is a read is what its adapter says (`is_read`), not its method: some partners
    write on GET.
    """

    def __init__(self, behind: PartnerHttp) -> None:
        self._behind = behind

    def request(
        self, method: Method, path: str, *, template: str, is_read: bool = False, **more: Any
    ) -> Outcome:
        """See `PartnerHttp.request`.

        Raises:
            Permanent: It is a write; nothing was sent.
        """
        if not is_read and template not in LOG_INS:
            raise Permanent("partner.read_only", f"here nothing is written: {method} {template}")
        return self._behind.request(method, path, template=template, is_read=is_read, **more)

    @contextmanager
    def stream(self, path: str, *, template: str, **more: Any) -> Iterator[Streamed | Outcome]:
        """See `PartnerHttp.stream`: always a read."""
        with self._behind.stream(path, template=template, **more) as answer:
            yield answer

    def limited(self) -> None:
        """See `PartnerHttp.limited`."""
        self._behind.limited()

    def require_open(self) -> None:
        """See `PartnerHttp.require_open`."""
        self._behind.require_open()

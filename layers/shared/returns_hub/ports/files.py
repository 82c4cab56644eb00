"""Files that the hub writes for people and for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol


class Files(Protocol):
    """A place for files, below which names have folders with ``/``.

    Every method raises Retryable while it cannot be asked.
    """

    def write(self, name: str, content: Iterable[bytes], content_type: str) -> None:
        """Write a whole file, in place of one with its name: half of one is never seen."""

    def read(self, name: str) -> bytes | None:
        """A file; None when there is none."""

    def names(self, folder: str) -> Iterator[str]:
        """Names below a folder, in order."""

"""One invocation's work: a batch of despatches to be told upstream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub


class DespatchRuns:
    """One invocation's work."""

    def __init__(self, made: Hub) -> None:
        self._hub = made

    def batch(self, event: dict[str, Any]) -> dict[str, Any]:
        """A batch of messages; the partial batch response."""
        raise NotImplementedError

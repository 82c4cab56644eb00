"""The way from whatever finds returns to the flow that announces them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """The approved-returns queue.

    Args:
        publish: Puts a message onto it.
        waiting: About how many messages are on their way there.
    """

    publish: Callable[[str], object]
    waiting: Callable[[], int]

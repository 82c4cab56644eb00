"""What a client of Unleashed keeps between its calls."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from returns_hub.adapters.unleashed.meter import Meter
from returns_hub.adapters.unleashed.signing import KeyPair
from returns_hub.errors import Misconfigured, Retryable

AT_ONCE = 2
"""Requests at a time. No limit is documented; one or two is what we take for polite."""
REMEMBERED_SECONDS = 60.0
"""So long a refused key is not tried again, unless the secret changes."""


@dataclass
class KeyStanding:
    """What is known of the key in use, and shared by all copies of a client."""

    meters: dict[str, Meter] = field(default_factory=dict)
    worked: KeyPair | None = None
    refused: KeyPair | None = None
    verdict: Misconfigured | None = None
    until: float = 0.0
    at_once: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE)
    )


@dataclass
class CallsOfRun:
    """What one run may use."""

    at_most: int | None
    made: int = 0

    def require_room(self) -> None:
        """Raise Retryable where a further call would be one too many."""
        if self.at_most is not None and self.made >= self.at_most:
            raise Retryable(
                "unleashed.run_limit",
                f"this run has made its {self.at_most} calls to Unleashed; the next one goes on",
                after=1,
            )

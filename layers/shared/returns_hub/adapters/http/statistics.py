"""How calls to partners went during one invocation, told once at its end: one line per partner.

A call is one request that went on the wire, its repetition another. Counting takes a lock and an
addition; what is kept does not grow with the number of calls.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from returns_hub.ports import Measured, Telemetry

MOST_LATENCIES = 100
"""Of one partner, as many as one line takes."""
ALIKE = {"miinto-auth": "miinto", "miinto-stock": "miinto", "miinto-product-map": "miinto"}
"""Gates of one house; the product feed is another's. Each partner is four billed metrics."""


def house_of(partner: str) -> str:
    """The partner as metrics name it: every target of the relay is one, whatever its name."""
    return "relay" if partner.startswith("relay-") else ALIKE.get(partner, partner)


@dataclass
class _Calls:
    """One partner's."""

    calls: int = 0
    errors: int = 0
    limited: int = 0
    longest: float = 0.0
    every: int = 1
    latencies: list[float] = field(default_factory=list)

    def add(self, milliseconds: float) -> None:
        """Keep every so many-th latency, so that those that are kept stand for all."""
        self.calls += 1
        self.longest = max(self.longest, milliseconds)
        if (self.calls - 1) % self.every:
            return
        if len(self.latencies) == MOST_LATENCIES:
            self.latencies = self.latencies[::2]
            self.every *= 2
            if (self.calls - 1) % self.every:
                return
        self.latencies.append(milliseconds)

    def measured(self) -> dict[str, Measured]:
        """As metrics. The slowest call is always among the latencies: it is what is looked for."""
        told = {
            "PartnerCalls": Measured((self.calls,)),
            "PartnerErrors": Measured((self.errors,)),
            "PartnerLimited": Measured((self.limited,)),
        }
        if self.latencies:
            kept = [*self.latencies]
            if self.longest not in kept:
                kept[-1] = self.longest
            told["PartnerLatency"] = Measured(tuple(kept), "Milliseconds")
        return told


class CallStatistics:
    """Counts of one process, by partner; emptied when they are told."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_partner: dict[str, _Calls] = {}

    def call(
        self, partner: str, seconds: float, *, failed: bool = False, limited: bool = False
    ) -> None:
        """One call came to its end.

        Args:
            partner: Whom it asked.
            seconds: From sending to the answer's last byte.
            failed: No answer, an answer that was cut off, or a fault of the partner's own (5xx).
            limited: The partner asks for fewer calls.
        """
        with self._lock:
            calls = self._of(partner)
            calls.add(round(seconds * 1000, 1))
            calls.errors += failed
            calls.limited += limited

    def limited(self, partner: str) -> None:
        """An answer that was counted says in the partner's own words that there are too many."""
        with self._lock:
            self._of(partner).limited += 1

    def tell(self, telemetry: Telemetry) -> None:
        """Tell what was counted since the last time; nothing of partners that were not asked."""
        with self._lock:
            counted, self._by_partner = self._by_partner, {}
        for partner, calls in sorted(counted.items()):
            telemetry.measure(calls.measured(), partner=partner)

    def _of(self, partner: str) -> _Calls:
        return self._by_partner.setdefault(house_of(partner), _Calls())

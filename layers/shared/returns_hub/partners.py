"""Requests to partners: sessions and paces that live as long as the container."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from returns_hub.adapters.http.gate import Gate
from returns_hub.adapters.http.read_only import ReadOnlyHttp
from returns_hub.adapters.http.statistics import CallStatistics
from returns_hub.adapters.http.transport import PartnerHttp, PartnerTime
from returns_hub.invocation import InvocationClock
from returns_hub.ports import Telemetry

if TYPE_CHECKING:
    import requests


@dataclass
class Partners:
    """Sessions and paces, one of each for a merchant's partner, as long as the container lives."""

    clock: InvocationClock
    telemetry: Telemetry
    spent: PartnerTime
    new_session: Callable[[], requests.Session] | None
    gate_of: Callable[[str, float], Gate]
    reads_only: bool = False
    calls: CallStatistics = field(default_factory=CallStatistics)
    around: Callable[[PartnerHttp, str], PartnerHttp] | None = None
    """Put around each session, with its partner's name; a trial's way to send nothing."""
    _sessions: dict[tuple[str, str, str, float], PartnerHttp] = field(default_factory=dict)

    def http(self, merchant: str, partner: str, base_url: str, rate: float) -> PartnerHttp:
        """The session; a new one when the merchant's file changed the address or the rate."""
        key = (merchant, partner, base_url, rate)
        if key not in self._sessions:
            made = PartnerHttp(
                base_url,
                partner=partner,
                gate=self.gate_of(f"{merchant}/{partner}", rate),
                clock=self.clock,
                telemetry=self.telemetry,
                spent=self.spent,
                new_session=self.new_session,
                calls=self.calls,
            )
            if self.around is not None:
                made = self.around(made, partner)
            self._sessions[key] = ReadOnlyHttp(made) if self.reads_only else made
        return self._sessions[key]

"""What a run that is begun from here says of its failures."""

from __future__ import annotations

from collections.abc import Mapping

from returns_hub.ports import Measured


class Heard:
    """`ports.Telemetry` that keeps why something failed, for the terminal; see
    `AroundRecords.heard_by`."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """See `ports.Telemetry.count`."""

    def measure(self, metrics: Mapping[str, Measured], **dimensions: str) -> None:
        """See `ports.Telemetry.measure`."""

    def log(self, message: str, **fields: object) -> None:
        """See `ports.Telemetry.log`."""
        reason = str(fields.get("reason", ""))
        if message == "run failed" and reason not in self.reasons:
            self.reasons.append(reason)

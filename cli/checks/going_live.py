"""Going live: modes, the moment of the switch, and the connector that was there before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from cli.checks.model import Area, Check, Finding, Subject, ok, skipped, warning
from returns_hub.domain.file_types import Mode

OLD_LIVE_FROM = timedelta(days=365)


def _modes(subject: Subject) -> Iterator[Finding]:
    flows = subject.merchant.flows
    modes = {
        "creating external returns": flows.create_external_returns.mode,
        "processing receipts": flows.process_receipts.mode,
    }
    for name, mode in modes.items():
        yield ok(name, f"mode {mode.value}", mode=mode.value)


def _live_from(subject: Subject) -> Iterator[Finding]:
    live_from = subject.merchant.live_from
    if live_from is None:
        yield warning(
            "live_from",
            "is not set",
            "set it to the moment of the switch; it is needed before a flow may be live",
        )
    elif subject.now - live_from > OLD_LIVE_FROM:
        yield warning(
            "live_from",
            f"{live_from:%Y-%m-%d} is over a year ago",
            "see that it is the moment of the switch",
        )
    else:
        text = f"{live_from:%Y-%m-%d %H:%M} UTC; returns approved earlier are never announced again"
        yield ok("live_from", text)


def _old_connector(subject: Subject) -> Iterator[Finding]:
    flows = subject.merchant.flows
    live = Mode.LIVE in {flows.create_external_returns.mode, flows.process_receipts.mode}
    if subject.merchant.portal_name != "Redo":
        yield skipped(
            "the old connector",
            "no API tells whether what announced and processed this merchant's returns in "
            f"{subject.merchant.portal_name} until now is off"
            + (", and the hub is live" if live else ""),
            "it must be off before live",
        )
        return
    yield skipped(
        "the old connector",
        "no API tells whether Redo's own Mintsoft integration is on"
        + (", and the hub is live" if live else ""),
        "it must be off before live (Redo, Settings, Returns & Claims, Integrations)",
    )


AREA = Area(
    "going_live",
    "Going live",
    (
        Check("modes", _modes),
        Check("live_from", _live_from),
        Check("the old connector", _old_connector),
    ),
)

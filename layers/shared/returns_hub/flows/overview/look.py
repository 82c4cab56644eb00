"""How one merchant stands, read from the hub's own stores alone: no partner, no secret is asked.

It costs, whatever is stored, at most 6 requests to DynamoDB and `parking.MOST_PAGES` pages of what
was ever parked: cursors (one for 100 of them, and no file switches on as many), what is known of
keys, gates, the month's calls, the last look for drift. The money line states its own bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from returns_hub.domain.drift.limits import is_over_limit
from returns_hub.domain.merchant import LiveMerchant, Merchant
from returns_hub.domain.overview.keys import secret_refused
from returns_hub.domain.overview.overview import (
    Cause,
    DriftStanding,
    Freshness,
    KeyStanding,
    Overview,
    PartnerStanding,
    StepStanding,
)
from returns_hub.domain.unleashed.budget import Usage, forecast, month_of
from returns_hub.errors import Verdict
from returns_hub.flows import cursor_names
from returns_hub.flows.overview.jobs import jobs_of
from returns_hub.flows.overview.key_ends import KeysKnown
from returns_hub.flows.overview.partners import UNLEASHED, partners_of
from returns_hub.ports import Cursors, CursorStanding, Parking, Telemetry
from returns_hub.ports.findings import FindingsStore
from returns_hub.ports.overview import GateStandings

Part = TypeVar("Part")


class Money(Protocol):
    """The money line, read once."""

    @property
    def steps(self) -> tuple[StepStanding, ...]:
        """Every step, and what waits there."""

    @property
    def past_clock(self) -> int:
        """Returns that were delivered and are past their clock."""


@dataclass(frozen=True)
class Asked:
    """The stores that are asked.

    Args:
        cursors: Cursors.
        gates: Gates before partners.
        parking: Parked work.
        findings: What looks for drift left; None where this process was given no such table.
        usage: Account and month -> the calls that were made at the ERP.
        money: Reads the money line; None where nothing reads it.
        telemetry: Is told of faults.
    """

    cursors: Cursors
    gates: GateStandings
    parking: Parking
    findings: FindingsStore | None
    usage: Callable[[str, str], Usage]
    money: Callable[[Merchant, datetime], Money] | None
    telemetry: Telemetry


def look(
    live: LiveMerchant, asked: Asked, *, now: datetime, before: Overview | None = None
) -> Overview:
    """One merchant's overview.

    A part that cannot be read stands as in the overview before, where there is one, and is named in
    `Overview.not_told` either way.

    Args:
        live: The merchant's file.
        asked: The stores.
        now: The moment.
        before: The newest overview that was kept; None for the first.
    """
    return _Look(live, asked, now, before).made()


class _Look:
    """One look."""

    def __init__(
        self, live: LiveMerchant, asked: Asked, now: datetime, before: Overview | None
    ) -> None:
        self._live = live
        self._merchant = live.merchant
        self._asked = asked
        self._now = now
        self._before = before
        self._not_told: list[str] = []

    def made(self) -> Overview:
        """The overview."""
        before = self._before or Overview(merchant="", at=self._now, config_version=0, mode="")
        none: Mapping[str, CursorStanding] | None = None
        standings = self._part("freshness", self._standings, none)
        known = self._part("keys' ends", self._keys_known, KeysKnown())
        freshness, keys = before.freshness, before.keys
        if standings is not None:
            freshness = self._freshness(standings)
            keys = self._keys(standings, known)
        money = self._part("money line", self._money, None)
        return Overview(
            merchant=self._merchant.merchant,
            at=self._now,
            config_version=self._live.version,
            mode=self._merchant.flows.create_external_returns.mode.value,
            freshness=freshness,
            steps=before.steps if money is None else money.steps,
            past_clock=before.past_clock if money is None else money.past_clock,
            causes=self._part("parked work", self._causes, before.causes),
            partners=self._part("partners", lambda: self._partners(known), before.partners),
            keys=keys,
            drift=self._part("drift", self._drift, before.drift),
            not_told=tuple(self._not_told),
        )

    def _part(self, name: str, read: Callable[[], Part], otherwise: Part) -> Part:
        try:
            return read()
        except Verdict as verdict:
            why = f"{verdict.reason} ({verdict.code})"
        except Exception as fault:  # noqa: BLE001 - the other parts stand
            why = f"a fault of the hub's own ({type(fault).__name__})"
            self._asked.telemetry.count("Faults")
            self._asked.telemetry.log("fault", flow="overview", part=name, fault=why)
        shown = ""
        if self._before is not None:
            shown = f"; shown as it was at {self._before.at:%Y-%m-%d %H:%M} UTC"
        self._not_told.append(f"{name}: {why}{shown}")
        return otherwise

    # -- jobs -----------------------------------------------------------------------------------

    def _standings(self) -> Mapping[str, CursorStanding]:
        name = self._merchant.merchant
        logins = (cursor_names.mintsoft_login(name), cursor_names.miinto_login(name))
        wanted = [job.cursor for job in jobs_of(self._merchant)]
        return self._asked.cursors.standings([*wanted, *logins])

    def _freshness(self, standings: Mapping[str, CursorStanding]) -> tuple[Freshness, ...]:
        before = {one.flow: one for one in self._before.freshness} if self._before else {}
        found = []
        for job in jobs_of(self._merchant):
            standing = standings.get(job.cursor, CursorStanding())
            earlier = before.get(job.flow)
            # A job that no overview had before was switched on since, or this is the first one.
            since = earlier.since if earlier is not None else self._now
            found.append(
                Freshness(
                    job=job.job,
                    flow=job.flow,
                    every_seconds=job.every_seconds,
                    succeeded_at=standing.succeeded_at,
                    new_record_at=standing.new_record_at,
                    since=since,
                    failing=standing.failing,
                )
            )
        return tuple(found)

    # -- keys -----------------------------------------------------------------------------------

    def _keys_known(self) -> KeysKnown:
        name = cursor_names.keys(self._merchant.merchant)
        return KeysKnown.of(self._asked.cursors.read(name))

    def _keys(
        self, standings: Mapping[str, CursorStanding], known: KeysKnown
    ) -> tuple[KeyStanding, ...]:
        """Keys of which there is anything to tell."""
        refused = dict(self._refused(standings))
        return tuple(
            KeyStanding(
                name=name,
                ends_at=known.ends.get(name),
                failing=refused.get(name, ""),
                renews=name in known.renewing,
            )
            for name in sorted({*known.ends, *refused})
        )

    def _refused(self, standings: Mapping[str, CursorStanding]) -> Iterable[tuple[str, str]]:
        """Secrets that the last run of some job says a partner refuses, and the code."""
        merchant = self._merchant
        is_login = merchant.mintsoft.authentication == "login"
        for cursor, standing in standings.items():
            if cursor == cursor_names.mintsoft_login(merchant.merchant) and not is_login:
                continue
            secret = secret_refused(merchant, standing.failing)
            if secret is not None:
                yield secret, standing.failing

    # -- what else ------------------------------------------------------------------------------

    def _money(self) -> Money | None:
        read = self._asked.money
        return read(self._merchant, self._now) if read is not None else None

    def _causes(self) -> tuple[Cause, ...]:
        parked = self._asked.parking.causes(self._merchant.merchant)
        if not parked.is_whole:
            self._not_told.append(
                "parked work: there is more than one look reads; each count is at least so many"
            )
        return parked.causes

    def _partners(self, known: KeysKnown) -> tuple[PartnerStanding, ...]:
        merchant = self._merchant
        names = partners_of(merchant)
        closed = self._asked.gates.closed(f"{merchant.merchant}/{name}" for name in names)
        before = {one.partner: one for one in self._before.partners} if self._before else {}
        found = []
        for name in names:
            until = closed.get(f"{merchant.merchant}/{name}")
            earlier = before.get(name)
            since = earlier.closed_since if earlier is not None else None
            standing = PartnerStanding(
                partner=name,
                closed_until=until,
                closed_since=None if until is None else since or self._now,
            )
            found.append(self._with_calls(standing, known) if name == UNLEASHED else standing)
        return tuple(found)

    def _with_calls(self, standing: PartnerStanding, known: KeysKnown) -> PartnerStanding:
        """The same with the month's calls, of an ERP whose account is known."""
        settings = self._merchant.unleashed
        if settings is None or not known.account:
            return standing
        used = self._asked.usage(known.account, month_of(self._now)).total
        limit = settings.monthly_calls
        share = forecast(used, self._now) / limit
        return standing.model_copy(
            update={"calls_used": used, "calls_limit": limit, "forecast": round(share, 4)}
        )

    def _drift(self) -> DriftStanding | None:
        settings, findings = self._merchant.drift, self._asked.findings
        if not settings.enabled or findings is None:
            return None
        last = findings.last_look(self._merchant.merchant)
        if last is None:
            return DriftStanding()
        return DriftStanding(
            looked_at=last.at,
            open=sum(last.counted.values()),
            value=dict(last.value),
            is_over_limit=is_over_limit(last, settings),
        )

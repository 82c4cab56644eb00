"""The channel of one merchant's login: cached, and made anew by one at a time.

No source tells how long a channel lasts, nor whether a login ends the channel before it. So the
channel is kept in a secret of its own for all environments, is renewed under a lease when it is
older than a configured age, and is replaced, at most once for each request, when Miinto refuses it.
A channel that was only just made is not replaced: then the refusal is about something else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from returns_hub.adapters.miinto.privileges import Grants
from returns_hub.adapters.miinto.signing import Channel
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.errors import Conflict, Misconfigured, Retryable, Verdict
from returns_hub.ports import Clock, Cursors, Lease, Telemetry
from returns_hub.ports.secrets import Secrets

LEASE_SECONDS = 60.0
ONLY_JUST = timedelta(seconds=60)
"""A channel younger than this is not replaced, whoever refuses it."""
LOGIN_REFUSED_FOR = timedelta(hours=1)
"""So long a refused login is not tried again by anybody, unless it is changed: work that waits must
not lock the account."""
FIRST_UNCLEAR_FOR = timedelta(minutes=5)
"""As `LOGIN_REFUSED_FOR`, where the answer may be about something else than the login; doubled each
time, as nobody told how a wrong password is answered."""


@dataclass(frozen=True)
class Session:
    """A channel, when it was made and by which version of the login, and what it may use."""

    channel: Channel
    made_at: datetime
    grants: Grants
    login: str = ""


class LoginRefused(Misconfigured):
    """The login was refused. `is_clear`: it is the identifier and the secret that are."""

    def __init__(self, reason: str, *, is_clear: bool) -> None:
        super().__init__("miinto.login_refused", reason)
        self.is_clear = is_clear


Login = Callable[[str, str], tuple[Channel, Grants]]
"""Exchanges identifier and secret for a channel; raises `LoginRefused` or `Retryable`."""


class MiintoChannel:
    """The channel of one merchant.

    Args:
        merchant: Whose.
        connection: The names of the two secrets, and the age at which a channel is renewed.
        secrets: Where the login and the channel are kept.
        cursors: For the renewer's lease.
        login: Makes the login request.
        clock: Time.
        owner: Who renews, unique to this run.
        telemetry: Counts renewals.
    """

    def __init__(
        self,
        *,
        merchant: str,
        connection: MiintoConnection,
        secrets: Secrets,
        cursors: Cursors,
        login: Login,
        clock: Clock,
        owner: str,
        telemetry: Telemetry,
    ) -> None:
        self._merchant = merchant
        self._connection = connection
        self._secrets = secrets
        self._cursors = cursors
        self._login = login
        self._clock = clock
        self._owner = owner
        self._telemetry = telemetry
        self._lock = threading.Lock()
        self._not_before: datetime | None = None

    def current(self) -> Session:
        """The channel to use now.

        One that is only older than configured is used on while no new one can be had.

        Raises:
            Misconfigured: No usable secret, or the login is refused.
            Retryable: There is none, and another run is logging in, or Miinto is away.
        """
        with self._lock:
            kept = self._kept(fresh=False)
            if kept is None or self._is_old(kept):
                kept = self._kept(fresh=True)
            if kept is None:
                return self._renew(None)
            if not self._is_old(kept) or self._waits():
                return kept
            try:
                return self._renew(kept.channel)
            except Misconfigured:
                raise
            except Retryable:
                self._not_before = self._clock.now() + ONLY_JUST
                return kept

    def after_refusal(self, used: Channel) -> Session | None:
        """Another channel, after this one was refused; None when a new one would not help.

        Looks in Secrets Manager once; when the channel there is the refused one and was not made
        only just now, one login makes a new one.

        Raises:
            Misconfigured: The login is refused.
            Retryable: Another run is logging in, or Miinto is away.
        """
        with self._lock:
            kept = self._kept(fresh=True)
            if kept is not None and kept.channel != used:
                return kept
            if kept is not None and self._clock.now() - kept.made_at < ONLY_JUST:
                return None
            return self._renew(used)

    def _is_old(self, kept: Session) -> bool:
        age = self._clock.now() - kept.made_at
        too_long = age >= timedelta(minutes=self._connection.channel_minutes)
        return too_long or self._is_of_another_login(kept)

    def _is_of_another_login(self, kept: Session) -> bool:
        """Whether the login was set anew since: its channel may be another's, and a mistake in it
        is told at once."""
        name = self._connection.secret
        try:
            known = self._secrets.read(self._merchant, name).version
            if kept.login in {"", known}:
                return False
            return self._secrets.read(self._merchant, name, fresh=True).version != kept.login
        except (Misconfigured, Retryable):
            return False

    def _waits(self) -> bool:
        return self._not_before is not None and self._clock.now() < self._not_before

    def _kept(self, *, fresh: bool) -> Session | None:
        name = self._connection.channel_secret
        try:
            value = self._secrets.read(self._merchant, name, fresh=fresh).value
        except Misconfigured:
            return None
        try:
            made_at = datetime.fromisoformat(value["made_at"])
            channel = Channel(value["id"], value["token"])
            grants = Grants.of_text(value["grants"])
        except (KeyError, ValueError):
            return None
        if grants is None or made_at.tzinfo is None:
            return None
        return Session(channel, made_at, grants, value.get("login", ""))

    def _renew(self, dead: Channel | None) -> Session:
        """Log in under the lease, unless another renewer has just done so."""
        lease = self._cursors.acquire(f"miinto-login/{self._merchant}", self._owner, LEASE_SECONDS)
        if lease is None:
            raise Retryable("miinto.login_in_work", "another run is logging in to Miinto", after=5)
        try:
            kept = self._kept(fresh=True)
            if kept is not None and kept.channel != dead and not self._is_old(kept):
                lease.run.ended = True
                return kept
            made_at = self._clock.now()
            channel, grants, login = self._log_in(lease)
            self._secrets.write(
                self._merchant,
                self._connection.channel_secret,
                {
                    "id": channel.id,
                    "token": channel.token,
                    "made_at": made_at.isoformat(),
                    "grants": grants.to_text(),
                    "login": login,
                },
            )
            lease.run.ended = True
        except Verdict as verdict:
            lease.run.failed(verdict)
            raise
        finally:
            self._cursors.release(lease)
        self._telemetry.count("KeysRenewed", partner="miinto", merchant=self._merchant)
        return Session(channel, made_at, grants, login)

    def _log_in(self, lease: Lease) -> tuple[Channel, Grants, str]:
        """A channel, what it may use, and the version of the login that made it."""
        secret = self._connection.secret
        given = self._secrets.read(self._merchant, secret, fresh=True)
        identifier = _field(given.value, "identifier", secret)
        password = _field(given.value, "secret", secret)
        now = self._clock.now()
        before = _refused_before(lease.value, given.version)
        if before is not None and now < before.until:
            raise Misconfigured(
                "miinto.login_refused",
                "Miinto refused the identifier and secret, which have not been changed since; "
                f"set them with: hub secrets set {self._merchant} {secret}",
            )
        try:
            return *self._login(identifier, password), given.version
        except LoginRefused as refusal:
            times = before.times + 1 if before is not None else 1
            unclear_for = FIRST_UNCLEAR_FOR * 2 ** min(times - 1, 10)
            waits = LOGIN_REFUSED_FOR
            waits = waits if refusal.is_clear else min(waits, unclear_for)
            value = {
                "refused_version": given.version,
                "until": (now + waits).isoformat(),
                "times": times,
            }
            with suppress(Conflict):
                self._cursors.advance(lease, value)
            raise Misconfigured(
                refusal.code,
                f"{refusal.reason}; set them with: hub secrets set {self._merchant} {secret}",
            ) from None


@dataclass(frozen=True)
class _Refused:
    until: datetime
    times: int


def _refused_before(value: Mapping[str, Any], version: str) -> _Refused | None:
    """What the lease tells of a refusal of this very login."""
    if value.get("refused_version") != version:
        return None
    return _Refused(datetime.fromisoformat(value["until"]), int(value["times"]))


def _field(content: Mapping[str, str], name: str, secret: str) -> str:
    text = content.get(name, "")
    if not text.strip():
        raise Misconfigured("secret.malformed", f"secret {secret} has no {name}")
    return text

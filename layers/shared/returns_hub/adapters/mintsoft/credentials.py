"""The Mintsoft key: static, or minted by a login for 24 hours and renewed by one renewer (R6).

A login kills the user's previous key (recorded live by a client project), so that two renewers
would knock each other out. Hence the lease; and a key that was refused is first looked for in
Secrets Manager, where the renewer has put the new one before anybody uses it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from returns_hub.domain.merchant import MintsoftConnection
from returns_hub.errors import Conflict, Misconfigured, Retryable, Verdict
from returns_hub.ports import Clock, Cursors, Lease, Telemetry
from returns_hub.ports.secrets import SecretLike, Secrets

KEY_LASTS = timedelta(hours=24)
RENEW_BEFORE_END = timedelta(hours=4)
LEASE_SECONDS = 60.0
REFUSED_FOR = timedelta(seconds=60)
"""So long a refused key is not tried again by a warm container."""
NO_KEY = frozenset({"secret.missing", "secret.malformed"})
"""Verdicts on reading a minted key that say that there is none to be used."""
LOGIN_REFUSED_FOR = timedelta(hours=1)
"""So long a refused user name and password are not tried again by anybody, unless they are changed:
work that waits must not lock the account."""


@dataclass(frozen=True)
class Key:
    """A key and, when it was minted, its end. Its repr shows no key."""

    text: str = field(repr=False)
    ends: datetime | None


Login = Callable[[str, str], str]
"""Exchanges user name and password for a key."""


class MintsoftCredentials:
    """The key of one merchant.

    Args:
        merchant: Whose.
        connection: Which way of authenticating, and the secret's name.
        secrets: Where credentials and minted keys are kept.
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
        connection: MintsoftConnection,
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
        self._refused: tuple[str, datetime] | None = None

    @property
    def is_static(self) -> bool:
        """Whether there is never another key but by a person."""
        return self._connection.authentication == "api_key"

    @property
    def _session_name(self) -> str:
        return f"{self._connection.secret}-session"

    def current(self) -> str:
        """The key to use now.

        Raises:
            Misconfigured: No usable secret, or the key was refused a moment ago.
            Retryable: Another run is logging in right now.
        """
        with self._lock:
            key = self._stored(fresh=False)
            now = self._clock.now()
            if key is None or (key.ends is not None and key.ends <= now):
                key = self._stored(fresh=True)
            if key is None or (key.ends is not None and key.ends <= now):
                key = self._renew(None)
            self._refuse_again(key.text)
            return key.text

    def after_refusal(self, used: str) -> str:
        """Another key, after this one was answered with 401.

        Looks in Secrets Manager once; when the key there is the refused one, a login mints a new
        key, at most once. A static key is never exchanged.

        Raises:
            Misconfigured: The key is refused and there is no other.
            Retryable: Another run is logging in right now.
        """
        with self._lock:
            stored = self._stored(fresh=True)
            if stored is not None and stored.text != used:
                self._refuse_again(stored.text)
                return stored.text
            if self._connection.authentication == "api_key":
                self._refused = (used, self._clock.now())
                raise _refused(self._merchant, self._connection.secret)
            return self._renew(used).text

    def remember_refusal(self, used: str) -> None:
        """A key that had only just been fetched was refused as well: stop asking for a while."""
        with self._lock:
            self._refused = (used, self._clock.now())

    def renew_if_due(self) -> str:
        """Renew the 24-hour key when less than four hours of it are left; what was done."""
        if self._connection.authentication == "api_key":
            return "static key: nothing to renew"
        with self._lock:
            key = self._stored(fresh=True)
            if key is not None and key.ends is not None:
                left = key.ends - self._clock.now()
                if left > RENEW_BEFORE_END:
                    return f"key is good for {left.total_seconds() / 3600:.1f} h more"
            self._renew(key.text if key else None)
            return "key renewed"

    def _stored(self, *, fresh: bool) -> Key | None:
        if self._connection.authentication == "api_key":
            secret = self._secrets.read(self._merchant, self._connection.secret, fresh=fresh)
            return Key(_field(secret.value, "api_key", self._connection.secret), None)
        try:
            minted = self._secrets.read(self._merchant, self._session_name, fresh=fresh)
        except Misconfigured as verdict:
            if verdict.code not in NO_KEY:
                # It is there and may not be read: a login would end it for everybody else.
                raise
            return None
        try:
            return Key(minted.value["api_key"], datetime.fromisoformat(minted.value["expires_at"]))
        except (KeyError, ValueError):
            return None

    def _renew(self, dead: str | None) -> Key:
        """Log in under the lease, unless another renewer has just done so."""
        lease = self._cursors.acquire(
            f"mintsoft-login/{self._merchant}", self._owner, LEASE_SECONDS
        )
        if lease is None:
            raise Retryable("mintsoft.login_in_work", "another run is renewing the key", after=5)
        try:
            stored = self._stored(fresh=True)
            now = self._clock.now()
            usable = stored is not None and stored.ends is not None and stored.ends > now
            if stored is not None and usable and stored.text != dead:
                lease.run.ended = True
                return stored
            given = self._secrets.read(self._merchant, self._connection.secret, fresh=True)
            issued = self._clock.now()
            key = Key(self._log_in(given, lease), issued + KEY_LASTS)
            self._secrets.write(
                self._merchant,
                self._session_name,
                {
                    "api_key": key.text,
                    "issued_at": issued.isoformat(),
                    "expires_at": (issued + KEY_LASTS).isoformat(),
                },
            )
            lease.run.ended = True
        except Verdict as verdict:
            lease.run.failed(verdict)
            raise
        finally:
            self._cursors.release(lease)
        self._telemetry.count("KeysRenewed", partner="mintsoft", merchant=self._merchant)
        return key

    def _log_in(self, given: SecretLike, lease: Lease) -> str:
        user = _field(given.value, "username", self._connection.secret)
        password = _field(given.value, "password", self._connection.secret)
        now = self._clock.now()
        refused = lease.value.get("refused_version") == given.version
        if refused and now - datetime.fromisoformat(lease.value["at"]) < LOGIN_REFUSED_FOR:
            raise Misconfigured(
                "mintsoft.login_refused",
                "Mintsoft refused the user name and password, which have not been changed since; "
                f"set them with: hub secrets set {self._merchant} {self._connection.secret}",
            )
        try:
            return self._login(user, password)
        except Misconfigured:
            value = {"refused_version": given.version, "at": now.isoformat()}
            with suppress(Conflict):
                self._cursors.advance(lease, value)
            raise

    def _refuse_again(self, key: str) -> None:
        if self._refused is None:
            return
        text, since = self._refused
        if text == key and self._clock.now() - since < REFUSED_FOR:
            raise _refused(self._merchant, self._connection.secret)


def _field(content: Mapping[str, str], name: str, secret: str) -> str:
    text = content.get(name, "")
    if not text.strip():
        raise Misconfigured("secret.malformed", f"secret {secret} has no {name}")
    return text


def _refused(merchant: str, secret: str) -> Misconfigured:
    return Misconfigured(
        "mintsoft.key_refused",
        f"Mintsoft refuses the key; set a valid one with: hub secrets set {merchant} {secret}",
    )

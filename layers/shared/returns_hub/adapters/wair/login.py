"""What proves who asks: WAIR's token, kept until shortly before its end; or a bearer token that
was agreed with another place.

The login is ``POST /Token`` with the header ``X-Tenant`` (docs.wair.ai `/docs/post-token`). How a
wrong tenant is answered is not shown: a refusal of the login is told as one of all three.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.wair.errors import Asked, TokenRefused, content_of
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from returns_hub.ports import Clock, Telemetry
from returns_hub.ports.secrets import SecretLike, Secrets

LOGIN_PATH = "/Token"
WORD = re.compile(r"[!-~]{1,8000}", re.ASCII)
"""What can be a token: it has to fit into a header."""
RENEW_BEFORE_END = timedelta(seconds=60)
DEFAULT_SECONDS = 300
"""How long a token is used that does not say how long it is good."""
MOST_SECONDS = 24 * 3600
REFUSED_FOR = timedelta(minutes=10)
"""So long a refused login is not tried again by this container, unless the secret is changed."""


@dataclass
class Kept:
    """One login's token, and its refusal; both empty at first."""

    token: str = field(default="", repr=False)
    ends: datetime | None = None
    login: str = field(default="", repr=False)
    refused: str = field(default="", repr=False)
    refused_at: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


@dataclass
class Logins:
    """Tokens that a container keeps from run to run, by whose they are."""

    by_key: dict[tuple[str, ...], Kept] = field(default_factory=dict)

    def of(self, *key: str) -> Kept:
        """The one of a login."""
        return self.by_key.setdefault(key, Kept())


class Proof(Protocol):
    """What goes into the header ``Authorization``."""

    def current(self) -> str:
        """The token; empty where none is needed.

        Raises:
            Misconfigured: No usable secret, or the login is refused.
            Retryable: It cannot be had now.
        """

    def after_refusal(self, used: str) -> str:
        """Another token, after this one was refused.

        Raises:
            Misconfigured: There is no other.
            Retryable: It cannot be had now.
        """


class WairTokens:
    """The tokens of one merchant's user.

    Args:
        http: The API.
        tenant: For the header.
        merchant: Whose.
        secret: The name of the secret with ``username`` and ``password``.
        secrets: Where it is.
        kept: Lives as long as the container.
        clock: Time.
        telemetry: Counts logins.
    """

    def __init__(
        self,
        http: PartnerHttp,
        *,
        tenant: str,
        merchant: str,
        secret: str,
        secrets: Secrets,
        kept: Kept,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._http = http
        self._tenant = tenant
        self._merchant = merchant
        self._secret = secret
        self._secrets = secrets
        self._kept = kept
        self._clock = clock
        self._telemetry = telemetry

    def current(self) -> str:
        """See `Proof.current`."""
        kept = self._kept
        with kept.lock:
            if kept.token and kept.ends is not None and self._clock.now() < kept.ends:
                return kept.token
            return self._renewed()

    def after_refusal(self, used: str) -> str:
        """See `Proof.after_refusal`."""
        with self._kept.lock:
            if self._kept.token and self._kept.token != used:
                return self._kept.token
            return self._renewed()

    def _renewed(self) -> str:
        kept, now = self._kept, self._clock.now()
        kept.token, kept.ends = "", None
        given = self._secrets.read(self._merchant, self._secret, fresh=bool(kept.refused))
        was_just = kept.refused_at is not None and now - kept.refused_at < REFUSED_FOR
        if kept.refused == given.version and was_just:
            raise Misconfigured(
                "wair.login_refused",
                "WAIR refused the tenant, user name and password, which have not been changed "
                f"since; set them with: hub secrets set {self._merchant} {self._secret}",
            )
        try:
            token, seconds = self._log_in(given)
        except Misconfigured as refused:
            if refused.code == "wair.login_refused":
                kept.refused, kept.refused_at = given.version, now
            raise
        kept.refused, kept.refused_at = "", None
        lasts = timedelta(seconds=seconds)
        kept.token, kept.ends = token, now + max(lasts - RENEW_BEFORE_END, lasts / 2)
        self._telemetry.count("KeysRenewed", partner="wair", merchant=self._merchant)
        return token

    def _log_in(self, given: SecretLike) -> tuple[str, int]:
        user = word_of(given, "username", self._secret)
        password = word_of(given, "password", self._secret)
        asked = Asked(
            who="WAIR",
            what=LOGIN_PATH,
            is_read=False,
            now=self._clock.now(),
            private=(user, password),
        )
        outcome = self._http.request(
            "POST",
            LOGIN_PATH,
            template=LOGIN_PATH,
            headers={"X-Tenant": self._tenant, "Content-Type": "application/json"},
            body=json.dumps({"username": user, "password": password}).encode(),
        )
        try:
            content = content_of(outcome, asked)
        except TokenRefused as refused:
            raise _refused(refused.said) from None
        except Permanent as refused:
            raise _refused(refused.reason) from None
        except UnknownOutcome as verdict:
            # A token that was made all the same does no harm.
            raise Retryable("wair.login_lost", verdict.reason) from None
        return _token_in(content)


class AgreedToken:
    """A token that does not change by itself; empty where the secret is not set."""

    def __init__(self, *, merchant: str, secret: str, secrets: Secrets) -> None:
        self._merchant = merchant
        self._secret = secret
        self._secrets = secrets
        self._is_none = False

    def current(self) -> str:
        """See `Proof.current`."""
        return self._read(fresh=False)

    def after_refusal(self, used: str) -> str:
        """See `Proof.after_refusal`: the secret may have another by now."""
        self._is_none = False
        found = self._read(fresh=True)
        if found != used:
            return found
        have = "the token" if used else "requests without a token"
        raise Misconfigured(
            "wair.token_refused",
            f"the feed's address refuses {have}; set one with: "
            f"hub secrets set {self._merchant} {self._secret}",
        )

    def _read(self, *, fresh: bool) -> str:
        if self._is_none:
            return ""
        try:
            given = self._secrets.read(self._merchant, self._secret, fresh=fresh)
        except Misconfigured as verdict:
            if verdict.code != "secret.missing":
                raise
            self._is_none = True
            return ""
        return word_of(given, "token", self._secret)


def word_of(given: SecretLike, name: str, secret: str) -> str:
    """A field of a secret.

    Raises:
        Misconfigured: It is not there.
    """
    text = given.value.get(name, "").strip()
    if not text:
        raise Misconfigured("secret.malformed", f"secret {secret} has no {name}")
    if name == "token" and not WORD.fullmatch(text):
        raise Misconfigured("secret.malformed", f"{name} of secret {secret} cannot be sent")
    return text


def _refused(said: str) -> Misconfigured:
    why = f" ({said})" if said else ""
    return Misconfigured(
        "wair.login_refused", f"WAIR refuses the tenant, user name and password{why}"
    )


def _token_in(content: Any) -> tuple[str, int]:
    """The token, and for how many seconds it is good."""
    given = content if isinstance(content, dict) else {}
    token, seconds = given.get("accessToken"), given.get("expiresIn")
    if not isinstance(token, str) or not WORD.fullmatch(token):
        raise Retryable("wair.login_lost", "WAIR's login gave no token")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        seconds = DEFAULT_SECONDS
    return token, min(seconds, MOST_SECONDS)

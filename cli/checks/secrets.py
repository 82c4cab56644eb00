"""Secrets: there, well-formed, and when a key ends. No value is ever shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from cli.checks.model import Area, Check, Finding, Subject, failed, ok, skipped, warning
from returns_hub.adapters.mintsoft.credentials import RENEW_BEFORE_END
from returns_hub.errors import Misconfigured

RENEWER_TICKS = timedelta(minutes=15)
"""Three ticks of the renewer's schedule."""
OF_PORTAL = {
    "redo": ("token", ("api_token",)),
    "loop": ("key", ("api_key",)),
    "miinto": ("login", ("identifier", "secret")),
}
"""What a portal knows us by, in a word, and the fields of its secret."""
PREFIXES = ("bearer ", "basic ", "authorization:", "x-authorization:", "ms-apikey:")


def _secrets(subject: Subject) -> Iterator[Finding]:
    merchant = subject.merchant
    is_static = merchant.mintsoft.authentication == "api_key"
    yield _secret(subject, merchant.portal_connection.secret, OF_PORTAL[merchant.portal][1])
    fields = ("api_key",) if is_static else ("username", "password")
    yield _secret(subject, merchant.mintsoft.secret, fields)


def _secret(subject: Subject, name: str, fields: tuple[str, ...]) -> Finding:
    check = f"secret {name}"
    to_do = f"hub secrets set {subject.merchant.merchant} {name}"
    try:
        content = subject.read_secret(name)
    except Misconfigured as verdict:
        return failed(check, verdict.reason, to_do)
    missing = [field for field in fields if not content.get(field, "").strip()]
    if missing:
        return failed(check, f"has no {missing[0]}", to_do)
    for field in fields:
        if wrong := _malformed(content[field], is_key=field in {"api_token", "api_key"}):
            return failed(check, f"{field} {wrong}", to_do)
    return ok(check, f"holds {' and '.join(fields)}")


def _malformed(value: str, *, is_key: bool) -> str:
    """What is wrong with a value, without any of it; keys are sent in a header as they are."""
    if value != value.strip():
        return "begins or ends with white space"
    if is_key and value.casefold().startswith(PREFIXES):
        return "begins with a header's words; only the key itself belongs there"
    if not value.isprintable():
        return "holds control characters, such as a line's end"
    if is_key and not value.isascii():
        return "holds characters that no key has"
    if is_key and " " in value:
        return "holds a space"
    return ""


def _ends(subject: Subject) -> Iterator[Finding]:
    merchant = subject.merchant
    portal, word = merchant.portal_name, OF_PORTAL[merchant.portal][0]
    yield ok(
        f"end of the {portal} {word}",
        f"no end date is known: {portal} tells none, a {word} works until it is deleted",
        ends_at=None,
    )
    if merchant.mintsoft.authentication == "api_key":
        yield ok(
            "end of the Mintsoft key",
            "a static key has no known end date: it lasts while the user's key is set never to "
            "expire, and no call tells",
            ends_at=None,
        )
        return
    yield _session(subject)


def _session(subject: Subject) -> Finding:
    """Whether the renewer keeps the 24-hour key alive."""
    check = "end of the Mintsoft key"
    merchant = subject.merchant
    name = merchant.mintsoft.secret
    try:
        session: Mapping[str, str] = subject.read_secret(f"{name}-session")
    except Misconfigured as verdict:
        if verdict.code != "secret.missing":
            return failed(check, verdict.reason, "delete that secret; the renewer makes it anew")
        return _no_session(subject, check)
    try:
        ends = datetime.fromisoformat(session["expires_at"])
        left = ends - subject.now
    except (KeyError, ValueError, TypeError):
        return failed(
            check,
            f"secret {name}-session does not tell when its key ends",
            "delete that secret; the renewer makes it anew",
        )
    when = f"{ends:%Y-%m-%d %H:%M} UTC"
    hours = round(left.total_seconds() / 3600, 1)
    see = "see the function refresh_credentials, its rule and its log"
    if left <= timedelta(0):
        return failed(
            check,
            f"the 24-hour key ended {when}: the renewer has not run",
            see,
            ends_at=ends.isoformat(),
        )
    if left < RENEW_BEFORE_END - RENEWER_TICKS:
        return warning(
            check,
            f"the 24-hour key ends {when}, in {hours} h, and should be renewed by now: the renewer "
            "has not run",
            see,
            ends_at=ends.isoformat(),
        )
    return ok(
        check,
        f"the 24-hour key ends {when}, in {hours} h; the renewer acts 4 h before",
        ends_at=ends.isoformat(),
    )


def _no_session(subject: Subject, check: str) -> Finding:
    merchant = subject.merchant
    login = subject.world.stores.cursors.standing(f"mintsoft-login/{merchant.merchant}")
    if login.value.get("refused_version"):
        return failed(
            check,
            f"there is no 24-hour key: Mintsoft refused the login at {login.value.get('at', '?')}",
            f"hub secrets set {merchant.merchant} {merchant.mintsoft.secret}",
        )
    if subject.now - subject.world.live.applied_at < RENEWER_TICKS:
        return skipped(check, "there is no 24-hour key yet; the first use or the renewer makes one")
    return failed(
        check,
        "there is no 24-hour key: neither a flow nor the renewer has logged in",
        "see the function refresh_credentials, its rule and its log",
    )


AREA = Area("secrets", "Secrets", (Check("secrets", _secrets), Check("end of the keys", _ends)))

"""A merchant's keys: how they are called, when they end, and which one a partner refuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from returns_hub.domain.merchant import Merchant
from returns_hub.domain.overview.overview import KeyStanding

ENDS_AT = "ends_at"
"""The field of a secret that says when its key ends, as a person told: a date or a time."""
EXPIRES_AT = "expires_at"
"""The same in a session that the hub keeps."""
ENDS_WITHIN = timedelta(hours=72)
RENEWED_BY = timedelta(hours=3)
"""A session has been renewed when so much of it is left: that is tried from four hours before its
end on, at every tick (`adapters.mintsoft.credentials`). One that was not will end."""


def named_secrets(merchant: Merchant) -> tuple[str, ...]:
    """Secrets that a merchant's file names, and that people set; each once."""
    names = [merchant.portal_connection.secret, merchant.mintsoft.secret]
    if merchant.portal == "loop" and merchant.loop is not None:
        names.append(merchant.loop.webhook.secret)
    if merchant.redo is not None:
        names.append(merchant.redo.webhook.secret)
    if merchant.miinto is not None:
        names.append(merchant.miinto.secret)
        if merchant.miinto.feed is not None and merchant.miinto.feed.secret is not None:
            names.append(merchant.miinto.feed.secret)
    if merchant.unleashed is not None:
        names += [merchant.unleashed.secret, merchant.unleashed.webhooks.secret]
    if merchant.wair is not None and merchant.wair.sink in {"wair_api", "http_json"}:
        names.append(merchant.wair.secret)
    names += [target.secret for target in merchant.despatch_relay.targets]
    return tuple(dict.fromkeys(names))


def sessions(merchant: Merchant) -> tuple[str, ...]:
    """Secrets with keys that the hub renews by itself, and whose end is known."""
    is_login = merchant.mintsoft.authentication == "login"
    return (f"{merchant.mintsoft.secret}-session",) if is_login else ()


def key_end(content: Mapping[str, str]) -> datetime | None:
    """When a secret's key ends, as far as its content tells; a day's end is its beginning, UTC."""
    for field in (ENDS_AT, EXPIRES_AT):
        try:
            found = datetime.fromisoformat(content.get(field, ""))
        except ValueError:
            continue
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return None


def secret_refused(merchant: Merchant, code: str) -> str | None:
    """The secret that a run's failure says a partner refuses; None where it says no such thing."""
    found = {
        "mintsoft.key_refused": merchant.mintsoft,
        "mintsoft.login_refused": merchant.mintsoft,
        "redo.token_refused": merchant.redo,
        "loop.key_refused": merchant.loop,
        "miinto.login_refused": merchant.miinto,
        "miinto.channel_refused": merchant.miinto,
        "unleashed.key_refused": merchant.unleashed,
        "wair.login_refused": merchant.wair,
        "wair.token_refused": merchant.wair,
    }.get(code)
    return found.secret if found is not None else None


def is_ending(key: KeyStanding, now: datetime) -> bool:
    """Whether a key ends soon and nothing will renew it."""
    if key.ends_at is None:
        return False
    return key.ends_at - now <= (RENEWED_BY if key.renews else ENDS_WITHIN)

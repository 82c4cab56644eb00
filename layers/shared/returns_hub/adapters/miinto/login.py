"""The login: identifier and secret are exchanged for a channel (``POST {auth}/channels``)."""

from __future__ import annotations

import json
import re
from typing import Any

from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.miinto.channel import LoginRefused
from returns_hub.adapters.miinto.errors import ChannelRefused, NotThere, told_by
from returns_hub.adapters.miinto.privileges import Grants, grants_of
from returns_hub.adapters.miinto.signing import Channel
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from returns_hub.ports import Clock

WORD = re.compile(r"[!-~]{1,200}", re.ASCII)
"""What can be a channel's id or token: it has to fit into a header."""


def log_in(
    http: PartnerHttp, identifier: str, secret: str, *, clock: Clock
) -> tuple[Channel, Grants]:
    """Exchange the login for a channel. How a wrong one is answered is documented nowhere.

    Args:
        http: The auth service.
        identifier: The merchant's ordinary Miinto login name.
        secret: Its password.
        clock: Time.

    Raises:
        LoginRefused: Miinto refuses it, or answers what is no channel.
        Retryable: Miinto cannot be asked now. A channel that was made all the same does no harm.
    """
    body = json.dumps({"identifier": identifier, "secret": secret}).encode()
    outcome = http.request(
        "POST",
        "/channels",
        template="/channels",
        headers={"Content-Type": "application/json"},
        body=body,
    )
    try:
        told = told_by(outcome, is_read=False, now=clock.now(), private=(identifier, secret))
    except ChannelRefused as refused:
        is_clear = isinstance(refused.verdict, Misconfigured)
        raise LoginRefused("Miinto refuses the identifier and secret", is_clear=is_clear) from None
    except NotThere:
        raise LoginRefused("auth_url has no login", is_clear=False) from None
    except (Permanent, Misconfigured) as verdict:
        why = f"Miinto refuses the login, its identifier and secret ({verdict.reason})"
        raise LoginRefused(why, is_clear=False) from None
    except UnknownOutcome as verdict:
        raise Retryable("miinto.login_lost", verdict.reason) from None
    return _channel_in(told.data)


def _channel_in(data: Any) -> tuple[Channel, Grants]:
    words = [data.get(name) if isinstance(data, dict) else None for name in ("id", "token")]
    channel_id, token = (word if isinstance(word, str) else "" for word in words)
    if not WORD.fullmatch(channel_id) or not WORD.fullmatch(token):
        raise LoginRefused("Miinto's login gave no channel", is_clear=False)
    return Channel(channel_id, token), grants_of(data.get("privileges"))

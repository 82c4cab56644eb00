"""When a merchant's keys end, read from its secrets for the job of the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from returns_hub.adapters.unleashed.keys import key_pair_in
from returns_hub.domain.overview.keys import key_end, named_secrets, sessions
from returns_hub.errors import Misconfigured
from returns_hub.flows.overview.key_ends import KeysKnown

if TYPE_CHECKING:
    from datetime import datetime

    from returns_hub.bootstrap import Hub


def keys_known(made: Hub, merchant: str) -> KeysKnown:
    """What is to be noted of a merchant's keys; 1 request to Secrets Manager for each.

    A secret that is not set, or that holds no usable JSON, tells nothing here: whoever needs it
    says so.

    Raises:
        Permanent: No such merchant.
        Retryable: The secrets cannot be asked now.
    """
    file = made.merchants.live(merchant).merchant
    renewing = sessions(file)
    ends: dict[str, datetime] = {}
    account = ""
    for name in (*named_secrets(file), *renewing):
        content = _content(made, merchant, name)
        end = key_end(content)
        if end is not None:
            ends[name] = end
        if file.unleashed is not None and name == file.unleashed.secret:
            account = _account(content, name)
    return KeysKnown(at=made.clock.now(), ends=ends, renewing=frozenset(renewing), account=account)


def _content(made: Hub, merchant: str, name: str) -> dict[str, str]:
    try:
        found = made.secrets.read_if_set(merchant, name)
    except Misconfigured as verdict:
        if verdict.code != "secret.malformed":
            raise
        return {}
    return dict(found.value) if found is not None else {}


def _account(content: dict[str, str], name: str) -> str:
    try:
        return key_pair_in(content, name).account
    except Misconfigured:
        return ""

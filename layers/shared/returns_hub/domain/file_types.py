"""What the fields of a merchant's file are made of: switches, addresses, names of secrets."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, Strict, StringConstraints


class Mode(StrEnum):
    """How far a flow goes: `shadow` does everything but write to a partner."""

    OFF = "off"
    SHADOW = "shadow"
    LIVE = "live"


LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _https_or_loopback(value: str) -> str:
    if not value.isprintable() or " " in value:
        raise ValueError("a base URL holds no white space")
    parts = urlsplit(value)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("a base URL holds no user, password, query or fragment")
    if parts.scheme == "https" and parts.hostname:
        return value.rstrip("/")
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return value.rstrip("/")
    raise ValueError("must start with https:// (http:// is for this machine only)")


BaseUrl = Annotated[str, AfterValidator(_https_or_loopback)]


def _not_for_the_door(name: str) -> str:
    if name.endswith("webhook"):
        raise ValueError("names that end in webhook are for what a webhook's door may read")
    return name


SecretName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$"), AfterValidator(_not_for_the_door)
]
# The door faces the internet, and its policy lets it read secrets of such names only.
WebhookSecretName = Annotated[
    str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9-]{0,31}-)?webhook$")
]
WholeNumber = Annotated[int, Strict()]
"""Not a text and not YAML's yes, which would otherwise count as 1."""
RequestRate = Annotated[float, Field(gt=0, le=100)]
Hours = Annotated[int, Strict(), Field(ge=1, le=24 * 90)]
Switch = Annotated[bool, Strict()]

RUN_EVERY_MINUTES = 5
"""The hub's own tick; no flow can run more often."""
Minutes = Annotated[WholeNumber, Field(ge=RUN_EVERY_MINUTES, le=1440)]
"""Between two runs of a flow."""
LookBack = Annotated[WholeNumber, Field(ge=1, le=24 * 90)]
"""Hours that the first run of a flow reads back."""
Overlap = Annotated[WholeNumber, Field(ge=5, le=1440)]
"""Minutes that each run reads back behind the last one."""

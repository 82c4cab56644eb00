"""A portal's subscriptions: which one is ours, and whether it is as it should be.

Ours is what carries our external id. What only points at our address is told of and never changed:
somebody else may keep it.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.domain.file_types import LOOPBACK
from returns_hub.domain.webhooks import SHORTEST_TOKEN
from returns_hub.errors import Misconfigured

TOPIC = "return"
DIALECT = "redo"
LONGEST_TOKEN = 512
MASKS = ("***", "•", "…")
"""What a token holds that is shown in part, or not at all."""


class Subscription(BaseModel):
    """A subscription as the portal shows it. Its repr hides the token.

    Args:
        token: The bearer token that deliveries carry; None when they carry none.
        token_shown: Whether the portal says what the token is; without it `token` means nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str
    url: str
    token: SecretStr | None = None
    token_shown: bool = True
    external_id: str | None = None
    topic: str | None = None
    dialect: str | None = None
    created_at: UtcTime | None = None
    updated_at: UtcTime | None = None


class Wanted(BaseModel):
    """Our subscription as it should be. Its repr hides the tokens.

    Args:
        external_id: Our key for it, which makes creating it an upsert.
        url: Where deliveries go.
        token: What they carry.
        former_token: What they carried before the last change of token; the door takes it too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    external_id: str
    url: str
    token: SecretStr
    former_token: SecretStr | None = None


class Difference(StrEnum):
    """What of our subscription is not as it should be."""

    URL = "url"
    TOKEN = "token"  # noqa: S105 - the word
    FORMER_TOKEN = "former_token"  # noqa: S105 - the word
    DIALECT = "dialect"
    TOPIC = "topic"


NOT_CHANGEABLE = frozenset({Difference.DIALECT, Difference.TOPIC})
"""Redo's PUT takes the callback and the external id only, so these need another subscription."""
HARMLESS = frozenset({Difference.FORMER_TOKEN})
"""A change of token that was not finished: nothing is lost, since the door takes both."""

Word = Literal["whole", "missing", "altered", "token_to_be_changed", "duplicated"]


class Standing(Frozen):
    """How our subscription stands among those of the store.

    Args:
        ours: The one with our external id that differs least; None when there is none.
        differences: What of it is not as it should be.
        duplicates: Others with our external id, or that deliver to our address: every event
            comes twice, which the hub takes once.
        foreign: All others; never touched.
    """

    ours: Subscription | None
    differences: frozenset[Difference] = frozenset()
    duplicates: tuple[Subscription, ...] = ()
    foreign: tuple[Subscription, ...] = ()

    @property
    def word(self) -> Word:
        """In one word; what loses events comes first."""
        if self.ours is None:
            return "missing"
        if self.is_harmed:
            return "altered"
        if self.differences:
            return "token_to_be_changed"
        return "duplicated" if self.duplicates else "whole"

    @property
    def is_harmed(self) -> bool:
        """Whether events are being lost."""
        return self.ours is None or bool(self.differences - HARMLESS)


def judge(wanted: Wanted, found: Sequence[Subscription]) -> Standing:
    """How our subscription stands among the store's."""
    mine = [row for row in found if row.external_id == wanted.external_id]
    mine.sort(key=lambda row: (len(differences(wanted, row) - HARMLESS), row.id))
    ours = mine[0] if mine else None
    others = [row for row in found if ours is None or row.id != ours.id]
    return Standing(
        ours=ours,
        differences=differences(wanted, ours) if ours else frozenset(),
        duplicates=tuple(row for row in others if _comes_to_us(wanted, row)),
        foreign=tuple(row for row in others if not _comes_to_us(wanted, row)),
    )


def _comes_to_us(wanted: Wanted, found: Subscription) -> bool:
    return found.external_id == wanted.external_id or found.url == wanted.url


def differences(wanted: Wanted, found: Subscription) -> frozenset[Difference]:
    """What of a subscription is not as it should be.

    What the portal does not show is not a difference: which dialect is the default it does not
    say, and a token may be left out or masked.
    """
    different = set()
    if found.url != wanted.url:
        different.add(Difference.URL)
    if found.topic not in {None, TOPIC}:
        different.add(Difference.TOPIC)
    if found.dialect not in {None, DIALECT}:
        different.add(Difference.DIALECT)
    if shows_token(wanted, found) and not same(found.token, wanted.token):
        is_former = wanted.former_token is not None and same(found.token, wanted.former_token)
        different.add(Difference.FORMER_TOKEN if is_former else Difference.TOKEN)
    return frozenset(different)


def shows_token(wanted: Wanted, found: Subscription) -> bool:
    """Whether the portal says what the token is: it may leave it out, or mask it."""
    if not found.token_shown or found.token is None:
        return found.token_shown
    shown, ours = found.token.get_secret_value(), wanted.token.get_secret_value()
    return not any(mask in shown and mask not in ours for mask in MASKS)


def same(given: SecretStr | None, known: SecretStr) -> bool:
    """Whether two tokens are the same, in a time that does not tell how much of them is."""
    text = given.get_secret_value() if given else ""
    return hmac.compare_digest(text.encode(), known.get_secret_value().encode())


def token_of(text: str, secret: str) -> SecretStr:
    """A token out of a secret, once it is sure to fit into a header.

    Raises:
        Misconfigured: It does not; the reason names the secret and no part of it.
    """
    text = text.strip()
    fits = text.isascii() and text.isprintable() and " " not in text
    if not fits or not SHORTEST_TOKEN <= len(text) <= LONGEST_TOKEN:
        raise Misconfigured(
            "secret.malformed",
            f"the token in secret {secret} must be {SHORTEST_TOKEN} to {LONGEST_TOKEN} characters "
            "of ASCII without spaces; hub redo webhook ensure --make-token makes one",
        )
    return SecretStr(text)


def new_token() -> str:
    """A token of 43 characters: 256 random bits."""
    return secrets.token_urlsafe(32)


def external_id_of(stack: str, merchant: str) -> str:
    """Our key for a merchant's subscription; two stacks on one store do not share it."""
    return f"returns-hub/{stack}/{merchant}"


@dataclass(frozen=True)
class Step:
    """One write towards the wanted state.

    Args:
        act: `create` is an upsert by our external id; `change` sets address and token.
        subscription: Which; empty for `create`.
        why: For an operator.
        is_repair: Events are lost until it is done.
    """

    act: Literal["create", "change", "delete"]
    subscription: str
    why: str
    is_repair: bool = True


def next_step(
    standing: Standing, *, remove_duplicates: bool = False, token_unsent: bool = False
) -> Step | None:
    """What to do next; None when nothing is left to do.

    With `token_unsent` the token is set though nothing differs: a portal may not show it.
    """
    ours = standing.ours
    if ours is None:
        return Step("create", "", "there is none with our external id")
    words = ", ".join(sorted(word.value.replace("_", " ") for word in standing.differences))
    if standing.differences & NOT_CHANGEABLE:
        return Step("delete", ours.id, f"another {words}, which cannot be changed: it is made anew")
    if Difference.FORMER_TOKEN in standing.differences and not standing.is_harmed:
        return Step("change", ours.id, "it still has the former token", is_repair=False)
    if standing.differences:
        return Step("change", ours.id, f"another {words}")
    if token_unsent:
        return Step("change", ours.id, "the token was changed", is_repair=False)
    if remove_duplicates and standing.duplicates:
        duplicate = standing.duplicates[0].id
        return Step("delete", duplicate, "it delivers to our address too", is_repair=False)
    return None


NO_DOOR = "this stack gives no REDO_WEBHOOK_URL; set redo.webhook.url in the merchant file"


def step_key(merchant: str, generation: int, step: Step) -> str:
    """Key of one step; a generation ends when what became of it is known."""
    return f"webhook/{merchant}/{generation}/{step.act}/{step.subscription or 'ours'}"


def replay_key(merchant: str, subscription: str, start: datetime, number: int) -> str:
    """Key of one replay; `number` rises with each damage, and when the same is wanted once more."""
    return f"webhook-replay/{merchant}/{subscription}/{start.isoformat()}/{number}"


def callback_url(base: str, merchant: str, *, why_missing: str = NO_DOOR) -> str:
    """Where a merchant's deliveries go.

    Args:
        base: The door's address.
        merchant: Whose.
        why_missing: What is wrong, and to be done, without a base.

    Raises:
        Misconfigured: Nothing says where the door is, or it is not HTTPS.
    """
    if not base:
        raise Misconfigured(
            "settings.missing", f"nothing says where the webhook's door is: {why_missing}"
        )
    parts = urlsplit(base)
    if parts.scheme != "https" and (parts.scheme, parts.hostname in LOOPBACK) != ("http", True):
        raise Misconfigured(
            "settings.wrong", "the address of the webhook's door must start with https://"
        )
    return f"{base.rstrip('/')}/{merchant}"

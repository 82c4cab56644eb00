"""Redo's words of subscriptions and invoices, of which only what the job needs is read.

Source: Redo's OpenAPI 2.2 (``webhook-read.schema``, ``webhook-create.schema``, the invoices).
A subscription as Redo shows it holds the token that we chose: it is kept where no repr, no log and
no error shows it, and a body that does not fit is never quoted.
"""

from __future__ import annotations

from pydantic import ConfigDict, Field, SecretStr

from returns_hub.adapters.redo.models import Moment, Money, Theirs
from returns_hub.domain.invoices import Invoice
from returns_hub.domain.subscriptions import DIALECT, TOPIC, Subscription, Wanted


class Private(Theirs):
    """A body that holds a token."""

    model_config = ConfigDict(hide_input_in_errors=True)


class Bearer(Private):
    """The token; a body without it does not show it."""

    token: SecretStr | None = None


class Auth(Private):
    """How deliveries say who they are."""

    bearer: Bearer | None = None


class Callback(Private):
    """Where deliveries go; `auth` is null for deliveries without a token."""

    url: str
    auth: Auth | None = None


class Webhook(Private):
    """A subscription. ``externalId`` is null when it has none."""

    id: str
    callback: Callback
    external_id: str | None = Field(default=None, alias="externalId")
    topic: str | None = None
    kind: str | None = None
    created_at: Moment | None = Field(default=None, alias="createdAt")
    updated_at: Moment | None = Field(default=None, alias="updatedAt")


class WebhookAlone(Private):
    """Answer of ``GET /webhooks/{webhookId}``."""

    webhook: Webhook


class InvoiceInList(Theirs):
    """An invoice; what the charge is made of is in its lines."""

    id: str
    status: str
    charge: Money | None = None
    created_at: Moment | None = Field(default=None, alias="createdAt")
    updated_at: Moment | None = Field(default=None, alias="updatedAt")


def to_subscription(body: Webhook) -> Subscription:
    """A subscription in our words."""
    token, shown = _token(body.callback)
    return Subscription(
        id=body.id,
        url=body.callback.url,
        token=token,
        token_shown=shown,
        external_id=body.external_id,
        topic=body.topic,
        dialect=body.kind,
        created_at=body.created_at,
        updated_at=body.updated_at,
    )


def _token(callback: Callback) -> tuple[SecretStr | None, bool]:
    """The token and whether it is shown: null says that there is none, absence says nothing."""
    if "auth" not in callback.model_fields_set:
        return None, False
    if callback.auth is None:
        return None, True
    bearer = callback.auth.bearer
    if bearer is None or bearer.token is None:
        return None, False
    return bearer.token, True


def to_invoice(body: InvoiceInList) -> Invoice:
    """An invoice in our words."""
    return Invoice(
        id=body.id,
        status=body.status,
        charge=body.charge.amount if body.charge else None,
        currency=(body.charge.currency or "") if body.charge else "",
        created_at=body.created_at,
        updated_at=body.updated_at,
    )


def create_body(wanted: Wanted) -> dict[str, object]:
    """Body of the request that makes a subscription; nothing older is asked for."""
    return {
        "webhook": {
            "topic": TOPIC,
            "kind": DIALECT,
            "externalId": wanted.external_id,
            "backfill": False,
            "callback": _callback(wanted),
        }
    }


def change_body(wanted: Wanted) -> dict[str, object]:
    """Body of the request that changes one; it takes neither topic nor kind nor backfill."""
    return {"webhook": {"externalId": wanted.external_id, "callback": _callback(wanted)}}


def _callback(wanted: Wanted) -> dict[str, object]:
    token = wanted.token.get_secret_value()
    return {"url": wanted.url, "auth": {"bearer": {"token": token}}}

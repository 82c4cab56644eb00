"""The blocks of a merchant's file about its returns portal.

A module of its own: a webhook's door reads its portal's block, and nothing else of the file.
"""

from __future__ import annotations

from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from returns_hub.domain.base import Frozen
from returns_hub.domain.file_types import BaseUrl, RequestRate, SecretName, WebhookSecretName


class WebhookSettings(Frozen):
    """What the portal tells the hub by itself."""

    secret: WebhookSecretName = Field(
        default="redo-webhook",
        description="name of the secret with the token of deliveries; ends in -webhook",
    )
    enabled: bool = Field(
        default=False,
        description="look after the subscription every fifteen minutes, and repair it",
    )
    url: BaseUrl | None = Field(
        default=None,
        description="address of the door without the merchant's id; the stack's own by default",
    )


class RedoConnection(Frozen):
    """The returns portal."""

    base_url: BaseUrl = "https://api.getredo.com/v2.2"
    store_id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    secret: SecretName = Field(default="redo", description="name of the secret with the API token")
    requests_per_second: RequestRate = 5.0
    adjustment_counts: Literal["unknown", "line", "unit"] = Field(
        default="unknown",
        description="whether Redo takes newMerchantAdjustment for the line or for each unit; no "
        "source tells, and without it no share of a line is paid",
    )
    webhook: WebhookSettings = WebhookSettings.model_construct()


LOOPS_OWN = "https://api.loopreturns.com/api/v1"
REDOS_LOOP = "https://loop-api.getredo.com/api/v1"


class LoopWebhookSettings(Frozen):
    """What the portal tells the hub in Loop's shape. Its webhook is made there by hand."""

    secret: WebhookSecretName = Field(
        default="loop-webhook",
        description="name of the secret with what deliveries prove; ends in -webhook",
    )
    authentication: Literal["signature", "bearer"] = Field(
        default="signature",
        description="what a delivery shows: X-Loop-Signature, or a bearer token; with host redo "
        "the default is bearer",
    )


class LoopConnection(Frozen):
    """The returns portal where it speaks Loop's dialect: Loop itself, or Redo's host for it."""

    host: Literal["loop", "redo"] = Field(
        default="loop", description="who answers: Loop itself, or Redo's Loop-compatible host"
    )
    base_url: BaseUrl = Field(
        default=LOOPS_OWN, description=f"with host redo the default is {REDOS_LOOP}"
    )
    secret: SecretName = Field(default="loop", description="name of the secret with the API key")
    requests_per_second: RequestRate = Field(
        default=3.0, description="Loop allows 300 a minute for each key, all its users together"
    )
    address_returns_by: Literal["id", "redo_return_id"] = Field(
        default="id",
        description="which id names a return: Loop's number, or Redo's own (host redo only)",
    )
    time_zone: str = Field(
        default="UTC", description="zone of the portal's times that carry no offset"
    )
    portal_restocks: bool = Field(
        default=True,
        description="what the portal's own setting does with the goods of a processed return",
    )
    webhook: LoopWebhookSettings = LoopWebhookSettings.model_construct()

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_the_host(cls, content: Any) -> Any:
        if not isinstance(content, dict) or content.get("host") != "redo":
            return content
        content = {"base_url": REDOS_LOOP, "webhook": {}} | content
        if isinstance(content["webhook"], dict):
            content["webhook"] = {"authentication": "bearer"} | content["webhook"]
        return content

    @model_validator(mode="after")
    def _fits_the_host(self) -> Self:
        at_redo = f".{urlsplit(self.base_url).hostname}".endswith(".getredo.com")
        at_loop = f".{urlsplit(self.base_url).hostname}".endswith(".loopreturns.com")
        if (self.host == "redo" and at_loop) or (self.host == "loop" and at_redo):
            raise ValueError(f"host is {self.host}, and base_url is the other one's address")
        if self.host == "loop" and self.address_returns_by != "id":
            raise ValueError("address_returns_by: redo_return_id is for host: redo only")
        if self.host == "loop" and self.webhook.authentication != "signature":
            raise ValueError("webhook.authentication: bearer is for host: redo only; Loop signs")
        return self

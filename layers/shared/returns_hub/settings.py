"""What a function is told by its environment, read once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from returns_hub.errors import Misconfigured


class Settings(BaseModel):
    """Names of the stack's own resources. Nothing secret is ever in the environment."""

    model_config = ConfigDict(frozen=True)

    returns_table: str
    ledger_table: str
    control_table: str
    parked_table: str
    merchants_table: str
    catalogue_table: str
    market_table: str = ""
    sync_table: str = ""
    feed_table: str = ""
    findings_table: str = ""
    audit_table: str = ""
    files_bucket: str = ""
    secret_prefix: str
    data_key_arn: str = ""
    approved_returns_queue_url: str = ""
    poll_mintsoft_queue_url: str = ""
    approved_returns_dead_letter_queue_url: str = ""
    poll_mintsoft_dead_letter_queue_url: str = ""
    redo_webhook_url: str = ""
    miinto_rma_queue_url: str = ""
    miinto_rma_dead_letter_queue_url: str = ""
    refunds_queue_url: str = ""
    refunds_bus: str = ""
    store_refunds_queue_url: str = ""
    store_refunds_dead_letter_queue_url: str = ""
    unleashed_sync_queue_url: str = ""
    unleashed_sync_dead_letter_queue_url: str = ""
    unleashed_webhook_url: str = ""
    wair_sync_queue_url: str = ""
    wair_sync_dead_letter_queue_url: str = ""
    despatches_queue_url: str = ""
    despatches_dead_letter_queue_url: str = ""
    order_changes_queue_url: str = ""
    order_changes_dead_letter_queue_url: str = ""
    drift_report_queue_url: str = ""
    drift_report_dead_letter_queue_url: str = ""
    ops_acts_arn: str = ""
    acts_per_minute: int = Field(default=30, ge=1, le=600)
    alarm_topic_arn: str = ""
    summary_hour: int = Field(default=6, ge=0, le=23)
    order_records_days: int = Field(default=3650, ge=800)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """The settings.

        Raises:
            Misconfigured: A variable is missing; the reason names it.
        """
        given = {
            name: environment[name.upper()]
            for name in cls.model_fields
            if name.upper() in environment
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            missing = ", ".join(str(problem["loc"][0]).upper() for problem in error.errors())
            raise Misconfigured(
                "settings.missing", f"missing or wrong in the environment: {missing}"
            ) from None

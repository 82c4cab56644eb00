"""What a person did, for whoever asks within 13 months (O6)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from returns_hub.domain.base import Frozen, UtcTime


class Act(Frozen):
    """One act of a person.

    It is kept twice under the same `act_id`: as ``asked`` before anything is done, then with its
    end. One that stays ``asked`` was cut off. Nothing here is personal data of a customer.

    Args:
        act_id: Unique; the request id of AWS where the act came from the dashboard.
        who: The caller's ARN, or the dashboard's name: CloudWatch tells a widget no caller.
        through: Where the act came from.
        verb: The words of the command, e.g. ``parked replay``.
        merchant: Whose; empty when it is about no one merchant.
        subject: What it was about: a parked item's id, a file's name.
        return_id: The return, when it was about one.
        details: Options that were given, without secrets.
        note: Why, in the person's words.
        told: What came of it, in a sentence.
        config_version: The merchant file's version at that time; 0 when none.
    """

    act_id: str
    at: UtcTime
    who: str
    through: Literal["hub", "dashboard"]
    verb: str
    merchant: str = ""
    subject: str = ""
    return_id: str = ""
    details: dict[str, str] = Field(default_factory=dict)
    note: str = ""
    outcome: Literal["asked", "done", "refused", "failed"] = "asked"
    told: str = ""
    config_version: int = 0

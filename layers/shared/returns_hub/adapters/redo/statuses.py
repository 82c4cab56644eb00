"""Redo's words for where a return stands: those that its webhook's door reads too."""

from __future__ import annotations

from returns_hub.domain.returns import ReturnStatus

STATUS = {member.value: member for member in ReturnStatus if member is not ReturnStatus.UNKNOWN}

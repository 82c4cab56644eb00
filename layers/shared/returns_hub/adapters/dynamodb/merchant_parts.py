"""The part of a merchant's file that a webhook's door reads.

The whole file was looked over when it was applied, and is again by the flow that works on the
message; the models of all its blocks are half of what a door's start would else take.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from returns_hub.adapters.dynamodb.items import from_text
from returns_hub.adapters.dynamodb.merchant_rows import MerchantRows, read_row

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from returns_hub.ports import Clock

Part = TypeVar("Part", bound=BaseModel)


@dataclass(frozen=True)
class LivePart(Generic[Part]):
    """As `domain.merchant.LiveMerchant`, of a part of the file."""

    version: int
    applied_at: datetime
    applied_by: str
    merchant: Part


class MerchantParts(MerchantRows, Generic[Part]):
    """Parts of live files, read anew each time.

    Args:
        client: DynamoDB.
        table: Of merchants.
        clock: Tells the time.
        part: The model of the part; passes over the rest of the file.
    """

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock, part: type[Part]) -> None:
        super().__init__(client, table, clock)
        self._part = part

    def live(self, merchant: str) -> LivePart[Part]:
        """The part of the live file; as many requests as `ports.Merchants.live`.

        Raises:
            Permanent: No such merchant.
            Misconfigured: The part cannot be read, its row is damaged, or this release does not
                know the rows that are stored.
        """
        self._require_known_store()
        return read_row(self._row(merchant), self._read)

    def _read(self, item: dict[str, Any]) -> LivePart[Part]:
        part = self._part
        return LivePart(
            version=int(item["version"]),
            applied_at=from_text(item["applied_at"]),
            applied_by=item["applied_by"],
            merchant=part.model_validate(json.loads(item["file"])),
        )

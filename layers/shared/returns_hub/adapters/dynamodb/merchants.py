"""Merchant files in DynamoDB, every applied version kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.items import (
    as_text,
    dynamodb_errors,
    from_text,
    plain,
    typed,
)
from returns_hub.adapters.dynamodb.merchant_rows import LIVE, MerchantRows, read_row
from returns_hub.domain.merchant import LiveMerchant, Merchant
from returns_hub.domain.store_version import ROWS
from returns_hub.errors import Conflict, Misconfigured
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "#merchants"


class DynamoDbMerchants(MerchantRows):
    """`ports.Merchants`, cached in the container for half a minute; and applying new versions."""

    CACHE_FOR = timedelta(seconds=30)

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        super().__init__(client, table, clock)
        self._cached: dict[str, tuple[datetime, LiveMerchant]] = {}

    def live(self, merchant: str) -> LiveMerchant:
        """See `ports.Merchants.live`. 1 request; the first of a container makes 1 more, by which
        it learns whether this release may work with what is stored."""
        self._require_known_store()
        now = self._clock.now()
        cached = self._cached.get(merchant)
        if cached and now - cached[0] < self.CACHE_FOR:
            return cached[1]
        found = self.version(merchant)
        self._cached[merchant] = (now, found)
        return found

    def version(self, merchant: str, number: int | None = None) -> LiveMerchant:
        """One applied version, the newest by default.

        Raises:
            Permanent: There is none.
            Misconfigured: This release cannot read it.
        """
        sort_key = LIVE if number is None else _version_sk(number)
        return read_row(self._row(merchant, sort_key), _read)

    def newest_number(self, merchant: str) -> int:
        """The number of the newest applied version, readable or not; 0 when there is none.

        1 request, and 1 more where the live row has no number: then the versions kept beside it
        tell, so that the next one applied mends the row.
        """
        with dynamodb_errors():
            answer = self._client.get_item(
                TableName=self._table,
                Key=typed({"pk": merchant, "sk": LIVE}),
                ProjectionExpression="version",
                ConsistentRead=True,
            )
        number = plain(answer.get("Item", {})).get("version")
        if isinstance(number, int) or "Item" not in answer:
            return number or 0
        kept = self._partition(merchant, "v#", ScanIndexForward=False, Limit=1)
        return next((int(row["sk"].removeprefix("v#")) for row in kept), 0)

    def versions(self, merchant: str) -> tuple[LiveMerchant, ...]:
        """Every applied version, oldest first."""
        return tuple(read_row(row, _read) for row in self._partition(merchant, "v#"))

    def unreadable(self, merchants: Iterable[str]) -> dict[str, Misconfigured]:
        """Of these merchants those whose live file cannot be read, and why; for people. May be
        stale. 1 request for 100 merchants."""
        rows = self._read_all({"pk": merchant, "sk": LIVE} for merchant in merchants)
        found: dict[str, Misconfigured] = {}
        for row in rows:
            try:
                read_row(row, _read)
            except Misconfigured as why:
                found[row["pk"]] = why
        return found

    def all_ids(self) -> tuple[str, ...]:
        """See `ports.Merchants.all_ids`."""
        return tuple(sorted(row["sk"] for row in self._index()))

    def ids_with_miinto(self) -> tuple[str, ...]:
        """See `ports.Merchants.ids_with_miinto`."""
        return self._ids_with("miinto")

    def ids_with_unleashed(self) -> tuple[str, ...]:
        """See `ports.Merchants.ids_with_unleashed`."""
        return self._ids_with("unleashed")

    def ids_with_feed(self) -> tuple[str, ...]:
        """See `ports.Merchants.ids_with_feed`."""
        return self._ids_with("feed")

    def _ids_with(self, block: str) -> tuple[str, ...]:
        return tuple(sorted(row["sk"] for row in self._index() if row.get(block)))

    def _index(self) -> Iterator[dict[str, Any]]:
        return self._rows("pk = :index", {":index": INDEX})

    def apply(self, merchant: Merchant, applied_by: str, *, after: int) -> LiveMerchant:
        """Make this file the live one, as version `after` + 1.

        Args:
            merchant: The file.
            applied_by: Who applies it; kept with the version.
            after: The version that this one replaces; 0 for the first.

        Raises:
            Conflict: Someone else applied a version meanwhile.
            Misconfigured: This release does not know the rows that are stored.
        """
        self._require_known_store()
        if not after and not self.all_ids():
            self.store.begin(ROWS, applied_by)
        number = after + 1
        now = self._clock.now()
        item: dict[str, str | int] = {
            "pk": merchant.merchant,
            "version": number,
            "file": merchant.model_dump_json(),
            "applied_at": as_text(now),
            "applied_by": applied_by,
        }
        live: dict[str, Any] = {"TableName": self._table, "Item": typed({**item, "sk": LIVE})}
        if after:
            # A row without its number is mended; a version that came meanwhile has its own row.
            live["ConditionExpression"] = "version = :after OR attribute_not_exists(version)"
            live["ExpressionAttributeValues"] = typed({":after": after})
        else:
            live["ConditionExpression"] = "attribute_not_exists(pk)"
        kept = {
            "TableName": self._table,
            "Item": typed({**item, "sk": _version_sk(number)}),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        blocks = {
            "miinto": int(merchant.miinto is not None),
            "unleashed": int(merchant.unleashed is not None),
            "feed": int(merchant.has_feed),
        }
        listed = {
            "TableName": self._table,
            "Item": typed({"pk": INDEX, "sk": merchant.merchant, **blocks}),
        }
        writes: list[Any] = [{"Put": live}, {"Put": kept}, {"Put": listed}]
        try:
            with dynamodb_errors():
                self._client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            raise Conflict(f"{merchant.merchant} was changed by someone else") from error
        self._cached.pop(merchant.merchant, None)
        return LiveMerchant(
            version=number, applied_at=now, applied_by=applied_by, merchant=merchant
        )


def _read(item: dict[str, Any]) -> LiveMerchant:
    """The version of a row; see `merchant_rows.read_row` for what it raises."""
    return LiveMerchant(
        version=item["version"],
        applied_at=from_text(item["applied_at"]),
        applied_by=item["applied_by"],
        merchant=Merchant.model_validate(json.loads(item["file"])),
    )


def _version_sk(number: int) -> str:
    return f"v#{number:06d}"

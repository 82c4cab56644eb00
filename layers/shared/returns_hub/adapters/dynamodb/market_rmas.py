"""RMAs as they were read last, and the reading of the marketplace's table by its two indexes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from returns_hub.adapters.dynamodb import market_rows as rows
from returns_hub.adapters.dynamodb.items import dynamodb_errors, expiry, plain, typed
from returns_hub.domain.base import short_hash
from returns_hub.domain.miinto.rmas import Rma, RmaStatus
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_RMAS = 1000
"""Decided RMAs that a list shows at most, the newest; undecided ones are all shown."""
UNDECIDED = frozenset({"pending", "unknown"})


class MarketTable:
    """Reading and writing the table."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def _get(self, pk: str, sk: str) -> dict[str, Any]:
        with dynamodb_errors():
            answer = self._client.get_item(
                TableName=self._table, Key=typed({"pk": pk, "sk": sk}), ConsistentRead=True
            )
        return plain(answer.get("Item", {}))

    def _put(self, row: rows.Row) -> Any:
        return {"Put": {"TableName": self._table, "Item": typed(row)}}

    def _all_of(self, pk: str, begins: str) -> list[dict[str, Any]]:
        """Every item of a partition whose sort key begins so, in order; read consistently."""
        found: list[dict[str, Any]] = []
        start: dict[str, Any] = {}
        while True:
            with dynamodb_errors():
                page = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression="pk = :pk AND begins_with(sk, :begins)",
                    ExpressionAttributeValues=typed({":pk": pk, ":begins": begins}),
                    ConsistentRead=True,
                    **start,
                )
            found += [plain(item) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return found
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _in_work(self, partition: str, limit: int | None, behind: str = "") -> list[dict[str, Any]]:
        """Rows of the sparse index behind a key, the oldest first; all without a limit."""
        # An index takes no empty text to compare with.
        values = {":partition": partition, ":behind": behind or " "}
        found: list[dict[str, Any]] = []
        start: dict[str, Any] = {}
        while limit is None or len(found) < limit:
            bound: dict[str, Any] = {} if limit is None else {"Limit": limit - len(found)}
            with dynamodb_errors():
                page = self._client.query(
                    TableName=self._table,
                    IndexName=rows.IN_WORK,
                    KeyConditionExpression="work_pk = :partition AND work_sk > :behind",
                    ExpressionAttributeValues=typed(values),
                    **bound,
                    **start,
                )
            found += [plain(item) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        return found

    def _page_by_date(
        self, partition: str, before: str, limit: int, narrow: Mapping[str, str]
    ) -> tuple[list[dict[str, Any]], int, str]:
        """A page of the index by date, the newest first: rows that are of what `narrow` says, how
        many were read, and behind which key it goes on (nothing at the end)."""
        wanted = {name: value for name, value in narrow.items() if value}
        filters: dict[str, Any] = {}
        if wanted:
            filters["FilterExpression"] = " AND ".join(f"{name} = :{name}" for name in wanted)
        with dynamodb_errors():
            page = self._client.query(
                TableName=self._table,
                IndexName=rows.BY_DATE,
                KeyConditionExpression="list_pk = :partition AND list_sk < :before",
                ExpressionAttributeValues=typed(
                    {":partition": partition, ":before": before}
                    | {f":{name}": value for name, value in wanted.items()}
                ),
                ScanIndexForward=False,
                Limit=limit,
                **filters,
            )
        last = page.get("LastEvaluatedKey", {}).get("list_sk", {}).get("S", "")
        return [plain(item) for item in page["Items"]], page["ScannedCount"], last


class KeptRmas(MarketTable):
    """RMAs. keep: 1 request when nothing changed, else 2."""

    def keep_rma(self, merchant: str, rma: Rma) -> bool:
        """See `MarketStore.keep_rma`."""
        parsed = rma.model_dump_json(exclude={"raw"})
        raw = json.dumps(rma.raw, sort_keys=True)
        digest = short_hash(f"{parsed}\n{raw}", 32)
        pk = rows.of_rma(merchant, rma.return_id)
        kept = self._get(pk, "RMA")
        if kept.get("digest") == digest:
            return False
        now = self._clock.now()
        row: rows.Row = {
            "pk": pk,
            "sk": "RMA",
            "rma": parsed,
            "digest": digest,
            "shop": rma.shop,
            "standing": rma.status,
            "list_pk": rows.partition(merchant, "rma"),
            "list_sk": kept.get("list_sk") or rows.list_sk(rma.created_at or now, rma.shop, rma.id),
            "expires_at": expiry(now),
        }
        if rma.status in UNDECIDED:
            row |= {"work_pk": row["list_pk"], "work_sk": row["list_sk"]}
        what = f"RMA {rma.id} of shop {rma.shop}"
        body: rows.Row = {"pk": pk, "sk": "RAW", "raw": raw, "expires_at": expiry(now)}
        puts = [self._put(rows.fitting(row, what)), self._put(rows.fitting(body, what))]
        with dynamodb_errors():
            self._client.transact_write_items(TransactItems=puts)
        return True

    def rma(self, merchant: str, return_id: str) -> Rma | None:
        """See `MarketStore.rma`. 1 request."""
        items = {item["sk"]: item for item in self._all_of(rows.of_rma(merchant, return_id), "R")}
        if "RMA" not in items:
            return None
        raw = json.loads(items["RAW"]["raw"]) if "RAW" in items else {}
        return Rma.model_validate_json(items["RMA"]["rma"]).model_copy(update={"raw": raw})

    def raw(self, merchant: str, return_id: str) -> Mapping[str, Any]:
        """See `MarketStore.raw`."""
        kept = self._get(rows.of_rma(merchant, return_id), "RAW")
        body: Mapping[str, Any] = json.loads(kept.get("raw", "{}"))
        return body

    def find_rmas(
        self, merchant: str, *, shop: str | None = None, status: RmaStatus | None = None
    ) -> tuple[Rma, ...]:
        """See `MarketStore.find_rmas`; without their bodies."""
        partition = rows.partition(merchant, "rma")
        if status in UNDECIDED:
            found = self._in_work(partition, None)[::-1]
        else:
            found = self._newest(partition, {"shop": shop or "", "standing": status or ""})
        every = (Rma.model_validate_json(item["rma"]) for item in found)
        return tuple(
            rma for rma in every if shop in {None, rma.shop} and status in {None, rma.status}
        )

    def _newest(self, partition: str, narrow: Mapping[str, str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        before, read = "~", 0
        while before and read < MOST_RMAS:
            items, count, before = self._page_by_date(partition, before, MOST_RMAS - read, narrow)
            found += items
            read += count
        return found

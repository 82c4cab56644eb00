"""RMAs as they were read last, in the marketplace's table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb import market_rows as rows
from returns_hub.adapters.dynamodb.items import dynamodb_errors, expiry, typed
from returns_hub.adapters.dynamodb.kept_models import read_model
from returns_hub.adapters.dynamodb.market_table import MarketTable
from returns_hub.adapters.dynamodb.table import Row
from returns_hub.domain.base import short_hash
from returns_hub.domain.forgetting import forgotten_rma
from returns_hub.domain.miinto.rmas import Rma, RmaStatus
from returns_hub.domain.still_needed import rma_needs
from returns_hub.errors import Retryable

MOST_RMAS = 1000
"""Decided RMAs that a list shows at most, the newest; undecided ones are all shown."""
UNDECIDED = frozenset({"pending", "unknown"})


class KeptRmas(MarketTable):
    """RMAs. keep: 1 request when nothing changed, else 2."""

    def keep_rma(self, merchant: str, rma: Rma) -> bool:
        """See `MarketStore.keep_rma`.

        Raises:
            Retryable: Somebody wrote it meanwhile, e.g. because its buyer is forgotten.
        """
        parsed = rma.model_dump_json(exclude={"raw"})
        raw = json.dumps(rma.raw, sort_keys=True)
        digest = short_hash(f"{parsed}\n{raw}", 32)
        pk = rows.of_rma(merchant, rma.return_id)
        kept = self._get(pk, "RMA")
        if kept.get("digest") == digest:
            return False
        is_forgotten = bool(kept.get("forgotten"))
        if is_forgotten and not rma_needs(rma):
            parsed, raw = forgotten_rma(rma).model_dump_json(exclude={"raw"}), "{}"
        now = self._clock.now()
        row: Row = {
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
        if is_forgotten:
            row["forgotten"] = "yes"
        what = f"RMA {rma.id} of shop {rma.shop}"
        body: Row = {"pk": pk, "sk": "RAW", "raw": raw, "expires_at": expiry(now)}
        puts = [self._put(rows.fitting(row, what)), self._put(rows.fitting(body, what))]
        puts[0]["Put"] |= _as_read(kept)
        try:
            with dynamodb_errors():
                self._client.transact_write_items(TransactItems=puts)
        except ClientError as error:
            raise Retryable("dynamodb.conflict", f"{what} was written elsewhere") from error
        return True

    def rma(self, merchant: str, return_id: str) -> Rma | None:
        """See `MarketStore.rma`. 1 request."""
        items = {
            item["sk"]: item for item in self._partition(rows.of_rma(merchant, return_id), "R")
        }
        if "RMA" not in items:
            return None
        raw = json.loads(items["RAW"]["raw"]) if "RAW" in items else {}
        kept = items["RMA"]
        return read_model(Rma, kept["rma"], kept["pk"]).model_copy(update={"raw": raw})

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
        every = (read_model(Rma, item["rma"], item["pk"]) for item in found)
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


def _as_read(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The condition that the row is what was read of it."""
    if not kept:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "rma = :rma",
        "ExpressionAttributeValues": typed({":rma": kept["rma"]}),
    }

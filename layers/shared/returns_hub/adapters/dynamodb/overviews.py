"""Overviews and daily summaries in the control table: one item for each merchant, one for all days.

=========================  =======================================================================
pk                         what
=========================  =======================================================================
``overview#{merchant}``    the newest overview, and the time it was made at
``daily-summaries``        the last 30 summaries, as far as they fit, and how often they changed
=========================  =======================================================================
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from botocore.exceptions import ClientError
from pydantic import ValidationError

from returns_hub.adapters.dynamodb.items import (
    MOST_BYTES,
    as_text,
    dynamodb_errors,
    item_that_failed,
    plain,
    typed,
)
from returns_hub.adapters.dynamodb.table import Table
from returns_hub.domain.overview.overview import Overview
from returns_hub.domain.overview.summary import DailySummary
from returns_hub.ports.overview import KeptSummaries

MOST_SUMMARIES = 30
SUMMARIES = "daily-summaries"


class DynamoDbOverviews(Table):
    """`ports.overview.Overviews`. Every method is 1 request."""

    def keep(self, overview: Overview) -> None:
        """See `Overviews.keep`."""
        row = {
            "pk": _pk(overview.merchant),
            "at": as_text(overview.at),
            "overview": overview.model_dump_json(exclude_defaults=True),
        }
        try:
            with dynamodb_errors():
                self._client.put_item(
                    TableName=self._table,
                    Item=typed(row),
                    ConditionExpression="attribute_not_exists(#at) OR #at <= :at",
                    ExpressionAttributeNames={"#at": "at"},
                    ExpressionAttributeValues=typed({":at": row["at"]}),
                )
        except ClientError as error:
            item_that_failed(error)

    def latest(self, merchant: str) -> Overview | None:
        """See `Overviews.latest`. One that this release cannot read counts as none."""
        with dynamodb_errors():
            answer = self._client.get_item(TableName=self._table, Key=typed({"pk": _pk(merchant)}))
        item = plain(answer.get("Item", {}))
        try:
            return Overview.model_validate_json(item["overview"], extra="ignore") if item else None
        except (KeyError, ValidationError):
            return None


class DynamoDbSummaries(Table):
    """`ports.overview.Summaries`. Every method is 1 request."""

    def recent(self) -> KeptSummaries:
        """See `Summaries.recent`."""
        with dynamodb_errors():
            answer = self._client.get_item(
                TableName=self._table, Key=typed({"pk": SUMMARIES}), ConsistentRead=True
            )
        item = plain(answer.get("Item", {}))
        return KeptSummaries(_readable(item.get("summaries", "[]")), int(item.get("version", 0)))

    def keep(
        self, kept: KeptSummaries, summaries: Sequence[DailySummary], owner: str
    ) -> KeptSummaries | None:
        """See `Summaries.keep`."""
        texts = _fitting(summaries[:MOST_SUMMARIES])
        after = KeptSummaries(tuple(summaries[: len(texts)]), kept.version + 1)
        try:
            with dynamodb_errors():
                self._client.put_item(
                    TableName=self._table,
                    Item=typed(
                        {
                            "pk": SUMMARIES,
                            "version": after.version,
                            "by": owner,
                            "summaries": f"[{', '.join(texts)}]",
                        }
                    ),
                    # Or it is our own write, whose first answer was lost.
                    ConditionExpression=(
                        "attribute_not_exists(pk) OR version = :version "
                        "OR (version = :after AND #by = :owner)"
                    ),
                    ExpressionAttributeNames={"#by": "by"},
                    ExpressionAttributeValues=typed(
                        {":version": kept.version, ":after": after.version, ":owner": owner}
                    ),
                )
        except ClientError as error:
            item_that_failed(error)
            return None
        return after


def _pk(merchant: str) -> str:
    return f"overview#{merchant}"


def _fitting(summaries: Sequence[DailySummary]) -> list[str]:
    """As JSON, the newest first, as many as the item holds; the newest in any case."""
    texts: list[str] = []
    left = MOST_BYTES
    for summary in summaries:
        text = json.dumps(summary.model_dump(mode="json"))
        left -= len(text) + len(", ")
        if left < 0 and texts:
            break
        texts.append(text)
    return texts


def _readable(text: str) -> tuple[DailySummary, ...]:
    """Those that this release can read."""
    found = []
    for content in json.loads(text):
        try:
            found.append(DailySummary.model_validate(content, extra="ignore"))
        except ValidationError:
            continue
    return tuple(found)

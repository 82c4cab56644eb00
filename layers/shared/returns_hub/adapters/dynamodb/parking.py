"""Parked work in DynamoDB."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.items import (
    as_text,
    dynamodb_errors,
    expiry,
    from_text,
    item_that_failed,
    plain,
    typed,
)
from returns_hub.adapters.dynamodb.table import Row, Table
from returns_hub.domain.overview.overview import Cause
from returns_hub.ports import ParkedCauses, ParkedItem
from returns_hub.ports.desk import ParkedPage, ParkedRow

LOOKS_OF_A_PAGE = 10
LOOKED_AT_ONCE = 1000
"""Requests that a page of open items takes at most, and items that each of them looks at: closed
ones and other causes' are looked at too, and not returned."""
LONGEST_PAYLOAD = 200_000
"""Bytes; an item of DynamoDB holds 400 KB in all."""
MOST_PAGES = 8
"""Of what was ever parked for a merchant, read to count what is open; closed items age out."""
CUT = " … [cut: the message was longer than what is kept]"


class DynamoDbParking(Table):
    """`ports.Parking` and `ports.desk.ParkedLooks`. park: 1 request. Listing is by merchant, one
    query a page."""

    def park(self, item: ParkedItem) -> None:
        """See `ports.Parking.park`."""
        now = self._clock.now()
        with dynamodb_errors():
            self._client.update_item(
                TableName=self._table,
                Key=typed({"pk": item.merchant, "sk": item.parked_id}),
                UpdateExpression=(
                    "SET flow = :flow, code = :code, reason = :reason, subject = :subject, "
                    "payload = :payload, last_seen_at = :now, expires_at = :expires, "
                    "first_seen_at = if_not_exists(first_seen_at, :now), #state = :open "
                    "REMOVE closed_by, closed_at, note ADD times :one"
                ),
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=typed(
                    {
                        ":flow": item.flow,
                        ":code": item.code,
                        ":reason": item.reason,
                        ":subject": item.subject,
                        ":payload": _fitting(item.payload),
                        ":now": as_text(now),
                        ":expires": expiry(now),
                        ":one": 1,
                        ":open": "open",
                    }
                ),
            )

    def close(self, item: ParkedItem, state: str, who: str, note: str = "") -> bool:
        """See `ports.Parking.close`. 1 request."""
        now = self._clock.now()
        condition = "#state = :open"
        values: dict[str, str | int] = {":open": "open"}
        if item.times is not None:
            condition += " AND times = :times"
            values[":times"] = item.times
        try:
            with dynamodb_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=typed({"pk": item.merchant, "sk": item.parked_id}),
                    UpdateExpression=(
                        "SET #state = :state, closed_by = :who, closed_at = :now, note = :note"
                    ),
                    ConditionExpression=condition,
                    ExpressionAttributeNames={"#state": "state"},
                    ExpressionAttributeValues=typed(
                        {
                            ":state": state,
                            ":who": who,
                            ":now": as_text(now),
                            ":note": note,
                            **values,
                        }
                    ),
                )
        except ClientError as error:
            item_that_failed(error)
            return False
        return True

    def causes(self, merchant: str) -> ParkedCauses:
        """See `ports.Parking.causes`. At most `MOST_PAGES` requests, of a megabyte each."""
        found: dict[tuple[str, str], Cause] = {}
        start: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            with dynamodb_errors():
                page = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression="pk = :merchant",
                    FilterExpression="#state = :open",
                    ProjectionExpression="sk, flow, code, first_seen_at",
                    ExpressionAttributeNames={"#state": "state"},
                    ExpressionAttributeValues=typed({":merchant": merchant, ":open": "open"}),
                    **start,
                )
            for row in map(plain, page["Items"]):
                _count(found, row)
            if "LastEvaluatedKey" not in page:
                return ParkedCauses(_by_age(found))
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        return ParkedCauses(_by_age(found), is_whole=False)

    def list_parked(self, merchant: str, *, closed_too: bool = False) -> tuple[ParkedItem, ...]:
        """See `ports.Parking.list_parked`."""
        values: Row = {":merchant": merchant}
        narrow: dict[str, Any] = {}
        if not closed_too:
            # Closed work is kept for thirteen months: it need not come over with its payloads.
            values[":open"] = "open"
            narrow["FilterExpression"] = "#state = :open"
            narrow["ExpressionAttributeNames"] = {"#state": "state"}
        rows = list(self._rows("pk = :merchant", values, **narrow))
        rows.sort(key=lambda row: (row["first_seen_at"], row["sk"]))
        return tuple(map(_item, rows))

    def page(
        self, merchant: str, *, flow: str = "", code: str = "", after: str = "", limit: int = 50
    ) -> ParkedPage:
        """See `ports.desk.ParkedLooks.page`. Payloads are not read out of the table."""
        wanted = {"#state": ":open"} | ({"flow": ":flow"} if flow else {})
        wanted |= {"code": ":code"} if code else {}
        values = {":merchant": merchant, ":open": "open"}
        values |= ({":flow": flow} if flow else {}) | ({":code": code} if code else {})
        rows: list[dict[str, Any]] = []
        for _ in range(LOOKS_OF_A_PAGE):
            start: dict[str, Any] = {}
            if after:
                start = {"ExclusiveStartKey": typed({"pk": merchant, "sk": after})}
            with dynamodb_errors():
                answer = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression="pk = :merchant",
                    FilterExpression=" AND ".join(f"{n} = {v}" for n, v in wanted.items()),
                    ProjectionExpression=(
                        "pk, sk, flow, code, reason, subject, first_seen_at, times"
                    ),
                    ExpressionAttributeNames={"#state": "state"},
                    ExpressionAttributeValues=typed(values),
                    Limit=LOOKED_AT_ONCE,
                    **start,
                )
            rows += map(plain, answer["Items"])
            after = plain(answer.get("LastEvaluatedKey", {})).get("sk", "")
            if not after or len(rows) >= limit:
                break
        if len(rows) > limit:
            # What was read beyond the page is read again with the next one.
            rows, after = rows[:limit], rows[limit - 1]["sk"]
        return ParkedPage(tuple(map(_row, rows)), after)

    def read(self, merchant: str, parked_id: str) -> ParkedItem | None:
        """See `ports.desk.ParkedLooks.read`."""
        row = self._get(merchant, parked_id)
        return _item(row) if row else None


def _row(row: dict[str, Any]) -> ParkedRow:
    return ParkedRow(
        **_of_both(row),
        first_seen_at=from_text(row["first_seen_at"]) if row.get("first_seen_at") else None,
        times=row.get("times", 1),
    )


def _count(found: dict[tuple[str, str], Cause], row: dict[str, Any]) -> None:
    """One more open item."""
    flow, code, at = row["flow"], row["code"], from_text(row["first_seen_at"])
    before = found.get((flow, code))
    if before is None:
        found[flow, code] = Cause(code=code, flow=flow, count=1, oldest=at, example=row["sk"])
        return
    is_older = at < before.oldest
    found[flow, code] = before.model_copy(
        update={
            "count": before.count + 1,
            "oldest": at if is_older else before.oldest,
            "example": row["sk"] if is_older else before.example,
        }
    )


def _by_age(found: dict[tuple[str, str], Cause]) -> tuple[Cause, ...]:
    return tuple(sorted(found.values(), key=lambda cause: (cause.oldest, cause.flow, cause.code)))


def _fitting(payload: str) -> str:
    encoded = payload.encode("utf-8", "replace")
    if len(encoded) <= LONGEST_PAYLOAD:
        return encoded.decode("utf-8")
    return encoded[:LONGEST_PAYLOAD].decode("utf-8", "ignore") + CUT


def _item(row: dict[str, Any]) -> ParkedItem:
    return ParkedItem(
        **_of_both(row),
        payload=row["payload"],
        state=row["state"],
        first_seen_at=from_text(row["first_seen_at"]),
        closed_by=row.get("closed_by", ""),
        note=row.get("note", ""),
        times=row.get("times"),
    )


def _of_both(row: dict[str, Any]) -> dict[str, str]:
    """What an item tells with its payload and without."""
    return {
        "merchant": row["pk"],
        "parked_id": row["sk"],
        **{name: row[name] for name in ("flow", "code", "reason", "subject")},
    }

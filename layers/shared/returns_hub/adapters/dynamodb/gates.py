"""The gates in DynamoDB: one item for each merchant and partner.

========================  ========================================================================
attribute                 what (epoch milliseconds, and seconds for `pause`)
========================  ========================================================================
``next_free``             when the next turn that nobody took comes
``closed_until``          nobody asks before
``pause``                 there while the partner is away: the pause between two probes
========================  ========================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.items import dynamodb_errors, item_that_failed, plain, typed
from returns_hub.adapters.dynamodb.table import Table
from returns_hub.adapters.http.gate import LONGEST_PAUSE, Closed, Turns

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NOT_CLOSED = "(attribute_not_exists(closed_until) OR closed_until < :now)"
_NOT_AWAY = "attribute_not_exists(pause)"
_CLOSED_FOR_LESS = "(attribute_not_exists(closed_until) OR closed_until < :until)"
TRIES = 4


class DynamoDbGates:
    """`adapters.http.gate.Gates`. take: 1 request, 2 when turns are scarce; the others: 1,
    and 2 where a partner that asked for a pause is found away."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def take(self, name: str, *, now: float, gap: float, count: int, most: float) -> Turns | Closed:
        """See `Gates.take`."""
        at = _ms(now)
        found = self._take_from_now(name, at, gap, count)
        for _ in range(TRIES):
            if not isinstance(found, dict):
                return found
            if found.get("closed_until", 0) >= at:
                return Closed(found["closed_until"] / 1000, is_away="pause" in found)
            if "pause" in found:
                found = self._take_probe(name, at, found)
            elif found.get("next_free", 0) > at + _ms(most):
                return Closed(found["next_free"] / 1000, is_full=True)
            elif found.get("next_free", 0) >= at:
                found = self._take_in_line(name, at, gap, count, most)
            else:
                found = self._take_from_now(name, at, gap, count)
        # Others were faster again and again, so turns are scarce.
        return Closed(now + 1.0, is_full=True)

    def open_breaker(self, name: str, *, now: float, pause: float) -> None:
        """See `Gates.open_breaker`. Already open, it stays as it is: probes lengthen the pause. A
        longer pause that the partner asked for is kept."""
        probe_after: dict[str, str | int] = {":pause": int(pause)}
        failed = self._update(
            name,
            "SET closed_until = :until, pause = :pause",
            f"{_NOT_AWAY} AND {_CLOSED_FOR_LESS}",
            {":until": _ms(now + pause), **probe_after},
        )
        if failed is not None and "pause" not in failed:
            self._update(name, "SET pause = :pause", _NOT_AWAY, probe_after)

    def close_breaker(self, name: str) -> None:
        """See `Gates.close_breaker`."""
        self._update(name, "REMOVE closed_until, pause", "", {})

    def pause(self, name: str, *, until: float) -> None:
        """See `Gates.pause`."""
        self._update(
            name,
            "SET closed_until = :until",
            _CLOSED_FOR_LESS,
            {":until": _ms(until)},
        )

    def _take_from_now(self, name: str, at: int, gap: float, count: int) -> Turns | dict[str, Any]:
        """The usual case: nobody waits, so the first turn is now."""
        free = f"(attribute_not_exists(next_free) OR next_free < :now) AND {_NOT_CLOSED}"
        failed = self._update(
            name,
            "SET next_free = :after",
            f"{free} AND {_NOT_AWAY}",
            {":now": at, ":after": at + _ms(count * gap)},
        )
        return Turns(at / 1000, count) if failed is None else failed

    def _take_in_line(
        self, name: str, at: int, gap: float, count: int, most: float
    ) -> Turns | dict[str, Any]:
        block = _ms(count * gap)
        values = {":now": at, ":latest": at + _ms(most), ":block": block}
        condition = f"next_free >= :now AND next_free <= :latest AND {_NOT_CLOSED}"
        try:
            with dynamodb_errors():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=_key(name),
                    UpdateExpression="SET next_free = next_free + :block",
                    ConditionExpression=f"{condition} AND {_NOT_AWAY}",
                    ExpressionAttributeValues=typed(values),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            return item_that_failed(error)
        return Turns((int(plain(answer["Attributes"])["next_free"]) - block) / 1000, count)

    def _take_probe(self, name: str, at: int, seen: dict[str, Any]) -> Turns | dict[str, Any]:
        """The pause is over: whoever is first asks, the others wait, now twice as long."""
        longer = int(min(2 * seen["pause"], LONGEST_PAUSE))
        failed = self._update(
            name,
            "SET closed_until = :until, pause = :longer",
            "closed_until = :seen",
            {":until": at + _ms(longer), ":longer": longer, ":seen": seen["closed_until"]},
        )
        return Turns(at / 1000, 1, probing=True) if failed is None else failed

    def _update(
        self, name: str, expression: str, condition: str, values: dict[str, str | int]
    ) -> dict[str, Any] | None:
        """None when it was done; else the item as it stands."""
        more: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
        if values:
            more["ExpressionAttributeValues"] = typed(values)
        try:
            with dynamodb_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=_key(name),
                    UpdateExpression=expression,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **more,
                )
        except ClientError as error:
            return item_that_failed(error)
        return None


class DynamoDbGateStandings(Table):
    """`ports.overview.GateStandings`. 1 request for every 100 gates."""

    def closed(self, names: Iterable[str]) -> Mapping[str, datetime]:
        """See `GateStandings.closed`."""
        pks = {_pk(name): name for name in names}
        now = self._clock.now()
        found: dict[str, datetime] = {}
        for row in self._read_all({"pk": pk} for pk in pks):
            until = datetime.fromtimestamp(row.get("closed_until", 0) / 1000, UTC)
            # A partner that is away stays so until somebody asked it: its pause is still there.
            if until > now or "pause" in row:
                found[pks[row["pk"]]] = until
        return found


def _key(name: str) -> Any:
    return typed({"pk": _pk(name)})


def _pk(name: str) -> str:
    return f"gate#{name}"


def _ms(seconds: float) -> int:
    return round(seconds * 1000)

"""What WAIR advises: ``GET /Recommendations/stockTargets`` and ``/Recommendations/transfers``.

Field names as on docs.wair.ai; WAIR does not remember what was fetched, so the same proposals come
again, by their ``referenceId``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from returns_hub.adapters.wair.client import FeedClient
from returns_hub.adapters.wair.naming import utc_text
from returns_hub.adapters.wair.pages import rows_of
from returns_hub.domain.wair.advice import StockTarget, TransferProposal
from returns_hub.domain.wair.settings import Advice
from returns_hub.errors import Misconfigured
from returns_hub.ports import Telemetry

Told = TypeVar("Told", StockTarget, TransferProposal)
Raw = dict[str, Any]
LONGEST = 200
"""Of a text that is kept."""


class WairAdvice:
    """`ports.feed.StockAdvice` over WAIR's API."""

    def __init__(self, client: FeedClient, settings: Advice, telemetry: Telemetry) -> None:
        self._client = client
        self._settings = settings
        self._telemetry = telemetry

    def targets(self) -> Iterator[StockTarget]:
        """See `StockAdvice.targets`."""
        rows = rows_of(self._client, self._settings.targets_path, "stockTargets")
        yield from self._read(rows, _target, "stock targets")

    def transfers(self, since: datetime | None) -> Iterator[TransferProposal]:
        """See `StockAdvice.transfers`."""
        asked = {"FromConfirmedDateTime": utc_text(since)} if since else None
        rows = rows_of(self._client, self._settings.transfers_path, "transfers", asked)
        yield from self._read(rows, _transfer, "proposals of transfers")

    def _read(
        self, rows: Iterator[Any], read: Callable[[Raw], Told | None], what: str
    ) -> Iterator[Told]:
        """Rows that can be read; the others are counted, and a list of only such is none."""
        good = bad = 0
        for row in rows:
            told = read(row) if isinstance(row, dict) else None
            if told is None:
                bad += 1
            else:
                good += 1
                yield told
        if not bad:
            return
        if not good:
            raise Misconfigured(
                "wair.advice_unfit", f"none of {bad} {what} can be read: WAIR names them anew"
            )
        self._telemetry.log("advice left out", what=what, rows=bad)


class NoAdvice:
    """`ports.feed.StockAdvice` of a sink that gives none."""

    def __init__(self, why: str) -> None:
        self._why = why

    def targets(self) -> Iterator[StockTarget]:
        """Raises Misconfigured."""
        raise Misconfigured("wair.no_advice", self._why)

    def transfers(self, since: datetime | None) -> Iterator[TransferProposal]:  # noqa: ARG002
        """Raises Misconfigured."""
        raise Misconfigured("wair.no_advice", self._why)


def _target(row: Raw) -> StockTarget | None:
    location, sku = _text(row, "locationId"), _text(row, "skuId")
    quantity = _number(row, "targetQuantity")
    if not location or not sku or quantity is None:
        return None
    moment = _moment(row, "forecastDate")
    return StockTarget(location, sku, quantity, moment)


def _transfer(row: Raw) -> TransferProposal | None:
    reference, sku = _text(row, "referenceId"), _text(row, "skuId")
    source, destination = _text(row, "fromLocationId"), _text(row, "toLocationId")
    quantity = _number(row, "quantity")
    if not (reference and sku and source and destination) or quantity is None:
        return None
    return TransferProposal(
        reference=reference,
        from_location=source,
        to_location=destination,
        sku=sku,
        quantity=quantity,
        kind=_text(row, "transferType"),
        batch=_text(row, "approvalBatchId"),
        batch_description=_text(row, "approvalBatchDescription"),
        planned_for=_time(row, "plannedDispatchDate"),
    )


def _text(row: Raw, name: str) -> str:
    value = row.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in value).strip()[:LONGEST]


def _number(row: Raw, name: str) -> Decimal | None:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def _time(row: Raw, name: str) -> datetime | None:
    value = row.get(name)
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        # It is kept in UTC, where the first and the last day of the calendar may be out of range.
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment


def _moment(row: Raw, name: str) -> date | None:
    found = _time(row, name)
    return found.date() if found else None

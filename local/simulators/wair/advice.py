"""What WAIR's simulator advises: stock targets and proposals of transfers, read in pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

Page = Callable[[Mapping[str, str]], list[Any]]
"""Rows for a query, which raises ValueError when it cannot be read."""
CONFIRMED = "confirmedDateTime"
"""When a proposal was confirmed: asked by, and not shown."""


class AdviceBook:
    """A tenant's advice. What was fetched is not remembered: it comes again."""

    def __init__(self) -> None:
        self.targets: list[dict[str, Any]] = []
        self.transfers: list[dict[str, Any]] = []
        self.read = Counter[str]()

    def seed(
        self, targets: Iterable[Mapping[str, Any]], transfers: Iterable[Mapping[str, Any]]
    ) -> None:
        """Add advice, in WAIR's names; a transfer says when it was confirmed besides.

        Raises:
            ValueError: A row lacks what it needs.
        """
        for row in targets:
            _require(row, "locationId", "skuId", "targetQuantity")
            self.targets.append(dict(row))
        for row in transfers:
            _require(
                row, "referenceId", "fromLocationId", "toLocationId", "skuId", "quantity", CONFIRMED
            )
            _moment(row[CONFIRMED])
            self.transfers.append(dict(row))

    def targets_page(self, _: Mapping[str, str]) -> list[Any]:
        """See `Page`."""
        self.read["targets"] += 1
        return self.targets

    def transfers_page(self, query: Mapping[str, str]) -> list[Any]:
        """See `Page`: those confirmed at or after ``FromConfirmedDateTime``."""
        self.read["transfers"] += 1
        since = query.get("FromConfirmedDateTime")
        after = _moment(since) if since else datetime.min.replace(tzinfo=UTC)
        return [
            {key: value for key, value in row.items() if key != CONFIRMED}
            for row in self.transfers
            if _moment(row[CONFIRMED]) >= after
        ]


def _require(row: Mapping[str, Any], *names: str) -> None:
    missing = [name for name in names if row.get(name) in {None, ""}]
    if missing:
        raise ValueError(f"advice without {', '.join(missing)}")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time (ISO 8601).") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

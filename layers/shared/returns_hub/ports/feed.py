"""What flows need of stock intelligence: a place that takes rows, and one that gives advice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.wair.advice import StockTarget, TransferProposal
    from returns_hub.domain.wair.rows import Row
    from returns_hub.domain.wair.settings import DataSetName


@dataclass(frozen=True)
class Part:
    """Some rows of one set, as one call tells them.

    Args:
        data_set: Which set.
        rows: At most as many as `WairConnection.chunk_of` allows.
        number: Which part of this run's, from 1; names the file where the sink is files.
        full: The parts together are the whole set, and what is not among them is gone. Only when
            the source was read to its end.
        more: Further parts of the same set follow in this run.
    """

    data_set: DataSetName
    rows: Sequence[Row]
    number: int = 1
    full: bool = False
    more: bool = False


class Feed(Protocol):
    """Where rows are told: WAIR's API, another HTTP endpoint, or files.

    Every write raises Retryable when it is known not done or cannot be sent before `send_by`;
    Permanent when it is refused; Misconfigured when an operator has to mend it; UnknownOutcome when
    it may have been carried out. Rows are upserts by stable ids, so that telling one again changes
    nothing (docs.wair.ai, "Integration core principles").
    """

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def begin(self, run: str, send_by: datetime) -> str:
        """Open a batch, named for the run; what was answered, shortened, or empty where there are
        no batches."""

    def tell(self, run: str, part: Part, send_by: datetime) -> str:
        """Tell some rows; what identifies the call there, or empty."""

    def end(self, run: str, send_by: datetime) -> None:
        """Close the batch; one that is closed already is not an error."""

    def told_back(self, data_set: DataSetName) -> Iterator[Row] | None:
        """Every row as it is kept there; None where it cannot be read (`DataSet.read_path`).

        Raises:
            Retryable: It did not come to its end.
        """

    def check_access(self) -> str:
        """Prove the login by reads; a sentence for the operator."""


class StockAdvice(Protocol):
    """What stock intelligence advises. A list raises Retryable when it was cut off."""

    def targets(self) -> Iterator[StockTarget]:
        """Every stock target."""

    def transfers(self, since: datetime | None) -> Iterator[TransferProposal]:
        """Every proposal confirmed at or after `since`; the same ones again when asked again."""

"""What the hub keeps of stock intelligence: what was told, and what is advised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.bundles import KnownBundle
    from returns_hub.domain.wair.advice import StockTarget, TransferProposal


class FeedStore(Protocol):
    """Every method raises Retryable while the store cannot be asked."""

    def told(self, merchant: str, data_set: str, part: str = "") -> Mapping[str, str]:
        """What was told last: key -> a short text that is equal for equal rows.

        Args:
            merchant: The merchant's id.
            data_set: Which set.
            part: What a set is divided by: of ``stock`` and ``reserved`` the location's id, with
                SKUs as keys and ``on_hand`` (``quantity``) as texts; else empty.
        """

    def keep_told(
        self,
        merchant: str,
        data_set: str,
        rows: Mapping[str, str],
        *,
        part: str = "",
        gone: Iterable[str] = (),
        whole: bool = False,
    ) -> None:
        """Keep what was told beside what was told before; with `whole` in place of it."""

    def keep_targets(self, merchant: str, targets: Iterable[StockTarget], read_at: datetime) -> int:
        """Keep the targets in place of those before, once all were read; how many there are."""

    def targets(self, merchant: str, location: str = "") -> Iterable[StockTarget]:
        """Targets as they were read last; of one location when it is given."""

    def keep_proposals(
        self, merchant: str, proposals: Iterable[TransferProposal], read_at: datetime
    ) -> int:
        """Keep proposals, each reference once; how many were not known before."""

    def proposals(self, merchant: str, most: int = 1000) -> Iterable[TransferProposal]:
        """Proposals that are kept, those read last first."""

    def bundles(self, merchant: str) -> Mapping[str, KnownBundle]:
        """The warehouse's bundles by SKU, as they were read last."""

    def keep_bundles(
        self, merchant: str, bundles: Iterable[KnownBundle], gone: Iterable[str] = ()
    ) -> None:
        """Keep bundles beside those that are kept; forget the SKUs that are `gone`."""

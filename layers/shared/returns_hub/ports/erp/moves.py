"""What flows need of the ERP's transfers and assemblies alike: goods go, and goods come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.operations import LookUp
    from returns_hub.domain.unleashed.moves import Move


class ErpMoves(Protocol):
    """The transfers, or the assemblies, of one merchant in its ERP."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def changed_since(self, since: datetime) -> Iterator[Move]:
        """Those changed at or after `since`, of every status, deleted ones too.

        Raises:
            Retryable: The list did not come to its end; what came before it counts.
        """

    def read(self, key: str) -> Move | None:
        """One, by its Guid, and a transfer by its number as well; None when the ERP does not know
        it."""

    def with_status(self, status: str, since: datetime | None = None) -> Iterator[Move]:
        """Those of a status of the ERP's own, changed at or after `since` where it is given.

        Their lines may be missing: `read` has them.
        """

    def complete(self, guid: str, send_by: datetime) -> None:
        """Have the goods moved in the ERP's stock. One that is completed already is not an error:
        goods move once, whoever said so.

        Looked up by `completed`.

        Raises:
            Permanent: It is refused, e.g. for want of stock.
        """

    def completed(self, guid: str) -> LookUp:
        """Whether its goods have moved.

        `Found` and `NotFound` are conclusive: it is read by its Guid, and its status says it. It
        is inconclusive when the ERP does not know it any more.
        """

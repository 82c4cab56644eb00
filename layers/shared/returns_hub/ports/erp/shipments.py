"""What flows need of the ERP's sales shipments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.unleashed.shipments import Shipment


class ErpShipments(Protocol):
    """The sales shipments of one merchant in its ERP; read only here.

    Batches and serial numbers are on a shipment's lines where the merchant's file wants them.
    """

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def changed_since(self, since: datetime) -> Iterator[Shipment]:
        """Shipments changed at or after `since`, deleted ones too where the ERP lists them.

        One that cannot be read whole comes with its `problem`.

        Raises:
            Retryable: The list did not come to its end; what came before it counts.
        """

    def read(self, guid: str) -> Shipment | None:
        """One shipment as it stands; None when the ERP does not know it."""

    def of_order(self, order_number: str) -> tuple[Shipment, ...]:
        """Every shipment of the order with exactly this number; whether deleted ones are among
        them is not known.

        Raises:
            Permanent: The number holds what cannot be asked for.
        """

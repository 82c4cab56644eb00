"""What flows need of the ERP's assemblies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from returns_hub.ports.erp.moves import ErpMoves

if TYPE_CHECKING:
    from returns_hub.domain.unleashed.moves import Move


class ErpAssemblies(ErpMoves, Protocol):
    """The assemblies of one merchant in its ERP."""

    def tracked_in(self, assembly: Move) -> tuple[str, ...]:
        """SKUs of the assembly, components too, that have batch or serial numbers.

        One read for each product.

        Raises:
            Permanent: A product cannot be told apart, so that nobody knows.
        """

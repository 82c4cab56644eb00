"""What a flow needs of the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.miinto.rma_proof import RmaProof
    from returns_hub.domain.operations import LookUp
    from returns_hub.domain.receipts import Receipt


@dataclass(frozen=True)
class ReturnItemDraft:
    """One item of an external return to be made."""

    sku: str
    product_id: int
    quantity: int
    reason_id: int


@dataclass(frozen=True)
class ExternalReturnDraft:
    """An external return to be made; every item carries note, marker and label, in that order.

    The label is the parcel's carrier and tracking number, as far as they are known.
    """

    warehouse_id: int
    reference: str
    marker: str
    items: tuple[ReturnItemDraft, ...]
    note: str = ""
    label: str = ""


@dataclass(frozen=True)
class Reason:
    """A return reason of the warehouse."""

    id: int
    name: str
    active: bool
    stock_action: str


@dataclass(frozen=True)
class ReceiptPage:
    """Some receipts, and how many calls finding them took."""

    receipts: tuple[Receipt, ...]
    calls: int
    complete: bool = True


@dataclass(frozen=True)
class Capabilities:
    """What a read-only probe proved about this warehouse's API; None is "not proven".

    Args:
        returns_list: The list of returns exists and honours its updated-since filter.
        by_date_is_updated: The search by date compares the day of the last update.
        marker_look_up: A record that exists was found by its marker, so finding none is
            conclusive.
        probed_at: When.
    """

    returns_list: bool | None = None
    by_date_is_updated: bool | None = None
    marker_look_up: bool | None = None
    probed_at: datetime | None = None


class CapabilitiesStore(Protocol):
    """What probes proved, kept per merchant."""

    def get(self, merchant: str) -> Capabilities:
        """The newest findings; all None when never probed."""

    def put(self, merchant: str, found: Capabilities) -> None:
        """Keep the findings."""

    def rma_proof(self, merchant: str) -> RmaProof | None:
        """What is proven about the marketplace's RMA contract; None when it was never looked at."""

    def keep_rma_proof(self, merchant: str, proof: RmaProof) -> None:
        """Keep it, in place of the one before."""


class Warehouse(Protocol):
    """The warehouse of one merchant."""

    def require_open(self) -> None:
        """Raise while asking is known to be no use: it is away, wants a pause, or turns are taken.

        Raises:
            Retryable: Come back then. Nothing was asked to find this out.
        """

    def find_product(self, sku: str) -> int | None:
        """The product id with exactly this SKU, of this client; None when there is none."""

    def sku_of_barcode(self, barcode: str) -> str | None:
        """The SKU of the product with exactly this barcode, of this client; None without one."""

    def barcodes(self, sku: str) -> frozenset[str]:
        """Barcodes of the product with exactly this SKU, of this client; empty without one."""

    def create_external_return(self, draft: ExternalReturnDraft, send_by: datetime) -> int:
        """Make an external return; its id.

        Raises:
            Retryable: Known not done; also when it could not be sent before `send_by`.
            UnknownOutcome: It may exist now; see `look_up_external_return`.
        """

    def look_up_external_return(self, marker: str, since: datetime) -> LookUp:
        """Find the external return that carries the marker, made at or after `since`.

        `NotFound` only when the capability `marker_look_up` was proven on this tenant.
        """

    def find_by_reference(self, reference: str, skus: Mapping[str, int], since: datetime) -> LookUp:
        """Find one external return with this reference and exactly these units per SKU.

        Two that fit are inconclusive, and so is none while not every record since then was looked
        through.
        """

    def read_external_return(self, external_return_id: int) -> Receipt | None:
        """One external return; None when the warehouse does not know it."""

    def list_updated_since(self, since: datetime, most_calls: int) -> ReceiptPage:
        """External returns of this client changed at or after `since`, from the list of returns."""

    def search_by_date(self, day: datetime) -> ReceiptPage:
        """External returns of this client that the search by date gives for the day."""

    def probe(
        self, known: Receipt | None, marker: str | None, made_at: datetime | None
    ) -> Capabilities:
        """Find out, by reads alone, what this tenant's API can do.

        `known` is an external return of ours, with its marker and when it was made.
        """

    def reasons(self) -> tuple[Reason, ...]:
        """Return reasons."""

    def warehouse_ids(self) -> dict[int, str]:
        """Active warehouses: id -> name."""

"""All that a decision about a return is made from, gathered: its lines, its goods, its worth."""

from __future__ import annotations

from returns_hub.domain.case import Case
from returns_hub.domain.matching import SHORTEST_BARCODE, CaseLine, Standing, resolve
from returns_hub.domain.receipts import Goods, Receipt
from returns_hub.domain.returns import LineStatus, PortalReturn
from returns_hub.domain.state import ReturnState
from returns_hub.flows.world import World


def make_case(
    receipt: Receipt,
    goods: tuple[Goods, ...],
    state: ReturnState,
    portal_return: PortalReturn,
    world: World,
) -> Case:
    """The case of a return, with one external return's newest receipt.

    Args:
        receipt: The receipt.
        goods: Its goods, as `identified` gives them.
        state: What the hub knows, the other receipts among it.
        portal_return: The return as the portal has it just now.
        world: For the clock and the team's settings.
    """
    age = world.stores.clock.now() - receipt.updated_at
    return Case(
        closed=portal_return.status.value if portal_return.is_closed else "",
        lines=case_lines(portal_return, state.committed_lines),
        goods=(*state.received_goods(but=receipt.external_return_id), *goods),
        more_expected=_more_expected(receipt, state),
        age_seconds=max(0, int(age.total_seconds())),
        value=portal_return.value_total,
        currency=portal_return.currency,
        answers=state.answers,
        answered_for=state.answered_for,
        answer_reasons=state.answer_reasons,
        restock=world.live.merchant.flows.process_receipts.restock,
    )


def case_lines(portal_return: PortalReturn, committed: frozenset[str]) -> tuple[CaseLine, ...]:
    """The return's lines; `committed` are those that a process call was or will be made for."""
    return tuple(
        CaseLine(
            id=line.id,
            sku=(line.sku or "").strip(),
            quantity=line.quantity,
            standing=_standing(line.status, is_committed=line.id in committed),
            keep_item=line.keep_item,
            value=line.value,
        )
        for line in portal_return.lines
    )


def _standing(status: LineStatus, *, is_committed: bool) -> Standing:
    if status is LineStatus.UNKNOWN:
        return Standing.UNKNOWN
    if is_committed or status is not LineStatus.OPEN:
        return Standing.FINISHED
    return Standing.OPEN


def identified(receipt: Receipt, portal_return: PortalReturn, world: World) -> tuple[Goods, ...]:
    """The receipt's goods; where no SKU fits, with the SKU of the one line whose barcode fits.

    Barcodes are compared whole, and only those longer than 7 characters: Mintsoft's own search
    takes a part of shorter ones for the product (Mintsoft: ``SearchBarcode``).
    """
    matching = world.live.merchant.flows.process_receipts.policy.matching
    goods = receipt.goods()
    skus = {(line.sku or "").strip() for line in portal_return.lines} - {""}
    by_barcode: dict[str, set[str]] = {}
    for line in portal_return.lines:
        code = (line.barcode or "").strip()
        if line.sku and len(code) >= SHORTEST_BARCODE:
            by_barcode.setdefault(code, set()).add(line.sku.strip())
    if not matching.barcodes or not by_barcode:
        return goods
    told: dict[str, str] = {}
    for sku in dict.fromkeys(row.sku for row in goods if row.sku):
        if resolve(sku, "", skus, matching) == sku and sku not in skus:
            fits: set[str] = set()
            for code in world.warehouse.barcodes(sku):
                fits |= by_barcode.get(code, set())
            if len(fits) == 1:
                told[sku] = fits.pop()
    return tuple(
        row.model_copy(update={"as_sku": told[row.sku]}) if row.sku in told else row
        for row in goods
    )


def _more_expected(receipt: Receipt, state: ReturnState) -> bool:
    """Whether another external return of this return has not been confirmed yet."""
    confirmed = {known.external_return_id for known in state.receipts}
    return any(
        shipment.external_return_id not in confirmed
        and shipment.external_return_id != receipt.external_return_id
        and not shipment.parked
        and not shipment.discarded
        and not shipment.shadow
        for shipment in state.shipments
    )

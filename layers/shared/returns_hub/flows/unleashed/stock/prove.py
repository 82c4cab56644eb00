"""The proof of what an adjustment's `NewQuantity` is, on a test product that a person names.

It writes: one adjustment, and a second one that books it back. Both go through the ledger, so that
a proof that was cut off is gone on with and books nothing twice. No stock is adjusted meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from returns_hub.domain.operations import Claim, Found, LookUp, NotFound
from returns_hub.domain.unleashed.guids import guid_for
from returns_hub.domain.unleashed.names import STOCK
from returns_hub.domain.unleashed.stock_check import quantity_back, quantity_to_prove
from returns_hub.domain.unleashed.stock_guards import observed_means
from returns_hub.domain.unleashed.stock_rows import AdjustmentDraft, StockRow
from returns_hub.domain.unleashed.stock_rule import VALUE_PLACES, AdjustmentLine
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.sync.cursor import cursor_name
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.stock.proof import (
    StockProof,
    proof_cursor,
    proof_in,
    stock_proof,
)
from returns_hub.ports import Lease

LEASE_SECONDS = 600.0
SETTLE_SECONDS = 60.0
GIVE_UP_SECONDS = 24 * 3600.0
LOOKS = 6
SECONDS_BETWEEN_LOOKS = 5.0


@dataclass(frozen=True)
class ProofPlan:
    """What a proof would do, for the person who is asked whether it may.

    Args:
        proof: With the test's numbers; or one that was cut off, which is gone on with.
        goes_on: Whether it is such a one.
        last: The newest that was there when this one was planned.
    """

    proof: StockProof
    goes_on: bool
    last: StockProof | None = None

    @property
    def at_most(self) -> int:
        """Units by which the stock is wrong for a moment, at most."""
        proof = self.proof
        return max(proof.sent, abs(proof.before - proof.sent))


def plan_proof(world: ErpWorld, sku: str, code: str, *, who: str) -> ProofPlan:
    """The proof that would be made; writes nothing.

    Raises:
        Permanent: The product or the warehouse does not fit, and why.
        Retryable: Unleashed cannot be asked now.
    """
    last = stock_proof(world.stores, world.merchant)
    account = world.erp.stock.account()
    if last is not None and last.standing in {"begun", "seen"}:
        if last.account != account:
            raise _unfit(
                f"a proof was begun on {last.sku} in {last.code} of another account of Unleashed; "
                "name that account's key in the secret again and finish it"
            )
        return ProofPlan(last, goes_on=True, last=last)
    row = _fit_row(world, sku, code)
    before = int(row.on_hand)
    try:
        sent = quantity_to_prove(before)
    except ValueError as error:
        raise _unfit(f"{sku}: {error}") from None
    proof = StockProof(
        standing="begun",
        account=account,
        sku=row.sku,
        guid=row.guid,
        code=code,
        before=before,
        sent=sent,
        cost=str(row.average_cost or Decimal(0)),
        number=last.number + 1 if last else 1,
        who=who,
        at=world.stores.clock.now(),
    )
    return ProofPlan(proof, goes_on=False, last=last)


def prove_stock(world: ErpWorld, plan: ProofPlan) -> StockProof:
    """Make the proof, or go on with it: book, look, book back, look. What came of it is kept.

    Raises:
        Retryable: Something of the merchant's stock is at work, or Unleashed is away; go on later.
        UnknownOutcome: It may have been booked; go on later.
        Permanent: Refused.
    """
    cursors, owner = world.stores.cursors, world.stores.owner
    flow = cursors.acquire(cursor_name(STOCK, world.merchant), owner, LEASE_SECONDS)
    if flow is None:
        raise Retryable("unleashed.stock_at_work", "the stock sync runs at this moment", after=60)
    try:
        lease = cursors.acquire(proof_cursor(world.merchant), owner, LEASE_SECONDS)
        if lease is None:
            raise Retryable("unleashed.stock_at_work", "a proof is made at this moment", after=60)
        try:
            if proof_in(lease.value) != plan.last:
                # Written over, what it booked would never be booked back.
                reason = "another proof was made meanwhile; look how it stands, and ask once more"
                raise Retryable("unleashed.stock_at_work", reason, after=0)
            return _Proving(world, lease, plan.proof).go_on()
        finally:
            cursors.release(lease)
    finally:
        cursors.release(flow)


class _Proving:
    """One proof, kept after each of its steps."""

    def __init__(self, world: ErpWorld, lease: Lease, proof: StockProof) -> None:
        self._world = world
        self._lease = lease
        self._proof = proof

    def go_on(self) -> StockProof:
        if self._proof.standing == "begun":
            self._keep()
            try:
                self._book("test", self._proof.sent)
            except Permanent:
                self._keep(standing="refused")
                raise
            self._judge()
        if self._proof.standing == "seen":
            self._book_back()
        return self._proof

    def _judge(self) -> None:
        """Read what the test made of the stock, until it shows or the patience is at its end."""
        proof = self._proof
        before, sent = Decimal(proof.before), Decimal(proof.sent)
        for _ in range(LOOKS):
            after = self._on_hand()
            if after != before:
                break
            self._world.stores.clock.sleep(SECONDS_BETWEEN_LOOKS)
        means = observed_means(before, sent, after)
        standing = "neither" if means == "unknown" else "seen"
        self._keep(standing=standing, after=_short(after), means=means)

    def _book_back(self) -> None:
        proof = self._proof
        if proof.means == "unknown":
            raise Permanent("unleashed.proof", "the proof that is kept makes no sense")
        self._book("back", quantity_back(proof.means, proof.before, proof.sent))
        for _ in range(LOOKS):
            back = self._on_hand()
            if back == proof.before:
                break
            self._world.stores.clock.sleep(SECONDS_BETWEEN_LOOKS)
        standing = "proven" if back == proof.before else "neither"
        self._keep(standing=standing, back=_short(back))

    def _book(self, what: str, quantity: int) -> None:
        """Book one adjustment. Looked up by its Guid; see `ErpStockRoom.adjust`."""
        world, proof = self._world, self._proof
        stock = world.erp.stock
        key = f"prove-stock/{world.merchant}/{proof.account}/{proof.number}/{what}"
        guid = guid_for(key)
        worth = (quantity * Decimal(proof.cost)).quantize(VALUE_PLACES)
        draft = AdjustmentDraft(
            guid=guid,
            warehouse_code=proof.code,
            reason=world.connection.stock.adjustment_reason,
            day=world.stores.clock.now().date(),
            lines=(AdjustmentLine(proof.sku, Decimal(quantity), worth, quantity),),
            comment="a test of what an adjustment means; it is booked back",
        )

        def look_up(_: Claim) -> LookUp:
            found = stock.read_adjustment(guid)
            return NotFound() if found is None else Found(guid)

        operation = world.world.operation(
            key, settle=SETTLE_SECONDS, give_up=GIVE_UP_SECONDS, retry_rejected=True
        )
        world.world.run(operation, send=lambda by: stock.adjust(draft, by), look_up=look_up)

    def _on_hand(self) -> Decimal:
        proof = self._proof
        row = self._world.erp.stock.rows_of(proof.code, [proof.guid]).get(proof.guid)
        return row.on_hand if row else Decimal(0)

    def _keep(self, **changes: str) -> None:
        self._proof = self._proof.model_copy(update=changes)
        content = {"proof": self._proof.model_dump(mode="json")}
        self._world.stores.cursors.advance(self._lease, content)


def _fit_row(world: ErpWorld, sku: str, code: str) -> StockRow:
    """The test product's row.

    Raises:
        Permanent: It does not fit.
    """
    place = world.places.of(code)
    if place.warehouse_id is None:
        raise _unfit(place.why or f"warehouse {code} is one of warehouses_elsewhere")
    stock = world.erp.stock
    facts = stock.products_named([sku]).get(sku)
    if facts is None:
        raise _unfit(f"Unleashed has no product with the code {sku}")
    if not facts.keeps_stock or facts.is_obsolete or facts.is_tracked:
        raise _unfit(
            f"{sku} keeps no stock, is obsolete, or has batch or serial numbers; choose another one"
        )
    row = stock.rows_of(code, [facts.guid]).get(facts.guid) or StockRow(sku, facts.guid)
    if row.on_hand != row.on_hand.to_integral_value() or row.on_hand < 0:
        raise _unfit(f"{row.on_hand} of {sku} are on hand, which is no number of units")
    if row.allocated:
        raise _unfit(
            f"orders have {_short(row.allocated)} of {sku}; choose a product that none has"
        )
    return row


def _short(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _unfit(why: str) -> Permanent:
    return Permanent("unleashed.unfit_test", why)

"""Purchase orders of Unleashed become ASNs of the warehouse; edits are carried over, or told.

One ASN for each purchase order, for good: the warehouse cannot change an ASN's items, and to delete
one and announce the goods anew could hide what is being unloaded. So a person is told what differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from returns_hub.domain.operations import Claim, Found, Inconclusive, LookUp, NotFound, marker_of
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.names import ASN, MINTSOFT, PURCHASE_ORDERS
from returns_hub.domain.unleashed.purchase_orders import PurchaseOrder
from returns_hub.domain.unleashed.purchase_rule import (
    asn_lines,
    edits,
    lines_problem,
    named,
    order_problem,
    services_of,
    standing_of,
    units_of,
    units_problem,
    version_of,
)
from returns_hub.domain.warehouse_asns import Asn, AsnChange, AsnDraft, AsnPage
from returns_hub.errors import Misconfigured, Permanent
from returns_hub.flows.sync.shape import Change, Plan, Step
from returns_hub.flows.unleashed.before_live import is_of_before, of_before
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.goods.products import MADE, product_step
from returns_hub.flows.unleashed.goods.raised import raised_by_receipts
from returns_hub.flows.unleashed.shared_steps import confirm_step
from returns_hub.flows.unleashed.timed import WAREHOUSE_OVERLAP, TimedFromPast
from returns_hub.flows.unleashed.warehouse_problems import require_place

MOST_ASN_CALLS = 100
"""Pages of the warehouse's list, of a hundred ASNs each: fifty seconds at two requests a second."""
LOOKED_UP_AT_ONCE = 10
LOOK_FOR_OTHERS = tuple(timedelta(days=days) for days in (1, 5, 30))
"""How far back ASNs of somebody else are looked for: as an order's age has it. A few lengths, so
that one list is many orders'; and a new order needs none that is long for an old one's sake."""
AWAITED_WITHIN = timedelta(days=30)
"""After that goods that were receipted and did not come are taken not to come any more."""

ProductStep = Callable[[ErpWorld, SyncState, str], Step | None]
"""The step that makes a product in the warehouse by its code; None when the warehouse has it.
Raises Permanent when it cannot be made."""
Orders = Change[PurchaseOrder]


class PurchaseOrdersSource(TimedFromPast):
    """`flows.sync.shape.Source`: purchase orders -> ASNs.

    Args:
        world: The merchant's.
        product_step: Makes a product that the warehouse does not have.
    """

    name = PURCHASE_ORDERS

    def __init__(self, world: ErpWorld, product_step: ProductStep = product_step) -> None:
        super().__init__(world.connection.purchase_orders)
        self._world = world
        self._settings = world.connection.purchase_orders
        self._product_step = product_step
        self._others: dict[timedelta, AsnPage] = {}

    def pull(self, since: datetime) -> Iterator[Orders]:
        """See `Source.pull`."""
        for order in self._world.erp.purchase_orders.changed_since(since):
            yield self._change(order)

    def read(self, key: str) -> Orders | None:
        """See `Source.read`."""
        order = self._world.erp.purchase_orders.read(key)
        return None if order is None else self._change(order)

    def _change(self, order: PurchaseOrder) -> Orders:
        version = version_of(order, self._settings)
        return Change(order.guid, version, order.modified_at, order)

    def plan(self, change: Orders, state: SyncState) -> Plan:
        """See `Source.plan`."""
        order = change.content
        if state.done(ASN):
            return self._follow(order, state)
        return self._announce(order, state)

    # -- a new one ----------------------------------------------------------------------------

    def _announce(self, order: PurchaseOrder, state: SyncState) -> Plan:
        if standing_of(order, self._settings) != "wanted":
            return Plan(outcome="not_wanted")
        if is_of_before(self._world, order.created_at) and not state.was_begun:
            raise of_before(f"purchase order {order.number}")
        place = require_place(self._world, order.warehouse_code)
        if place is None:
            return Plan(outcome="elsewhere")
        problem = order_problem(order)
        if problem:
            raise Permanent("purchase_orders.order", problem)
        products = self._world.erp.purchase_orders.products_of(order)
        problem = units_problem(order, products)
        if problem:
            raise Permanent("purchase_orders.unit_of_measure", problem)
        services = services_of(products)
        lines = asn_lines(order, services)
        if not lines:
            return Plan(outcome="no_goods")
        draft = AsnDraft(
            reference=order.number,
            marker=marker_of(state.operation_key(ASN)),
            warehouse_id=place,
            lines=lines,
            expected=order.expected,
            supplier=order.supplier,
        )
        if not state.is_open(ASN):
            self._require_no_other(order)
        make = self._asn_step(draft, order, services)
        return Plan(
            [*self._products(order, draft, state), make, *self._confirm_steps(order, state)],
            outcome="announced",
            again=order.is_receipted,
        )

    def _products(self, order: PurchaseOrder, draft: AsnDraft, state: SyncState) -> list[Step]:
        """Steps that make the products that the warehouse does not have."""
        skus = list(draft.units())
        known = self._known(skus)
        missing = [sku for sku in skus if sku not in known]
        # One that was begun is gone on with, also where the warehouse has the product by now.
        begun = [sku for sku in skus if sku in known and state.is_open(f"{MADE}/{sku}")]
        if missing and not self._settings.create_products:
            raise Permanent(
                "purchase_orders.unknown_product",
                f"purchase order {order.number}: Mintsoft does not have {named(missing)}; make it "
                "there, or switch unleashed.purchase_orders.create_products on, then replay",
            )
        steps = (self._product_step(self._world, state, sku) for sku in [*missing, *begun])
        return [step for step in steps if step is not None]

    def _known(self, skus: list[str]) -> set[str]:
        """Those that the warehouse has. What was found is kept, so that an order of hundreds of
        products that takes longer than a run is gone on with by the next one."""
        catalogue, merchant = self._world.stores.catalogue, self._world.merchant
        known = set(catalogue.known(merchant, skus))
        rest = [sku for sku in skus if sku not in known]
        for first in range(0, len(rest), LOOKED_UP_AT_ONCE):
            some = rest[first : first + LOOKED_UP_AT_ONCE]
            found = self._world.products.find_products(some)
            if found:
                ids = {sku: product.product_id for sku, product in found.items()}
                catalogue.remember(merchant, ids)
            known |= found.keys()
        return known

    def _require_no_other(self, order: PurchaseOrder) -> None:
        """Nothing stops a second ASN with the same reference: the goods would be expected twice."""
        listed = self._asns_since(order.created_at)
        for asn in listed.asns:
            if asn.reference.casefold() == order.number.casefold():
                raise Permanent(
                    "purchase_orders.asn_exists",
                    f"Mintsoft has ASN {asn.asn_id} for {order.number} already, and the hub did "
                    "not make it; delete it there and replay this, or discard this and receipt "
                    "the goods by hand",
                )
        if not listed.complete:
            raise Misconfigured(
                "purchase_orders.too_many_asns",
                f"whether Mintsoft has an ASN for {order.number} already cannot be told: more ASNs "
                f"changed there than {MOST_ASN_CALLS} pages hold; the order waits until they are "
                "fewer: give the hub a user of Mintsoft's that sees this client's ASNs alone",
            )

    def _asns_since(self, created: datetime | None) -> AsnPage:
        now = self._world.stores.clock.now()
        age = now - (created or now)
        span = next((span for span in LOOK_FOR_OTHERS if age <= span), LOOK_FOR_OTHERS[-1])
        for longer, page in self._others.items():
            if longer >= span and page.complete:
                return page
        if span not in self._others:
            since = now - span - WAREHOUSE_OVERLAP
            self._others[span] = self._world.asns.asns_updated_since(since, MOST_ASN_CALLS)
        return self._others[span]

    def _asn_step(self, draft: AsnDraft, order: PurchaseOrder, services: frozenset[str]) -> Step:
        asns = self._world.asns

        def send(by: datetime) -> str:
            try:
                return str(asns.create_asn(draft, by))
            except Permanent:
                # It may be a product that was there once.
                self._world.stores.catalogue.forget(self._world.merchant, list(draft.units()))
                raise

        def look_up(claim: Claim) -> LookUp:
            """By the marker in its comments; see `AsnWarehouse.find_asn`."""
            return asns.find_asn(draft, claim.first_claimed_at)

        units = draft.units()
        return Step(
            name=ASN,
            partner=MINTSOFT,
            summary=f"ASN for {order.number}: {sum(units.values())} units of {len(units)} SKUs",
            send=send,
            look_up=look_up,
            told={
                "reference": order.number,
                "warehouse": order.warehouse_code,
                "warehouse_id": draft.warehouse_id,
                "expected": str(order.expected or ""),
                "units": units,
                "services": sorted(services),
            },
            does="create",
        )

    def _confirm_steps(self, order: PurchaseOrder, state: SyncState) -> list[Step]:
        """The step that makes the warehouse expect it; none when it stays a draft."""
        if not self._world.connection.asns_awaiting_delivery:
            return []
        return [confirm_step(self._world, PURCHASE_ORDERS, state.key, order.number)]

    # -- one that was announced -----------------------------------------------------------------

    def _follow(self, order: PurchaseOrder, state: SyncState) -> Plan:
        asn_id = int(state.partner_id(ASN))
        confirm = self._confirm_steps(order, state)
        standing = standing_of(order, self._settings)
        if standing in {"deleted", "withdrawn"}:
            if self._world.asns.read_asn(asn_id) is None:
                return Plan(outcome="withdrawn")
            raise Permanent(
                "purchase_orders.withdrawn",
                f"purchase order {order.number} is {order.status} in Unleashed, and Mintsoft "
                f"expects its goods by ASN {asn_id}; delete the ASN there and replay this, or "
                "discard this when the goods come all the same",
            )
        if order.is_receipted:
            return Plan(confirm, outcome="receipted", again=self._is_awaited(order, asn_id))
        asn = self._world.asns.read_asn(asn_id)
        if asn is None:
            raise Permanent(
                "purchase_orders.asn_gone",
                f"ASN {asn_id} for {order.number} is not in Mintsoft any more; the hub makes no "
                "second one: announce the goods by hand, then discard this",
            )
        services = frozenset() if asn.has_ended else self._services(order, state)
        differs = [] if asn.has_ended else self._differs(order, state, services)
        if differs and not _was_repeated(order, asn, state, services):
            raise Permanent(
                "purchase_orders.changed",
                f"purchase order {order.number} was changed after the warehouse was told of it: "
                f"{named(differs)}; an ASN's items cannot be changed through the API: repeat it on "
                f"ASN {asn_id} in Mintsoft and replay this",
            )
        return Plan([*confirm, *self._header(order, asn, state)], outcome="announced")

    def _is_awaited(self, order: PurchaseOrder, asn_id: int) -> bool:
        """Whether goods that Unleashed has are still to be booked in: until then the stock sync has
        to know of them (`untold`), and looks among the records in work."""
        changed = order.modified_at
        if changed is None or self._world.stores.clock.now() - changed > AWAITED_WITHIN:
            return False
        asn = self._world.asns.read_asn(asn_id)
        return asn is not None and not asn.has_ended

    def _services(self, order: PurchaseOrder, state: SyncState) -> frozenset[str]:
        """Codes of what never lies in stock, of which the warehouse need not hear; lines that came
        later may be such, too."""
        told = _told(state)
        services = frozenset(told.get("services", ()))
        if {line.sku for line in order.lines} <= {*told.get("units", {}), *services}:
            return services
        return services | services_of(self._world.erp.purchase_orders.products_of(order))

    def _differs(
        self, order: PurchaseOrder, state: SyncState, services: frozenset[str]
    ) -> list[str]:
        """What of the goods is not as the warehouse was told, but for what the hub raised."""
        problem = lines_problem(order)
        if problem:
            return [problem]
        told, said = _told(state), []
        if order.warehouse_code != told.get("warehouse"):
            said.append(f"warehouse {told.get('warehouse')} → {order.warehouse_code}")
        raised = raised_by_receipts(self._world.sync, state.key)
        return [*said, *edits(told.get("units", {}), units_of(order, services), raised)]

    def _header(self, order: PurchaseOrder, asn: Asn, state: SyncState) -> list[Step]:
        """The step that carries another expected day over, while nobody has begun."""
        name = state.anew("header")
        told = [
            step.told["expected"] for step in state.steps if step.how and "expected" in step.told
        ]
        day = order.expected
        is_new = told[-1:] != [str(day)] and asn.expected != day and not asn.is_begun
        if day is None or not (is_new or state.is_open(name)):
            return []
        asns, change = self._world.asns, AsnChange(expected=day)

        def send(by: datetime) -> str:
            found = asns.read_asn(asn.asn_id)
            if found is not None and not found.is_begun:
                asns.update_asn(asn.asn_id, change, by)
            return ""

        def look_up(_: Claim) -> LookUp:
            """By reading it by its id, which is conclusive: the day is named."""
            found = asns.read_asn(asn.asn_id)
            if found is None:
                return Inconclusive(f"ASN {asn.asn_id} is not in Mintsoft any more")
            return Found("") if found.has(change) else NotFound()

        summary = f"ASN for {order.number} is expected on {day}"
        return [Step(name, MINTSOFT, summary, send, look_up, told={"expected": str(day)})]


def _was_repeated(
    order: PurchaseOrder, asn: Asn, state: SyncState, services: frozenset[str]
) -> bool:
    """Whether somebody made the same change to the ASN by hand."""
    is_there = order.warehouse_code == _told(state).get("warehouse")
    return is_there and asn.announced() == units_of(order, services)


def _told(state: SyncState) -> dict[str, Any]:
    """What the warehouse was told when the ASN was made."""
    step = state.step(ASN)
    return step.told if step else {}

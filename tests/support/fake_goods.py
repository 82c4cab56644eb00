"""`ports.goods` in memory; tests/contract holds it to what the real adapters do."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.order_changes import NOT_BEGUN, OrderHeaderChange
from returns_hub.domain.warehouse_asns import (
    Asn,
    AsnChange,
    AsnDraft,
    AsnItem,
    AsnPage,
    AsnPortion,
    AsnStage,
    asn_problem,
)
from returns_hub.domain.warehouse_goods import (
    BundleComponent,
    NewProduct,
    ProductChange,
    ProductMade,
    ProductPage,
    ProductUpdated,
    WarehouseProduct,
    change_problem,
    product_problem,
)
from returns_hub.domain.warehouse_orders import BY_RULES, OrderedItem
from returns_hub.errors import Permanent, Retryable, Verdict
from tests.support.fake_orders import FakeOrdersWarehouse
from tests.support.fakes import TestClock

STAGE_OF = {
    1: AsnStage.DRAFT,
    2: AsnStage.APPROVAL,
    3: AsnStage.AWAITING,
    4: AsnStage.BOOKED_IN,
    5: AsnStage.DISCREPANCY,
    9: AsnStage.DELIVERED,
}


@dataclass
class Trouble:
    """What goes wrong with the next writes: before them, or after they were carried out."""

    clock: TestClock
    waiting: deque[tuple[Literal["before", "after"], Verdict]] = field(default_factory=deque)

    def before(self, send_by: datetime) -> Verdict | None:
        """Raise what prevents the write; give what comes after it."""
        if self.clock.now() > send_by:
            raise Retryable("partner.too_late", "the claim's time to send has passed", after=1)
        when, verdict = self.waiting.popleft() if self.waiting else ("", None)
        if when == "before" and verdict is not None:
            raise verdict
        return verdict

    @staticmethod
    def after(verdict: Verdict | None) -> None:
        if verdict is not None:
            raise verdict


class FakeProductsWarehouse:
    """The products of one client."""

    def __init__(self, clock: TestClock, skus: tuple[str, ...] = ("TEE", "MUG", "CAP")) -> None:
        self._clock = clock
        self.trouble = Trouble(clock)
        self.kept = {
            901 + at: WarehouseProduct(901 + at, sku, sku.title()) for at, sku in enumerate(skus)
        }
        self.parts: dict[int, tuple[BundleComponent, ...]] = {}
        self.on_hand: dict[tuple[int, str], int] = {}

    def require_open(self) -> None:
        return

    def find_product(self, sku: str) -> WarehouseProduct | None:
        return next((one for one in self.kept.values() if one.sku == sku), None)

    def find_products(self, skus: Iterable[str]) -> Mapping[str, WarehouseProduct]:
        found = {sku: self.find_product(sku) for sku in skus}
        return {sku: product for sku, product in found.items() if product is not None}

    def look_up_product(self, sku: str) -> LookUp:
        product = self.find_product(sku)
        if product is not None:
            return Found(str(product.product_id))
        alike = [one for one in self.kept.values() if one.sku.casefold() == sku.casefold()]
        return Inconclusive(f"is it {alike[0].sku}?") if alike else NotFound()

    def read_product(self, product_id: int) -> WarehouseProduct | None:
        return self.kept.get(product_id)

    def products_updated_since(
        self, since: datetime | None, most_calls: int, first_page: int = 1
    ) -> ProductPage:
        found = [
            one
            for one in self.kept.values()
            if since is None or (one.updated_at is not None and one.updated_at >= since)
        ]
        return ProductPage(tuple(found), 2)

    def bundle_components(self, product_id: int) -> tuple[BundleComponent, ...]:
        return self.parts.get(product_id, ())

    def create_product(self, draft: NewProduct, send_by: datetime) -> ProductMade:
        problem = product_problem(draft)
        if problem:
            raise Permanent("mintsoft.bad_product", problem)
        looked_up = self.look_up_product(draft.sku)
        if isinstance(looked_up, Found):
            return ProductMade(int(looked_up.partner_id), found=True)
        if isinstance(looked_up, Inconclusive):
            raise Permanent("mintsoft.sku_taken", looked_up.why)
        after = self.trouble.before(send_by)
        parts = []
        for part in draft.components:
            product = self.find_product(part.sku)
            if product is None:
                raise Permanent("mintsoft.refused", f"Product {part.sku} does not exist")
            parts.append(replace(part, product_id=product.product_id))
        made = max([9000, *self.kept]) + 1
        bundle = bool(parts)
        self.kept[made] = WarehouseProduct(
            made,
            draft.sku,
            draft.name,
            ean="" if bundle else draft.ean,
            upc="" if bundle else draft.upc,
            weight=draft.weight,
            height=draft.height,
            width=draft.width,
            depth=draft.depth,
            image_url=draft.image_url,
            price=draft.price,
            cost_price=draft.cost_price,
            has_batches=draft.has_batches,
            has_serials=draft.has_serials,
            has_expiry=draft.has_expiry,
            is_bundle=bundle,
        )
        self.parts[made] = tuple(parts)
        self.edit_product(made)
        self.trouble.after(after)
        return ProductMade(made)

    def update_product(
        self, product_id: int, change: ProductChange, send_by: datetime
    ) -> ProductUpdated:
        problem = change_problem(change)
        if problem:
            raise Permanent("mintsoft.bad_product", problem)
        product = self.kept.get(product_id)
        if product is None:
            raise Permanent("mintsoft.no_such_product", f"no product {product_id}")
        if product.lacks(change):
            after = self.trouble.before(send_by)
            self.edit_product(product_id, **change.named())
            self.trouble.after(after)
        return ProductUpdated(self.kept[product_id])

    def set_on_hand(
        self, warehouse_id: int, units: Mapping[str, int], send_by: datetime
    ) -> Mapping[str, str]:
        after = self.trouble.before(send_by)
        known = {product.sku for product in self.kept.values()}
        if not known & units.keys():
            raise Permanent("fake.refused", "no such product")
        self.on_hand |= {(warehouse_id, sku): count for sku, count in units.items() if sku in known}
        self.trouble.after(after)
        return {sku: "no such product" for sku in units if sku not in known}

    def edit_product(self, product_id: int, **fields: Any) -> None:
        """Somebody edits a product."""
        now = self._clock.now()
        self.kept[product_id] = replace(
            self.kept[product_id], version=now.isoformat(), updated_at=now, **fields
        )


class FakeAsnWarehouse:
    """The ASNs of one client."""

    def __init__(self, clock: TestClock, skus: tuple[str, ...] = ("TEE", "MUG", "CAP")) -> None:
        self._clock = clock
        self.trouble = Trouble(clock)
        self.skus = set(skus)
        self.kept: dict[int, Asn] = {}
        self._next_id = 301

    def require_open(self) -> None:
        return

    def create_asn(self, draft: AsnDraft, send_by: datetime) -> int:
        problem = asn_problem(draft, 50)
        if problem:
            raise Permanent("mintsoft.bad_asn", problem)
        after = self.trouble.before(send_by)
        for line in draft.lines:
            if line.sku not in self.skus:
                raise Permanent("mintsoft.refused", f"Product {line.sku} does not exist")
        items = tuple(
            AsnItem(at, line.sku, line.quantity, line_id=line.line_id)
            for at, line in enumerate(draft.lines, 1)
        )
        made = self._put(
            reference=draft.reference,
            warehouse_id=draft.warehouse_id,
            items=items,
            expected=draft.expected,
            supplier=draft.supplier,
            supplier_notes=draft.supplier_notes,
            comments=draft.comments,
            marker=draft.marker,
            goods_in=draft.goods_in or "Carton",
            packages=draft.packages,
        )
        self.trouble.after(after)
        return made

    def _put(self, **content: Any) -> int:
        made, self._next_id = self._next_id, self._next_id + 1
        now = self._clock.now()
        self.kept[made] = Asn(
            asn_id=made,
            stage=AsnStage.DRAFT,
            status_word="NEW",
            version=now.isoformat(),
            updated_at=now,
            **content,
        )
        return made

    def find_asn(self, draft: AsnDraft, since: datetime) -> LookUp:
        alike = None
        for asn in self.kept.values():
            if asn.marker == draft.marker:
                return Found(str(asn.asn_id))
            same = asn.reference == draft.reference and asn.announced() == draft.units()
            alike = asn if same and not asn.marker else alike
        return Inconclusive(f"is it {alike.asn_id}?") if alike else NotFound()

    def asns_with_reference(self, reference: str, since: datetime, most_calls: int) -> AsnPage:
        page = self.asns_updated_since(since, most_calls)
        return AsnPage(tuple(asn for asn in page.asns if asn.reference == reference), 2)

    def read_asn(self, asn_id: int) -> Asn | None:
        return self.kept.get(asn_id)

    def asns_updated_since(
        self,
        since: datetime,
        most_calls: int,
        stages: frozenset[AsnStage] | None = None,
        *,
        first_page: int = 1,
    ) -> AsnPage:
        found = [asn for asn in self.kept.values() if asn.updated_at >= since]
        return AsnPage(tuple(asn for asn in found if stages is None or asn.stage in stages), 2)

    def confirm_asn(self, asn_id: int, send_by: datetime) -> None:
        if self._known(asn_id).stage is AsnStage.DRAFT:
            after = self.trouble.before(send_by)
            self.set_asn_status(asn_id, 3)
            self.trouble.after(after)

    def update_asn(self, asn_id: int, change: AsnChange, send_by: datetime) -> None:
        asn = self._known(asn_id)
        if asn.has(change):
            return
        self._require_not_begun(asn)
        after = self.trouble.before(send_by)
        self._change(asn_id, **change.named())
        self.trouble.after(after)

    def cancel_asn(self, asn_id: int, send_by: datetime) -> None:
        if asn_id not in self.kept:
            return
        self._require_not_begun(self.kept[asn_id])
        after = self.trouble.before(send_by)
        del self.kept[asn_id]
        self.trouble.after(after)

    def unknown_asn_statuses(self) -> tuple[str, ...]:
        return ()

    def _known(self, asn_id: int) -> Asn:
        if asn_id not in self.kept:
            raise Permanent("mintsoft.no_such_asn", f"Mintsoft has no ASN {asn_id}")
        return self.kept[asn_id]

    def _require_not_begun(self, asn: Asn) -> None:
        if asn.is_begun:
            raise Permanent("mintsoft.asn_begun", f"ASN {asn.reference} is {asn.status_word}")

    def _change(self, asn_id: int, **changes: Any) -> None:
        now = self._clock.now()
        self.kept[asn_id] = replace(
            self.kept[asn_id], version=now.isoformat(), updated_at=now, **changes
        )

    # -- the warehouse's hands --------------------------------------------------------------

    def book_in(
        self,
        asn_id: int,
        *goods: tuple[str, int],
        complete: bool = True,
        batch: str = "",
        serial: str = "",
    ) -> None:
        """Goods are booked in; without any exactly what is still expected."""
        items = list(self.kept[asn_id].items or ())
        for sku, units in goods or [(i.sku, i.expected - i.booked) for i in items]:
            at = next((n for n, item in enumerate(items) if item.sku == sku), None)
            if at is None:
                items.append(AsnItem(len(items) + 1, sku, 0))
                at = len(items) - 1
            item, part = items[at], AsnPortion(units, batch, serial)
            now = item.booked + units
            items[at] = replace(
                item,
                received=now,
                booked=now,
                complete=now >= item.expected > 0,
                portions=(*item.portions, part),
            )
        self.set_asn_status(asn_id, 4 if complete else 7)
        at_ = self._clock.now() if complete else None
        self._change(asn_id, items=tuple(items), booked_in_at=at_)

    def announce(self, reference: str, *goods: tuple[str, int]) -> int:
        """Somebody at the warehouse makes an ASN."""
        items = tuple(AsnItem(at, sku, units) for at, (sku, units) in enumerate(goods, 1))
        return self._put(reference=reference, warehouse_id=3, items=items)

    def set_asn_status(self, asn_id: int, status_id: int) -> None:
        """An ASN goes on, or is held up."""
        stage = STAGE_OF.get(status_id, AsnStage.PART_BOOKED)
        self._change(asn_id, stage=stage, status_word=stage.value.upper())


class FakeOrderChanges:
    """Changes to the orders of a `FakeOrdersWarehouse`."""

    def __init__(self, orders: FakeOrdersWarehouse, clock: TestClock) -> None:
        self._orders = orders
        self.trouble = Trouble(clock)
        self.headers: dict[int, dict[str, Any]] = {}

    def set_order_units(
        self,
        order_id: int,
        sku: str,
        units: int,
        send_by: datetime,
        *,
        unit_price: Decimal | None = None,
    ) -> None:
        order = self._orders._kept(order_id).order
        held = order.units()
        if held.get(sku, 0) == units:
            return
        self._require_changeable(order_id)
        several = sum(item.sku == sku for item in order.items or ()) > 1
        if units < 0 or several or not any({**held, sku: units}.values()):
            raise Permanent("mintsoft.bad_order", f"order {order.number}: that cannot be set")
        if sku not in self._orders.skus:
            raise Permanent("mintsoft.refused", f"Product {sku} does not exist")
        after = self.trouble.before(send_by)
        goods = {name: n for name, n in {**held, sku: units}.items() if n}
        items = tuple(OrderedItem(name, n) for name, n in goods.items())
        self._orders._change(order_id, items=items)
        self._orders._allocate(order_id)
        self.trouble.after(after)

    def update_order(self, order_id: int, change: OrderHeaderChange, send_by: datetime) -> None:
        if isinstance(self.order_has(order_id, change), Found):
            return
        self._require_changeable(order_id)
        after = self.trouble.before(send_by)
        self.headers.setdefault(order_id, {}).update(_named(change))
        self.trouble.after(after)

    def order_has(self, order_id: int, change: OrderHeaderChange) -> LookUp:
        draft = self._orders._kept(order_id).draft
        wanted = _named(change)
        if not wanted or wanted.get("courier") == BY_RULES:
            raise Permanent("mintsoft.bad_order", "the change cannot be made")
        first = {
            "recipient": draft.recipient,
            "delivery_notes": draft.delivery_notes,
            "external_reference": draft.external_reference,
        }
        held = first | self.headers.get(order_id, {})
        same = all(held.get(name) == value for name, value in wanted.items())
        return Found(str(order_id)) if same else NotFound()

    def _require_changeable(self, order_id: int) -> None:
        order = self._orders._kept(order_id).order
        if order.stage not in NOT_BEGUN:
            raise Permanent("mintsoft.order_begun", f"order {order.number} is in work")
        if order.parts > 1 or len(order.numbers) > 1:
            raise Permanent("mintsoft.order_split", f"order {order.number} was split or merged")


def _named(change: OrderHeaderChange) -> dict[str, Any]:
    return {name: value for name, value in vars(change).items() if value is not None}

"""Products of Unleashed become products of the warehouse, and stay in step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from returns_hub.domain.base import short_hash
from returns_hub.domain.operations import Claim, Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.names import MINTSOFT, PRODUCTS
from returns_hub.domain.unleashed.products import ErpProduct
from returns_hub.domain.unleashed.products_rule import (
    Carried,
    Memo,
    Wrong,
    carried,
    draft_of,
    is_known,
    marks_of,
    why_not_made,
)
from returns_hub.domain.warehouse_goods import NewProduct, ProductChange, WarehouseProduct
from returns_hub.errors import Permanent, Retryable, Skip
from returns_hub.flows.sync.shape import Change, Coming, Plan, Reached, Step
from returns_hub.flows.unleashed.before_live import is_of_before
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.goods.product_list import EVERYTHING, ProductList
from returns_hub.flows.unleashed.timed import TimedByFile

MADE = "product"
"""The step that makes a product; its partner's id is the warehouse's product id."""
CHANGED = "update"
DELETED = "deleted"
GONE = "the product is there no more"
Content = ErpProduct | None
"""A product; None for one that Unleashed does not know any more."""


class ProductsSource(TimedByFile):
    """`flows.sync.shape.Source` and `LongList`: products -> products of the warehouse."""

    name = PRODUCTS

    def __init__(self, world: ErpWorld) -> None:
        super().__init__(world.connection.products)
        self._world = world
        self._settings = world.connection.products
        self._goods = world.world.live.merchant.mintsoft.goods
        self._list = ProductList(world)
        self._stopped: str = ""

    @property
    def first_look_back(self) -> timedelta:
        """See `Source.first_look_back`."""
        hours = self._settings.first_look_back_hours
        return EVERYTHING if hours is None else timedelta(hours=hours)

    @property
    def basis(self) -> str:
        """The settings by which products are made and changed: what they say is held against every
        product anew when one of them changes."""
        told = self._settings.model_dump_json(
            exclude={"mode", "every_minutes", "overlap_minutes", "first_look_back_hours"}
        )
        units = f"{self._goods.weight_unit} {self._goods.length_unit}"
        return short_hash(f"{told} {units} {self._world.connection.batches_and_serials}")

    # -- reading ----------------------------------------------------------------------------

    def pull(self, since: datetime) -> Iterator[Change[Content]]:
        """See `Source.pull`."""
        for told in self.pull_from(since, ""):
            if isinstance(told, Change):
                yield told

    def pull_from(
        self, since: datetime, place: str
    ) -> Iterator[Change[Content] | Reached | Coming]:
        """See `LongList.pull_from`; the places are those of `ProductList`."""
        for told in self._list.read(since, place):
            if isinstance(told, Reached | Coming):
                yield told
                continue
            # While the warehouse is away nothing is begun that would only wait for it.
            self._world.products.require_open()
            yield self._change(told)

    def read(self, key: str) -> Change[Content] | None:
        """See `Source.read`. One that Unleashed deleted is a change as well."""
        product = self._world.erp.products.read(key)
        return Change(key, DELETED, None, None) if product is None else self._change(product)

    def _change(self, product: ErpProduct) -> Change[Content]:
        """Its average cost may have moved where nothing else did, so that its fields tell."""
        told = f"{self.basis} {self._draft(product)} {product.never_diminishing} {product.obsolete}"
        return Change(product.guid, short_hash(told), product.modified_at, product)

    def _draft(self, product: ErpProduct) -> NewProduct:
        both = self._world.connection.batches_and_serials
        return draft_of(product, self._settings, self._goods, batches_and_serials=both)

    # -- planning ---------------------------------------------------------------------------

    def plan(self, change: Change[Content], state: SyncState) -> Plan:
        """See `Source.plan`."""
        product, memo = change.content, Memo.of(state.memo)
        if product is None:
            return self._plan_deleted(change.key, memo, state)
        if product.never_diminishing:
            raise Skip("unleashed.no_goods", f"{product.code[:60]!r} never diminishes: no goods")
        draft = self._draft(product)
        if state.is_open(MADE) and not product.obsolete:
            return Plan([self._make(draft)], "made", memo=Memo(marks=marks_of(draft)).to_json())
        memo = _with_id(memo, state)
        if is_known(product, draft, memo, self._settings) and not state.open_steps:
            return Plan()
        here, is_fresh = self._here(product.code, memo)
        if here is None:
            return self._plan_missing(product, draft, memo)
        told = self._carried(product, draft, here, memo, state)
        if told.change.named() and not is_fresh:
            # What a list showed may be days old: what is written is decided on what is there now.
            here, _ = self._here(product.code, Memo(here.product_id), listed=False)
            if here is None:
                return self._plan_missing(product, draft, memo)
            told = self._carried(product, draft, here, memo, state)
        return self._plan_change(told, here, state)

    def _carried(
        self,
        product: ErpProduct,
        draft: NewProduct,
        here: WarehouseProduct,
        memo: Memo | None,
        state: SyncState,
    ) -> Carried:
        is_old = is_of_before(self._world, product.modified_at)
        step = state.step(state.anew(CHANGED))
        told = step.told.get("fields", ()) if step is not None and step.is_open else ()
        return carried(
            product, draft, here, memo, self._settings, told_before=told, is_recent=not is_old
        )

    def _plan_change(self, told: Carried, here: WarehouseProduct, state: SyncState) -> Plan:
        name, memo = state.anew(CHANGED), told.memo.to_json()
        if not told.change.named() or not (here.lacks(told.change) or state.is_open(name)):
            return Plan(outcome="left_different" if told.differ else "in_step", memo=memo)
        self._require_harmless()
        words = {True: "discontinued", False: "taken_up", None: "updated"}
        outcome = words[told.change.discontinued]
        return Plan([self._update(name, told, here)], outcome, memo=memo)

    def _plan_missing(self, product: ErpProduct, draft: NewProduct, memo: Memo | None) -> Plan:
        if memo is not None and memo.product_id is not None and not product.obsolete:
            raise Permanent(
                "unleashed.product_gone",
                f"{product.code[:60]} was product {memo.product_id} of the warehouse, which does "
                "not have it any more; make it there again, or discard this",
            )
        why = why_not_made(product, draft, create=self._settings.create)
        if isinstance(why, Wrong):
            raise Permanent("unleashed.bad_product", why.why)
        if why is not None:
            raise Skip(why.code, why.why)
        return Plan([self._make(draft)], "made", memo=Memo(marks=marks_of(draft)).to_json())

    def _plan_deleted(self, key: str, memo: Memo | None, state: SyncState) -> Plan:
        memo = _with_id(memo, state)
        if memo is None or memo.product_id is None or not self._settings.discontinue:
            raise Skip("unleashed.deleted", "Unleashed does not know it any more")
        here = self._world.products.read_product(memo.product_id)
        if here is None:
            raise Skip("unleashed.deleted", "neither side has it any more")
        if self._world.erp.products.with_code(here.sku) is not None:
            raise Skip("unleashed.made_anew", f"Unleashed has another product {here.sku[:60]!r}")
        ended = ErpProduct(guid=key, code=here.sku, obsolete=True)
        told = self._carried(ended, self._draft(ended), here, memo, state)
        return self._plan_change(told, here, state)

    def _here(
        self, code: str, memo: Memo | None, *, listed: bool = True
    ) -> tuple[WarehouseProduct | None, bool]:
        """The warehouse's product, and whether it was read just now."""
        if listed and memo is None:
            shown = self._list.shelved(code)
            if shown is not None:
                return shown.product, False
        if memo is not None and memo.product_id is not None:
            found = self._world.products.read_product(memo.product_id)
            if found is not None and found.sku == code:
                return found, True
        return self._world.products.find_product(code), True

    # -- writing ----------------------------------------------------------------------------

    def _make(self, draft: NewProduct) -> Step:
        return make_step(self._world, draft, MADE)

    def _update(self, name: str, told: Carried, here: WarehouseProduct) -> Step:
        """Looked up by reading the product by its id: it has what was named, or it has not. Naming
        it once more changes nothing."""
        change, product_id = told.change, here.product_id

        def send(by: datetime) -> str:
            done = self._world.products.update_product(product_id, change, by)
            self._stop_if_harmed(here.sku, done.lost)
            if done.refused:
                raise Permanent(
                    "mintsoft.not_taken",
                    f"Mintsoft took the change of {here.sku}, and does not show it: "
                    f"{', '.join(done.refused)}",
                )
            return ""

        def look_up(_: Claim) -> LookUp:
            found = self._world.products.read_product(product_id)
            if found is None:
                return Inconclusive(f"{here.sku}: {GONE}")
            return NotFound() if found.lacks(change) else Found(str(product_id))

        return Step(
            name=name,
            partner=MINTSOFT,
            summary=f"{here.sku}: {_in_words(change)}",
            send=send,
            look_up=look_up,
            told={"fields": list(told.fields)},
            passing=True,
        )

    def _stop_if_harmed(self, sku: str, lost: tuple[str, ...]) -> None:
        if not lost:
            return
        self._stopped = (
            f"a change of product {sku} emptied other fields of it at Mintsoft: "
            f"{', '.join(lost)}; set mintsoft.goods.product_update to whole, mend the product, and "
            "replay"
        )
        raise Permanent("mintsoft.fields_lost", self._stopped)

    def _require_harmless(self) -> None:
        """One product that was harmed is enough: the others wait for a person."""
        if self._stopped:
            raise Retryable("mintsoft.fields_lost", self._stopped, after=900)


def make_step(world: ErpWorld, draft: NewProduct, name: str) -> Step:
    """The step that makes a product at the warehouse.

    Looked up by its SKU, which the warehouse is asked for in two ways; one that is there already is
    this step's success.
    """

    def send(by: datetime) -> str:
        return str(world.products.create_product(draft, by).product_id)

    def look_up(_: Claim) -> LookUp:
        return world.products.look_up_product(draft.sku)

    return Step(
        name=name,
        partner=MINTSOFT,
        summary=f"make product {draft.sku}",
        send=send,
        look_up=look_up,
        told={"sku": draft.sku},
        does="create",
    )


def product_step(world: ErpWorld, state: SyncState, code: str) -> Step | None:
    """The step of a record that makes a product which it needs at the warehouse.

    Args:
        world: The merchant's.
        state: The record's.
        code: The product's code at Unleashed.

    Returns:
        The step; None when the warehouse has the product.

    Raises:
        Permanent: Unleashed does not know it, or it cannot be made; why, in a sentence.
        Retryable: It cannot be told now, or the products flow is making it.
    """
    name = f"{MADE}/{code}"
    if state.done(name) or (
        not state.is_open(name) and world.products.find_product(code) is not None
    ):
        return None
    product = world.erp.products.with_code(code)
    if product is None:
        raise Permanent("unleashed.no_such_product", f"Unleashed has no product {code[:60]!r}")
    connection, goods = world.connection, world.world.live.merchant.mintsoft.goods
    both = connection.batches_and_serials
    draft = draft_of(product, connection.products, goods, batches_and_serials=both)
    why = why_not_made(product, draft)
    if why is not None:
        raise Permanent("unleashed.bad_product", f"it cannot be made at the warehouse: {why.why}")
    if world.sync.load(PRODUCTS, product.guid).is_open(MADE):
        reason = f"product {code[:60]} is being made at the warehouse"
        raise Retryable("unleashed.product_coming", reason, after=300)
    return make_step(world, draft, name)


def _with_id(memo: Memo | None, state: SyncState) -> Memo | None:
    """The memo, with the id of the product that was made."""
    made = state.partner_id(MADE)
    if memo is None or memo.product_id is not None or not made:
        return memo
    return Memo(int(made), memo.marks, memo.ended, memo.discontinued)


def _in_words(change: ProductChange) -> str:
    named: Mapping[str, Any] = change.named()
    return ", ".join(f"{name} {value}" for name, value in named.items())


def sources(world: ErpWorld) -> list[ProductsSource]:
    """The flow's sources."""
    return [ProductsSource(world)]

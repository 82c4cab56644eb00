"""What a warehouse of goods promises: the fakes, and the Mintsoft adapters on their simulator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.domain.order_changes import OrderHeaderChange
from returns_hub.domain.warehouse_asns import AsnChange, AsnStage
from returns_hub.domain.warehouse_goods import BundleComponent, ProductChange, ProductMade
from returns_hub.domain.warehouse_orders import OrderStage, Recipient
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.ports.goods import AsnWarehouse, OrderChanges, ProductsWarehouse
from returns_hub.ports.orders import OrdersWarehouse
from tests.support.fake_goods import FakeAsnWarehouse, FakeOrderChanges, FakeProductsWarehouse
from tests.support.fake_orders import FakeOrdersWarehouse
from tests.support.fakes import START, TestClock
from tests.support.goods_worlds import DAY, GoodsBench, asn_draft, new_product
from tests.support.order_worlds import LATER, draft

AN_HOUR_AGO = START - timedelta(hours=1)
ELSEWHERE = Recipient(country="SE", first_name="Robin", address=("Other Road 2",), town="Elsewhere")


class Side:
    """One kind of warehouse; its hands are its people, and `lose` spoils the next answer."""

    products: ProductsWarehouse
    asns: AsnWarehouse
    orders: OrdersWarehouse
    changes: OrderChanges
    clock: TestClock
    dock: Any
    """Those who book in."""
    office: Any
    """Those who edit products."""
    floor: Any
    """Those who pick."""
    lose: Callable[[str, str], None]


@pytest.fixture(params=["fake", "simulator"])
def side(request: pytest.FixtureRequest) -> Side:
    made = Side()
    if request.param == "simulator":
        bench = GoodsBench()
        made.products, made.asns, made.orders = bench.products, bench.asns, bench.orders
        made.changes, made.clock = bench.order_changes, bench.clock
        made.dock = made.office = made.floor = bench
        made.lose = lambda method, path: bench.mintsoft.faults.add(
            Fault(FaultKind.RESET_AFTER, method=method, path=path)
        )
        return made
    clock = made.clock = TestClock()
    products, asns = FakeProductsWarehouse(clock), FakeAsnWarehouse(clock)
    orders = FakeOrdersWarehouse(clock)
    for sku in ("TEE", "MUG", "CAP"):
        orders.set_stock(sku, 100)
    changes = FakeOrderChanges(orders, clock)
    made.products, made.asns, made.orders, made.changes = products, asns, orders, changes
    made.dock, made.office, made.floor = asns, products, orders

    def lose(_: str, path: str) -> None:
        for fake in (products, asns, changes):
            fake.trouble.waiting.append(
                ("after", UnknownOutcome("mintsoft.unknown_outcome", "lost"))
            )

    made.lose = lose
    return made


def is_at(moment: datetime | None, wanted: datetime) -> bool:
    """The clock goes on a little while requests are made."""
    return moment is not None and abs(moment - wanted) < timedelta(seconds=1)


def order_of(side: Side, *goods: tuple[str, int]) -> int:
    return side.orders.create_order(draft("DK-1", *goods), LATER).order_id


def units_of(side: Side, order_id: int) -> dict[str, int]:
    order = side.orders.read_order(order_id)
    assert order is not None
    return order.units()


# -- products ---------------------------------------------------------------------------------


def test_a_product_is_made_and_read_back(side: Side) -> None:
    made = side.products.create_product(new_product(), LATER)
    product = side.products.find_product("HAT")

    assert product is not None
    assert made == ProductMade(product.product_id)
    assert (product.name, product.barcodes) == ("Hat, blue", frozenset({"5000000000012"}))
    assert (product.weight, product.depth) == (Decimal("0.2"), Decimal("25.5"))
    assert (product.cost_price, product.image_url) == (
        Decimal("2.1375"),
        "https://images.example.test/hat.png",
    )
    assert (product.has_batches, product.has_serials, product.has_expiry) == (True, False, False)
    assert (product.is_bundle, product.discontinued) == (False, False)
    assert side.products.read_product(made.product_id) == product


def test_the_same_product_again_is_found_and_left_as_it_is(side: Side) -> None:
    first = side.products.create_product(new_product(), LATER).product_id
    side.office.edit_product(first, name="Hat, renamed")
    again = side.products.create_product(new_product(), LATER)

    assert again == ProductMade(first, found=True)
    found = side.products.find_products(["HAT", "NONE", "TEE"])
    assert found.keys() == {"HAT", "TEE"}
    assert found["HAT"].name == "Hat, renamed"


def test_an_answer_that_is_lost_is_looked_up_by_the_sku(side: Side) -> None:
    side.lose("PUT", "/api/Product$")
    with pytest.raises(UnknownOutcome):
        side.products.create_product(new_product(), LATER)

    assert isinstance(side.products.look_up_product("HAT"), Found)
    assert side.products.look_up_product("HOOD") == NotFound()


def test_a_sku_spelt_alike_is_for_a_person(side: Side) -> None:
    assert isinstance(side.products.look_up_product("tee"), Inconclusive)
    assert side.products.find_product("tee") is None
    with pytest.raises(Permanent, match="TEE") as raised:
        side.products.create_product(new_product("tee"), LATER)

    assert raised.value.code == "mintsoft.sku_taken"


@pytest.mark.parametrize(
    "changes",
    [
        {"sku": " "},
        {"sku": " HAT"},
        {"sku": "H" * 101},
        {"ean": "50\n00"},
        {"name": ""},
        {"weight": Decimal(-1)},
        {"cost_price": Decimal("0.1234567890123456")},
        {"components": (BundleComponent("TEE", 0),)},
        {"components": (BundleComponent("HAT", 1),)},
        {"components": (BundleComponent("TEE", 1), BundleComponent("TEE", 2))},
    ],
    ids=str,
)
def test_a_product_that_is_none_is_refused_before_anything_is_sent(
    side: Side, changes: dict[str, Any]
) -> None:
    with pytest.raises(Permanent) as raised:
        side.products.create_product(replace(new_product(), **changes), LATER)

    assert raised.value.code == "mintsoft.bad_product"
    assert side.products.find_product("HAT") is None


def test_named_fields_change_and_the_rest_stays(side: Side) -> None:
    made = side.products.create_product(new_product(upc="012345678905"), LATER).product_id
    side.clock.advance(minutes=5)
    change = ProductChange(ean="", weight=Decimal("0.25"), discontinued=True)
    updated = side.products.update_product(made, change, LATER)
    product = side.products.read_product(made)

    assert product is not None
    assert updated.product == product
    assert (updated.refused, updated.lost) == ((), ())
    assert (product.ean, product.weight, product.discontinued) == ("", Decimal("0.25"), True)
    assert (product.name, product.upc, product.cost_price) == (
        "Hat, blue",
        "012345678905",
        Decimal("2.1375"),
    )
    assert product.lacks(change) == ()
    assert product.lacks(ProductChange(ean="1", name="Hat, blue")) == ("ean",)
    assert is_at(product.updated_at, START + timedelta(minutes=5))
    assert isinstance(side.products.look_up_product("HAT"), Found)


def test_a_change_whose_answer_is_lost_shows_in_the_product(side: Side) -> None:
    change = ProductChange(image_url="https://images.example.test/tee.png")
    side.lose("POST", "/api/Product$")
    with pytest.raises(UnknownOutcome):
        side.products.update_product(901, change, LATER)
    product = side.products.read_product(901)

    assert product is not None
    assert product.lacks(change) == ()
    before = product.version
    side.clock.advance(minutes=5)
    side.products.update_product(901, change, LATER)
    again = side.products.read_product(901)
    assert again is not None
    assert again.version == before


@pytest.mark.parametrize(
    "change",
    [
        ProductChange(),
        ProductChange(name=" "),
        ProductChange(ean="1" * 101),
        ProductChange(weight=Decimal("NaN")),
    ],
    ids=str,
)
def test_a_change_that_is_none_is_refused(side: Side, change: ProductChange) -> None:
    with pytest.raises(Permanent) as raised:
        side.products.update_product(901, change, LATER)

    assert raised.value.code == "mintsoft.bad_product"


def test_a_product_that_is_not_there_is_not_changed(side: Side) -> None:
    assert side.products.read_product(9999) is None
    with pytest.raises(Permanent) as raised:
        side.products.update_product(9999, ProductChange(name="x"), LATER)

    assert raised.value.code == "mintsoft.no_such_product"


def test_products_that_changed_are_listed(side: Side) -> None:
    side.clock.advance(hours=3)
    made = side.products.create_product(new_product(), LATER).product_id
    changed = side.products.products_updated_since(START + timedelta(hours=2), 9)
    everything = side.products.products_updated_since(None, 9)

    assert [one.product_id for one in changed.products] == [made]
    assert {one.sku for one in everything.products} == {"TEE", "MUG", "CAP", "HAT"}
    assert (changed.complete, everything.complete) == (True, True)


def test_a_bundle_is_made_of_its_components(side: Side) -> None:
    parts = (BundleComponent("TEE", 2), BundleComponent("MUG", 1))
    made = side.products.create_product(new_product("SET", components=parts), LATER).product_id
    product = side.products.read_product(made)

    assert product is not None
    assert product.is_bundle
    assert side.products.bundle_components(made) == (
        BundleComponent("TEE", 2, 901),
        BundleComponent("MUG", 1, 902),
    )
    assert side.products.bundle_components(901) == ()
    with pytest.raises(Permanent, match="NONE"):
        side.products.create_product(
            new_product("OTHERS", components=(BundleComponent("NONE", 1),)), LATER
        )


# -- ASNs -------------------------------------------------------------------------------------


def test_an_asn_is_made_and_read_back(side: Side) -> None:
    made = side.asns.create_asn(asn_draft("PO-1", ("TEE", 50), ("MUG", 4)), LATER)
    asn = side.asns.read_asn(made)

    assert asn is not None
    assert (asn.reference, asn.stage, asn.status_word) == ("PO-1", AsnStage.DRAFT, "NEW")
    assert (asn.warehouse_id, asn.expected, asn.supplier) == (3, DAY, "Example Mills")
    assert (asn.comments, asn.goods_in, asn.packages) == ("from the docks", "Carton", 2)
    assert asn.marker == asn_draft("PO-1").marker
    assert asn.announced() == {"TEE": 50, "MUG": 4}
    assert [item.line_id for item in asn.items or ()] == ["L1", "L2"]
    assert asn.booked_in("unknown") == {}
    assert (asn.is_begun, asn.has_ended) == (False, False)


def test_an_asn_is_found_by_its_marker_whatever_became_of_it(side: Side) -> None:
    side.lose("PUT", "/api/ASN$")
    with pytest.raises(UnknownOutcome):
        side.asns.create_asn(asn_draft(), LATER)
    found = side.asns.find_asn(asn_draft(), START)

    assert isinstance(found, Found)
    side.dock.book_in(int(found.partner_id), ("TEE", 49))
    assert side.asns.find_asn(asn_draft(), START) == found
    assert side.asns.find_asn(asn_draft("PO-78"), START) == NotFound()
    (asn,) = side.asns.asns_with_reference("PO-77", AN_HOUR_AGO, 9).asns
    assert asn.asn_id == int(found.partner_id)


def test_one_like_ours_without_our_marker_is_for_a_person(side: Side) -> None:
    side.dock.announce("PO-77", ("TEE", 49))
    assert side.asns.find_asn(asn_draft(), START) == NotFound()
    side.dock.announce("PO-77", ("TEE", 50))

    assert isinstance(side.asns.find_asn(asn_draft(), START), Inconclusive)
    side.asns.create_asn(asn_draft(), LATER)
    assert isinstance(side.asns.find_asn(asn_draft(), START), Found)
    assert len(side.asns.asns_with_reference("PO-77", AN_HOUR_AGO, 9).asns) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"reference": ""},
        {"reference": "P" * 51},
        {"marker": " "},
        {"warehouse_id": 0},
        {"lines": ()},
        {"packages": 0},
    ],
    ids=str,
)
def test_an_asn_that_is_none_is_refused_before_anything_is_sent(
    side: Side, changes: dict[str, Any]
) -> None:
    with pytest.raises(Permanent) as raised:
        side.asns.create_asn(replace(asn_draft(), **changes), LATER)

    assert raised.value.code == "mintsoft.bad_asn"
    assert side.asns.asns_updated_since(AN_HOUR_AGO, 9).asns == ()


def test_an_asn_for_an_unknown_product_is_refused(side: Side) -> None:
    with pytest.raises(Permanent, match="NONE"):
        side.asns.create_asn(asn_draft("PO-1", ("NONE", 1)), LATER)


def test_a_draft_is_confirmed_once(side: Side) -> None:
    made = side.asns.create_asn(asn_draft(), LATER)
    side.lose("GET", "/Confirm$")
    with pytest.raises(UnknownOutcome):
        side.asns.confirm_asn(made, LATER)
    asn = side.asns.read_asn(made)

    assert asn is not None
    assert asn.stage is AsnStage.AWAITING
    side.asns.confirm_asn(made, LATER)
    again = side.asns.read_asn(made)
    assert again is not None
    assert again.version == asn.version


def test_goods_are_booked_in_part_by_part_and_over(side: Side) -> None:
    made = side.asns.create_asn(asn_draft("PO-1", ("TEE", 50), ("MUG", 4)), LATER)
    side.asns.confirm_asn(made, LATER)
    side.dock.book_in(made, ("TEE", 20), complete=False, batch="A1")
    part = side.asns.read_asn(made)
    side.clock.advance(hours=2)
    side.dock.book_in(made, ("TEE", 33), ("CAP", 1), batch="A2")
    whole = side.asns.read_asn(made)

    assert part is not None
    assert whole is not None
    assert (part.stage, part.booked_in("unknown"), part.booked_in_at) == (
        AsnStage.PART_BOOKED,
        {"TEE": 20},
        None,
    )
    assert whole.stage is AsnStage.BOOKED_IN
    assert whole.has_ended
    assert is_at(whole.booked_in_at, START + timedelta(hours=2))
    assert whole.booked_in("unknown") == {"TEE": 53, "CAP": 1}
    assert whole.differences("unknown") == {"CAP": (0, 1), "MUG": (4, 0), "TEE": (50, 53)}
    tee = (whole.items or ())[0]
    assert [(p.quantity, p.batch) for p in tee.portions] == [(20, "A1"), (33, "A2")]
    assert side.asns.asns_updated_since(START + timedelta(hours=1), 9).asns == (whole,)


def test_what_changed_is_listed_by_time_and_stage(side: Side) -> None:
    side.asns.create_asn(asn_draft("PO-1"), LATER)
    side.clock.advance(hours=3)
    second = side.asns.create_asn(asn_draft("PO-2"), LATER)
    third = side.asns.create_asn(asn_draft("PO-3"), LATER)
    side.asns.confirm_asn(third, LATER)
    since = START + timedelta(hours=2)

    page = side.asns.asns_updated_since(since, 9)
    assert page.complete
    assert {asn.asn_id for asn in page.asns} == {second, third}
    awaited = side.asns.asns_updated_since(since, 9, frozenset({AsnStage.AWAITING}))
    assert [asn.asn_id for asn in awaited.asns] == [third]


def test_a_header_changes_while_nobody_has_begun(side: Side) -> None:
    made = side.asns.create_asn(asn_draft(), LATER)
    change = AsnChange(expected=date(2026, 3, 20), comments="later", supplier_notes="delayed")
    side.lose("POST", r"/api/ASN/\d+$")
    with pytest.raises(UnknownOutcome):
        side.asns.update_asn(made, change, LATER)
    asn = side.asns.read_asn(made)

    assert asn is not None
    assert asn.has(change)
    assert (asn.marker, asn.supplier, asn.packages) == (asn_draft().marker, "Example Mills", 2)
    assert asn.announced() == {"TEE": 50}
    side.asns.update_asn(made, change, LATER)
    side.dock.book_in(made, ("TEE", 1), complete=False)
    with pytest.raises(Permanent) as raised:
        side.asns.update_asn(made, AsnChange(comments="too late"), LATER)
    assert raised.value.code == "mintsoft.asn_begun"


def test_an_asn_is_taken_back_while_nobody_has_begun(side: Side) -> None:
    made = side.asns.create_asn(asn_draft(), LATER)
    begun = side.asns.create_asn(asn_draft("PO-2"), LATER)
    side.dock.set_asn_status(begun, 9)
    side.lose("DELETE", r"/api/ASN/\d+$")
    with pytest.raises(UnknownOutcome):
        side.asns.cancel_asn(made, LATER)

    assert side.asns.read_asn(made) is None
    side.asns.cancel_asn(made, LATER)
    with pytest.raises(Permanent) as raised:
        side.asns.cancel_asn(begun, LATER)
    assert raised.value.code == "mintsoft.asn_begun"
    assert side.asns.read_asn(begun) is not None


def test_what_is_not_there_is_told(side: Side) -> None:
    assert side.asns.read_asn(999) is None
    acts: tuple[Callable[[], object], ...] = (
        lambda: side.asns.confirm_asn(999, LATER),
        lambda: side.asns.update_asn(999, AsnChange(comments="x"), LATER),
    )
    for act in acts:
        with pytest.raises(Permanent) as raised:
            act()
        assert raised.value.code == "mintsoft.no_such_asn"


# -- changes of orders ------------------------------------------------------------------------


def test_an_order_is_brought_to_what_is_wanted(side: Side) -> None:
    made = order_of(side, ("TEE", 2), ("MUG", 1))
    wanted = {"TEE": 5, "CAP": 1}
    for sku, units in (("CAP", 1), ("TEE", 5), ("MUG", 0)):
        side.changes.set_order_units(made, sku, units, LATER)
    assert units_of(side, made) == wanted
    order = side.orders.read_order(made)
    assert order is not None
    assert {item.sku: item.allocated for item in order.items or ()} == wanted


@pytest.mark.parametrize(
    ("method", "sku", "units"), [("POST", "TEE", 5), ("PUT", "CAP", 1), ("DELETE", "MUG", 0)]
)
def test_units_whose_answer_is_lost_are_set_once(
    side: Side, method: str, sku: str, units: int
) -> None:
    made = order_of(side, ("TEE", 2), ("MUG", 1))
    side.lose(method, "/Items")
    with pytest.raises(UnknownOutcome):
        side.changes.set_order_units(made, sku, units, LATER)
    held = units_of(side, made)

    assert held.get(sku, 0) == units
    side.changes.set_order_units(made, sku, units, LATER)
    assert units_of(side, made) == held


def test_what_cannot_be_set_changes_nothing(side: Side) -> None:
    made = order_of(side, ("TEE", 2))
    for sku, units, code in (
        ("TEE", 0, "mintsoft.bad_order"),
        ("TEE", -1, "mintsoft.bad_order"),
        ("NONE", 1, "mintsoft.refused"),
    ):
        with pytest.raises(Permanent) as raised:
            side.changes.set_order_units(made, sku, units, LATER)
        assert raised.value.code == code
    with pytest.raises(Permanent) as raised:
        side.changes.set_order_units(999, "TEE", 1, LATER)
    assert raised.value.code == "mintsoft.no_such_order"

    assert units_of(side, made) == {"TEE": 2}


def test_an_order_that_is_begun_is_left_alone(side: Side) -> None:
    made = order_of(side, ("TEE", 2))
    side.floor.move(made, OrderStage.IN_WORK)
    acts: tuple[Callable[[], object], ...] = (
        lambda: side.changes.set_order_units(made, "TEE", 3, LATER),
        lambda: side.changes.update_order(made, OrderHeaderChange(delivery_notes="x"), LATER),
    )
    for act in acts:
        with pytest.raises(Permanent) as raised:
            act()
        assert raised.value.code == "mintsoft.order_begun"

    assert units_of(side, made) == {"TEE": 2}


def test_a_split_order_is_for_a_person(side: Side) -> None:
    made = order_of(side, ("TEE", 2), ("MUG", 1))
    side.floor.split(made, {"MUG": 1})
    with pytest.raises(Permanent) as raised:
        side.changes.set_order_units(made, "TEE", 3, LATER)

    assert raised.value.code == "mintsoft.order_split"


def test_a_header_of_an_order_changes_and_is_seen_to(side: Side) -> None:
    made = order_of(side, ("TEE", 2))
    change = OrderHeaderChange(
        recipient=ELSEWHERE, delivery_notes="at the gate", required_despatch=date(2026, 3, 5)
    )
    assert side.changes.order_has(made, change) == NotFound()
    side.lose("POST", r"/api/Order/\d+$")
    with pytest.raises(UnknownOutcome):
        side.changes.update_order(made, change, LATER)

    assert side.changes.order_has(made, change) == Found(str(made))
    other = OrderHeaderChange(recipient=replace(ELSEWHERE, town="Nowhere"))
    assert side.changes.order_has(made, other) == NotFound()
    assert units_of(side, made) == {"TEE": 2}


@pytest.mark.parametrize("change", [OrderHeaderChange(), OrderHeaderChange(courier="AUTO")])
def test_a_header_that_no_order_would_show_is_refused(
    side: Side, change: OrderHeaderChange
) -> None:
    made = order_of(side, ("TEE", 2))
    with pytest.raises(Permanent) as raised:
        side.changes.update_order(made, change, LATER)

    assert raised.value.code == "mintsoft.bad_order"


def test_nothing_leaves_after_its_time(side: Side) -> None:
    made = side.asns.create_asn(asn_draft(), LATER)
    order = order_of(side, ("TEE", 2))
    side.clock.advance(days=2)
    for late in (
        lambda: side.products.create_product(new_product(), LATER),
        lambda: side.products.update_product(901, ProductChange(name="x"), LATER),
        lambda: side.asns.create_asn(asn_draft("PO-2"), LATER),
        lambda: side.asns.confirm_asn(made, LATER),
        lambda: side.asns.update_asn(made, AsnChange(comments="x"), LATER),
        lambda: side.asns.cancel_asn(made, LATER),
        lambda: side.changes.set_order_units(order, "TEE", 3, LATER),
        lambda: side.changes.update_order(order, OrderHeaderChange(delivery_notes="x"), LATER),
    ):
        with pytest.raises(Retryable):
            late()

    asn = side.asns.read_asn(made)
    assert asn is not None
    assert (asn.stage, asn.comments) == (AsnStage.DRAFT, "from the docks")
    assert side.products.find_product("HAT") is None
    assert units_of(side, order) == {"TEE": 2}

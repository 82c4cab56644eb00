"""The Mintsoft adapter for ASNs: its list's quirks, what it sends, every fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Literal

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from local.simulators.wire import Reply
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.domain.warehouse_asns import AsnChange, AsnPortion, AsnStage, prove_booked
from returns_hub.errors import Misconfigured, Permanent, Retryable, Verdict
from tests.support.fakes import START
from tests.support.goods_worlds import GoodsBench, asn_draft
from tests.support.order_worlds import LATER
from tests.support.write_faults import CARRIED_OUT, OF_WRITES

AN_HOUR_AGO = START - timedelta(hours=1)


def sent(bench: GoodsBench, method: str) -> Any:
    """The body of the last write by this method."""
    return [r for r in bench.to_mintsoft.requests if r.method == method][-1].json()


def answering(bench: GoodsBench, path: str, content: Any, method: str = "GET") -> None:
    """From now on Mintsoft answers requests that end like this with this."""
    handle = bench.mintsoft.handle

    def answer(request: Any) -> Reply:
        if request.path.endswith(path) and request.method == method:
            return Reply(200, {}, json.dumps(content).encode())
        return handle(request)

    bench.mintsoft.handle = answer  # type: ignore[method-assign]


# -- what is sent -----------------------------------------------------------------------------


def test_an_asn_is_sent_in_mintsofts_words() -> None:
    bench = GoodsBench(goods={"goods_in_type": "Pallet"})
    bench.asns.create_asn(asn_draft("PO-1", ("TEE", 50)), LATER)

    assert sent(bench, "PUT") == {
        "ClientId": 12,
        "WarehouseId": 3,
        "POReference": "PO-1",
        "Supplier": "Example Mills",
        "EstimatedDelivery": "2026-03-09T00:00:00",
        "Comments": f"[{asn_draft('PO-1').marker}] from the docks",
        "GoodsInType": "Pallet",
        "Quantity": 2,
        "Items": [{"SKU": "TEE", "Quantity": 50, "SourceLineId": "L1"}],
    }
    bench.asns.create_asn(asn_draft("PO-2", goods_in="Carton", expected=None, comments=""), LATER)
    body = sent(bench, "PUT")
    assert body["GoodsInType"] == "Carton"
    assert body["Comments"] == f"[{asn_draft('PO-2').marker}]"
    assert "EstimatedDelivery" not in body


def test_a_client_users_key_names_no_client() -> None:
    bench = GoodsBench(user_kind="client")
    bench.as_client_user()
    made = bench.asns.create_asn(asn_draft(), LATER)
    bench.asns.update_asn(made, AsnChange(comments="later"), LATER)

    assert "ClientId" not in sent(bench, "PUT")
    assert "ClientId" not in sent(bench, "POST")
    assert bench.asns.find_asn(asn_draft(), START) == Found(str(made))
    assert all("ClientId" not in request.query for request in bench.to_mintsoft.requests)


def test_a_client_users_key_where_the_file_says_warehouse_is_a_setting_to_mend() -> None:
    bench = GoodsBench()
    bench.as_client_user()
    with pytest.raises(Misconfigured, match="user_kind to client"):
        bench.asns.create_asn(asn_draft(), LATER)


def test_a_header_is_sent_whole_without_items() -> None:
    bench = GoodsBench()
    made = bench.asns.create_asn(asn_draft(), LATER)
    bench.asns.update_asn(made, AsnChange(packages=5), LATER)

    body = sent(bench, "POST")
    assert body == {
        "ClientId": 12,
        "WarehouseId": 3,
        "POReference": "PO-77",
        "Supplier": "Example Mills",
        "SupplierNotes": "",
        "EstimatedDelivery": "2026-03-09T00:00:00",
        "Comments": f"[{asn_draft().marker}] from the docks",
        "GoodsInType": "Carton",
        "Quantity": 5,
    }


def test_items_that_a_change_of_the_header_lost_are_told() -> None:
    bench = GoodsBench(Settings(asn_update="drops_items"))
    made = bench.asns.create_asn(asn_draft(), LATER)
    with pytest.raises(Permanent, match="set them right") as raised:
        bench.asns.update_asn(made, AsnChange(packages=5), LATER)

    assert raised.value.code == "mintsoft.asn_goods_changed"


def test_a_tenant_whose_asns_are_approved_first_is_asked_once() -> None:
    bench = GoodsBench(Settings(asn_approval=True))
    made = bench.asns.create_asn(asn_draft(), LATER)
    bench.asns.confirm_asn(made, LATER)
    bench.asns.confirm_asn(made, LATER)
    asn = bench.asns.read_asn(made)

    assert asn is not None
    assert asn.stage is AsnStage.APPROVAL
    assert len(bench.journal("confirm-asn")) == 1
    bench.asns.cancel_asn(made, LATER)


# -- the list ---------------------------------------------------------------------------------


def test_the_list_is_asked_for_items_and_never_for_more_than_a_hundred() -> None:
    bench = GoodsBench()
    stages = frozenset({AsnStage.PART_BOOKED, AsnStage.BOOKED_IN})
    bench.asns.asns_updated_since(START, 5, stages)
    (request,) = bench.to_mintsoft.requests

    assert request.query == {
        "Limit": "100",
        "IncludeASNItems": "true",
        "ClientId": "12",
        "SinceLastUpdated": "2026-03-02T09:00:00",
        "ASNStatusId": "4;7;8",
        "PageNo": "1",
    }
    bench.asns.asns_updated_since(START, 5, frozenset({AsnStage.UNKNOWN}))
    assert "ASNStatusId" not in bench.to_mintsoft.requests[-1].query


def put_many(bench: GoodsBench, number: int) -> None:
    for n in range(number):
        bench.announce(f"PO-{n}", ("MUG", 1))


def test_one_asn_among_pages_without_an_order_is_found() -> None:
    bench = GoodsBench()
    put_many(bench, 150)
    made = bench.asns.create_asn(asn_draft(), LATER)
    put_many(bench, 100)

    assert bench.asns.find_asn(asn_draft(), START) == Found(str(made))
    assert len(bench.asns.asns_updated_since(AN_HOUR_AGO, 9).asns) > 100


def test_several_pages_are_read_until_they_give_nothing_new_and_one_page_once() -> None:
    bench = GoodsBench()
    put_many(bench, 99)
    bench.to_mintsoft.requests.clear()
    assert bench.asns.find_asn(asn_draft(), START) == NotFound()
    # Its page, and the empty one or the same page again.
    assert len(bench.to_mintsoft.requests) == 2
    put_many(bench, 51)
    bench.to_mintsoft.requests.clear()
    assert bench.asns.find_asn(asn_draft(), START) == NotFound()

    assert len(bench.to_mintsoft.requests) >= 9


def test_too_many_asns_prove_nothing() -> None:
    bench = GoodsBench()
    put_many(bench, 700)
    found = bench.asns.find_asn(asn_draft(), START)

    assert isinstance(found, Inconclusive)
    assert asn_draft().marker in found.why


def test_an_asn_that_the_list_does_not_show_yet_is_found_later() -> None:
    bench = GoodsBench(Settings(index_delay_seconds=60))
    made = bench.asns.create_asn(asn_draft(), LATER)
    assert bench.asns.find_asn(asn_draft(), START) == NotFound()
    # Which is why a look-up waits for `settle_seconds` first.
    bench.clock.advance(seconds=bench.live().merchant.mintsoft.settle_seconds)

    assert bench.asns.find_asn(asn_draft(), START) == Found(str(made))


def test_what_the_filters_let_through_is_checked_row_by_row() -> None:
    bench = GoodsBench()
    mine = bench.announce("PO-1", ("TEE", 1))
    bench.clock.advance(hours=3)
    other = bench.announce("PO-2", ("TEE", 1))
    bench.set_asn_status(other, 9)
    foreign = bench.mintsoft.make_asn(13, 3, "PO-77", [{"sku": "OTHER", "quantity": 1}])
    rows = bench.raw("GET", "/api/ASN/List", IncludeASNItems="true")
    assert len(rows) == 3
    answering(bench, "/List", rows)
    since = START + timedelta(hours=1)

    assert [asn.asn_id for asn in bench.asns.asns_updated_since(since, 5).asns] == [other]
    awaited = bench.asns.asns_updated_since(since, 5, frozenset({AsnStage.AWAITING}))
    assert awaited.asns == ()
    assert bench.asns.read_asn(foreign.id) is None
    assert bench.asns.read_asn(mine)
    assert bench.asns.asns_with_reference("PO-77", AN_HOUR_AGO, 5).asns == ()
    with pytest.raises(Permanent):
        bench.asns.confirm_asn(foreign.id, LATER)
    bench.asns.cancel_asn(foreign.id, LATER)
    assert foreign.id in bench.mintsoft.asns


def test_another_clients_asn_with_our_marker_is_for_a_person() -> None:
    bench = GoodsBench()
    marker = asn_draft().marker
    bench.mintsoft.make_asn(13, 3, "PO-77", [{"sku": "OTHER", "quantity": 1}], f"[{marker}]")
    rows = bench.raw("GET", "/api/ASN/List", IncludeASNItems="true")
    answering(bench, "/List", rows)

    assert isinstance(bench.asns.find_asn(asn_draft(), START), Inconclusive)


def test_one_whose_items_are_not_shown_could_be_ours() -> None:
    bench = GoodsBench()
    bench.announce("PO-77", ("MUG", 1))
    rows = bench.raw("GET", "/api/ASN/List")
    assert rows[0]["Items"] is None
    answering(bench, "/List", rows)

    assert isinstance(bench.asns.find_asn(asn_draft(), START), Inconclusive)
    (asn,) = bench.asns.asns_updated_since(AN_HOUR_AGO, 5).asns
    assert (asn.items, asn.announced(), asn.booked_in("unknown")) == (None, {}, None)
    body = bench.raw("GET", f"/api/ASN/{asn.asn_id}") | {"Items": None}
    answering(bench, f"/{asn.asn_id}", body)
    with pytest.raises(Permanent, match="does not show"):
        bench.asns.cancel_asn(asn.asn_id, LATER)


def test_the_simulator_has_the_recorded_quirks() -> None:
    bench = GoodsBench()
    bench.announce("PO-1", ("TEE", 1))

    assert bench.raw("GET", "/api/ASN/List", Limit="101")["Message"] == "The request is invalid."
    assert bench.raw("GET", "/api/ASN/List", PageNo="0") == {"Message": "An error has occurred."}
    assert bench.raw("GET", "/api/ASN/List", PageNo="2") == []
    assert len(bench.raw("GET", "/api/ASN/List", SinceLastUpdated="soon")) == 1
    assert bench.raw("GET", "/api/ASN/List", IncludeItems="true")[0]["Items"] is None
    assert "support http method" in bench.raw("GET", "/api/ASN")["Message"]
    refused = bench.raw("PUT", "/api/ASN", {"ClientId": 12, "WarehouseId": 3})
    assert refused["Message"] == "Invalid GoodsInType:  See ASN/GoodsInTypes for valid types"
    put_many(bench, 120)
    first, second = ([row["ID"] for row in bench.raw("GET", "/api/ASN/List")] for _ in range(2))
    assert first != second


# -- what is read -----------------------------------------------------------------------------


@pytest.mark.parametrize("counts", ["booked", "received"])
def test_a_tenant_that_keeps_one_of_two_numbers_is_told_by_what_was_put_away(
    counts: Literal["booked", "received"],
) -> None:
    bench = GoodsBench(Settings(asn_counts=counts))
    made = bench.asns.create_asn(asn_draft(), LATER)
    bench.book_in(made, ("TEE", 49))
    asn = bench.asns.read_asn(made)

    assert asn is not None
    assert asn.booked_in("unknown") is None
    assert asn.differences("unknown") is None
    assert asn.booked_in(counts) == {"TEE": 49}
    proof = prove_booked([asn])
    assert (proof.means, proof.is_contradicted) == (counts, False)


def test_batches_serials_and_expiry_dates_are_read_as_days() -> None:
    bench = GoodsBench()
    made = bench.asns.create_asn(asn_draft("PO-1", ("TEE", 2), ("MUG", 1)), LATER)
    bench.book_in(made, ("TEE", 1), complete=False, serial="S1", expires="2027-06-30")
    bench.book_in(made, ("TEE", 1), ("MUG", 1), batch="B1")
    asn = bench.asns.read_asn(made)

    assert asn is not None
    tee, mug = asn.items or ()
    assert tee.portions == (
        AsnPortion(1, serial="S1", expires=date(2027, 6, 30)),
        AsnPortion(1, batch="B1"),
    )
    assert mug.portions == (AsnPortion(1, batch="B1"),)
    assert tee.complete


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        (1, AsnStage.DRAFT),
        (2, AsnStage.APPROVAL),
        (3, AsnStage.AWAITING),
        (4, AsnStage.BOOKED_IN),
        (5, AsnStage.DISCREPANCY),
        (6, AsnStage.COMPLETE),
        (7, AsnStage.PART_BOOKED),
        (8, AsnStage.PART_BOOKED),
        (9, AsnStage.DELIVERED),
        (10, AsnStage.AWAITING),
        (11, AsnStage.AWAITING),
        (12, AsnStage.PUTTING_AWAY),
        (13, AsnStage.PUTTING_AWAY),
        (77, AsnStage.UNKNOWN),
    ],
)
def test_statuses_are_read_by_their_numbers(status: int, stage: AsnStage) -> None:
    bench = GoodsBench()
    made = bench.announce("PO-1", ("TEE", 1))
    named = {"ASNStatusId": status, "ASNStatus": {"ID": status, "Name": "WORD"}}
    body = bench.raw("GET", f"/api/ASN/{made}") | named
    answering(bench, f"/{made}", body)
    asn = bench.asns.read_asn(made)

    assert asn is not None
    assert asn.stage is stage
    assert (asn.status_word == "WORD") == (stage is AsnStage.UNKNOWN)
    assert asn.is_begun == (stage not in {AsnStage.DRAFT, AsnStage.APPROVAL, AsnStage.AWAITING})
    answering(bench, f"/{made}", body | {"ASNStatusId": None})
    again = bench.asns.read_asn(made)
    assert again is not None
    assert again.stage is stage


def test_statuses_that_differ_are_told() -> None:
    bench = GoodsBench()
    assert bench.asns.unknown_asn_statuses() == ()
    rows = [{"ID": 4, "Name": "CANCELLED"}, {"ID": 14, "Name": "LOST"}]
    answering(bench, "/Statuses", rows)
    said = bench.asns.unknown_asn_statuses()

    assert [("CANCELLED" in one, "LOST" in one) for one in said] == [(True, False), (False, True)]


def test_columns_left_empty_stop_nothing_and_a_supplier_may_be_an_object() -> None:
    bench = GoodsBench()
    made = bench.announce("PO-1", ("TEE", 1))
    kept = {"ID": made, "ClientId": 12, "LastUpdated": "2026-03-02T09:00:00", "ASNStatusId": 1}
    body = dict.fromkeys(bench.raw("GET", f"/api/ASN/{made}")) | kept
    answering(bench, f"/{made}", body | {"Supplier": {"ID": 3, "Name": " Mills "}})
    asn = bench.asns.read_asn(made)

    assert asn is not None
    assert (asn.reference, asn.supplier, asn.expected, asn.marker) == ("", "Mills", None, "")
    answering(bench, f"/{made}", body | {"LastUpdated": "soon"})
    with pytest.raises(Retryable, match="LastUpdated"):
        bench.asns.read_asn(made)


def test_a_marker_that_somebody_moved_is_still_one() -> None:
    bench = GoodsBench()
    made = bench.asns.create_asn(asn_draft(), LATER)
    marker = asn_draft().marker
    bench.mintsoft.asns[made].header["Comments"] = f"call first ({marker}) please"

    assert bench.asns.find_asn(asn_draft(), START) == Found(str(made))
    bench.asns.update_asn(made, AsnChange(comments="nothing"), LATER)
    assert bench.mintsoft.asns[made].header["Comments"] == f"[{marker}] nothing"


# -- every fault ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OF_WRITES, ids=lambda kind: kind.value)
@pytest.mark.parametrize("write", ["create", "confirm", "update", "cancel"])
def test_a_write_is_sent_once_whatever_becomes_of_it(kind: FaultKind, write: str) -> None:
    bench = GoodsBench()
    made = bench.asns.create_asn(asn_draft(), LATER)
    acts: dict[str, tuple[str, str, Callable[[], object]]] = {
        "create": ("PUT", "/ASN$", lambda: bench.asns.create_asn(asn_draft("PO-2"), LATER)),
        "confirm": ("GET", "/Confirm$", lambda: bench.asns.confirm_asn(made, LATER)),
        "update": (
            "POST",
            "/ASN/",
            lambda: bench.asns.update_asn(made, AsnChange(packages=9), LATER),
        ),
        "cancel": ("DELETE", "/ASN/", lambda: bench.asns.cancel_asn(made, LATER)),
    }
    method, path, act = acts[write]
    before = len(bench.mintsoft.journal)
    bench.mintsoft.faults.add(Fault(kind, path=path, method=method))
    with pytest.raises(Verdict) as raised:
        act()

    assert type(raised.value) is OF_WRITES[kind]
    assert len(bench.mintsoft.journal) - before == (kind in CARRIED_OUT)


@pytest.mark.parametrize(
    "kind", [FaultKind.HTML_429, FaultKind.HTML_ERROR, FaultKind.CUT_OFF_AFTER]
)
@pytest.mark.parametrize("path", ["/List$", r"/ASN/\d+$", "/Statuses$"])
def test_a_read_that_fails_is_made_again_later(kind: FaultKind, path: str) -> None:
    bench = GoodsBench()
    made = bench.asns.create_asn(asn_draft(), LATER)
    bench.mintsoft.faults.add(Fault(kind, path=path, times=2))
    reads: dict[str, Callable[[], object]] = {
        "/List$": lambda: bench.asns.find_asn(asn_draft(), START),
        r"/ASN/\d+$": lambda: bench.asns.read_asn(made),
        "/Statuses$": bench.asns.unknown_asn_statuses,
    }
    with pytest.raises(Retryable):
        reads[path]()


@pytest.mark.parametrize("answer", ["401", "403", "refusal"])
def test_a_user_who_may_not_write_is_told_and_the_key_is_not_blamed(
    answer: Literal["401", "403", "refusal"],
) -> None:
    bench = GoodsBench(Settings(not_allowed=answer))
    made = bench.asns.create_asn(asn_draft(), LATER)
    bench.mintsoft.seed(
        {"users": [{"name": "hub", "password": "x", "static_key": "static-key", "read_only": True}]}
    )
    acts: tuple[Callable[[], object], ...] = (
        lambda: bench.asns.create_asn(asn_draft("PO-2"), LATER),
        lambda: bench.asns.confirm_asn(made, LATER),
        lambda: bench.asns.update_asn(made, AsnChange(packages=9), LATER),
        lambda: bench.asns.cancel_asn(made, LATER),
    )
    for act in acts:
        with pytest.raises(Misconfigured, match="may not do this"):
            act()

    assert bench.asns.read_asn(made)


def test_one_that_somebody_deletes_meanwhile_is_gone_as_wanted() -> None:
    bench = GoodsBench()
    made = bench.asns.create_asn(asn_draft(), LATER)
    handle = bench.mintsoft.handle

    def race(request: Any) -> Reply:
        if request.method == "DELETE":
            bench.mintsoft.asns.pop(made, None)
        return handle(request)

    bench.mintsoft.handle = race  # type: ignore[method-assign]
    bench.asns.cancel_asn(made, LATER)

    assert bench.asns.read_asn(made) is None


def test_one_that_mintsoft_will_not_delete_is_for_a_person() -> None:
    bench = GoodsBench()
    made = bench.asns.create_asn(asn_draft(), LATER)
    answering(bench, f"/{made}", {"Success": False, "ID": 0, "Message": "In use"}, "DELETE")
    with pytest.raises(Permanent, match="In use"):
        bench.asns.cancel_asn(made, LATER)


def test_a_line_of_more_units_than_it_can_count_is_refused_here() -> None:
    bench = GoodsBench()
    with pytest.raises(Permanent, match="units"):
        bench.asns.create_asn(asn_draft("PO-1", ("TEE", 2**31)), LATER)
    twice = replace(asn_draft(), lines=(*asn_draft().lines, *asn_draft().lines))
    with pytest.raises(Permanent, match="same id"):
        bench.asns.create_asn(twice, LATER)

    assert not bench.to_mintsoft.requests

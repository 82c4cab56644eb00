"""A person is forgotten: what is needed stops it, and a crash anywhere is harmless."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.items import typed
from returns_hub.domain.facts import (
    CommentAdded,
    ExternalReturnMade,
    PersonalDataForgotten,
    Seen,
    ShipmentsPlanned,
)
from returns_hub.domain.forgetting import FORGOTTEN
from returns_hub.domain.overview.search_terms import TermKind
from returns_hub.domain.personal_data import MAP
from returns_hub.domain.shipments import PlannedLine, PlannedShipment
from returns_hub.domain.still_needed import return_needs
from returns_hub.domain.timeline import fold
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows.dead_letters import Dead, read
from returns_hub.flows.privacy.find import document, find_all
from returns_hub.flows.privacy.forget import forget, require_free
from returns_hub.flows.privacy.subject import wanted_again
from returns_hub.flows.relay.order_change_message import FLOW as ORDER_CHANGES
from returns_hub.ports.dead_letters import Letter
from tests.contract.conftest import Stores, simulated, tables
from tests.support import fakes
from tests.support.privacy import (
    MERCHANT,
    ORDER_NAME,
    PAT,
    RMA,
    SHOP,
    TRACKING,
    People,
    every_row,
    order_story,
    planted_in,
    rma,
    story,
)
from tests.support.worlds import Bench, item, redo_return

__all__ = ["simulated", "tables"]
OF_THE_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|'write_id': {'S': '\w+'}|'N': '\d{10}'")


class Crash(BaseException):
    """The process is gone."""


class Cut:
    """A client whose process ends at its request of this number, before or after it is done."""

    def __init__(self, client: Any, at: int, *, is_done: bool) -> None:
        self._client = client
        self._at = at
        self._is_done = is_done
        self.requests = 0
        self.tables = client.tables

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)

        def call(**given: Any) -> Any:
            self.requests += 1
            if self.requests == self._at and not self._is_done:
                raise Crash
            answer = found(**given)
            if self.requests == self._at:
                raise Crash
            return answer

        return call


@pytest.fixture
def people(simulated: Stores) -> People:
    made = People(simulated.client, simulated.clock)
    made.plant()
    return made


def left_of(people: People) -> list[str]:
    """Planted values that are left, but for numbers as keys of records and operations."""
    keys = ("SyncTable|", "LedgerTable|")
    numbers = ("EX-5501", "MIINTO-TRACK-7")
    rows = planted_in(people.client)
    return [row for row in rows if not (row.startswith(keys) and row.endswith(numbers))]


def quiet(_: str) -> None:
    """Nobody listens."""


def test_what_was_done_stays_known(people: People) -> None:
    before = people.returns.load(MERCHANT, PAT)
    forget(people.find(), people.desk, quiet)
    after = people.returns.load(MERCHANT, PAT)
    assert after.forgotten
    assert after.batches == before.batches
    assert after.committed_lines == before.committed_lines
    assert after.planned_lines == before.planned_lines
    assert [s.external_return_id for s in after.shipments] == [41]
    assert after.outcome == before.outcome == "processed"
    assert people.returns.find(MERCHANT, 41) == PAT
    assert people.returns.find_by(MERCHANT, TermKind.ORDER, ORDER_NAME, 10) == ()
    order = people.market.order(MERCHANT, SHOP, 7001)
    assert order.forgotten
    assert order.untold == ()
    assert people.market.order_of(MERCHANT, number="MI-7001") == order


def test_the_state_is_what_its_masked_timeline_folds_to(people: People) -> None:
    forget(people.find(), people.desk, quiet)
    timeline = people.returns.timeline(MERCHANT, PAT)
    assert fold(MERCHANT, PAT, timeline) == people.returns.load(MERCHANT, PAT)
    assert timeline[-1].fact.kind == "personal_data_forgotten"
    assert timeline[-1].actor == people.desk.who


def test_a_return_under_way_is_refused_with_the_reason(people: People) -> None:
    people.tell("under-way", *story("#EX-5503", "RM3", 43)[:4])
    before = every_row(people.client)
    found = people.find(people.subject(return_ids=("under-way",)))
    with pytest.raises(Permanent, match="return under-way: it waits: on its way"):
        forget(found, people.desk, quiet)
    assert every_row(people.client) == before


def test_an_order_under_way_is_refused(people: People) -> None:
    people.tell_order(*order_story()[:3], number=7002)
    found = people.find(people.subject(orders=(f"{SHOP}/7002",)))
    with pytest.raises(Permanent, match="something is to be done"):
        forget(found, people.desk, quiet)


@pytest.mark.parametrize(
    ("table", "pk", "sk", "holds", "where"),
    [
        ("ReturnsTable", f"{MERCHANT}#return#{PAT}", "STATE", "state", f"return {PAT}"),
        ("MarketTable", f"{MERCHANT}#order#{SHOP}#7001", "STATE", "state", f"order {SHOP} 7001"),
        ("MarketTable", f"{MERCHANT}#rma#{RMA}", "RMA", "rma", f"RMA {RMA}"),
        (
            "SyncTable",
            f"{MERCHANT}#sync#{ORDER_CHANGES}#EX-5501",
            "STATE",
            "state",
            f"record {ORDER_CHANGES} EX-5501",
        ),
    ],
)
def test_a_row_of_a_later_release_is_told_of_and_never_written(
    people: People, table: str, pk: str, sk: str, holds: str, where: str
) -> None:
    later = people.client.get_item(TableName=table, Key=typed({"pk": pk, "sk": sk}))["Item"]
    later[holds]["S"] = later[holds]["S"].removesuffix("}") + ',"field_of_a_later_release":1}'
    people.client.put_item(TableName=table, Item=later)
    before = every_row(people.client)

    found = people.find()

    with pytest.raises(Permanent, match=f"{re.escape(where)}: a release wrote it that this one"):
        forget(found, people.desk, quiet)
    assert every_row(people.client) == before
    [copy] = [one for one in found.copies if one.where == where]
    assert copy.content["field_of_a_later_release"] == 1, "the export tells of it all the same"


@pytest.mark.parametrize("number", ["\u00b2", "70\u2460"])
def test_a_number_that_is_none_is_no_order(people: People, number: str) -> None:
    people.market.keep_rma(MERCHANT, rma(id="30002", order_id=number))
    asked = people.subject(orders=(f"{SHOP}/{number}",), return_ids=(f"{RMA[:-1]}2",))
    assert asked.orders == ()


def test_what_came_between_the_look_and_the_act_is_seen(people: People) -> None:
    found = people.find()
    seen = story(ORDER_NAME, TRACKING, 41)[0].model_copy(
        update={"portal_updated_at": people.clock.now(), "status": "open"}
    )
    line = PlannedLine(line_id="l9", sku="CAP", quantity=1, reason_id=1, reason_mapped=True)
    more = PlannedShipment(key="b", warehouse_id=3, reference="x", lines=(line,))
    people.tell(PAT, seen, ShipmentsPlanned(shipments=(more,)))
    with pytest.raises(Permanent, match="it waits: to be announced"):
        forget(found, people.desk, quiet)
    assert not people.returns.load(MERCHANT, PAT).forgotten
    people.tell(PAT, ExternalReturnMade(shipment="b", external_return_id=99, how="sent"))
    people.tell(PAT, CommentAdded(about="b"))
    assert people.returns.find(MERCHANT, 99) == PAT, "and the goods went on their way"


def _crashes(people: People, act: Callable[[People], object]) -> int:
    """How many requests the act makes when nothing happens to it."""
    counted = Cut(people.client, -1, is_done=False)
    act(People(counted, people.clock))
    return counted.requests


def forgotten_by(people: People) -> None:
    """What the command does with the person's returns, by id."""
    forget(people.find(), people.desk, quiet)


def again_by(people: People) -> None:
    """What the command does with everybody of the register."""
    names = [one.name for one in people.data.remembered(MERCHANT)]
    wanted = wanted_again(names)
    subject = people.subject(return_ids=wanted.return_ids, orders=wanted.orders)
    forget(people.find(subject), people.desk, quiet)


def test_a_crash_at_any_request_is_mended_by_going_on(
    simulated: Stores,
) -> None:
    """One that reads ends it, one that writes ends it before or after it is done, in turn."""
    client = simulated.client
    people = People(client, simulated.clock)
    people.plant()
    whole = {name: dict(table.items) for name, table in client.tables.items()}

    def restore() -> None:
        for name, table in client.tables.items():
            table.items.clear()
            table.items.update(whole[name])

    most = _crashes(people, forgotten_by)
    assert left_of(people) == []
    done = _comparable(client)
    assert most > 60
    for at in range(1, most + 1):
        restore()
        cut = Cut(client, at, is_done=at % 2 == 0)
        with pytest.raises(Crash):
            forgotten_by(People(cut, simulated.clock))
        if any(people.data.remembered(MERCHANT)):
            again_by(people)
        forgotten_by(people)
        assert left_of(people) == [], at
        assert _comparable(client) == done, at


def _comparable(client: Any) -> dict[str, str]:
    """Every row, without times and ids of writes; the register apart."""
    return {
        key: OF_THE_MOMENT.sub("", repr(row))
        for key, row in every_row(client).items()
        if "#forgotten|" not in key
    }


# -- the real flows over a return whose person was forgotten ----------------------------------


def ended() -> Bench:
    """A return that was announced, received, processed, and then forgotten."""
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()
    bench.receive(bench.external_returns()[0].id)
    bench.poll()
    bench.clock.advance(hours=2)
    bench.watch()
    assert bench.submissions() == {"item1": 1}
    assert return_needs(bench.state()) == ""
    bench.world().record(bench.state(), "forgotten", PersonalDataForgotten())
    return bench


def test_the_portal_tells_of_it_again_and_nothing_comes_back() -> None:
    bench = ended()
    bench.changes("flagged")
    assert bench.state().portal_status == "flagged"
    assert bench.state().order_names == ()
    assert "#5501" not in bench.state().model_dump_json()
    late = [f.order_names for f in bench.facts(Seen)][1:]
    assert late
    assert not any(late)


def test_goods_of_a_forgotten_return_that_goes_on_are_announced_once_and_paid_once() -> None:
    bench = ended()
    bench.clock.advance(minutes=1)
    more = [item(1, "TEE", status="complete"), item(2, "MUG")]
    bench.put(redo_return(more, updatedAt=bench.clock.now().isoformat()))
    assert bench.approve() == "announced"
    assert [[row.sku for row in made.rows] for made in bench.external_returns()] == [
        ["TEE"],
        ["MUG"],
    ]
    bench.receive(bench.external_returns()[1].id)
    bench.poll()
    assert bench.submissions() == {"item1": 1, "item2": 1}
    assert bench.state().order_names == ()


def test_others_that_keep_writing_are_told_of(people: People) -> None:
    desk = people.desk
    found = people.find()

    class Busy:
        def __getattr__(self, name: str) -> Any:
            return getattr(people.data, name)

        def take_out(self, copy: Any) -> None:
            raise Conflict("again")

    with pytest.raises(Retryable, match="do the same again"):
        forget(found, replace(desk, data=Busy()), quiet)
    assert [one for one in people.data.remembered(MERCHANT) if one.done_at is None]


def test_the_export_tells_of_every_place(people: People) -> None:
    told = document(people.find(), {"returns": [PAT]}, people.clock.now())
    assert [row["place"] for row in told["places"]] == [place.name for place in MAP]
    by_name = {row["place"]: row for row in told["places"]}
    assert by_name["returns.events"]["found"] == "here"
    assert by_name["dead_letters.approved-returns"]["found"] == "not_looked_at"
    assert by_name["logs"]["found"] == "not_by_person"
    text = repr(told)
    for word in (ORDER_NAME, TRACKING, "12 Long Lane", "too tight for Pat"):
        assert word in text
    assert told["is_about"]["returns"] == [PAT, RMA]


def test_masked_words_are_told_as_such(people: People) -> None:
    forget(people.find(), people.desk, quiet)
    acts = list(
        people.audit.of_return(
            MERCHANT,
            PAT,
            people.clock.now().replace(year=2020),
            people.clock.now().replace(year=2030),
        )
    )
    assert acts[0].note == FORGOTTEN
    assert acts[0].who.endswith("kim")
    assert acts[0].details == {"order": FORGOTTEN}


def letter(body: str) -> Dead:
    """A dead letter of the merchant's."""
    at = fakes.START
    return read(Letter("approved-returns", "m-1", body, at, 3), contract=lambda _: None)


@pytest.mark.parametrize(
    ("body", "is_hers"),
    [
        (f'{{"merchant": "example", "return_id": "{PAT}"}}', True),
        (f'{{"order": "{ORDER_NAME}"}}', True),
        ('{"merchant": "example", "return_id": "other"}', False),
        (f'{{"merchant": "another", "return_id": "{PAT}"}}', False),
        (f'{{"merchant": "example", "return_id": "{PAT}9"}}', False),
    ],
)
def test_a_dead_letter_about_the_person_comes_first(
    people: People, body: str, is_hers: bool
) -> None:
    found = find_all(people.subject(), people.data, lambda: ([letter(body)], []))
    assert bool(found.letters) is is_hers
    before = every_row(people.client)
    if not is_hers:
        require_free(found)
        return
    with pytest.raises(Permanent, match="dead letter m-1: replay or discard it first"):
        forget(found, people.desk, quiet)
    assert every_row(people.client) == before
    places = {p["place"]: p for p in document(found, {}, people.clock.now())["places"]}
    assert places["dead_letters.approved-returns"]["rows"][0]["content"] == body
    assert places["dead_letters.store-refunds"]["found"] == "nothing"


def test_a_tracking_number_that_is_a_shipments_id_stays_as_such(people: People) -> None:
    """As the map says: the ledger's key has it, and what was announced is known by it."""
    facts = story("#EX-5509", "ONLYTRACK9", 49)
    planned = facts[1]
    assert isinstance(planned, ShipmentsPlanned)
    named = planned.shipments[0].model_copy(update={"key": "ONLYTRACK9"})
    told = ShipmentsPlanned(shipments=(named,))
    made = ExternalReturnMade(shipment="ONLYTRACK9", external_return_id=49, how="sent")
    people.tell("by-track", facts[0], told, made, CommentAdded(about="ONLYTRACK9"), *facts[4:])
    forget(people.find(people.subject(return_ids=("by-track",))), people.desk, quiet)
    state = people.returns.load(MERCHANT, "by-track")
    assert [(s.key, s.planned.tracking) for s in state.shipments] == [("ONLYTRACK9", "")]
    assert people.returns.find_by(MERCHANT, TermKind.TRACKING, "ONLYTRACK9", 10) == ()

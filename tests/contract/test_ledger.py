"""The ledger, held against the one in memory and those in DynamoDB."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.domain.operations import (
    Claim,
    ClaimedFrom,
    HeldElsewhere,
    Operation,
    OperationState,
    Settled,
)
from returns_hub.errors import Conflict
from tests.contract.conftest import Stores, lose_first_answer
from tests.support.fakes import START

OPERATION = Operation("create/m/r/s", "m", 30, 55, 3600)


def claim(stores: Stores, owner: str = "a", **options: Any) -> Claim:
    got = stores.ledger.claim(OPERATION, owner, **options)
    assert isinstance(got, Claim), got
    return got


def test_the_first_claim_may_send_at_once(stores: Stores) -> None:
    got = claim(stores)

    assert (got.claimed_from, got.fence) == (ClaimedFrom.NOTHING, 1)
    assert got.first_claimed_at == START


def test_a_claim_that_holds_keeps_everyone_else_off(stores: Stores) -> None:
    claim(stores)
    stores.clock.advance(seconds=119)

    got = stores.ledger.claim(OPERATION, "b")

    assert isinstance(got, HeldElsewhere)


def test_an_unsettled_claim_is_taken_over_after_its_lease_with_a_higher_fence(
    stores: Stores,
) -> None:
    claim(stores)
    stores.clock.advance(seconds=121)

    got = claim(stores, "b")

    assert (got.claimed_from, got.fence) == (ClaimedFrom.UNSETTLED, 2)
    assert got.first_claimed_at == START


def test_whoever_was_taken_over_can_settle_nothing(stores: Stores) -> None:
    first = claim(stores)
    stores.clock.advance(seconds=121)
    claim(stores, "b")

    with pytest.raises(Conflict):
        stores.ledger.settle(first, OperationState.CONFIRMED, partner_id="41")


def test_a_confirmed_operation_tells_its_partner_id_for_ever(stores: Stores) -> None:
    stores.ledger.settle(claim(stores), OperationState.CONFIRMED, partner_id="41")
    stores.clock.advance(days=100)

    assert stores.ledger.claim(OPERATION, "b") == Settled(OperationState.CONFIRMED, "41")


def test_a_released_operation_may_be_sent_at_once(stores: Stores) -> None:
    stores.ledger.settle(claim(stores), OperationState.RELEASED, code="c", reason="r")
    stores.clock.advance(seconds=1)

    got = claim(stores, "b")

    assert (got.claimed_from, got.fence) == (ClaimedFrom.RELEASED, 2)
    assert got.first_claimed_at == stores.clock.now()


def test_a_rejected_operation_is_sent_again_only_on_request(stores: Stores) -> None:
    stores.ledger.settle(claim(stores), OperationState.REJECTED, code="c", reason="r")

    assert stores.ledger.claim(OPERATION, "b") == Settled(OperationState.REJECTED, "", "c", "r")
    assert claim(stores, "b", retry_rejected=True).claimed_from is ClaimedFrom.RELEASED


def test_what_was_refused_long_ago_and_is_sent_anew_begins_anew(stores: Stores) -> None:
    stores.ledger.settle(claim(stores), OperationState.REJECTED, code="c", reason="r")
    stores.clock.advance(days=4)

    again = claim(stores, "b", retry_rejected=True)

    assert again.first_claimed_at == stores.clock.now()
    # So does what others are told, and what is known once nobody heard the end of it.
    held = stores.ledger.claim(OPERATION, "c")
    assert isinstance(held, HeldElsewhere)
    assert held.first_claimed_at == again.first_claimed_at
    stores.clock.advance(seconds=121)
    assert claim(stores, "c").first_claimed_at == again.first_claimed_at


def test_settling_twice_alike_is_no_conflict(stores: Stores) -> None:
    got = claim(stores)
    stores.ledger.settle(got, OperationState.CONFIRMED, partner_id="41")

    stores.ledger.settle(got, OperationState.CONFIRMED, partner_id="41")
    with pytest.raises(Conflict):
        stores.ledger.settle(got, OperationState.CONFIRMED, partner_id="42")


def test_a_claim_whose_answer_was_lost_is_recognised(dynamodb: Stores) -> None:
    lose_first_answer(dynamodb)

    assert claim(dynamodb).claimed_from is ClaimedFrom.NOTHING


def test_a_take_over_whose_answer_was_lost_looks_up_first(dynamodb: Stores) -> None:
    dynamodb.ledger.settle(claim(dynamodb), OperationState.RELEASED)
    lose_first_answer(dynamodb)

    assert claim(dynamodb, "b").claimed_from is ClaimedFrom.UNSETTLED


def test_requests_of_the_ledger(dynamodb: Stores) -> None:
    dynamodb.requests.clear()
    got = claim(dynamodb)
    dynamodb.ledger.settle(got, OperationState.CONFIRMED, partner_id="41")

    assert dynamodb.requests == ["UpdateItem", "UpdateItem"]

"""Entries of the marketplace that are no partner's answer: messages, files, words of the command,
and what the hub kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import click
from pydantic import ValidationError

from cli.miinto.requests import Units
from cli.miinto.what_if import rule_of
from cli.miinto.words import Amount, Day, minor_units
from cli.worlds import CommandError
from returns_hub.adapters.dynamodb import market_rows
from returns_hub.adapters.miinto.rma_bodies import decision_body, request_body
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.facts import market_event_from_json
from returns_hub.domain.miinto.orders import OrderLine, OrderState
from returns_hub.domain.miinto.rma_contract import RmaContract
from returns_hub.domain.miinto.settings import AcceptRule
from returns_hub.domain.miinto.timeline import fold_order, fold_transfer
from returns_hub.domain.miinto.transfers import TransferState
from returns_hub.domain.refunds import StoreRefund
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.flows.miinto.store_refund_message import parse
from returns_hub.ports.marketplace import RmaRequestDraft
from tests.fuzz.file_targets import merchant_file, scratch_file
from tests.fuzz.mutations import CANARIES
from tests.fuzz.targets import (
    ROOT,
    Refused,
    Target,
    Wrong,
    checked_reason,
    delivered,
    without_canaries,
    writable,
)
from tests.support import fakes
from tests.support.refund_worlds import RefundBench
from tests.support.rma_dialects import DIALECT_B_FILE

Kept = TransferState | OrderState
ENDINGS = frozenset({"requested", "asked", "echo", "known", "shadow", "not_of_miinto", "parked"})
MIINTO_FILE = (ROOT / "config" / "example-miinto.yaml").read_text(encoding="utf-8")


# -- store-refund/1 -------------------------------------------------------------------------------


def store_refund(data: bytes) -> StoreRefund:
    """The message's refund."""
    found = parse(delivered(data))
    writable(found)
    if found.occurred_at.tzinfo is not UTC or len(found.digest) != 24:
        raise Wrong("the time is not in UTC", repr(found.occurred_at))
    return found


@cache
def _request() -> str:
    return RefundBench().store_message(("TEE", 1))


def store_refund_to_its_end(data: bytes) -> str:
    """The message through the whole flow: it ends in one way, and asks for an RMA only where it
    says so."""
    bench = RefundBench()
    two = OrderLine(position=71, quantity=2, price=49900, sku="TEE")
    bench.order(two)
    try:
        ended = bench.deliver(delivered(data))
    except Retryable:
        if bench.rmas.drafts:
            raise Wrong("a refund comes back that was asked for", "") from None
        raise
    if ended not in ENDINGS:
        raise Wrong("the flow ends in a way that is none", ended)
    asked = bench.rmas.drafts
    if (ended == "requested") != (len(asked) == 1) or len(asked) > 1:
        raise Wrong("an RMA is asked for by a refund that is not requested", ended)
    if any(units > 2 for draft in asked for units in draft.positions.values()):
        raise Wrong("more is asked for than was bought", repr(asked)[:200])
    for item in bench.parking.items.values():
        checked_reason(item.reason, item.code)
        without_canaries(item.reason, item.code)
    for _, fields in bench.telemetry.lines:
        without_canaries(str(fields), "log line")
    if ended == "requested" and bench.deliver(delivered(data)) != "known":
        raise Wrong("a refund that comes again is asked for again", "")
    if len(bench.rmas.drafts) > 1:
        raise Wrong("two RMAs are asked for by one refund", "")
    return ended


def _refund(**changes: Any) -> bytes:
    return json.dumps(json.loads(_request()) | changes).encode()


# -- files ----------------------------------------------------------------------------------------


def rma_contract(data: bytes) -> RmaContract:
    """The contract as a stored version of a file has it: what it says can be read and written."""
    try:
        found = RmaContract.model_validate(json.loads(data))
    except ValidationError as error:
        raise Refused(error.errors()[0]["type"]) from None
    except (ValueError, RecursionError):
        raise Refused("not JSON") from None
    writable(found)
    if RmaContract.model_validate_json(found.model_dump_json()) != found:
        raise Wrong("a contract changes when it is stored", "")
    both = decision_body(found.deciding, ["811"], {"812": "it is torn"})
    if not {"811", "812"} <= set(_texts(both)):
        raise Wrong("a decision leaves a position out", json.dumps(both)[:200])
    draft = RmaRequestDraft(
        shop="s", order=555001, positions={71: 1}, reason="came back", reference="RH-1"
    )
    asked = request_body(found.requesting, draft)
    if "71" not in _texts(asked):
        raise Wrong("a request leaves its position out", json.dumps(asked)[:200])
    return found


def _texts(content: Any) -> list[str]:
    if isinstance(content, dict):
        return [text for value in content.values() for text in _texts(value)]
    if isinstance(content, list):
        return [text for value in content for text in _texts(value)]
    return [str(content)]


def rule_file(data: bytes) -> AcceptRule:
    """The file of ``hub miinto what-if --rule``."""
    path = scratch_file("rule.yaml")
    path.write_bytes(data)
    try:
        found = rule_of(path)
    except CommandError as error:
        checked_reason(str(error), "rule file")
        raise Refused(type(error).__name__) from None
    writable(found)
    if not Decimal(0) <= found.price_threshold < Decimal(1000):
        raise Wrong("a threshold that no rule has", str(found.price_threshold)[:100])
    return found


# -- words of the command -------------------------------------------------------------------------


def words_of_the_command(data: bytes) -> object:
    """``--price-from``, ``--from``, ``--to`` and ``POSITION=UNITS``."""
    kind, _, text = delivered(data).partition(":")
    types: dict[str, click.ParamType[Any]] = {
        "amount": Amount(),
        "units": Units(),
        "day": Day(),
        "end": Day(ends=True),
    }
    known = kind if kind in types else "amount"
    try:
        value = types[known].convert(text, None, None)
    except click.UsageError as error:
        checked_reason(error.message, f"argument {known}")
        raise Refused(known) from None
    if isinstance(value, Decimal):
        for currency in ("DKK", "JPY", "KWD", None):
            if minor_units(value, currency) < 0:
                raise Wrong("an amount below nothing", str(value)[:100])
    if isinstance(value, datetime) and not timedelta(0) <= value - datetime.min.replace(tzinfo=UTC):
        raise Wrong("a day that is none", str(value))
    return value


# -- what was kept --------------------------------------------------------------------------------


def market_event(data: bytes) -> Kept:
    """An event of a timeline: read, folded and told in words."""
    try:
        event = market_event_from_json(delivered(data))
    except ValidationError as error:
        raise Refused(error.errors()[0]["type"]) from None
    if event.sequence != 1:
        raise Refused("of another place")
    writable(event)
    if not event.fact.in_words():
        raise Wrong("a fact without words", event.fact.kind)
    transfer = TransferState(merchant="m", shop="s", id=1)
    order = OrderState(merchant="m", shop="s", id=1)
    _kept(fold_order(order, [event]))
    return _kept(fold_transfer(transfer, [event]))


def _kept(state: Kept) -> Kept:
    row = market_rows.state_row(state, "w", fakes.START)
    kind: market_rows.Kind = "order" if isinstance(state, OrderState) else "transfer"
    if market_rows.read_row(row, kind) != state:
        raise Wrong("a state changes when it is kept", str(row)[:200])
    return state


def market_state(data: bytes) -> object:
    """A state as another release kept it; everything that flows ask of it can be asked."""
    text = delivered(data)
    kind: market_rows.Kind = "order" if '"lines"' in text else "transfer"
    try:
        state = market_rows.read_row({"pk": "example#order#1", "state": text}, kind)
    except Misconfigured as unreadable:
        raise Refused(unreadable.code) from None
    return _kept(state)


AT = {"at": "2026-03-02T09:15:00Z", "actor": "hub", "rule": "t", "config_version": 1}
LINE = {"position": 71, "quantity": 1, "price": 49900, "sku": "TEE"}
POSITION = {"id": 71, "quantity": 1, "price": 49900, "item": {"gtin": "5700000000017"}}
JUDGED = {"position": 71, "verdict": "accept", "code": "accepted", "why": "in stock", "sku": "TEE"}
DESPATCH = {"despatched_at": None, "carrier": "DHL", "tracking": "T1"}
FACTS: tuple[dict[str, Any], ...] = (
    {"kind": "transfer_seen", "currency": "DKK", "positions": [POSITION]},
    {"kind": "transfer_judged", "rule": "r", "judgements": [JUDGED]},
    {"kind": "positions_committed", "number": 1, "accepted": [71], "by": "rule"},
    {"kind": "positions_decided", "number": 1, "outcome": "done", "order": 555001},
    {"kind": "transfer_gone", "code": "not_pending", "positions": [71]},
    {"kind": "order_seen", "parent_id": "26", "currency": "DKK", "lines": [LINE]},
    {"kind": "order_planned", "number": "MI-DK-1", "warehouse": 3},
    {"kind": "order_made", "made_id": 501, "how": "sent"},
    {"kind": "order_cancelled", "code": "c", "reason": CANARIES[0]},
    {"kind": "unparked", "act": "replayed", "note": "n"},
)


def _event(fact: dict[str, Any]) -> bytes:
    return json.dumps({"sequence": 1, **AT, "fact": fact}).encode()


STATES = (
    {"merchant": "m", "shop": "s", "id": 1, "version": 3, "positions": [POSITION]}
    | {"judgements": [JUDGED], "decisions": [{"number": 1, "accepted": [71], "by": "rule"}]},
    {"merchant": "m", "shop": "s", "id": 1, "version": 3, "lines": [LINE], "number": "MI-DK-1"},
)
RULE = b"automatic: true\nprice_threshold: 0.9\nprice_reference: original\nrounding: up\n"


def _with_contract() -> bytes:
    contract = f"\n  rma:\n    contract: {json.dumps(DIALECT_B_FILE)}\n"
    return MIINTO_FILE.replace("\n  rma:\n", contract, 1).encode()


def merchant_file_of_miinto(data: bytes) -> Merchant:
    """As ``merchant-file``; the block's settings can be asked whatever they are."""
    merchant = merchant_file(data)
    if merchant.miinto is not None:
        _ = [(shop.slug, merchant.miinto.shop(shop.id)) for shop in merchant.miinto.shops]
    return merchant


MARKET_TARGETS: tuple[Target, ...] = (
    Target(
        "store-refund",
        "json",
        store_refund,
        (StoreRefund,),
        (
            _refund(),
            _refund(order={"market": "DK", "id": 555001}, currency="DKK"),
            _refund(origin="miinto-045-1234-30001-r0123456789ab"),
            _refund(customer=CANARIES[0]),
        ),
    ),
    Target(
        "store-refund-to-its-end",
        "json",
        store_refund_to_its_end,
        (str,),
        (_refund(), _refund(lines=[{"sku": "TEE", "quantity": 2, "amount_minor": 99800}])),
    ),
    Target(
        "merchant-file-miinto",
        "yaml",
        merchant_file_of_miinto,
        (Merchant,),
        (MIINTO_FILE.encode(), _with_contract()),
        canaries=False,
    ),
    Target(
        "rma-contract",
        "json",
        rma_contract,
        (RmaContract,),
        (b"{}", json.dumps(DIALECT_B_FILE).encode()),
        canaries=False,
    ),
    # As a merchant's file: its reader is told its own keys.
    Target(
        "rule-file",
        "yaml",
        rule_file,
        (AcceptRule,),
        (RULE, MIINTO_FILE.encode()),
        canaries=False,
    ),
    Target(
        "words-of-the-command",
        "json",
        words_of_the_command,
        (Decimal, datetime, tuple),
        (b"amount:499.95", b"units:71=1", b"day:2026-05-01", b"end:9999-12-31"),
        canaries=False,
    ),
    Target(
        "market-event",
        "json",
        market_event,
        (TransferState,),
        tuple(map(_event, FACTS)),
        canaries=False,
    ),
    Target(
        "market-state",
        "json",
        market_state,
        (TransferState, OrderState),
        tuple(json.dumps(state).encode() for state in STATES),
        canaries=False,
    ),
)

"""RMAs of Miinto's simulator: buyers make them, shops decide them, Miinto pays the refund.

The behaviour is what vendors' help pages tell: a buyer starts an RMA, the shop accepts or declines
its positions with a reason, and after acceptance Miinto refunds the buyer. A merchant's RMA request
is accepted by Miinto. How the calls look is a dialect, see `local.simulators.miinto.rma_dialects`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from local.simulators.miinto.lists import Listing, listed
from local.simulators.miinto.orders import Order, Orders
from local.simulators.miinto.replies import (
    ACCESS,
    CONFLICT,
    INVALID,
    UNKNOWN,
    Call,
    Caller,
    Failure,
    Route,
    not_found,
)
from local.simulators.miinto.rma_dialects import (
    DIALECTS,
    BodyError,
    Dialect,
    Rma,
    RmaLine,
    Verdict,
    WantedLine,
)
from local.simulators.miinto.state import State, time_text
from local.simulators.wire import Reply

MIINTO = "miinto"


@dataclass(frozen=True)
class Owed:
    """A refund that Miinto is going to pay."""

    due: datetime
    rma: Rma
    line: RmaLine


class Rmas:
    """Every RMA."""

    def __init__(self, state: State, orders: Orders) -> None:
        self._state = state
        self._orders = orders
        self.rmas: dict[tuple[str, int], Rma] = {}
        self._of_shop: dict[str, list[Rma]] = {}
        self._asked: list[Rma] = []
        self._owed: list[Owed] = []
        self.refunds: list[dict[str, Any]] = []

    @property
    def dialect(self) -> Dialect:
        """The dialect that is set."""
        return DIALECTS[self._state.settings.rma_dialect]()

    def routes(self) -> list[Route]:
        """What is answered."""
        if self._state.settings.rma_access == "absent":
            return []
        dialect = self.dialect
        return [
            (*dialect.list_path, self._list),
            (*dialect.read_path, self._read),
            (*dialect.decide_path, self._decide),
            (*dialect.request_path, self._request),
        ]

    # -- answering --------------------------------------------------------------------------

    def _require_access(self, call: Call) -> None:
        if _version(call.version) < _version(self._state.settings.rma_since):
            raise not_found("the path")
        if self._state.settings.rma_access == "forbidden":
            raise Failure(403, ACCESS, "not for this account")

    def _list(self, call: Call, shop: str) -> Reply:
        self._require_access(call)
        dialect, settings = self.dialect, self._state.settings
        rows = [
            rma
            for rma in self._of_shop.get(shop, [])
            if rma.kind == "return" or settings.requests_listed
        ]
        return listed(
            self._state,
            call,
            rows,
            Listing(dialect.filter_name, words=frozenset(dialect.words.values())),
            words_of=lambda rma: {rma.word or dialect.words[rma.status(settings.mixed_rma)]},
            age_of=lambda rma: (rma.created_at, rma.number),
            shown=lambda rma: dialect.shown(rma, self._state),
        )

    def one(self, shop: str, number: int | None) -> Rma:
        """An RMA of the shop's.

        Raises:
            Failure: There is none.
        """
        found = None if number is None else self.rmas.get((shop, number))
        if found is None:
            raise not_found("the RMA")
        return found

    def _read(self, call: Call, shop: str, name: str) -> Reply:
        self._require_access(call)
        rma = self.one(shop, self.dialect.number_of(name))
        return call.answer(self.dialect.shown(rma, self._state))

    def _decide(self, call: Call, shop: str, name: str) -> Reply:
        self._require_access(call)
        dialect = self.dialect
        rma = self.one(shop, dialect.number_of(name))
        try:
            verdicts = dialect.verdicts(call.json())
        except BodyError as error:
            raise self._state.invalid(str(error), INVALID) from None

        def carry_out() -> Reply:
            if rma.kind == "request":
                raise self._state.conflict("a request is not the shop's to decide", CONFLICT)
            self.decide(rma, verdicts, call.caller)
            return call.answer(dialect.shown(rma, self._state))

        return self._state.write("rma", carry_out)

    def _request(self, call: Call, shop: str, order_in_path: str) -> Reply:
        self._require_access(call)
        dialect = self.dialect
        try:
            number, wanted = dialect.wanted(call.json(), order_in_path)
        except BodyError as error:
            raise self._state.invalid(str(error), INVALID) from None
        order = self._orders.one(shop, number)

        def carry_out() -> Reply:
            rma = self.request(order, wanted, call.caller)
            return call.answer(dialect.requested(rma, self._state))

        return self._state.write("request", carry_out)

    # -- what happens -----------------------------------------------------------------------

    def create(self, order: Order, wanted: Sequence[WantedLine] = ()) -> Rma:
        """The buyer returns positions of an order; all of them when none is named.

        Raises:
            Failure: A position is not the order's, or its quantity is not there.
        """
        everything = [WantedLine(position.id, reason="too_small") for position in order.positions]
        rma = self._make(order, wanted or everything, "return")
        self._note("rma_created", "buyer", rma, positions=_by_order_position(rma))
        return rma

    def request(self, order: Order, wanted: Sequence[WantedLine], by: Caller | str) -> Rma:
        """The merchant asks for an RMA; Miinto accepts it as `Settings.request_accepted` says.

        Raises:
            Failure: See `create`; or there was a request before and that is refused.
        """
        settings = self._state.settings
        if settings.second_request == "refused":
            before = {
                line.order_position
                for rma in self._of_shop.get(order.shop, [])
                for line in rma.lines
                if rma.order is order and line.status != "declined"
            }
            if before & {line.order_position for line in wanted}:
                raise self._state.conflict("a position is being returned already", CONFLICT)
        rma = self._make(order, wanted, "request")
        self._note("rma_requested", by, rma, positions=_by_order_position(rma))
        if settings.request_accepted != "never":
            later = settings.request_seconds if settings.request_accepted == "later" else 0.0
            rma.accepted_at = self._state.now() + timedelta(seconds=later)
            self._asked.append(rma)
        self.settle()
        return rma

    def _make(self, order: Order, wanted: Sequence[WantedLine], kind: Any) -> Rma:
        positions = {position.id: position for position in order.positions}
        if len({line.order_position for line in wanted}) != len(wanted):
            raise self._state.invalid("a position is named twice", INVALID)
        for line in wanted:
            if line.order_position not in positions:
                raise self._state.invalid(f"position {line.order_position} not found", UNKNOWN)
            most = positions[line.order_position].line.quantity
            if line.quantity is not None and not 1 <= line.quantity <= most:
                raise self._state.invalid(f"the quantity is 1 to {most}", INVALID)
        rma = Rma(
            number=self._state.number("rma", order.shop),
            order=order,
            kind=kind,
            created_at=self._state.now(),
            lines=[
                RmaLine(
                    id=self._state.number("rma_position", order.shop),
                    order_position=line.order_position,
                    line=positions[line.order_position].line,
                    quantity=line.quantity or positions[line.order_position].line.quantity,
                    reason=line.reason,
                    comment=line.comment,
                )
                for line in wanted
            ],
        )
        self.rmas[rma.shop, rma.number] = rma
        self._of_shop.setdefault(rma.shop, []).append(rma)
        return rma

    def decide(self, rma: Rma, verdicts: Sequence[Verdict], by: Caller | str) -> None:
        """Decide positions, all of them or none.

        Raises:
            Failure: A position is not the RMA's, was decided before, or a reason is missing.
        """
        lines = {line.id: line for line in rma.lines}
        if len({verdict.position for verdict in verdicts}) != len(verdicts):
            raise self._state.invalid("a position is named twice", INVALID)
        for verdict in verdicts:
            if verdict.position not in lines:
                raise self._state.invalid(f"position {verdict.position} not found", UNKNOWN)
            status = lines[verdict.position].status
            if status != "pending":
                raise self._state.conflict(f"position is {status} already", CONFLICT)
            if self._state.settings.reason_required and not (verdict.accepted or verdict.reason):
                raise self._state.invalid("declining takes a reason", INVALID)
        for verdict in verdicts:
            line = lines[verdict.position]
            line.status = "accepted" if verdict.accepted else "declined"
            line.told_reason = verdict.reason
            if verdict.accepted:
                rma.order.returned.add(line.order_position)
                due = self._state.now() + timedelta(seconds=self._state.settings.refund_seconds)
                self._owed.append(Owed(due, rma, line))
        self._note(
            "rma_decided",
            by,
            rma,
            verdicts={str(line.id): line.status for line in map(lines.get, _ids(verdicts)) if line},
            reasons={str(verdict.position): verdict.reason for verdict in verdicts},
        )
        self.settle()

    def change(self, rma: Rma, position: int, status: Literal["accepted", "declined"]) -> None:
        """Miinto's support changes a position that was decided; what was paid stays paid.

        Raises:
            Failure: The position is not the RMA's.
            ValueError: There is no such status.
        """
        line = next((line for line in rma.lines if line.id == position), None)
        if line is None:
            raise self._state.invalid(f"position {position} not found", UNKNOWN)
        if status not in {"accepted", "declined"}:
            raise ValueError(f"a decided position is accepted or declined, not {status}")
        line.status = status
        self._note("rma_changed", "miinto", rma, position=position, status=status)

    def settle(self) -> None:
        """Accept requests and pay refunds that are due."""
        now = self._state.now()
        ready = [rma for rma in self._asked if rma.accepted_at and rma.accepted_at <= now]
        self._asked = [rma for rma in self._asked if not any(rma is other for other in ready)]
        for rma in ready:
            self.accept_request(rma)
        due = [owed for owed in self._owed if owed.due <= now]
        self._owed = [owed for owed in self._owed if owed.due > now]
        for owed in due:
            self._pay(owed)

    def accept_request(self, rma: Rma) -> None:
        """Miinto accepts a request of the merchant's, as far as it is still open.

        Raises:
            Failure: Nothing of it is.
        """
        open_still = [line.id for line in rma.lines if line.status == "pending"]
        if not open_still:
            raise self._state.conflict("nothing is pending", CONFLICT)
        self.decide(rma, [Verdict(number, True) for number in open_still], MIINTO)

    def _pay(self, owed: Owed) -> None:
        rma, line = owed.rma, owed.line
        self.refunds.append(
            {
                "at": time_text(self._state.now()),
                "shop": rma.shop,
                "rma": str(self.dialect.id_of(rma)),
                "order": rma.order.id,
                "parent": rma.order.basket.number,
                "position": line.order_position,
                "quantity": line.quantity,
                "amount": line.line.unit_price * line.quantity,
                "currency": rma.order.basket.currency,
            }
        )
        self._note(
            "refund_paid",
            MIINTO,
            rma,
            **{
                name: self.refunds[-1][name]
                for name in ("position", "quantity", "amount", "currency")
            },
        )

    def _note(self, what: str, by: Caller | str, rma: Rma, **more: Any) -> None:
        self._state.note(
            what,
            by,
            shop=rma.shop,
            rma=str(self.dialect.id_of(rma)),
            order=rma.order.id,
            **more,
        )

    def books(self) -> dict[str, Any]:
        """Every RMA, by ``shop/id``, in the words of dialect A whatever the dialect."""
        mixed = self._state.settings.mixed_rma
        return {
            f"{shop}/{self.dialect.id_of(rma)}": {
                "order": rma.order.id,
                "type": rma.kind,
                "status": rma.status(mixed),
                "positions": {
                    str(line.id): {
                        "order_position": line.order_position,
                        "sku": line.line.variant.sku,
                        "quantity": line.quantity,
                        "status": line.status,
                        "reason": line.told_reason,
                    }
                    for line in rma.lines
                },
            }
            for (shop, _), rma in self.rmas.items()
        }


def _ids(verdicts: Sequence[Verdict]) -> list[int]:
    return [verdict.position for verdict in verdicts]


def _by_order_position(rma: Rma) -> Mapping[str, int]:
    return {str(line.order_position): line.quantity for line in rma.lines}


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))

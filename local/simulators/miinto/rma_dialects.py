"""Two ways that Miinto's RMA calls could look; no source tells the real one.

`DialectA` is the guess by analogy with transfers. `DialectB` differs in everything that could be
otherwise: paths, verb, ids that are texts, names, words, reasons, the shape of a decision. A hub
whose contract is configuration takes both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from local.simulators.miinto.offers import Line
from local.simulators.miinto.orders import SHOP, Order
from local.simulators.miinto.state import State, time_text

LineStatus = Literal["pending", "accepted", "declined"]


@dataclass
class RmaLine:
    """A position of an RMA, and the position of the order that it returns."""

    id: int
    order_position: int
    line: Line
    quantity: int
    reason: str = ""
    comment: str = ""
    status: LineStatus = "pending"
    told_reason: str = ""


@dataclass
class Rma:
    """An RMA of a buyer's, or a request of the merchant's."""

    number: int
    order: Order
    kind: Literal["return", "request"]
    created_at: datetime
    lines: list[RmaLine]
    word: str = ""
    accepted_at: datetime | None = None
    """When Miinto accepts a request."""
    paid: set[int] = field(default_factory=set)

    @property
    def shop(self) -> str:
        """Whose it is."""
        return self.order.shop

    def status(self, mixed: str) -> str:
        """Its state: of all its positions; `mixed` when these differ."""
        found = {line.status for line in self.lines}
        if "pending" in found:
            return "pending"
        return found.pop() if len(found) == 1 else mixed


@dataclass(frozen=True)
class Verdict:
    """What the merchant says to one position."""

    position: int
    accepted: bool
    reason: str = ""


@dataclass(frozen=True)
class WantedLine:
    """A position of an order that is to be returned; `quantity` None is all of it."""

    order_position: int
    quantity: int | None = None
    reason: str = ""
    comment: str = ""


class BodyError(ValueError):
    """A body that is not this dialect's; the text says what is wrong."""


class Dialect(Protocol):
    """How the RMA calls look."""

    filter_name: str
    words: Mapping[str, str]
    list_path: tuple[str, str]
    read_path: tuple[str, str]
    decide_path: tuple[str, str]
    request_path: tuple[str, str]

    def id_of(self, rma: Rma) -> int | str:
        """The id as it is written."""

    def number_of(self, text: str) -> int | None:
        """The number in an id of a path; None when it is none."""

    def shown(self, rma: Rma, state: State) -> dict[str, Any]:
        """The RMA as it is read."""

    def verdicts(self, body: Any) -> list[Verdict]:
        """A decision's body; raises `BodyError`."""

    def wanted(self, body: Any, order_in_path: str) -> tuple[int, list[WantedLine]]:
        """The order's number and the positions of a request's body; raises `BodyError`."""

    def requested(self, rma: Rma, state: State) -> Any:
        """What a request is answered with."""


def _rows(body: Any, name: str, allowed: set[str]) -> list[dict[str, Any]]:
    """The list under a name; its entries have no other fields than these."""
    rows = body.get(name) if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows:
        raise BodyError(f"`{name}` is not a list with entries")
    for row in rows:
        if not isinstance(row, dict) or set(row) - allowed:
            raise BodyError(f"an entry of `{name}` has only {sorted(allowed)}")
    return rows


def _whole(row: Mapping[str, Any], name: str) -> int:
    if type(row.get(name)) is not int:
        raise BodyError(f"`{name}` is not a whole number")
    return int(row[name])


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name, "")
    if not isinstance(value, str):
        raise BodyError(f"`{name}` is not a text")
    return value


def _only(body: Any, *names: str) -> None:
    if not isinstance(body, dict) or not body or set(body) - set(names):
        raise BodyError(f"the body has only {', '.join(names)}")


class DialectA:
    """The guess: ``/rmas``, decided as transfers are."""

    filter_name = "status[]"
    words: Mapping[str, str] = {
        "pending": "pending",
        "accepted": "accepted",
        "declined": "declined",
        "mixed": "partially_accepted",
    }
    list_path = ("GET", SHOP + "/rmas")
    read_path = ("GET", SHOP + r"/rmas/([^/]+)")
    decide_path = ("PATCH", SHOP + r"/rmas/([^/]+)")
    request_path = ("POST", SHOP + "/rma-requests()")

    def id_of(self, rma: Rma) -> int | str:
        return rma.number

    def number_of(self, text: str) -> int | None:
        return int(text) if text.isascii() and text.isdigit() else None

    def shown(self, rma: Rma, state: State) -> dict[str, Any]:
        content: dict[str, Any] = {
            "id": rma.number,
            "status": rma.word or self.words[rma.status(state.settings.mixed_rma)],
            "type": rma.kind,
            "createdAt": time_text(rma.created_at),
            "order": {"id": rma.order.id},
            "parentOrder": {"id": rma.order.basket.number},
            "currency": state.currency(rma.order.basket.currency),
        }
        for status in ("pending", "accepted", "declined"):
            rows = [self._position(row, state) for row in rma.lines if row.status == status]
            if rows or status == "pending":
                content[f"{status}Positions"] = rows
        return content

    def _position(self, row: RmaLine, state: State) -> dict[str, Any]:
        content: dict[str, Any] = {
            "id": row.id,
            "quantity": row.quantity,
            "price": state.price(row.line.unit_price, row.quantity),
            "reason": row.reason,
            "item": state.item(row.line.variant),
        }
        if state.settings.order_position_ids:
            content["orderPositionId"] = row.order_position
        if row.comment:
            content["comment"] = row.comment
        if row.told_reason:
            content["decisionReason"] = row.told_reason
        return content

    def verdicts(self, body: Any) -> list[Verdict]:
        names = ("acceptedPositions", "declinedPositions")
        _only(body, *names)
        return [
            Verdict(_whole(row, "id"), name == names[0], _text(row, "reason"))
            for name in names
            if name in body
            for row in _rows(body, name, {"id", "reason"})
        ]

    def wanted(self, body: Any, order_in_path: str) -> tuple[int, list[WantedLine]]:
        _only(body, "orderId", "positions")
        rows = _rows(body, "positions", {"id", "quantity", "reason", "comment"})
        return _whole(body, "orderId"), [
            WantedLine(
                _whole(row, "id"),
                _whole(row, "quantity") if "quantity" in row else None,
                _text(row, "reason"),
                _text(row, "comment"),
            )
            for row in rows
        ]

    def requested(self, rma: Rma, state: State) -> Any:
        return self.shown(rma, state)


class DialectB:
    """Deliberately another: ``/returns``, decided by POST, with names and words of its own."""

    filter_name = "rmaStatus"
    words: Mapping[str, str] = {
        "pending": "OPEN",
        "accepted": "APPROVED",
        "declined": "REFUSED",
        "mixed": "PARTLY",
    }
    verdict_words: Mapping[str, bool] = {"APPROVE": True, "REFUSE": False}
    list_path = ("GET", SHOP + "/returns")
    read_path = ("GET", SHOP + r"/returns/([^/]+)")
    decide_path = ("POST", SHOP + r"/returns/([^/]+)/decision")
    request_path = ("POST", SHOP + r"/orders/(\d+)/return-requests")

    def id_of(self, rma: Rma) -> int | str:
        return f"R-{rma.number}"

    def number_of(self, text: str) -> int | None:
        number = text.removeprefix("R-")
        return int(number) if number != text and number.isascii() and number.isdigit() else None

    def shown(self, rma: Rma, state: State) -> dict[str, Any]:
        return {
            "returnId": self.id_of(rma),
            "rmaStatus": rma.word or self.words[rma.status(state.settings.mixed_rma)],
            "kind": rma.kind.upper(),
            "created": time_text(rma.created_at),
            "orderId": rma.order.id,
            "parentOrderId": rma.order.basket.number,
            "currencyCode": state.currency(rma.order.basket.currency),
            "lines": [self._line(row, state) for row in rma.lines],
        }

    def _line(self, row: RmaLine, state: State) -> dict[str, Any]:
        content: dict[str, Any] = {
            "lineId": row.id,
            "rmaStatus": self.words[row.status],
            "qty": row.quantity,
            "amount": state.price(row.line.unit_price, row.quantity),
            "reason": {"code": row.reason, "text": row.comment},
            "article": state.item(row.line.variant),
        }
        if state.settings.order_position_ids:
            content["orderLineId"] = row.order_position
        if row.told_reason:
            content["decision"] = {"text": row.told_reason}
        return content

    def verdicts(self, body: Any) -> list[Verdict]:
        _only(body, "lines")
        found = []
        for row in _rows(body, "lines", {"lineId", "verdict", "reasonText"}):
            if row.get("verdict") not in self.verdict_words:
                raise BodyError("`verdict` is APPROVE or REFUSE")
            accepted = self.verdict_words[row["verdict"]]
            found.append(Verdict(_whole(row, "lineId"), accepted, _text(row, "reasonText")))
        return found

    def wanted(self, body: Any, order_in_path: str) -> tuple[int, list[WantedLine]]:
        _only(body, "lines")
        rows = _rows(body, "lines", {"orderLineId", "qty", "reason"})
        found = []
        for row in rows:
            reason = row.get("reason", {})
            if not isinstance(reason, dict) or set(reason) - {"code", "text"}:
                raise BodyError("`reason` has only code and text")
            quantity = _whole(row, "qty") if "qty" in row else None
            number = _whole(row, "orderLineId")
            found.append(WantedLine(number, quantity, _text(reason, "code"), _text(reason, "text")))
        return int(order_in_path), found

    def requested(self, rma: Rma, state: State) -> Any:
        return {"returnId": self.id_of(rma)}


DIALECTS: Mapping[str, Callable[[], Dialect]] = {"a": DialectA, "b": DialectB}

"""Redo as the returns portal: `ports.ReturnsPortal`.

Source: Redo's OpenAPI 2.2. No call here takes an idempotency key (the only one that does creates
returns), so each write says how it is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from returns_hub.adapters.http.transport import Method, PartnerHttp
from returns_hub.adapters.redo import models
from returns_hub.adapters.redo.client import RedoClient, TokenSource
from returns_hub.adapters.redo.translate import to_return, to_summary
from returns_hub.domain.merchant import RedoConnection
from returns_hub.domain.receipts import LineToProcess
from returns_hub.domain.returns import PortalAbilities, PortalReturn, ReturnSummary
from returns_hub.errors import Permanent, Retryable
from returns_hub.ports import Clock, RecentReturns

PAGE_SIZE = 200
MOST_PAGES = 500
RETURN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

Model = TypeVar("Model", bound=BaseModel)


class RedoPortal:
    """One store in Redo."""

    def __init__(
        self, http: PartnerHttp, connection: RedoConnection, *, token: TokenSource, clock: Clock
    ) -> None:
        self._http = http
        self._store = quote(connection.store_id, safe="")
        self._call = RedoClient(http, token=token, clock=clock).call

    @property
    def abilities(self) -> PortalAbilities:
        """See `ports.ReturnsPortal.abilities`; the API documents no limit of a comment."""
        return PortalAbilities()

    def parse(self, body: Mapping[str, Any], order: Mapping[str, Any] | None) -> PortalReturn:
        """See `ports.ReturnsPortal.parse`."""
        try:
            their_order = models.Order.model_validate(order) if order is not None else None
            return to_return(models.Return.model_validate(body), their_order)
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            raise Permanent(
                "redo.unreadable", f"the return in the message cannot be read at {where}"
            ) from None

    def require_open(self) -> None:
        """See `ports.ReturnsPortal.require_open`."""
        self._http.require_open()

    def read_return(self, return_id: str) -> PortalReturn:
        """See `ports.ReturnsPortal.read_return`."""
        content = self._read(_return_path(return_id), template="/returns/{id}")
        both = _checked(models.ReturnWithOrder, content)
        return to_return(both.return_, both.order)

    def returns_updated(self, since: datetime, until: datetime) -> Iterator[ReturnSummary]:
        """See `ports.ReturnsPortal.returns_updated`.

        Paging is by headers; Redo does not say which time it sorts by (newest first).
        """
        headers: dict[str, str] = {"X-Page-Size": str(PAGE_SIZE)}
        query = {"updated_at_min": since.isoformat(), "updated_at_max": until.isoformat()}
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            path = f"/stores/{self._store}/returns"
            content, answer = self._call(
                "GET",
                path,
                template="/stores/{id}/returns",
                query=query,
                headers=headers,
                is_read=True,
            )
            for row in _list(content, "returns"):
                yield to_summary(_checked(models.ReturnInList, row))
            following = answer.headers.get("X-Page-Next", "")
            if not following or following in seen:
                return
            seen.add(following)
            headers["X-Page-Continue"] = following
        raise Retryable("redo.endless_list", f"Redo's list has more than {MOST_PAGES} pages")

    def recent_returns(self, limit: int) -> RecentReturns:
        """See `ports.ReturnsPortal.recent_returns`; one call, whose rows are whole returns."""
        content, _ = self._call(
            "GET",
            f"/stores/{self._store}/returns",
            template="/stores/{id}/returns",
            headers={"X-Page-Size": str(limit)},
            is_read=True,
        )
        orders = {order.id: order for order in _orders(content)}
        returns: list[PortalReturn] = []
        unreadable: list[str] = []
        for row in _list(content, "returns")[:limit]:
            try:
                body = models.Return.model_validate(row)
            except ValidationError as error:
                where = ".".join(map(str, error.errors()[0]["loc"]))
                unreadable.append(f"{_id_of(row)} at {where or 'its top'}")
            else:
                returns.append(to_return(body, orders.get(body.order.id)))
        return RecentReturns(tuple(returns), tuple(unreadable))

    def comments(self, return_id: str) -> tuple[str, ...]:
        """See `ports.ReturnsPortal.comments`. The answer is the whole list: it has no pages."""
        path = f"{_return_path(return_id)}/comments"
        content = self._read(path, template="/returns/{id}/comments")
        found = _checked(models.Comments, content)
        return tuple(comment.message for comment in found.comments if comment.message)

    def add_comment(self, return_id: str, text: str, send_by: datetime) -> None:
        """See `ports.ReturnsPortal.add_comment`.

        Looked up by the marker in the text among all comments of the return: conclusive, because
        the list of comments is whole.
        """
        path = f"{_return_path(return_id)}/comments"
        self._write("POST", path, "/returns/{id}/comments", {"comment": {"message": text}}, send_by)

    def flag(self, return_id: str, send_by: datetime) -> None:
        """See `ports.ReturnsPortal.flag`.

        Looked up by reading the status back: conclusive, and setting it again changes nothing.
        """
        path = f"{_return_path(return_id)}/status"
        self._write("PUT", path, "/returns/{id}/status", {"status": "flagged"}, send_by)

    def process(self, return_id: str, lines: Sequence[LineToProcess], send_by: datetime) -> None:
        """See `ports.ReturnsPortal.process`.

        ``_id`` is the return item's id. There is no ``customerNotes``: that text goes to the
        customer. Looked up by reading the items back, which can confirm but never deny: a partial
        submission is held without a trace until the other items are ready.
        """
        products = [
            {"_id": line.line_id, "processInput": {"restock": line.restock}} for line in lines
        ]
        path = f"{_return_path(return_id)}/process"
        self._write("POST", path, "/returns/{id}/process", {"products": products}, send_by)

    def check_access(self) -> str:
        """See `ports.ReturnsPortal.check_access`."""
        self._call(
            "GET",
            f"/stores/{self._store}/returns",
            template="/stores/{id}/returns",
            headers={"X-Page-Size": "1"},
            is_read=True,
        )
        return "the token reads this store's returns (returns_read)"

    def _read(self, path: str, *, template: str) -> Any:
        return self._call("GET", path, template=template, is_read=True)[0]

    def _write(
        self, method: Method, path: str, template: str, body: object, send_by: datetime
    ) -> None:
        self._call(method, path, template=template, body=body, send_by=send_by)


def _return_path(return_id: str) -> str:
    return f"/returns/{quote(return_id, safe='')}"


def _list(content: Any, name: str) -> list[Any]:
    rows = content.get(name) if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise Retryable("redo.unreadable", f"Redo's answer has no {name}", after=300)
    return rows


def _orders(content: Any) -> Iterator[models.Order]:
    """The side table of orders, as far as it can be read: a line's SKU may be there only."""
    rows = content.get("orders") if isinstance(content, dict) else None
    for row in rows if isinstance(rows, list) else ():
        try:
            yield models.Order.model_validate(row)
        except ValidationError:
            continue


def _id_of(row: Any) -> str:
    """The row's id, when it is one; anything else in there may be personal."""
    given = row.get("id") if isinstance(row, dict) else None
    is_id = isinstance(given, str) and RETURN_ID.fullmatch(given)
    return str(given) if is_id else "a row without an id"


def _checked(model: type[Model], content: Any) -> Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise Retryable(
            "redo.unreadable", f"Redo's answer cannot be read at {where or 'its top'}", after=300
        ) from None

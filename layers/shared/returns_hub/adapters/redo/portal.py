"""Redo as the returns portal: `ports.ReturnsPortal`.

Source: Redo's OpenAPI 2.2. No call here takes an idempotency key (the only one that does creates
returns), so each write says how it is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from returns_hub.adapters.http.transport import Method, PartnerHttp
from returns_hub.adapters.redo import models
from returns_hub.adapters.redo.client import (
    RedoClient,
    TokenSource,
    checked,
    listed,
    quoted,
)
from returns_hub.adapters.redo.translate import to_return, to_summary
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.portals import RedoConnection
from returns_hub.domain.returns import (
    PortalAbilities,
    PortalReturn,
    ReturnStatus,
    ReturnSummary,
)
from returns_hub.errors import Permanent, Retryable
from returns_hub.ports import Clock, RecentReturns

PAGE_SIZE = 200
MOST_READINGS = 6
"""Of one list of several pages, until it gives nothing new."""
RETURN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class RedoPortal:
    """One store in Redo."""

    def __init__(
        self, http: PartnerHttp, connection: RedoConnection, *, token: TokenSource, clock: Clock
    ) -> None:
        self._client = RedoClient(http, connection, token=token, clock=clock)
        self._amount_counts = connection.adjustment_counts

    @property
    def abilities(self) -> PortalAbilities:
        """See `ports.ReturnsPortal.abilities`; the API documents no limit of a comment."""
        return PortalAbilities(amount_counts=self._amount_counts)

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
        self._client.require_open()

    def read_return(self, return_id: str) -> PortalReturn:
        """See `ports.ReturnsPortal.read_return`."""
        content = self._read(_return_path(return_id), template="/returns/{id}")
        both = checked(models.ReturnWithOrder, content)
        return to_return(both.return_, both.order)

    def returns_updated(
        self, since: datetime, until: datetime, status: ReturnStatus | None = None
    ) -> Iterator[ReturnSummary]:
        """See `ports.ReturnsPortal.returns_updated`.

        Redo does not say which time it sorts by, nor what a page's name stands for. Should it be
        a place in the list, then a return that changes while the list is read leaves it, all
        behind it move up by one, and one of them is on no page. Nothing enters such a list, so
        what was passed over is before its old place from then on, and another reading shows it:
        a list of more than one page is read until a reading finds nothing new.
        """
        query = {"updated_at_min": since.isoformat(), "updated_at_max": until.isoformat()}
        if status is not None:
            query["status"] = status.value
        found: set[tuple[str, datetime]] = set()
        for _ in range(MOST_READINGS):
            pages = news = 0
            for page in self._pages(query):
                pages += 1
                for row in page:
                    if (row.id, row.updated_at) not in found:
                        found.add((row.id, row.updated_at))
                        news += 1
                        yield row
            if pages == 1 or not news:
                return
        raise Retryable("redo.list_moves", "Redo's list changes faster than it can be read")

    def returns_of_order(self, order_name: str) -> tuple[ReturnSummary, ...]:
        """See `ports.ReturnsPortal.returns_of_order`; Redo's filter ``provider_order_name``."""
        pages = self._pages({"provider_order_name": order_name})
        found = {row.id: row for page in pages for row in page}
        return tuple(sorted(found.values(), key=lambda row: row.updated_at, reverse=True))

    def _pages(self, query: Mapping[str, str]) -> Iterator[list[ReturnSummary]]:
        """The pages of the list of returns."""
        pages = self._client.pages(
            f"{self._client.store_path}/returns",
            "returns",
            template="/stores/{id}/returns",
            query=query,
            page_size=PAGE_SIZE,
        )
        for page in pages:
            yield [to_summary(checked(models.ReturnInList, row)) for row in page]

    def recent_returns(self, limit: int) -> RecentReturns:
        """See `ports.ReturnsPortal.recent_returns`; one call, whose rows are whole returns."""
        content, _ = self._client.read(
            f"{self._client.store_path}/returns",
            template="/stores/{id}/returns",
            headers={"X-Page-Size": str(limit)},
        )
        orders = {order.id: order for order in _orders(content)}
        returns: list[PortalReturn] = []
        unreadable: list[str] = []
        for row in listed(content, "returns")[:limit]:
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
        found = checked(models.Comments, content)
        return tuple(comment.message for comment in found.comments if comment.message)

    def add_comment(self, return_id: str, text: str, send_by: datetime) -> None:
        """See `ports.ReturnsPortal.add_comment`.

        Looked up by the marker in the text among all comments of the return: conclusive, because
        the list of comments is whole.
        """
        path = f"{_return_path(return_id)}/comments"
        self._write("POST", path, "/returns/{id}/comments", {"comment": {"message": text}}, send_by)

    def set_status(self, return_id: str, status: ReturnStatus, send_by: datetime) -> None:
        """See `ports.ReturnsPortal.set_status`. Redo's OpenAPI 2.2 takes complete, open,
        flagged, rejected and deleted, and answers 204 with no body; what it says to a change it
        does not allow is not documented.

        Looked up by reading the status back: conclusive, and setting it again changes nothing.
        """
        path = f"{_return_path(return_id)}/status"
        self._write("PUT", path, "/returns/{id}/status", {"status": status.value}, send_by)

    def process(self, return_id: str, lines: Sequence[LineToProcess], send_by: datetime) -> None:
        """See `ports.ReturnsPortal.process`.

        ``_id`` is the return item's id. There is no ``customerNotes``: that text goes to the
        customer. Looked up by reading the items back, which can confirm but never deny: a partial
        submission is held without a trace until the other items are ready.
        """
        products = [_product(line) for line in lines]
        path = f"{_return_path(return_id)}/process"
        self._write("POST", path, "/returns/{id}/process", {"products": products}, send_by)

    def check_access(self) -> str:
        """See `ports.ReturnsPortal.check_access`."""
        self._client.read(
            f"{self._client.store_path}/returns",
            template="/stores/{id}/returns",
            headers={"X-Page-Size": "1"},
        )
        return "the token reads this store's returns (returns_read)"

    def _read(self, path: str, *, template: str) -> Any:
        return self._client.read(path, template=template)[0]

    def _write(
        self, method: Method, path: str, template: str, body: object, send_by: datetime
    ) -> None:
        self._client.write(method, path, template=template, body=body, send_by=send_by)


def _product(line: LineToProcess) -> dict[str, Any]:
    """A line in the words of ``process``: ``reject`` and ``processInput`` exclude each other."""
    if line.reject:
        return {"_id": line.line_id, "reject": True}
    given: dict[str, Any] = {"restock": line.restock}
    if line.amount is not None:
        given["newMerchantAdjustment"] = float(line.amount)
    return {"_id": line.line_id, "processInput": given}


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


def _return_path(return_id: str) -> str:
    return f"/returns/{quoted(return_id)}"

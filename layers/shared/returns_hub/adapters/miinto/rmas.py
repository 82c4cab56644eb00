"""`ports.marketplace.Rmas` on Miinto's merchant API, in the words of the merchant's contract.

No source tells these calls; `hub check` proves the reads before RMAs are switched on. A decision is
looked up by its positions, which are no longer pending once it was taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

from returns_hub.adapters.miinto.client import quoted
from returns_hub.adapters.miinto.errors import NotThere
from returns_hub.adapters.miinto.rma_bodies import (
    NoId,
    decision_body,
    request_body,
    text_in,
    to_rma,
)
from returns_hub.domain.miinto.rma_contract import RmaContract
from returns_hub.domain.miinto.rmas import Rma, RmaStatus
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.ports.marketplace import RmaRequestDraft

Query = Sequence[tuple[str, str | int]]


class Told(Protocol):
    """What a success holds."""

    @property
    def data(self) -> Any:
        """The envelope's ``data``."""


class Client(Protocol):
    """The part of `client.MiintoClient` that RMAs need."""

    def require_open(self) -> None:
        """See `MiintoClient.require_open`."""

    def read(self, path: str, query: Query = (), *, template: str) -> Told:
        """See `MiintoClient.read`."""

    def pages(self, path: str, query: Query = (), *, template: str) -> Iterator[list[Any]]:
        """See `MiintoClient.pages`."""

    def write(
        self,
        method: Literal["PATCH", "POST", "PUT"],
        path: str,
        *,
        template: str,
        body: object,
        send_by: datetime,
        is_documented: bool = True,
    ) -> Any:
        """See `MiintoClient.write`."""


class MiintoRmas:
    """The RMAs of one merchant."""

    def __init__(self, client: Client, contract: RmaContract) -> None:
        self._client = client
        self._contract = contract

    def require_open(self) -> None:
        """Raise Retryable while asking is known to be no use."""
        self._client.require_open()

    def list(self, shop: str, status: RmaStatus | None = None) -> Iterator[Rma]:
        """See `ports.marketplace.Rmas.list`.

        Raises:
            Misconfigured: An entry has no id where the contract says; after all others.
        """
        call = self._contract.listing
        nameless = False
        for page in self._client.pages(
            _filled(call.path, shop), self._query(status), template=call.path
        ):
            for row in page:
                try:
                    rma = to_rma(row, shop, self._contract)
                except NoId:
                    nameless = True
                    continue
                if status is None or _is_wanted(rma, status):
                    yield rma
        if nameless:
            raise Misconfigured(
                "miinto.rma_contract",
                f"an RMA in the list of shop {shop} has no id in "
                f"{' or '.join(self._contract.fields.id)}; see miinto.rma.contract.fields",
            )

    def _query(self, status: RmaStatus | None) -> Query:
        call, words = self._contract.listing, self._contract.words
        query: list[tuple[str, str | int]] = []
        if call.status_parameter and status not in {None, "unknown"}:
            query += [(call.status_parameter, word) for word in getattr(words, str(status))]
        if call.sort_parameter and call.sort:
            query.append((call.sort_parameter, call.sort))
        return query

    def read(self, shop: str, rma: str) -> Rma | None:
        """See `ports.marketplace.Rmas.read`.

        Raises:
            Misconfigured: The body has no id where the contract says.
            Retryable: Also when the answer is about another RMA.
        """
        call = self._contract.reading
        try:
            told = self._client.read(_filled(call.path, shop, rma=rma), template=call.path)
        except NotThere:
            return None
        try:
            found = to_rma(told.data, shop, self._contract)
        except NoId:
            raise Misconfigured(
                "miinto.rma_contract",
                f"Miinto's answer about an RMA has no id in "
                f"{' or '.join(self._contract.fields.id)}; see miinto.rma.contract.fields",
            ) from None
        if found.id != rma:
            raise Retryable("miinto.unreadable", "Miinto answered with another RMA", after=300)
        return found

    def decide(
        self,
        shop: str,
        rma: str,
        accepted: Sequence[str],
        declined: Mapping[str, str],
        send_by: datetime,
    ) -> None:
        """See `ports.marketplace.Rmas.decide`; what a success looks like is not known, so a 2xx
        that is no failure is one."""
        call = self._contract.deciding
        self._client.write(
            call.method,
            _filled(call.path, shop, rma=rma),
            template=call.path,
            body=decision_body(call, accepted, declined),
            send_by=send_by,
            is_documented=False,
        )

    def request(self, draft: RmaRequestDraft, send_by: datetime) -> str:
        """See `ports.marketplace.Rmas.request`. Where the contract names no `made_id`, nothing of
        the answer is read."""
        call = self._contract.requesting
        made = self._client.write(
            call.method,
            _filled(call.path, draft.shop, order=str(draft.order)),
            template=call.path,
            body=request_body(call, draft),
            send_by=send_by,
            is_documented=bool(call.made_id),
        )
        return text_in(made, call.made_id, 64)


def _is_wanted(rma: Rma, status: RmaStatus) -> bool:
    """Whether it is in this status; one that says something nobody told us of always is."""
    if rma.unknown_words:
        return True
    return rma.is_open if status == "pending" else rma.status == status


def _filled(path: str, shop: str, *, rma: str = "", order: str = "") -> str:
    """The path, each part as it goes on the wire; a contract names no other places."""
    for place, value in (("{shop}", shop), ("{rma}", rma), ("{order}", order)):
        path = path.replace(place, quoted(value))
    return path

"""A run of the marketplace's part of `make run`, acted out by hand at the simulators."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

from local.partners import SAMPLES, with_feed
from local.run.miinto_books import Books, number_of
from local.run.miinto_cases import CASES, Case
from local.simulators.miinto.rma_dialects import Verdict, WantedLine
from local.simulators.miinto.simulator import MiintoSimulator
from local.simulators.mintsoft.simulator import MintsoftSimulator
from local.simulators.wire import Request
from returns_hub.domain.miinto.rmas import return_id_of

LOGIN = "hub@example.test"
KEY = "{mintsoft_key}"
GOOD, DAMAGED = 1, 2


class Acted:
    """A run in which everything is done by hand, as it has to be done."""

    def __init__(self) -> None:
        seed = json.loads((SAMPLES / "world.json").read_text(encoding="utf-8"))
        self.miinto, self.mintsoft = MiintoSimulator(), MintsoftSimulator()
        self.miinto.seed(with_feed(seed["miinto"]))
        self.mintsoft.seed(seed["mintsoft"])
        self.cases: list[Case] = []
        self.refunds: list[dict[str, Any]] = []
        for case in CASES:
            made = self.miinto.offer([case.shop], case.items)["transfers"][0]
            self.cases.append(replace(case, transfer=made["id"]))
        for case in self.cases:
            if not case.left:
                self._win(case)

    def _win(self, case: Case) -> None:
        transfer = self.miinto.orders.offers.transfers[case.shop, case.transfer]
        positions = [position.id for position in transfer.positions]
        order = self.miinto.orders.decide(transfer, positions, [], LOGIN)
        assert order is not None
        items = [{"SKU": p.line.variant.sku, "Quantity": p.line.quantity} for p in order.positions]
        made = self.write(
            "PUT",
            "/api/Order",
            {
                "OrderNumber": number_of(case.shop, order.id),
                "ClientId": 12,
                "WarehouseId": 3,
                "Country": case.market,
                "CourierService": "AUTO",
                "OrderItems": items,
            },
        )[0]["OrderId"]
        self.mintsoft.despatch(made, courier_id=7, tracking_number=f"T{made}")
        self.tell_of_parcel(order, f"T{made}")
        {"good": self._rma, "damaged": self._rma, "no_rma": self._request}[case.back](
            case, order, made
        )

    def tell_of_parcel(self, order: Any, tracking: str) -> None:
        parcel = {"shippingProviderId": "gls", "trackAndTrace": tracking}
        order.told = {position.id: dict(parcel) for position in order.positions}
        self.miinto.state.note(
            "tracking_told", LOGIN, shop=order.shop, order=order.id, positions=order.told
        )

    def _rma(self, case: Case, order: Any, made: int) -> None:
        first = order.positions[0]
        told = self.miinto.create_rma(case.shop, order.id, [{"id": first.id}])
        return_id, line = return_id_of(case.shop, str(told["rma"])), told["positions"][first.id]
        record = self.announce(return_id, first.line.variant.sku, first.line.quantity)
        bad = case.back == "damaged"
        goods = [
            {
                "sku": first.line.variant.sku,
                "quantity": first.line.quantity,
                "reason_id": DAMAGED if bad else GOOD,
            }
        ]
        self.mintsoft.receive(record, goods)
        verdict = Verdict(line, not bad, "it is torn" if bad else "")
        self.miinto.rmas.decide(self.miinto.rmas.one(case.shop, int(told["rma"])), [verdict], LOGIN)
        if not bad:
            self.refunds.append(
                {
                    "refund_id": f"{return_id}-r{'0' * 12}",
                    "return_id": return_id,
                    "currency": "DKK",
                    "lines": [{"position": str(line), "amount_minor": 39800}],
                }
            )

    def announce(self, return_id: str, sku: str, quantity: int) -> int:
        number = self.mintsoft.product_with(sku, 12)
        row = {
            "ProductId": number,
            "SKU": sku,
            "Quantity": quantity,
            "ReturnReasonId": GOOD,
            "Action": "NONE",
            "Comments": f"Miinto return {return_id} [RH-{'a' * 20}]",
        }
        body = {"ClientId": 12, "WarehouseId": 3, "Reference": "x", "ReturnItems": [row]}
        return int(self.write("POST", "/api/Return/CreateExternalReturn", body)["ID"])

    def _request(self, case: Case, order: Any, made: int) -> None:
        first = order.positions[0]
        self.mintsoft.make_return([{"sku": first.line.variant.sku, "quantity": 1}], order_id=made)
        self.miinto.rmas.request(order, [WantedLine(first.id, 1, "came back", "")], LOGIN)

    def write(self, method: str, path: str, body: Any) -> Any:
        reply = self.mintsoft.handle(
            Request(method, path, {}, {"ms-apikey": KEY}, json.dumps(body).encode())
        )
        assert reply.status == 200, reply
        return json.loads(reply.body)

    def books(self) -> Books:
        """As the side doors give them: through JSON."""

        def told(books: Any) -> Any:
            return json.loads(json.dumps(books, default=str))

        return Books(
            miinto=told(self.miinto.all_books()),
            mintsoft=told(self.mintsoft.books()),
            good_reasons=frozenset({GOOD}),
            refunds=copy.deepcopy(self.refunds),
            hub_says={(case.shop, case.transfer): case.left for case in self.cases if case.left},
            login=LOGIN,
        )

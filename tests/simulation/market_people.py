"""The merchant's people: decide transfers and RMAs, answer what they are asked, mend what waits."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from local.simulators.miinto.rma_dialects import Rma
from returns_hub.domain.miinto.orders import RequestState
from returns_hub.domain.miinto.rmas import is_of_miinto
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.flows import operator
from returns_hub.flows.miinto import decide_rma, request_rma
from returns_hub.flows.miinto.answer_request import confirm_request, discard_request
from returns_hub.flows.miinto.decide_by_hand import (
    accept_positions,
    decline_positions,
    release_decision,
)
from returns_hub.flows.miinto.decide_transfer import FLOW as DECIDING
from returns_hub.flows.miinto.make_order import FLOW as ORDERS
from returns_hub.flows.miinto.refund_due import FLOW as REFUNDS_HOME
from returns_hub.flows.miinto.send_tracking import FLOW as DESPATCHES
from returns_hub.flows.miinto.store_refund_message import FLOW as STORE_REFUNDS
from returns_hub.flows.questions import ASKED
from returns_hub.ports import ParkedItem
from tests.simulation.market_plans import WAREHOUSES

if TYPE_CHECKING:
    from returns_hub.runs import Run
    from tests.simulation.market import Market

WHO = "operator"
OF_ORDERS = frozenset({ORDERS, DESPATCHES})
LOOKS_AFTER = 6 * 3600.0
"""So long after the faults people go on looking at what is put before them."""


@dataclass(frozen=True)
class Word:
    """What a person said about lines of an RMA; `against` the warehouse's finding."""

    return_id: str
    lines: tuple[str, ...]
    verdict: Literal["accept", "decline"]
    against: bool = False


class MarketPeople:
    """People at the desk, for the marketplace."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._run = market.run
        self._plan = market.plan.people
        self._dice = random.Random(f"market's people {market.run.scenario.seed}")
        self._seen: set[str] = set()
        self._asked = 0
        self.words: list[Word] = []
        self.transfers_by_hand: set[tuple[str, int]] = set()
        self.requests_by_hand: set[tuple[str, int]] = set()

    def begin(self) -> None:
        """From now on they look every now and then."""
        self._run.scheduler.after(self._plan.looks_every, self._look)

    def _look(self) -> None:
        run = self._run
        self._look_at_transfers()
        self._look_at_rmas()
        for item in run.parking.list_parked(self._market.merchant):
            self._deal_with(item)
        if run.scheduler.seconds < run.scenario.faults_end + LOOKS_AFTER:
            run.scheduler.after(self._plan.looks_every, self._look)

    def _ask(self, what: str, do: Callable[[Run], object]) -> None:
        self._asked += 1
        self._run.desk.ask(f"market {self._asked}: {what}", do)

    def _once(self, name: str) -> bool:
        if name in self._seen:
            return False
        self._seen.add(name)
        return True

    # -- transfers --------------------------------------------------------------------------------

    def _look_at_transfers(self) -> None:
        """Each transfer that waits is looked at once."""
        market = self._market
        for (shop, number), transfer in list(market.miinto.orders.offers.transfers.items()):
            pending = [p.id for p in transfer.positions if p.status == "pending"]
            state = market.timelines.transfer(market.merchant, shop, number)
            if shop not in WAREHOUSES or not pending or not state.version:
                continue
            if not self._once(f"transfer {shop}/{number}"):
                continue
            if self._dice.random() >= self._plan.decides_transfers:
                continue
            chosen = pending if self._dice.random() < 0.7 else pending[:1]
            is_accepted = self._dice.random() < 0.7
            act = accept_positions if is_accepted else decline_positions
            if is_accepted:
                self.transfers_by_hand.add((shop, number))

            def do(
                made: Run,
                act: Callable[..., str] = act,
                of: tuple[str, int, list[int]] = (shop, number, chosen),
            ) -> None:
                act(made._hub.market_world(market.merchant), *of, WHO)

            self._ask(f"{act.__name__} {chosen} of {shop}/{number}", do)

    def _release(self, item: ParkedItem) -> None:
        """A person looks at Miinto: what is pending there was not decided."""
        market = self._market
        slug, transfer, number = item.parked_id.split("/")[1:]
        shop = next(shop for shop in WAREHOUSES if slug_of(shop) == slug)
        state = market.timelines.transfer(market.merchant, shop, int(transfer))
        decision = next(d for d in state.decisions if d.number == int(number))
        there = market.miinto.orders.offers.transfers[shop, int(transfer)]
        pending = {p.id for p in there.positions if p.status == "pending"}
        if not pending.issuperset(decision.positions):
            return

        def do(made: Run) -> None:
            world = made._hub.market_world(market.merchant)
            release_decision(world, shop, int(transfer), int(number), WHO, "it is pending there")

        self._ask(f"release {item.parked_id}", do)

    # -- RMAs -------------------------------------------------------------------------------------

    def _look_at_rmas(self) -> None:
        """Some decide RMAs before they are asked."""
        market = self._market
        for rma in list(market.miinto.rmas.rmas.values()):
            is_open = any(line.status == "pending" for line in rma.lines)
            if rma.kind != "return" or not is_open or rma.shop not in WAREHOUSES:
                continue
            is_new = self._once(f"rma {rma.shop}/{rma.number}")
            if is_new and self._dice.random() < self._plan.before_asked:
                self._decide(rma, self._dice.random() < 0.2)

    def _answer(self, item: ParkedItem) -> None:
        rmas = self._market.miinto.rmas.rmas.values()
        rma = next(r for r in rmas if self._market.return_id(r) == item.subject)
        self._decide(rma, self._dice.random() < self._plan.against)

    def _decide(self, rma: Rma, against: bool) -> None:
        """Accept what came good; what did not is declined, or accepted all the same."""
        market, return_id = self._market, self._market.return_id(rma)
        lines = tuple(str(line.id) for line in rma.lines if line.status == "pending")
        if len(lines) > 1 and self._dice.random() < 0.3:
            lines = lines[:1]
        is_good = against or not self._against(rma, lines)
        verdict: Literal["accept", "decline"] = "accept" if is_good else "decline"
        if self._dice.random() < 0.1:
            verdict = "decline"
        self.words.append(Word(return_id, lines, verdict, against))

        def do(made: Run) -> None:
            world = made._hub.world(market.merchant)
            if verdict == "accept":
                decide_rma.accept_rma(world, return_id, WHO, lines, against_warehouse=against)
            else:
                decide_rma.decline_rma(world, return_id, WHO, "Not in a good condition", lines)

        self._ask(f"{verdict} {lines} of {return_id}{' against' if against else ''}", do)

    def _against(self, rma: Rma, lines: tuple[str, ...]) -> bool:
        good = self._market.good_units(rma)
        wanted = [line for line in rma.lines if str(line.id) in lines]
        return any(good[line.line.variant.sku] < line.quantity for line in wanted)

    # -- what is put before them ------------------------------------------------------------------

    def _deal_with(self, item: ParkedItem) -> None:
        """Each question is dealt with once as it is put, or left."""
        if not self.is_ours(item) or not self._once(f"{item.parked_id} {item.reason}"):
            return
        if self._dice.random() >= self._plan.answers:
            return
        if item.code == ASKED:
            self._answer(item)
        elif item.flow == DECIDING:
            self._seen.discard(f"{item.parked_id} {item.reason}")
            self._release(item)
        elif item.flow == request_rma.FLOW:
            self._request(item)
        else:
            self._replay(item)

    def is_ours(self, item: ParkedItem) -> bool:
        """Whether it is about the marketplace."""
        if item.flow in OF_ORDERS | {DECIDING, request_rma.FLOW, STORE_REFUNDS, REFUNDS_HOME}:
            return True
        return is_of_miinto(item.subject) or item.flow.startswith("miinto")

    def _request(self, item: ParkedItem) -> None:
        if not request_rma.is_question(item.parked_id):
            return
        market = self._market
        slug, order = item.parked_id.split("/")[1:3]
        shop = next(shop for shop in WAREHOUSES if slug_of(shop) == slug)
        source = RequestState.model_validate_json(item.payload).source
        wants = self._dice.random() < self._plan.requests
        if wants:
            self.requests_by_hand.add((shop, int(order)))

        def do(made: Run) -> None:
            world: Any = made._hub.market_world(market.merchant)
            of: dict[str, Any] = {"shop": slug, "order": int(order), "source": source, "who": WHO}
            if wants:
                confirm_request(world, **of)
            else:
                discard_request(world, **of, note="not wanted")

        self._ask(f"{'confirm' if wants else 'discard'} {item.parked_id}", do)

    def _replay(self, item: ParkedItem) -> None:
        def do(made: Run) -> None:
            hub = made._hub
            desk = operator.Desk(
                who=WHO,
                returns=hub.returns,
                parking=hub.parking,
                clock=hub.clock,
                send_return=hub.queue(hub.settings.approved_returns_queue_url).send,
                send_receipt=hub.queue(hub.settings.poll_mintsoft_queue_url).send,
                send_store_refund=hub.queue(hub.settings.store_refunds_queue_url).send,
                market=hub.market.store,
            )
            operator.replay(item, desk)

        self._ask(f"replay {item.parked_id} ({item.code})", do)

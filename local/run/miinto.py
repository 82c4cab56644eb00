"""The marketplace's part of a run: offers, orders, RMAs, and goods that came back without one.

It goes on beside the returns of the portal: `MiintoStory.go_on` never waits. The warehouse's hands,
the buyer's and the colleague's are the simulators' side doors and the hub's own flows; what they
wait for is looked for in the simulators' books.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cli.checks import miinto_rmas
from cli.checks.model import Market, Result, Subject
from local.partners import PartnerSimulators
from local.run.erp_books import without_erp
from local.run.miinto_books import GOOD, Books, announced, number_of
from local.run.miinto_cases import CASES, DK, Case
from local.run.miinto_check import MiintoJudgement, judge_miinto
from local.run.report import Progress
from local.run.side_door import SideDoor
from local.world import LocalWorld
from returns_hub.domain.miinto.rmas import return_id_of
from returns_hub.errors import Verdict
from returns_hub.flows.miinto.decide_rma import decline_rma
from returns_hub.flows.questions import ASKED

MERCHANT = "example"
COLLEAGUE = "a colleague"
LOOKS_EVERY_SECONDS = 0.1
STEP_SECONDS = 120.0
"""So long a step may take; on an idle machine it takes one or two seconds, the first, with its
cold starts, ten."""
COMMAND_SECONDS = 30.0
RUNS_TO_REST = 3
RUNS = ("miinto/transfers", "miinto/orders", "miinto/despatches", "miinto/rmas", "receipts")
"""Cursors whose runs are counted: each takes its lease once."""
COURIERS = {"DK": 8, "NL": 7}
DAMAGED = 2
"""Mintsoft's return reason in samples/world.json."""


@dataclass(frozen=True)
class Returned:
    """What the buyer sent back of a case: the order, in Miinto and Mintsoft, and the RMA."""

    case: Case
    order: int
    made_id: int
    return_id: str = ""


class NeverCameError(Exception):
    """What a step waited for did not come; the message says what."""


class MiintoStory:
    """One run's. Bounded: a step that takes too long ends the story, with a sentence."""

    def __init__(self, world: LocalWorld, partners: PartnerSimulators, progress: Progress) -> None:
        self._world = world
        self._hub = world.hub
        self._miinto = SideDoor(partners.miinto_url)
        self._mintsoft = SideDoor(partners.mintsoft_url)
        self._login = next(iter(partners.miinto.auth.accounts))
        self._good = frozenset(
            number
            for number, reason in partners.mintsoft.tenant.reasons.items()
            if reason.get("stock_action", GOOD) == GOOD
        )
        self._progress = progress
        self._cases = list(CASES)
        self._refunds: list[Mapping[str, Any]] = []
        self._looked_at = 0.0
        self._steps: Iterator[None] | None = self._story()
        self._step_ends = 0.0
        self.trouble = ""
        """What never came, in a sentence."""
        self.shown = ""

    @property
    def is_done(self) -> bool:
        """Whether nothing more happens."""
        return self._steps is None

    def go_on(self) -> None:
        """Do what can be done now."""
        if self._steps is None or time.monotonic() - self._looked_at < LOOKS_EVERY_SECONDS:
            return
        try:
            next(self._steps)
        except StopIteration:
            self._steps = None
        except NeverCameError as what:
            self.trouble, self._steps = str(what), None
        self._looked_at = time.monotonic()

    def end(self) -> None:
        """Go on to the end."""
        while not self.is_done:
            self.go_on()
            time.sleep(LOOKS_EVERY_SECONDS / 2)

    def _wait(self, what: str, reached: Callable[[], bool]) -> Iterator[None]:
        """Come back until it is reached.

        Raises:
            NeverCameError: It took too long.
        """
        ends = time.monotonic() + STEP_SECONDS
        while not reached():
            if time.monotonic() > ends:
                raise NeverCameError(
                    f"Miinto: {what}: nothing of it after {STEP_SECONDS:.0f} s{self._failures()}"
                )
            self._progress.going(f"Miinto: {what}")
            yield

    def _failures(self) -> str:
        """Functions that failed meanwhile, which is the likeliest reason."""
        failed = {name: count for name, count in self._world.clock.failures.items() if count}
        told = ", ".join(f"{name} failed {count} times" for name, count in failed.items())
        return f"; {told}, see the logs" if told else ""

    def _say(self, text: str) -> None:
        self._progress.say(f"Miinto: {text}")

    # -- what happens ---------------------------------------------------------------------------

    def _story(self) -> Iterator[None]:
        self._offer()
        yield from self._wait("deciding transfers", self._are_transfers_settled)
        yield from self._wait("making orders in Mintsoft", lambda: len(self._made()) == self._won)
        self._say(
            f"{self._won} transfers accepted, {len(self._cases) - self._won} left to a person; "
            f"{len(self._made())} orders are in Mintsoft"
        )
        self._despatch()
        yield from self._wait(
            "telling of parcels", lambda: self._count("tracking_told") == self._won
        )
        self._say("the warehouse sent them, and Miinto was told of every parcel")
        yield from self._returns()
        yield from self._rest()

    @property
    def _won(self) -> int:
        return sum(not case.left for case in self._cases)

    def _offer(self) -> None:
        for position, case in enumerate(self._cases):
            made = self._miinto.do("offer", shops=[case.shop], items=list(case.items))
            self._cases[position] = replace(case, transfer=made["transfers"][0]["id"])
        markets = " and ".join(dict.fromkeys(case.market for case in self._cases))
        self._say(f"{len(self._cases)} transfers are offered in {markets}")

    def _returns(self) -> Iterator[None]:
        """Goods come back: by an RMA in good condition, by one and damaged, and without any."""
        back = {case.back: self._send_back(case) for case in self._cases if case.back}
        good, damaged, without = back["good"], back["damaged"], back["no_rma"]
        yield
        self._prove()
        yield from self._wait("announcing RMAs", lambda: len(self._announced()) == 2)
        self._say("2 RMAs of buyers are external returns in Mintsoft")
        for returned in (good, damaged):
            self._receive(returned)
        sku = without.case.items[0]["sku"]
        goods = [{"sku": sku, "quantity": 1, "reason_id": 1}]
        self._mintsoft.do("make-return", goods=goods, order_id=without.made_id)
        self._say("goods of 3 orders came back: as an RMA says, damaged, and without an RMA")
        yield from self._wait("accepting an RMA", lambda: self._count("rma_decided") >= 1)
        yield from self._wait("proposing a decline", lambda: self._is_asked(damaged.return_id))
        self._say("an RMA is accepted; about the damaged goods a person is asked")
        self._decline(damaged.return_id)
        yield from self._wait("declining an RMA", lambda: self._count("rma_decided") >= 2)
        yield from self._wait("requesting an RMA", lambda: self._count("rma_requested") >= 1)
        yield from self._wait("carrying a refund home", self._is_refund_told)
        self._say("an RMA is declined with a reason, one requested, and a refund told")
        self.shown = damaged.return_id

    def _rest(self) -> Iterator[None]:
        """Let runs that began after the last change find nothing more to do."""
        runs_then, before = self._runs(), ""

        def at_rest() -> bool:
            nonlocal runs_then, before
            self._take_refunds()
            written = without_erp(self._mintsoft.books())["journal"]
            now = json.dumps([self._miinto.books(), written])
            if now != before:
                runs_then, before = self._runs(), now
            runs = self._runs()
            return all(runs[name] - runs_then[name] >= RUNS_TO_REST for name in RUNS)

        yield from self._wait("looking for anything done twice", at_rest)

    # -- what people do -------------------------------------------------------------------------

    def _despatch(self) -> None:
        for order in self._made():
            market = "DK" if order["number"].startswith(number_of(DK, 0)[:-1]) else "NL"
            self._mintsoft.do(
                "despatch",
                id=order["id"],
                courier_id=COURIERS[market],
                tracking_number=f"{market}{order['id']:09d}",
            )

    def _send_back(self, case: Case) -> Returned:
        """The buyer makes an RMA for the first position, or just sends the goods."""
        (order,) = self._miinto.books()["transfers"][f"{case.shop}/{case.transfer}"]["orders"]
        number = number_of(case.shop, order)
        (made_id,) = [made["id"] for made in self._made() if made["number"] == number]
        if case.back == "no_rma":
            return Returned(case, order, made_id)
        positions = self._miinto.books()["orders"][f"{case.shop}/{order}"]["positions"]
        first = [i for i, p in positions.items() if p["sku"] == case.items[0]["sku"]]
        wanted = [{"id": int(i), "reason": "too_small"} for i in first]
        made = self._miinto.do("rma", shop=case.shop, order=order, positions=wanted)
        return Returned(case, order, made_id, return_id_of(case.shop, str(made["rma"])))

    def _receive(self, returned: Returned) -> None:
        """The warehouse books in what an RMA announced."""
        (record,) = self._announced()[returned.return_id]
        goods = None
        if returned.case.back == "damaged":
            goods = [
                {"sku": row["sku"], "quantity": row["quantity"], "reason_id": DAMAGED}
                for row in record["rows"]
            ]
        self._mintsoft.do("receive", id=record["id"], goods=goods)

    def _prove(self) -> None:
        """Look at the RMA calls as `hub check` does: nothing of an RMA is written before."""
        self._begin()
        world = self._hub.world(MERCHANT)
        market = Market(self._hub.market_world(MERCHANT), self._hub.market.probe(MERCHANT))
        subject = Subject(
            world=world, read_secret=lambda name: self._hub.secrets.read(MERCHANT, name).value
        )
        try:
            findings = list(miinto_rmas.contract(subject, market))
        except Verdict as verdict:
            raise NeverCameError(f"Miinto: hub check of RMAs: {verdict.reason}") from None
        bad = [row.found for row in findings if row.result not in {Result.OK, Result.SKIPPED}]
        if bad:
            raise NeverCameError(f"Miinto: hub check of RMAs: {'; '.join(bad)}")
        self._say(f"hub check: RMA contract {findings[-1].found}")

    def _decline(self, return_id: str) -> None:
        """A colleague confirms what the hub proposes, as `hub miinto rma decline` does."""
        self._begin()
        reason = "The dress arrived torn"
        try:
            decline_rma(self._hub.world(MERCHANT), return_id, COLLEAGUE, reason)
        except Verdict as verdict:
            raise NeverCameError(f"Miinto: declining {return_id}: {verdict.reason}") from None

    def _begin(self) -> None:
        ends = time.monotonic() + COMMAND_SECONDS
        self._hub.clock.begin(lambda: ends - time.monotonic())

    # -- what is looked at ------------------------------------------------------------------------

    def _count(self, what: str) -> int:
        return sum(entry["what"] == what for entry in self._miinto.books()["journal"])

    def _made(self) -> list[dict[str, Any]]:
        """The marketplace's orders in Mintsoft."""
        orders: list[dict[str, Any]] = without_erp(self._mintsoft.books())["orders"]
        return orders

    def _announced(self) -> dict[str, list[Mapping[str, Any]]]:
        return announced(self._mintsoft.books())

    def _are_transfers_settled(self) -> bool:
        if self._count("transfer_decided") < self._won:
            return False
        return all(self._says(case) for case in self._cases if case.left)

    def _says(self, case: Case) -> str:
        """The hub's word about a transfer that it left to a person."""
        state = self._hub.market.store().transfer(MERCHANT, case.shop, case.transfer)
        return " and ".join(one.code for one in state.judgements if one.verdict == "person")

    def _is_asked(self, return_id: str) -> bool:
        parked = self._hub.parking.list_parked(MERCHANT)
        return any(item.subject == return_id and item.code == ASKED for item in parked)

    def _is_refund_told(self) -> bool:
        self._take_refunds()
        return bool(self._refunds)

    def _take_refunds(self) -> None:
        """What lies on the queue of refunds, taken as whoever books them would."""
        sqs, url = self._world.aws.client("sqs"), self._world.queue_url("RefundsQueue")
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                self._refunds.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def _runs(self) -> dict[str, int]:
        return {name: self._hub.cursors.standing(f"{name}/{MERCHANT}").runs for name in RUNS}

    def _books(self) -> Books:
        return Books(
            miinto=self._miinto.books(),
            mintsoft=without_erp(self._mintsoft.books()),
            good_reasons=self._good,
            refunds=self._refunds,
            hub_says={(c.shop, c.transfer): self._says(c) for c in self._cases if c.left},
            login=self._login,
        )

    # -- the end ----------------------------------------------------------------------------------

    def judge(self) -> MiintoJudgement:
        """What really happened."""
        self._take_refunds()
        judgement = judge_miinto(self._cases, self._books())
        if self.trouble:
            judgement.unexpected.insert(0, self.trouble)
        return judgement

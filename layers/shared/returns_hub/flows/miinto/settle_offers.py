"""Judgements go onto timelines, and what the rule may decide is decided, the oldest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from returns_hub.domain.facts import WouldSend
from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.facts import MarketFact, TransferJudged
from returns_hub.domain.miinto.rule import rule_in_words
from returns_hub.domain.miinto.transfers import BY_RULE, TransferState
from returns_hub.errors import Conflict, Permanent, Retryable, UnknownOutcome, Verdict
from returns_hub.flows.miinto.decide_transfer import FLOW, commit, decide
from returns_hub.flows.miinto.judge_transfers import Judged, Round
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.pending import Pending
from returns_hub.flows.parked import OPERATOR_NEEDED
from returns_hub.flows.world import REQUEST_SECONDS

WORST_CASE_SECONDS = 3 * REQUEST_SECONDS / 2
RECORD_SECONDS = 0.02
"""What writing to one timeline takes, with room to spare."""
LAST_SECONDS = 5.0
MOST_TROUBLES_IN_A_ROW = 3
RULE = "acceptance rule"


@dataclass(frozen=True)
class Chosen:
    """Positions that the rule decides by itself."""

    accepted: tuple[int, ...] = ()
    declined: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.accepted or self.declined)

    def among(self, pending: frozenset[int]) -> Chosen:
        """Those of them that are pending."""
        return Chosen(
            tuple(position for position in self.accepted if position in pending),
            tuple(position for position in self.declined if position in pending),
        )


class SettleOffers:
    """Does with judged offers what the merchant wants done."""

    def __init__(self, market: MarketWorld, pending: Pending) -> None:
        self._market = market
        self._pending = pending
        self._clock = market.stores.clock
        self._transfers = market.settings.transfers
        self._counts: Counter[str] = Counter()
        self._troubles: Counter[str] = Counter()
        self._stopped: set[str] = set()
        self._stock_at: datetime | None = None

    def settle(self, found: Round) -> Counter[str]:
        """Decide and record; how many ended in which way.

        What is only recorded has a share of the time of its own, so that a person sees what
        waits though there is much to decide.
        """
        self._stock_at = found.stock_at
        to_decide = [one for one in found.judged if self._chosen(one)]
        rest = [one for one in found.judged if not self._chosen(one)]
        to_record = sum(1 for one in rest if self._facts(one))
        reserve = min(to_record * RECORD_SECONDS, self._clock.remaining() / 2)
        for judged in to_decide:
            shop = judged.offer.shop.id
            if shop in self._stopped or self._clock.remaining() < WORST_CASE_SECONDS + reserve:
                self._left(judged)
            else:
                self._settled(judged)
        for judged in rest:
            if self._clock.remaining() < LAST_SECONDS:
                self._counts["left"] += bool(self._facts(judged))
            else:
                self._recorded(judged)
        self._count_waiting(found.judged)
        return self._counts

    def _left(self, judged: Judged) -> None:
        """The next run decides it; a person sees it now, while there is time to write."""
        self._counts["left"] += 1
        if self._clock.remaining() >= WORST_CASE_SECONDS:
            self._recorded(judged)

    # -- one offer ----------------------------------------------------------------------------

    def _settled(self, judged: Judged) -> None:
        shop = judged.offer.shop
        try:
            self._market.marketplace.require_open()
            pending = self._pending.positions(shop.id, judged.offer.state.id)
            chosen = self._chosen(judged).among(pending)
            if not chosen:
                self._counts["later"] += 1
                return
            self._decided(judged, chosen)
        except Conflict:
            self._counts["later"] += 1
        except (Retryable, UnknownOutcome) as verdict:
            self._comes_back(judged, verdict)
        except Permanent as verdict:
            self._market.world.run_failed(verdict, flow=FLOW)
            self._counts["failed"] += 1
        else:
            self._troubles[shop.id] = 0

    def _decided(self, judged: Judged, chosen: Chosen) -> None:
        offer = judged.offer
        committed = commit(offer.state, chosen.accepted, chosen.declined, BY_RULE)
        state = self._market.record_transfer(offer.state, RULE, *self._facts(judged), committed)
        self._tell_person(judged)
        decision = state.decisions[-1]
        ended = decide(
            self._market,
            offer.shop,
            state,
            decision,
            lambda: self._pending.positions(offer.shop.id, state.id),
        )
        if ended.decision.outcome == "done":
            self._counts["accepted"] += len(ended.decision.accepted)
            self._counts["declined"] += len(ended.decision.declined)
        else:
            self._counts[ended.decision.outcome] += 1

    def _comes_back(self, judged: Judged, verdict: Verdict) -> None:
        """The next run goes on with it. A shop that only makes trouble is left alone until then;
        one transfer that does is not in the way of the others."""
        shop = judged.offer.shop.id
        self._counts["later"] += 1
        self._troubles[shop] += 1
        if self._troubles[shop] >= MOST_TROUBLES_IN_A_ROW:
            self._stopped.add(shop)
        self._market.world.tell_if_misconfigured(verdict)
        self._market.stores.telemetry.log(
            "transfer comes back",
            shop=shop,
            transfer=judged.offer.listed.id,
            code=verdict.code,
            reason=verdict.reason,
        )

    def _recorded(self, judged: Judged) -> TransferState | None:
        facts = self._facts(judged)
        if not facts:
            return None
        try:
            state = self._market.record_transfer(judged.offer.state, RULE, *facts)
        except Conflict:
            self._counts["later"] += 1
            return None
        self._counts["recorded"] += 1
        self._tell_person(judged)
        return state

    # -- what follows from a judgement ---------------------------------------------------------

    @property
    def _decides(self) -> bool:
        return self._transfers.mode is Mode.LIVE and self._transfers.rule.automatic

    def _chosen(self, judged: Judged) -> Chosen:
        return _by_the_rule(judged) if self._decides else Chosen()

    def _facts(self, judged: Judged) -> list[MarketFact]:
        """What the timeline does not tell yet; nothing when it tells all of it."""
        facts: list[MarketFact] = []
        if judged.offer.seen is not None:
            facts.append(judged.offer.seen)
        if judged.news:
            rule = rule_in_words(self._transfers.rule, self._transfers.price_is)
            facts.append(TransferJudged(rule=rule, judgements=judged.news, stock_at=self._stock_at))
            facts += self._would_send(judged)
        return facts

    def _would_send(self, judged: Judged) -> list[MarketFact]:
        chosen = _by_the_rule(judged)
        is_shadow = self._transfers.mode is Mode.SHADOW and self._transfers.rule.automatic
        if not (is_shadow and chosen):
            return []
        parts = [f"accept {_listed(chosen.accepted)}"] if chosen.accepted else []
        parts += [f"decline {_listed(chosen.declined)}"] if chosen.declined else []
        operation = f"decide transfer {judged.offer.listed.id}"
        return [WouldSend(partner="miinto", operation=operation, summary="; ".join(parts))]

    def _tell_person(self, judged: Judged) -> None:
        """One count for each transfer that newly waits for a person."""
        if self._transfers.mode is not Mode.LIVE:
            return
        remembered = {p.id: judged.offer.remembered(p) for p in judged.offer.waiting}
        automatic = self._transfers.rule.automatic
        for judgement in judged.news:
            before = remembered[judgement.position]
            is_persons = judgement.verdict == "person" or not automatic
            was_persons = before is not None and (before.verdict == "person" or not automatic)
            if is_persons and not was_persons:
                self._market.stores.telemetry.count(OPERATOR_NEEDED)
                return

    def _count_waiting(self, all_judged: Sequence[Judged]) -> None:
        waiting = sum(
            1
            for judged in all_judged
            for judgement in judged.judgements
            if judgement.verdict == "person" or not self._decides
        )
        self._counts["waiting"] = waiting
        self._market.stores.telemetry.count(
            "TransferPositionsWaiting", waiting, merchant=self._market.merchant
        )


def _by_the_rule(judged: Judged) -> Chosen:
    return Chosen(
        tuple(one.position for one in judged.judgements if one.verdict == "accept"),
        tuple(one.position for one in judged.judgements if one.verdict == "decline"),
    )


def _listed(positions: Sequence[int]) -> str:
    return ", ".join(str(position) for position in positions)

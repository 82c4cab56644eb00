"""What the rule says about all transfers that wait, the oldest first, whichever shop's they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from returns_hub.domain.miinto.facts import TransferSeen
from returns_hub.domain.miinto.products import Identified, NotIdentified, Product, Reference
from returns_hub.domain.miinto.promises import InWarehouse, promised_of
from returns_hub.domain.miinto.rule import InStock, judge, units_taken
from returns_hub.domain.miinto.settings import MiintoShop
from returns_hub.domain.miinto.transfers import Item, Judgement, Position, Transfer, TransferState
from returns_hub.domain.warehouse_stock import StockLevel, readable
from returns_hub.errors import Verdict
from returns_hub.flows.miinto.identify import Findings, identify
from returns_hub.flows.miinto.market_world import MarketWorld

LOOK_AGAIN = timedelta(minutes=30)
"""So often map and feed are read for what is known already: Miinto itself fetches a feed that
often, and a position that waits for a person must not have both read with every tick."""
NOT_TO_JUDGE_AGAIN = frozenset(
    {"unknown_product", "ambiguous_product", "price_unknown", "currency_mismatch"}
)
"""Nothing but map and feed can change these."""


@dataclass(frozen=True)
class Offer:
    """A transfer that is pending now: what Miinto lists, and what the hub knows of it."""

    shop: MiintoShop
    listed: Transfer
    state: TransferState

    @property
    def waiting(self) -> tuple[Position, ...]:
        """Pending positions that no request of ours holds."""
        return tuple(p for p in self.listed.pending if p.id not in self.state.committed)

    @property
    def seen(self) -> TransferSeen | None:
        """What the timeline has to be told of it; None when it knows."""
        known = {position.id: position for position in self.state.positions}
        is_known = (
            not self.state.gone
            and all(known.get(p.id) == p for p in self.listed.pending)
            and not {p.id for p in self.listed.pending}.intersection(self.state.gone_positions)
        )
        if self.state.version and is_known:
            return None
        return TransferSeen(
            currency=self.listed.currency,
            created_at=self.listed.created_at,
            positions=self.listed.pending,
        )

    def remembered(self, position: Position) -> Judgement | None:
        """The judgement of a position that is still what it was when it was judged."""
        if self.seen is not None and position not in self.state.positions:
            return None
        return self.state.judgement(position.id)


@dataclass(frozen=True)
class Judged:
    """An offer, with the judgements of this run; positions that could not be judged have none."""

    offer: Offer
    judgements: tuple[Judgement, ...] = ()

    @property
    def news(self) -> tuple[Judgement, ...]:
        """Judgements that tell something else than those on the timeline."""
        remembered = {p.id: self.offer.remembered(p) for p in self.offer.waiting}
        return tuple(j for j in self.judgements if not j.says_the_same_as(remembered[j.position]))


@dataclass
class Round:
    """All judgements of one run.

    Args:
        judged: The oldest offer first.
        stock_at: When the stock was read.
        looked_up: Whether map and feed were read.
        troubles: What could not be read.
    """

    judged: tuple[Judged, ...] = ()
    stock_at: datetime | None = None
    looked_up: bool = False
    troubles: list[Verdict] = field(default_factory=list)


def judge_transfers(
    market: MarketWorld, offers: Iterable[Offer], looked_up_at: datetime | None
) -> Round:
    """Judge every position that waits.

    The oldest offer is served first with the units there are. A product once identified stays so
    until map and feed are read again: when a position is new, and every `LOOK_AGAIN`.

    Args:
        market: Whose.
        offers: All that is pending, of all shops.
        looked_up_at: When map and feed were read last, under the same file; None when never.
    """
    now = market.stores.clock.now()
    in_order = sorted(offers, key=lambda offer: _age(offer, now))
    found = Round(judged=tuple(Judged(offer) for offer in in_order))
    waiting = [offer for offer in in_order if offer.waiting]
    if not waiting:
        return found
    findings: Findings | None = None
    is_new = any(offer.remembered(p) is None for offer in waiting for p in offer.waiting)
    if is_new or looked_up_at is None or now - looked_up_at >= LOOK_AGAIN:
        findings = identify(market, _wanted(waiting))
        found.looked_up = not findings.troubles
        found.troubles += findings.troubles.values()
    stock = _Stock(market, found.troubles)
    found.stock_at = stock.read_at
    judged = [_judged(market, offer, findings, stock) for offer in in_order]
    found.judged = tuple(judged)
    return found


def _age(offer: Offer, now: datetime) -> tuple[datetime, str, int]:
    """The time it was offered, or was seen first."""
    offered_at = offer.listed.created_at or offer.state.created_at or offer.state.first_seen_at
    return (offered_at or now, offer.shop.id, offer.listed.id)


def _wanted(waiting: Sequence[Offer]) -> dict[str, list[Item]]:
    """Items of each shop; those that were never judged come first."""
    wanted: dict[str, list[Item]] = {}
    for is_known in (False, True):
        for offer in waiting:
            for position in offer.waiting:
                if (offer.remembered(position) is not None) is is_known:
                    wanted.setdefault(offer.shop.id, []).append(position.item)
    return wanted


def _judged(market: MarketWorld, offer: Offer, findings: Findings | None, stock: _Stock) -> Judged:
    units = stock.of(offer.shop.warehouse) if offer.waiting else None
    if units is None:
        return Judged(offer)
    products: dict[int, Product] = {}
    prices: dict[int, Reference] = {}
    kept: list[Judgement] = []
    for position in offer.waiting:
        before = offer.remembered(position)
        product = _product(offer, position, findings, before)
        if product is None:
            continue
        is_looked_up = findings is not None and (offer.shop.id, position.item) in findings.products
        if not is_looked_up and before is not None and before.code in NOT_TO_JUDGE_AGAIN:
            kept.append(before)
            continue
        products[position.id] = product
        if isinstance(product, NotIdentified):
            continue
        if findings is not None and is_looked_up:
            prices[position.id] = findings.price(product.sku, _currency(offer))
        elif before is not None:
            prices[position.id] = Reference(before.final_price, before.original_price)
    transfers = market.settings.transfers
    listed = offer.listed.model_copy(
        update={
            "currency": _currency(offer),
            "pending": tuple(p for p in offer.waiting if p.id in products),
        }
    )
    judgements = judge(
        listed,
        products=products,
        stock=units,
        prices=prices,
        rule=transfers.rule,
        price_is=transfers.price_is,
        refused=offer.state.refused,
    )
    stock.take(offer.shop.warehouse, units_taken(listed, judgements))
    return Judged(offer, tuple(sorted((*kept, *judgements), key=lambda j: j.position)))


def _currency(offer: Offer) -> str | None:
    return offer.listed.currency or offer.state.currency


def _product(
    offer: Offer, position: Position, findings: Findings | None, before: Judgement | None
) -> Product | None:
    """As it was found out just now, else as it is remembered; None while nobody knows."""
    if findings is not None:
        found = findings.products.get((offer.shop.id, position.item))
        if found is not None:
            return found
    if before is None:
        return None
    if before.sku is not None:
        return Identified(before.sku, ("remembered",))
    if before.code == "ambiguous_product":
        return NotIdentified("ambiguous_product", before.why)
    return NotIdentified("unknown_product", before.why)


class _Stock:
    """Units of each warehouse that can be promised, as offers take them; read when first wanted.

    Promises are read before any stock: an order that reaches the warehouse in between counts
    twice, and none not at all.
    """

    def __init__(self, market: MarketWorld, troubles: list[Verdict]) -> None:
        self._market = market
        self._troubles = troubles
        self.read_at = market.stores.clock.now()
        self._promised = market.market.promised(market.merchant)
        self._levels: dict[int, _Units | None] = {}

    def of(self, warehouse: int) -> _Units | None:
        """Stock by SKU; None when it cannot be read."""
        if warehouse not in self._levels:
            means = self._market.world.live.merchant.mintsoft.orders.stock_level_means
            try:
                levels = readable(self._market.orders.stock_levels(warehouse))
                available = {sku: level.available(means) for sku, level in levels.items()}
                promised = promised_of(warehouse, self._promised, self._market.settings.shops)
                self._levels[warehouse] = _Units(levels, available, promised)
            except Verdict as verdict:
                self._troubles.append(verdict)
                self._levels[warehouse] = None
        return self._levels[warehouse]

    def take(self, warehouse: int, taken: Counter[str]) -> None:
        """Units that are to be promised to an older offer."""
        units = self._levels[warehouse]
        if units is not None:
            units.taken += taken


class _Units(Mapping[str, InStock]):
    """A warehouse's stock by SKU, with what older offers took of it."""

    def __init__(
        self,
        levels: Mapping[str, StockLevel],
        available: Mapping[str, int],
        promised: InWarehouse,
    ) -> None:
        self._levels = levels
        self._available = available
        self._promised = promised
        self.taken: Counter[str] = Counter()

    def __getitem__(self, sku: str) -> InStock:
        return InStock(
            units=self._available[sku] - self._promised.units.get(sku, 0),
            taken=self.taken[sku],
            bundle=self._levels[sku].bundle,
            doubtful=self._promised.doubtful.get(sku, 0),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._levels)

    def __len__(self) -> int:
        return len(self._levels)

"""The acceptance rule: may a position be accepted without a person?

Accepted is what is in stock and offered for enough. What is not known (the product, its stock, its
price, what the offered price counts for) is a person's, and never declined: Miinto would offer it
to another shop, and nobody would ever see that a mapping is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from returns_hub.domain.miinto.money import Money
from returns_hub.domain.miinto.products import NotIdentified, Product, Reference
from returns_hub.domain.miinto.settings import AcceptRule
from returns_hub.domain.miinto.transfers import Judgement, Position, Transfer

PriceIs = Literal["unknown", "unit", "line"]
Rounding = Literal["up", "down", "half_up"]


@dataclass(frozen=True)
class InStock:
    """What is known of a SKU's stock in the shop's warehouse.

    Args:
        units: The warehouse's, less what was promised before; may be below 0.
        taken: Of these, by older positions of the same run.
        bundle: It is made of other products, whose stock this repeats.
        doubtful: Units taken off `units` that may be another warehouse's to promise.
    """

    units: int
    taken: int = 0
    bundle: bool = False
    doubtful: int = 0


def judge(
    transfer: Transfer,
    *,
    products: Mapping[int, Product],
    stock: Mapping[str, InStock],
    prices: Mapping[int, Reference],
    rule: AcceptRule,
    price_is: PriceIs,
    refused: frozenset[int] = frozenset(),
) -> tuple[Judgement, ...]:
    """What the rule says about every pending position, in their order.

    Positions of the transfer compete for the same units: the first is served first.

    Args:
        transfer: With the positions that wait.
        products: Position -> its product.
        stock: SKU -> its stock in the shop's warehouse; a SKU without any is not known there.
        prices: Position -> the feed's prices of its product, in the transfer's currency.
        rule: The merchant's.
        price_is: What an offered price counts for.
        refused: Positions that Miinto did not let the hub decide.
    """
    taken: Counter[str] = Counter()
    judgements = []
    for position in transfer.pending:
        product = products[position.id]
        if isinstance(product, NotIdentified):
            judgements.append(_person(position, product.code, product.why))
            continue
        known = stock.get(product.sku)
        if known is not None:
            known = replace(known, taken=known.taken + taken[product.sku])
        judgement = _judge(
            position,
            product.sku,
            known=known,
            price=prices.get(position.id, Reference()),
            currency=transfer.currency,
            rule=rule,
            price_is=price_is,
        )
        if position.id in refused:
            why = "Miinto did not let the hub decide it, though it was pending; decide it there"
            judgement = judgement.model_copy(
                update={"verdict": "person", "code": "refused", "why": why}
            )
        if judgement.verdict == "accept":
            taken[product.sku] += position.quantity
        judgements.append(judgement)
    return tuple(judgements)


def _judge(
    position: Position,
    sku: str,
    *,
    known: InStock | None,
    price: Reference,
    currency: str | None,
    rule: AcceptRule,
    price_is: PriceIs,
) -> Judgement:
    available = None if known is None else units_available(known, rule)
    facts = Judgement(
        position=position.id,
        verdict="person",
        code="",
        why="",
        sku=sku,
        available=available,
        stock=None if known is None else known.units,
        final_price=price.final,
        original_price=price.original,
    )
    wanted = position.quantity

    def person(code: str, why: str) -> Judgement:
        return facts.model_copy(update={"code": code, "why": f"{sku}: {why}"})

    if known is None or available is None:
        return person("stock_unknown", "the warehouse does not list this SKU; see its mapping")
    if known.bundle:
        return person("bundle", "it is a bundle, whose parts may be promised elsewhere")
    if wanted > 1 and price_is == "unknown":
        return person(
            "price_of_several",
            f"{wanted} wanted, and whether the price counts for a unit or for all is not known; "
            "set transfers.price_is",
        )
    if currency is None:
        return person("currency_unknown", "Miinto does not tell the currency of the price")
    reference = price.final if rule.price_reference == "final" else price.original
    if not reference and price.currencies:
        others = ", ".join(price.currencies)
        return person("currency_mismatch", f"offered in {currency}, and the feed has {others} only")
    if not reference:
        return person("price_unknown", f"the feed tells no {rule.price_reference} price of it")
    least = least_price(reference, wanted if price_is == "line" else 1, rule)
    facts = facts.model_copy(update={"least_price": least})
    offered = Money(minor=position.price, currency=currency).in_words()
    at_least = Money(minor=least, currency=currency).in_words()
    told = f"{sku}: {wanted} wanted, {available} available, offered {offered}, least {at_least}"
    if available < wanted:
        if known.units + known.doubtful - known.taken - rule.stock_kept_back >= wanted:
            return facts.model_copy(
                update={"code": "out_of_stock", "why": f"{told}: perhaps not enough in stock"}
            )
        return _not_accepted(facts, "out_of_stock", f"{told}: not enough in stock", rule)
    if position.price < least:
        return _not_accepted(facts, "price_too_low", f"{told}: the price is too low", rule)
    return facts.model_copy(update={"verdict": "accept", "code": "accepted", "why": told})


def _not_accepted(facts: Judgement, code: str, why: str, rule: AcceptRule) -> Judgement:
    verdict = "decline" if rule.otherwise == "decline" else "person"
    return facts.model_copy(update={"verdict": verdict, "code": code, "why": why})


def _person(position: Position, code: str, why: str) -> Judgement:
    return Judgement(position=position.id, verdict="person", code=code, why=why)


def units_available(known: InStock, rule: AcceptRule) -> int:
    """Units that the rule lets be promised; at least 0."""
    return max(0, known.units - known.taken - rule.stock_kept_back)


def least_price(reference: int, units: int, rule: AcceptRule) -> int:
    """Threshold x reference x units in whole minor units, rounded once."""
    return rounded(rule.price_threshold, reference * units, rule.rounding)


def rounded(share: Decimal, minor: int, how: Rounding) -> int:
    """A share of an amount in whole minor units; exact, whatever the decimal context."""
    above, below = share.as_integer_ratio()
    product = above * minor
    if how == "up":
        return -(-product // below)
    if how == "down":
        return product // below
    return (2 * product + below) // (2 * below)


def units_taken(transfer: Transfer, judgements: Iterable[Judgement]) -> Counter[str]:
    """SKU -> units of the positions that are to be accepted."""
    wanted = {position.id: position.quantity for position in transfer.pending}
    taken: Counter[str] = Counter()
    for judgement in judgements:
        if judgement.verdict == "accept" and judgement.sku is not None:
            taken[judgement.sku] += wanted[judgement.position]
    return taken


def rule_in_words(rule: AcceptRule, price_is: PriceIs) -> str:
    """The rule in a line, for timelines."""
    kept = f", {rule.stock_kept_back} kept back" if rule.stock_kept_back else ""
    counts = "" if price_is == "unknown" else f" a {price_is}"
    return (
        f"in stock{kept}, and at least {rule.price_threshold} x {rule.price_reference} "
        f"price{counts} rounded {rule.rounding.replace('_', ' ')}; otherwise {rule.otherwise}"
    )

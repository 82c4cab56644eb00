"""What a difference of stock looks like, in a sentence for whoever has to mend it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from returns_hub.domain.drift.stock_rule import Unequal, Way, factor_of

SETTING = "mintsoft.orders.stock_level_means"


def cause_of(one: Unequal, system: str) -> str:
    """A guess at why one SKU differs; `system` is the other one's name."""
    ours, theirs = one.ours, one.theirs
    if (ours or 0) < 0 or (theirs or 0) < 0:
        return "a number is below 0: more was sent than was booked in"
    if one.told is not None and one.told == ours:
        return f"{system} was told Mintsoft's number and holds another: it was changed there"
    if ours is None:
        return f"{system} has stock of a SKU that Mintsoft does not know in this warehouse"
    if ours == 0 and (theirs or 0) > 0:
        return f"{system} has stock that is not there: oversell risk"
    if theirs is None:
        return f"{system} was never told of this SKU here, or its SKU is spelt otherwise there"
    if one.units == one.allocated:
        return f"it differs by just what orders have: the other number is counted, see {SETTING}"
    if one.units == one.quarantined:
        return "it differs by just what is in quarantine: counted on one side only"
    if theirs == 0:
        return f"{system} hides stock that is there: a receipt or a return was not told"
    if theirs > ours:
        return f"{system} has more: a despatch, or a count, was not told to it"
    return f"{system} has less: a receipt, a return or a count was not told to it"


def cause_of_place(way: Way, unequal: Iterable[Unequal], system: str) -> str:
    """A guess at why a place differs as a whole."""
    match way:
        case "theirs_empty":
            return f"{system} was never told of this warehouse, or the map names another one"
        case "ours_empty":
            return "Mintsoft shows none of it: the map names another warehouse, or another client"
        case "allocated":
            return f"all differ by just what orders have: {SETTING} says the other number"
        case "quarantined":
            return "all differ by just what is in quarantine: it is counted on one side only"
        case "factor":
            return f"all are {_times(factor_of(unequal))} as many: packs and units, or summed twice"
        case "mixed":
            return f"nearly all differ: the map names another warehouse, or {system} is not told"


def pattern_of(way: Way, unequal: Iterable[Unequal], system: str) -> dict[str, str]:
    """What both sides say of the whole place, in words that stay while units move."""
    match way:
        case "theirs_empty":
            return {"mintsoft": "has stock", system: "has none"}
        case "ours_empty":
            return {"mintsoft": "has none", system: "has stock"}
        case "factor":
            return {"mintsoft": "units", system: f"{_times(factor_of(unequal))} as many"}
        case "allocated" | "quarantined":
            return {"mintsoft": "one number", system: f"differs by what is {way}"}
        case "mixed":
            return {"mintsoft": "its numbers", system: "nearly all others"}


def _times(factor: Decimal | None) -> str:
    return "so many times" if factor is None else f"{factor:.4g} times"

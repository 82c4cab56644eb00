"""Deliberate defects: the acceptance rule, and deciding what Miinto offers."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, SHADOW, TOLD, TWICE, Defect, Edit, tests

RULE = tests("unit/miinto/test_rule.py")
PRODUCTS = tests("unit/miinto/test_products.py")
IDENTIFYING = tests("flow/test_identify_items.py")
DECIDING = tests("flow/test_decide_transfers.py")
ENDS = tests("flow/test_transfer_ends.py")
OFFERS = tests("flow/test_transfer_lists.py")
BY_HAND = tests("flow/test_transfers_by_hand.py")
WHAT_IF = tests("flow/test_transfers_what_if.py")

OF_MIINTO_TRANSFERS = (
    Defect(
        "what a person accepts before it was judged is promised again",
        TWICE,
        (
            Edit(
                "domain/miinto/promises.py",
                "    skus = decision.skus | judged\n",
                "    skus: dict[int, str] = judged\n",
            ),
        ),
        (BY_HAND,),
    ),
    Defect(
        "a unit is accepted for two positions of a transfer",
        TWICE,
        (
            Edit(
                "domain/miinto/rule.py",
                "taken[product.sku] += position.quantity",
                "taken[product.sku] += 0",
            ),
        ),
        (RULE,),
    ),
    Defect(
        "a unit is accepted for two transfers of a run",
        TWICE,
        (
            Edit(
                "flows/miinto/judge_transfers.py",
                "            units.taken += taken",
                "            units.taken += Counter()",
            ),
        ),
        (DECIDING,),
    ),
    Defect(
        "a promise is not kept in the warehouse of its shop",
        TWICE,
        (
            Edit(
                "domain/miinto/promises.py",
                "if warehouses.get(shop, warehouse) == warehouse:",
                "if warehouses.get(shop, 0) != warehouse:",
            ),
        ),
        (DECIDING,),
    ),
    Defect(
        "what was promised before is promised again",
        TWICE,
        (
            Edit(
                "flows/miinto/judge_transfers.py",
                "            units=self._available[sku] - self._promised.units.get(sku, 0),",
                "            units=self._available[sku],",
            ),
        ),
        (DECIDING,),
    ),
    Defect(
        "a product that nobody knows is declined",
        LOST,
        (
            Edit(
                "domain/miinto/rule.py",
                'return Judgement(position=position.id, verdict="person", code=code, why=why)',
                'return Judgement(position=position.id, verdict="decline", code=code, why=why)',
            ),
        ),
        (RULE,),
    ),
    Defect(
        "the least price is rounded down though it is to be rounded up",
        LOST,
        (
            Edit(
                "domain/miinto/rule.py",
                "return -(-product // below)",
                "return product // below",
            ),
        ),
        (RULE,),
    ),
    Defect(
        "of sources that differ the first is believed",
        LOST,
        (
            Edit(
                "domain/miinto/products.py",
                "    if len(skus) == 1:",
                "    if skus:",
            ),
        ),
        (PRODUCTS,),
    ),
    Defect(
        "a feed that cannot be read makes every product unknown",
        LOST,
        (
            Edit(
                "flows/miinto/identify.py",
                '        findings.troubles.setdefault("", verdict)\n        return False',
                '        findings.troubles.setdefault("", verdict)\n        return True',
            ),
        ),
        (DECIDING, IDENTIFYING),
    ),
    Defect(
        "a decision without an answer is sent again while its positions are pending",
        TWICE,
        (
            Edit(
                "flows/miinto/decide_transfer.py",
                "    if pending:\n        return Inconclusive(",
                "    if pending:\n        return NotFound()\n        return Inconclusive(",
            ),
            Edit(
                "flows/miinto/decide_transfer.py",
                "        looked_up_lost = isinstance(found, NotFound)",
                "        looked_up_lost = False",
            ),
        ),
        (ENDS,),
    ),
    Defect(
        "what is in no order yet was somebody else's at once",
        LOST,
        (
            Edit(
                "flows/miinto/decide_transfer.py",
                "age < timedelta(seconds=ORDER_SHOWS_SECONDS)",
                "age < timedelta(seconds=0)",
            ),
        ),
        (ENDS,),
    ),
    Defect(
        "a refusal is tried again with every tick",
        CALM,
        (
            Edit(
                "domain/miinto/rule.py",
                "        if position.id in refused:",
                "        if position.id in frozenset[int]():",
            ),
        ),
        (RULE, ENDS),
    ),
    Defect(
        "a page that moved takes offers off the list",
        LOST,
        (
            Edit(
                "flows/miinto/decide_transfers.py",
                "            both = positions & missing.get(transfer, frozenset())",
                "            both = positions | missing.get(transfer, frozenset())",
            ),
            Edit(
                "flows/miinto/decide_transfers.py",
                "        for transfer, positions in _missing(shop, known, listing).items():",
                "        for transfer, positions in _missing(shop, known, first).items():",
            ),
        ),
        (OFFERS,),
    ),
    Defect(
        "a list that was cut takes offers off the list",
        LOST,
        (
            Edit(
                "flows/miinto/decide_transfers.py",
                "        if listing.trouble is None and _missing(shop, known, listing):",
                "        if _missing(shop, known, listing):",
            ),
            Edit(
                "flows/miinto/decide_transfers.py",
                "        if listing.trouble is not None:\n            return listing",
                "        if listing.trouble is not None:\n            listing = first",
            ),
        ),
        (OFFERS,),
    ),
    Defect(
        "a timeline grows with every tick",
        CALM,
        (
            Edit(
                "flows/miinto/judge_transfers.py",
                "if not j.says_the_same_as(remembered[j.position])",
                "if remembered",
            ),
        ),
        (DECIDING,),
    ),
    Defect(
        "the newest offer is served first",
        LOST,
        (
            Edit(
                "flows/miinto/judge_transfers.py",
                "key=lambda offer: _age(offer, now))",
                "key=lambda offer: _age(offer, now), reverse=True)",
            ),
        ),
        (DECIDING,),
    ),
    Defect(
        "a shadow decides",
        SHADOW,
        (
            Edit(
                "flows/miinto/settle_offers.py",
                "return self._transfers.mode is Mode.LIVE and self._transfers.rule.automatic",
                "return self._transfers.rule.automatic",
            ),
        ),
        (DECIDING,),
    ),
    Defect(
        "what an earlier run began is seen to its end in shadow mode",
        SHADOW,
        (
            Edit(
                "flows/miinto/decide_transfers.py",
                "        if self._market.settings.transfers.mode is not Mode.LIVE:",
                "        if self._market.settings.transfers.mode is Mode.OFF:",
            ),
        ),
        (ENDS,),
    ),
    Defect(
        "what a list that broke off does not give counts as decided elsewhere",
        LOST,
        (
            Edit(
                "flows/miinto/pending.py",
                "        if listing.trouble is not None and transfer not in listing.transfers:",
                "        if listing.trouble is not None and not listing:",
            ),
        ),
        (ENDS,),
    ),
    Defect(
        "one transfer that makes trouble stops the shop",
        CALM,
        (
            Edit(
                "flows/miinto/settle_offers.py",
                "MOST_TROUBLES_IN_A_ROW = 3",
                "MOST_TROUBLES_IN_A_ROW = 1",
            ),
        ),
        (DECIDING,),
    ),
    Defect(
        "a position is decided by two people",
        TWICE,
        (
            Edit(
                "flows/miinto/decide_by_hand.py",
                "        if is_held and position in decision.positions:",
                "        if is_held and position in ():",
            ),
        ),
        (BY_HAND,),
    ),
    Defect(
        "another rule has more units than there were",
        TOLD,
        (
            Edit(
                "domain/miinto/what_if.py",
                "self.free[self._shelf(state.shop, now.sku)] -= position.quantity",
                "self.free[self._shelf(state.shop, now.sku)] -= 0",
            ),
        ),
        (WHAT_IF,),
    ),
)

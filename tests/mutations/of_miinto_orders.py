"""Deliberate defects: the marketplace's store, its orders, despatches and stock."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, SHADOW, TOLD, TWICE, Check, Defect, Edit, tests

STORE = tests("contract/test_market_store.py")
DRAFT = tests("unit/test_miinto_order_draft.py")
ORDERS = tests(
    "flow/test_miinto_orders.py",
    "flow/test_miinto_orders_changed.py",
    "flow/test_miinto_orders_switch.py",
)
DESPATCHES = tests("flow/test_miinto_despatches.py")
STOCK = tests("flow/test_miinto_stock.py")
CUT = tests("flow/test_miinto_orders_cut.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*where),), checks)


OF_MIINTO_ORDERS = (
    Defect(
        "who is late overwrites a transfer's or an order's timeline",
        TWICE,
        (
            Edit(
                "adapters/dynamodb/market.py",
                '            state["Put"]["ConditionExpression"] = "version = :version"\n',
                '            state["Put"]["ConditionExpression"] = "version <> :version OR '
                'version = :version"\n',
            ),
            Edit(
                "adapters/dynamodb/market.py",
                """event of {state.shop} {state.id}"))
        put["Put"]["ConditionExpression"] = "attribute_not_exists(pk)"
""",
                """event of {state.shop} {state.id}"))
""",
            ),
        ),
        (STORE,),
    ),
    _defect(
        "a decision's promise comes back after its order was seen",
        TOLD,
        (
            "adapters/dynamodb/market.py",
            '            if self._get(str(key["pk"]), str(key["sk"])):\n',
            '            if not self._get(str(key["pk"]), str(key["sk"])) and not key:\n',
        ),
        STORE,
    ),
    _defect(
        "an order that is made still counts as promised",
        TOLD,
        (
            "domain/miinto/orders.py",
            "        if self.made_id is not None or not self.in_work:\n",
            "        if not self.in_work:\n",
        ),
        STORE,
    ),
    _defect(
        "a search leaves out what is behind the rows that it may read",
        LOST,
        (
            "adapters/dynamodb/market.py",
            "        return MarketPage(_states(found, kind), before)\n",
            "        return MarketPage(_states(found, kind))\n",
        ),
        STORE,
    ),
    _defect(
        "orders of two markets get one number",
        TWICE,
        (
            "domain/miinto/order_draft.py",
            '    return f"{prefix}{slug}-{order}"\n',
            '    return f"{prefix}{slug}{order}"\n',
        ),
        DRAFT,
    ),
    _defect(
        "the buyer's name is lost where goods go to a parcel shop",
        LOST,
        (
            "domain/miinto/order_draft.py",
            "        return buyer, told\n",
            "        return told, told\n",
        ),
        DRAFT,
    ),
    _defect(
        "a line's price is told as a unit's",
        TOLD,
        (
            "domain/miinto/order_draft.py",
            '    if price_is == "line" and line.price % line.quantity == 0:\n',
            '    if price_is == "line":\n',
        ),
        DRAFT,
    ),
    _defect(
        "a look-up takes an order that holds other goods for ours",
        TWICE,
        (
            "flows/miinto/make_order.py",
            "mw.orders.find_order(state.number, units=units, since=claim.first_claimed_at)",
            "mw.orders.find_order(state.number, since=claim.first_claimed_at)",
        ),
        ORDERS,
    ),
    _defect(
        "an order is planned anew under the file's prefix of today",
        TWICE,
        (
            "flows/miinto/make_order.py",
            "number=state.number or number_of(",
            "number=number_of(",
        ),
        ORDERS,
    ),
    _defect(
        "the cursor passes orders that are on no timeline",
        LOST,
        (
            "flows/miinto/sync_orders.py",
            "        if is_whole and not undone:\n",
            "        if is_whole:\n",
        ),
        ORDERS,
    ),
    _defect(
        "the cursor passes an order that could not be read",
        LOST,
        (
            "flows/miinto/sync_orders.py",
            "        if is_whole and not undone:\n",
            "        if not undone:\n",
        ),
        ORDERS,
    ),
    _defect(
        "one order that cannot be read stops all others of its shop",
        CALM,
        (
            "flows/miinto/sync_orders.py",
            "            return found, False\n",
            "            return [], False\n",
        ),
        ORDERS,
    ),
    _defect(
        "an order that tells no time is made, however old it may be",
        TWICE,
        (
            "flows/miinto/see_orders.py",
            "    if is_taken_up and order.created_at is None and",
            "    if state.shadow and order.created_at is None and",
        ),
        ORDERS,
    ),
    _defect(
        "shadow makes orders",
        SHADOW,
        (
            "flows/miinto/make_order.py",
            "    if settings.mode is Mode.SHADOW:\n        return _would_make",
            "    if settings.mode is Mode.OFF:\n        return _would_make",
        ),
        ORDERS,
    ),
    _defect(
        "orders from before the switch are made",
        TWICE,
        (
            "flows/miinto/see_orders.py",
            "    return bool(is_live and live_from and order.created_at and order.created_at < "
            "live_from)\n",
            "    return bool(is_live and live_from and order.created_at and order.created_at > "
            "live_from)\n",
        ),
        ORDERS,
    ),
    _defect(
        "an order that is in work is cancelled in the warehouse without being told to",
        TOLD,
        (
            "flows/miinto/cancel_order.py",
            "    if mw.settings.orders.cancel_when_new:\n",
            "    if mw.settings.orders:\n",
        ),
        ORDERS,
    ),
    _defect(
        "goods that came back are taken for a cancelled order",
        TOLD,
        (
            "flows/miinto/see_orders.py",
            "    if not state.version or state.despatches or (order",
            "    if not state.version or (order",
        ),
        ORDERS,
    ),
    _defect(
        "the label's link is told again after a lost answer",
        TWICE,
        (
            "flows/miinto/make_order.py",
            "        return Found(operation.marker) if told else NotFound()\n",
            "        return NotFound() if told else NotFound()\n",
        ),
        ORDERS,
        CUT,
    ),
    _defect(
        "a call whose end nobody can see is made again",
        TWICE,
        (
            "flows/miinto/send_tracking.py",
            "    if mw.settings.tracking.seen_at is None:\n        return Inconclusive(",
            "    if mw.settings.tracking.seen_at is None:\n        return NotFound() or "
            "Inconclusive(",
        ),
        DESPATCHES,
    ),
    _defect(
        "another number in Miinto's field counts as nothing",
        TWICE,
        (
            "flows/miinto/send_tracking.py",
            "    if order.tracking_seen:\n",
            "    if order.tracking_seen and not tracking:\n",
        ),
        DESPATCHES,
    ),
    _defect(
        "a provider is named that Miinto does not allow",
        TOLD,
        (
            "flows/miinto/send_tracking.py",
            "    if wanted is not None and wanted in allowed:\n",
            "    if wanted is not None:\n",
        ),
        DESPATCHES,
    ),
    _defect(
        "an order ends with its first part",
        LOST,
        (
            "domain/miinto/orders.py",
            '        return bool(parts) and ("" in parts or len(parts) >= of)\n',
            '        return bool(parts) and ("" in parts or of >= 1)\n',
        ),
        DESPATCHES,
    ),
    _defect(
        "changes of a list that was cut off are passed over",
        LOST,
        (
            "flows/miinto/follow_despatches.py",
            "        passed = started if page.complete else _half_way(since, started)\n",
            "        passed = started\n",
        ),
        DESPATCHES,
    ),
    _defect(
        "what was sent though it was cancelled is told to Miinto",
        TOLD,
        (
            "flows/miinto/follow_despatches.py",
            "    if state.cancelled or state.parked:\n",
            "    if state.parked:\n",
        ),
        DESPATCHES,
    ),
    _defect(
        "a SKU that the warehouse does not know is told as sold out",
        TOLD,
        (
            "domain/miinto/stock_push.py",
            "for key, variant in clear.items() if variant.sku in available}",
            "for key, variant in clear.items() if variant.sku}",
        ),
        STOCK,
    ),
    _defect(
        "stock that is promised is told as free",
        TWICE,
        (
            "domain/miinto/stock_push.py",
            "max(0, available - promised - kept_back)",
            "max(0, available - kept_back)",
        ),
        STOCK,
    ),
    _defect(
        "a shop is emptied without asking",
        CALM,
        (
            "flows/miinto/push_stock.py",
            "        return False\n\n    def _forget",
            "        return True\n\n    def _forget",
        ),
        STOCK,
    ),
    _defect(
        "a list of despatches that is too long for a run stays too long",
        CALM,
        (
            "flows/miinto/follow_despatches.py",
            "started if page.complete else _half_way(since, started)",
            "started if page.complete else since",
        ),
        DESPATCHES,
    ),
    _defect(
        "what was told is kept although nobody knows whether it was",
        TOLD,
        (
            "flows/miinto/push_stock.py",
            "        if not isinstance(sent.trouble, UnknownOutcome):\n",
            "        if sent.trouble is None or sent.trouble:\n",
        ),
        STOCK,
    ),
    _defect(
        "a full push that was not finished forgets what was told before",
        LOST,
        (
            "flows/miinto/push_stock.py",
            "is_all = len(sent.told) == len(wanted)\n",
            "is_all = bool(sent.told)\n",
        ),
        STOCK,
    ),
    _defect(
        "variants that Miinto was never told wait behind those that it was",
        LOST,
        (
            "flows/miinto/push_stock.py",
            "(*_from(first, begin), *_from(then, begin))",
            "sorted(wanted)",
        ),
        STOCK,
    ),
    _defect(
        "one variant that Miinto refuses keeps others from being told",
        CALM,
        (
            "flows/miinto/push_stock.py",
            "                batches += (batch[:half], batch[half:]) if half else ()\n",
            "                batches += ()\n",
        ),
        STOCK,
    ),
)

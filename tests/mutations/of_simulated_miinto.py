"""Deliberate defects at the marketplace that the simulation's rules have to see, one for each."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, TWICE, Check, Defect, Edit

DECIDE = "flows/miinto/decide_transfer.py"
HOME = "flows/miinto/refund_home.py"
STORE = "flows/miinto/receive_store_refund.py"


def market(first: int, runs: int) -> Check:
    """Seeds of the simulation that have the marketplace: every fourth from the first on."""
    return Check(
        "simulation",
        (
            "--seed",
            str(first),
            "--runs",
            str(runs),
            "--step",
            "4",
            "--jobs",
            "1",
            "--world",
            "returns",
        ),
    )


OF_SIMULATED_MIINTO = (
    Defect(
        "simulated: a transfer's decision without an answer is sent again on a guess",
        TWICE,
        (
            Edit(
                DECIDE,
                "        looked_up_lost = isinstance(found, NotFound)\n        return found",
                "        return NotFound()",
            ),
            Edit(DECIDE, "sorted(set(decision.positions) - pending_now())", "[]"),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: a transfer's request is never looked after again",
        LOST,
        (
            Edit(
                "flows/miinto/decide_transfers.py",
                "if shop is None or not state.unresolved:",
                "if shop is None or state.unresolved:",
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: what was promised is free for the next offer",
        TWICE,
        (
            Edit(
                "flows/miinto/judge_transfers.py",
                "units=self._available[sku] - self._promised.units.get(sku, 0),",
                "units=self._available[sku] + 2,",
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: an order's number is another one at each try",
        TWICE,
        (
            Edit(
                "flows/miinto/make_order.py",
                "number=state.number or number_of(settings.number_prefix, shop.slug, state.id),",
                "number=number_of(settings.number_prefix, shop.slug, state.id)\n"
                "        + f'-{mw.stores.clock.now():%H%M}',",
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: an order holds one unit of each line",
        TWICE,
        (
            Edit(
                "domain/miinto/order_draft.py",
                'sku=line.sku or "", quantity=line.quantity, unit_price_minor=price',
                'sku=line.sku or "", quantity=1, unit_price_minor=price',
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: an order that cannot be made is left, and nobody is told",
        TOLD,
        (
            Edit(
                "flows/miinto/order_work.py",
                '            if _parked(mw, key, flow, verdict):\n                return "parked"',
                '            return f"parked {verdict.code}"',
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: orders of old baskets are not looked for",
        LOST,
        (
            Edit(
                "flows/miinto/sync_orders.py",
                "OLD_BASKETS_EVERY = timedelta(hours=1)",
                "OLD_BASKETS_EVERY = timedelta(days=9)",
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: a parcel's tracking without an answer is told again on a guess",
        TWICE,
        (
            Edit(
                "flows/miinto/send_tracking.py",
                "        return _look_up(mw, state, tracking)",
                "        return NotFound()",
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: an RMA's decision without an answer is sent again on a guess",
        TWICE,
        (
            Edit(
                "flows/process_lines.py",
                "        if now.is_closed or not _still_open(batch, now):\n"
                "            return Found(str(number))\n"
                "        return Inconclusive(",
                '        if state.return_id.startswith("miinto-"):\n'
                "            return NotFound()\n"
                "        if now.is_closed or not _still_open(batch, now):\n"
                "            return Found(str(number))\n"
                "        return Inconclusive(",
            ),
            Edit(
                "flows/process_lines.py",
                "import Claim, Found, Inconclusive, LookUp, process_key",
                "import Claim, Found, Inconclusive, LookUp, NotFound, process_key",
            ),
            Edit(
                "flows/process_lines.py",
                "    chosen = [line for line in batch.lines if line.line_id in open_lines]",
                "    chosen = [line for line in batch.lines if open_lines or world]",
            ),
            Edit(
                "adapters/miinto/portal.py",
                "        wanted = [line for line in lines if line.line_id in pending]",
                "        wanted = [line for line in lines if line.line_id in pending or lines]",
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: RMAs are accepted against the warehouse's finding",
        TWICE,
        (
            Edit(
                "domain/policy.py", '        "damaged": "reject",', '        "damaged": "process",'
            ),
            Edit(
                "domain/confirming.py",
                'if confirm.processing == "unless_matched" and _all_match(case, findings):',
                'if confirm.processing == "unless_matched":',
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: nobody confirms what is declined",
        TWICE,
        (
            Edit(
                "domain/confirming.py",
                "    if rejects and confirm.rejecting:",
                "    if rejects and not confirm.rejecting:",
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: units in another RMA are free to be requested",
        TWICE,
        (
            Edit(
                "domain/miinto/requests.py",
                "        free.subtract(undecided + accepted)\n",
                "",
            ),
            Edit(
                "domain/miinto/requests.py",
                "        waiting |= dict.fromkeys(undecided, rma.return_id)\n",
                "",
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: what the hub told home is requested when the store tells it back",
        TWICE,
        (
            Edit(STORE, "    home = _told_back(event, market)", "    home = None"),
            Edit(STORE, '    if echo.extent == "all":', '    if echo.extent == "never":'),
            Edit(
                "domain/miinto/requests.py",
                "        free.subtract(undecided + accepted)\n",
                "",
            ),
            Edit(STORE, '    if echo.extent == "some":', '    if echo.extent == "never":'),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: a refund goes home with other money than Miinto paid",
        TOLD,
        (
            Edit(
                "domain/miinto/refunding.py",
                "        return price * quantity",
                "        return price",
            ),
            Edit(
                "domain/miinto/refunding.py",
                "    return price if whole and",
                "    return price + 1 if whole and",
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: a refund that could not go home at once never does",
        LOST,
        (
            Edit(
                "flows/miinto/refund_due.py",
                '.clock.now(), "accepted in Miinto\'s panel")]',
                '.clock.now(), "accepted in Miinto\'s panel")][1:]',
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: a refund is told once more, with another total",
        TWICE,
        (
            Edit(
                "adapters/queues/refunds.py",
                "            answer = self._client.send_message(\n",
                "            again = refund.model_copy(update={'total_minor': 1}).to_json()\n"
                "            self._client.send_message(QueueUrl=self._url, MessageBody=again)\n"
                "            answer = self._client.send_message(\n",
            ),
        ),
        (market(3, 10),),
    ),
    Defect(
        "simulated: whole lines are requested when a part of them came",
        TWICE,
        (
            Edit(
                "domain/miinto/requests.py",
                "        given = min(wanted, free.get(line.position, 0))",
                "        given = min(max(wanted, 2), free.get(line.position, 0))",
            ),
        ),
        (market(3, 60),),
    ),
    Defect(
        "simulated: the label's link without an answer is put there again on a guess",
        TWICE,
        (
            Edit(
                "flows/miinto/make_order.py",
                "        return Found(operation.marker) if told else NotFound()",
                "        return NotFound()",
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: a position's refund goes home with each of its RMA's refunds",
        TWICE,
        (
            Edit(
                HOME,
                "            return accepted_of(self.rma, None, in_hand(state))",
                "            return accepted_of(self.rma, None, frozenset())",
            ),
            Edit(
                "flows/miinto/refund_due.py",
                "    lines = accepted_of(rma, None, in_hand(state)).lines",
                "    lines = accepted_of(rma, None, frozenset()).lines",
            ),
        ),
        (market(3, 60),),
    ),
    Defect(
        "simulated: RMAs that were accepted between two runs are never seen",
        LOST,
        (
            Edit(
                "flows/miinto/fetch_rmas.py",
                "        self._look_for_accepted(shop, troubles)\n",
                "",
            ),
        ),
        (market(3, 40),),
    ),
    Defect(
        "simulated: the log says who bought",
        CALM,
        (
            Edit(
                "flows/miinto/make_order.py",
                "    planned, courier = _plan(mw, state, shop)\n",
                "    planned, courier = _plan(mw, state, shop)\n"
                '    mw.stores.telemetry.log("order", of=str(order.customer))\n',
            ),
        ),
        (market(3, 5),),
    ),
)

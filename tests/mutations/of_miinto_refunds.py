"""Deliberate defects: refunds that go home, a store's refunds, RMA requests."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, TWICE, Defect, Edit, tests

HOME = tests("flow/test_refund_home.py")
REQUESTS = tests("flow/test_request_rma.py")
FROM_STORE = tests("flow/test_store_refund.py")
EVENTS = tests("unit/test_refund_events.py")

OF_MIINTO_REFUNDS = (
    Defect(
        "a refund is not due in the transaction of the batch that it follows from",
        LOST,
        (
            Edit(
                "flows/process_lines.py",
                "*otherwise, *refund_later(batch, state, world)]",
                "*otherwise]",
            ),
        ),
        (HOME,),
    ),
    Defect(
        "a refund goes home for what the hub sent, whatever Miinto shows",
        TOLD,
        (
            Edit(
                "domain/miinto/refunding.py",
                '        if status == "accepted":\n',
                '        if status != "unknown":\n',
            ),
        ),
        (HOME,),
    ),
    Defect(
        "a position's refund goes home for each way in which it was accepted",
        TWICE,
        (
            Edit(
                "flows/miinto/refund_due.py",
                "    return state.refunded_lines | frozenset(of_batches)\n",
                "    return frozenset(of_batches)\n",
            ),
        ),
        (HOME,),
    ),
    Defect(
        "what a store refunded itself is told back to it",
        TWICE,
        (
            Edit(
                "flows/miinto/refund_home.py",
                '    if own is not None and own.origin == "store":\n',
                '    if own is not None and own.origin == "nobody":\n',
            ),
        ),
        (HOME,),
    ),
    Defect(
        "the order says that a refund goes home only after it was told",
        TWICE,
        (
            Edit(
                "flows/miinto/refund_home.py",
                "    for refund in tied:\n        tie(refund.refund, market)\n"
                "    state = _tell_all(state, tied, world)\n",
                "    state = _tell_all(state, tied, world)\n"
                "    for refund in tied:\n        tie(refund.refund, market)\n",
            ),
        ),
        (FROM_STORE,),
    ),
    Defect(
        "an event's entry that the bus did not take counts as told",
        LOST,
        (
            Edit(
                "adapters/queues/refunds.py",
                'if answer.get("FailedEntryCount", 0) or entry is None or not entry.get("EventId")',
                "if entry is None",
            ),
        ),
        (EVENTS,),
    ),
    Defect(
        "the hub's own refund, told back by the store, is requested from Miinto",
        TWICE,
        (
            Edit(
                "flows/miinto/receive_store_refund.py",
                '    if echo.extent == "all":\n',
                '    if echo.extent == "never":\n',
            ),
        ),
        (FROM_STORE,),
    ),
    Defect(
        "one accepted RMA covers every refund of its SKU",
        LOST,
        (
            Edit(
                "domain/miinto/requests.py",
                '        if request.outcome == "echo" and request.origin == origin:\n',
                '        if request.outcome == "nothing" and request.origin == origin:\n',
            ),
        ),
        (FROM_STORE,),
    ),
    Defect(
        "goods and the store's refund of them are requested each",
        TWICE,
        (
            Edit(
                "domain/miinto/requests.py",
                "        if request.outcome in SPOKEN_FOR and request.source not in matched:\n"
                "            free.subtract(request.positions)\n",
                "        if request.outcome in SPOKEN_FOR and request.source not in matched:\n",
            ),
        ),
        (REQUESTS,),
    ),
    Defect(
        "a later version of an external return is requested whole again",
        TWICE,
        (
            Edit(
                "flows/miinto/foreign_receipt.py",
                "    units = dict(Counter(receipt.units()) - seen)\n",
                "    units = dict(Counter(receipt.units()))\n",
            ),
        ),
        (REQUESTS,),
    ),
    Defect(
        "an RMA request that is not found is taken for not made",
        TWICE,
        (
            Edit(
                "flows/miinto/request_rma.py",
                "    return Inconclusive(\n"
                '        f"an RMA request of {in_words(order)} had no answer',
                "    return NotFound() if not found else Inconclusive(\n"
                '        f"an RMA request of {in_words(order)} had no answer',
            ),
            Edit(
                "flows/miinto/request_rma.py",
                "import Claim, Found, Inconclusive, LookUp\n",
                "import Claim, Found, Inconclusive, LookUp, NotFound\n",
            ),
        ),
        (REQUESTS,),
    ),
    Defect(
        "a request that comes back is sent beside the buyer's RMA",
        TWICE,
        (
            Edit(
                "flows/miinto/request_rma.py",
                "        if not is_placed_now:\n",
                "        if False and not is_placed_now:\n",
            ),
        ),
        (FROM_STORE,),
    ),
    Defect(
        "goods of an RMA that waits are requested once more",
        TWICE,
        (
            Edit(
                "domain/miinto/requests.py",
                "        waiting |= dict.fromkeys(undecided, rma.return_id)\n",
                "",
            ),
        ),
        (REQUESTS,),
    ),
    Defect(
        "a buyer's RMA for units that were requested before is accepted all the same",
        TWICE,
        (
            Edit(
                "flows/process_lines.py",
                "            require_not_requested(batch, state.return_id, world)\n",
                "",
            ),
        ),
        (HOME,),
    ),
    Defect(
        "the same id of a store's refund may ask for something else",
        TOLD,
        (
            Edit(
                "flows/miinto/receive_store_refund.py",
                "    if first != event.digest:\n",
                "    if not first:\n",
            ),
        ),
        (FROM_STORE,),
    ),
)

"""Deliberate defects: orders that were edited or cancelled upstream."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, TWICE, Defect, Edit, tests

CHANGES = tests("flow/test_order_changes.py")
CUT = tests("flow/test_order_changes_cut.py")
OF_THE_HUB = tests("flow/test_order_changes_of_the_hub.py")
EDITED = tests("flow/test_drift_orders_edited.py")
RULE = "domain/relay/change_rule.py"
SOURCE = "flows/relay/order_change_source.py"
TAKING = "flows/relay/change_order.py"

OF_ORDER_CHANGES = (
    Defect(
        "an original is cancelled before the order that replaces it is there",
        LOST,
        (
            Edit(
                RULE,
                "if named is not None and _is_there(known.replacement):",
                "if named is not None:",
            ),
        ),
        (CHANGES,),
    ),
    Defect(
        "an order whose units are fixed to a pick counts as not begun",
        LOST,
        (
            Edit(
                RULE,
                "and not any(item.committed for item in part.items or ()):",
                "and part.order_id:",
            ),
        ),
        (CHANGES,),
    ),
    Defect(
        "an edit undoes a cancellation that was told before it",
        TWICE,
        (
            Edit(
                "domain/relay/order_change.py",
                'return (self.kind == "cancelled", self.occurred_at,',
                "return (True, self.occurred_at,",
            ),
        ),
        (CHANGES,),
    ),
    Defect(
        "a change of an order that the hub made is carried out",
        TWICE,
        (Edit(RULE, "if maker is not None:", "if maker is not None and not live:"),),
        (OF_THE_HUB,),
    ),
    Defect(
        "a refused cancellation flags nothing",
        TOLD,
        (
            Edit(
                "flows/sync/take.py",
                'if stuck.why == "refused" and step.if_refused == "plan":',
                'if stuck.why == "refused" and step.if_refused == "none":',
            ),
        ),
        (CHANGES,),
    ),
    Defect(
        "a cancellation counts as carried out though the order is not cancelled",
        LOST,
        (
            Edit(
                SOURCE,
                "return Plan(steps, outcome=ACTED, again=True)",
                "return Plan(steps, outcome=CANCELLED)",
            ),
        ),
        (CHANGES,),
    ),
    Defect(
        "a comment is looked up by nothing of its own",
        TOLD,
        (
            Edit(
                SOURCE,
                "told = any(marker in comment for comment in orders.order_comments(order_id))",
                "told = not orders.order_comments(order_id)",
            ),
        ),
        (CUT,),
    ),
    Defect(
        "a change that counts waits for a person who is asked about another",
        LOST,
        (Edit(TAKING, "if state.parked and not is_unknown:", "if not state.version:"),),
        (CHANGES,),
    ),
    Defect(
        "a change that is waited for is reported as drift",
        TOLD,
        (
            Edit(
                "flows/drift/orders_edited.py",
                "if not _is_in_work(twice, world):",
                "if twice.orders:",
            ),
        ),
        (EDITED,),
    ),
    Defect(
        "an edit of an edit is not followed to the order that is sent",
        TOLD,
        (Edit(SOURCE, "if then is None or then.replaced_by is None or", "if True or"),),
        (CHANGES,),
    ),
)

"""Deliberate defects. Each one breaks a promise of the hub, and a test has to catch it.

An old text has to occur exactly once in its file: `test_defects.py` holds the list to it.
"""

from __future__ import annotations

from tests.mutations.model import Defect
from tests.mutations.of_alarms import OF_ALARMS
from tests.mutations.of_answers import OF_ANSWERS
from tests.mutations.of_audit import OF_AUDIT
from tests.mutations.of_canaries import OF_CANARIES
from tests.mutations.of_command import OF_COMMAND
from tests.mutations.of_decisions import OF_DECISIONS
from tests.mutations.of_deploying import OF_DEPLOYING
from tests.mutations.of_drift import OF_DRIFT
from tests.mutations.of_drift_days import OF_DRIFT_DAYS
from tests.mutations.of_drift_stock import OF_DRIFT_STOCK
from tests.mutations.of_flows import OF_ANNOUNCING, OF_RECEIPTS
from tests.mutations.of_following import OF_FOLLOWING
from tests.mutations.of_found_returns import OF_FOUND_RETURNS
from tests.mutations.of_lint import OF_LINT
from tests.mutations.of_loop import OF_LOOP
from tests.mutations.of_miinto_client import OF_MIINTO_CLIENT
from tests.mutations.of_miinto_operators import OF_MIINTO_OPERATORS
from tests.mutations.of_miinto_orders import OF_MIINTO_ORDERS
from tests.mutations.of_miinto_refunds import OF_MIINTO_REFUNDS
from tests.mutations.of_miinto_rma import OF_MIINTO_RMA
from tests.mutations.of_miinto_transfers import OF_MIINTO_TRANSFERS
from tests.mutations.of_mintsoft_goods import OF_MINTSOFT_GOODS
from tests.mutations.of_mintsoft_orders import OF_MINTSOFT_ORDERS
from tests.mutations.of_operations import OF_AN_OPERATION, OF_THE_LEDGER, OF_THE_OTHER_STORES
from tests.mutations.of_operators import OF_BATCHES, OF_OPERATORS
from tests.mutations.of_order_changes import OF_ORDER_CHANGES
from tests.mutations.of_partners import OF_THE_GATE, OF_THE_PARTNERS
from tests.mutations.of_plans import OF_PLANS
from tests.mutations.of_preflight import OF_PREFLIGHT
from tests.mutations.of_privacy import OF_PRIVACY
from tests.mutations.of_privilege import OF_PRIVILEGE
from tests.mutations.of_proof import OF_PROOF
from tests.mutations.of_pulse import OF_PULSE
from tests.mutations.of_redo import OF_REDO
from tests.mutations.of_relay import OF_RELAY
from tests.mutations.of_run import OF_RUN
from tests.mutations.of_simulated import OF_SIMULATED
from tests.mutations.of_simulated_miinto import OF_SIMULATED_MIINTO
from tests.mutations.of_simulated_unleashed import OF_SIMULATED_UNLEASHED
from tests.mutations.of_starts import OF_STARTS
from tests.mutations.of_sync import OF_SYNC
from tests.mutations.of_the_door import OF_THE_DOOR
from tests.mutations.of_the_key import OF_THE_KEY
from tests.mutations.of_the_page import OF_THE_PAGE
from tests.mutations.of_the_past import OF_ACTS_BY_HAND, OF_BACKFILL, OF_CATCHING_UP
from tests.mutations.of_unleashed_client import OF_UNLEASHED_CLIENT
from tests.mutations.of_unleashed_despatches import OF_UNLEASHED_DESPATCHES
from tests.mutations.of_unleashed_export import OF_UNLEASHED_EXPORT
from tests.mutations.of_unleashed_moves import OF_UNLEASHED_MOVES
from tests.mutations.of_unleashed_orders import OF_UNLEASHED_ORDERS
from tests.mutations.of_unleashed_products import OF_UNLEASHED_PRODUCTS
from tests.mutations.of_unleashed_purchases import OF_UNLEASHED_PURCHASES
from tests.mutations.of_unleashed_rules import OF_UNLEASHED_RULES
from tests.mutations.of_unleashed_runs import OF_UNLEASHED_RUNS
from tests.mutations.of_unleashed_shipments import OF_UNLEASHED_SHIPMENTS
from tests.mutations.of_unleashed_stock import OF_UNLEASHED_STOCK
from tests.mutations.of_unleashed_together import OF_UNLEASHED_TOGETHER
from tests.mutations.of_unleashed_webhooks import OF_UNLEASHED_WEBHOOKS
from tests.mutations.of_upgrades import OF_UPGRADES
from tests.mutations.of_wair_advice import OF_WAIR_ADVICE
from tests.mutations.of_wair_feed import OF_WAIR_FEED
from tests.mutations.of_wair_sinks import OF_WAIR_SINKS
from tests.mutations.of_webhooks import OF_WEBHOOKS
from tests.mutations.of_widgets import OF_WIDGETS

DEFECTS: tuple[Defect, ...] = (
    *OF_AN_OPERATION,
    *OF_PULSE,
    *OF_THE_KEY,
    *OF_STARTS,
    *OF_DEPLOYING,
    *OF_THE_LEDGER,
    *OF_THE_OTHER_STORES,
    *OF_ANNOUNCING,
    *OF_RECEIPTS,
    *OF_DECISIONS,
    *OF_THE_PARTNERS,
    *OF_THE_GATE,
    *OF_OPERATORS,
    *OF_PLANS,
    *OF_BATCHES,
    *OF_REDO,
    *OF_RELAY,
    *OF_ANSWERS,
    *OF_LOOP,
    *OF_MIINTO_CLIENT,
    *OF_MIINTO_ORDERS,
    *OF_WEBHOOKS,
    *OF_CATCHING_UP,
    *OF_BACKFILL,
    *OF_ACTS_BY_HAND,
    *OF_THE_DOOR,
    *OF_FOLLOWING,
    *OF_ALARMS,
    *OF_PREFLIGHT,
    *OF_PRIVILEGE,
    *OF_MIINTO_RMA,
    *OF_SIMULATED,
    *OF_SIMULATED_MIINTO,
    *OF_SIMULATED_UNLEASHED,
    *OF_MINTSOFT_ORDERS,
    *OF_MINTSOFT_GOODS,
    *OF_MIINTO_TRANSFERS,
    *OF_MIINTO_OPERATORS,
    *OF_MIINTO_REFUNDS,
    *OF_UNLEASHED_CLIENT,
    *OF_UNLEASHED_DESPATCHES,
    *OF_UNLEASHED_RULES,
    *OF_UNLEASHED_STOCK,
    *OF_DRIFT_STOCK,
    *OF_UNLEASHED_TOGETHER,
    *OF_UNLEASHED_RUNS,
    *OF_UNLEASHED_SHIPMENTS,
    *OF_UNLEASHED_PRODUCTS,
    *OF_UNLEASHED_PURCHASES,
    *OF_SYNC,
    *OF_UNLEASHED_ORDERS,
    *OF_UNLEASHED_WEBHOOKS,
    *OF_UNLEASHED_MOVES,
    *OF_UNLEASHED_EXPORT,
    *OF_DRIFT,
    *OF_WAIR_ADVICE,
    *OF_WAIR_FEED,
    *OF_ORDER_CHANGES,
    *OF_DRIFT_DAYS,
    *OF_LINT,
    *OF_WAIR_SINKS,
    *OF_PRIVACY,
    *OF_PROOF,
    *OF_RUN,
    *OF_FOUND_RETURNS,
    *OF_WIDGETS,
    *OF_AUDIT,
    *OF_THE_PAGE,
    *OF_COMMAND,
    *OF_UPGRADES,
    *OF_CANARIES,
)

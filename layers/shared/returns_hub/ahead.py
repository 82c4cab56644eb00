"""What each door always needs, loaded while its environment starts.

Lambda gives a start a whole processor for up to ten seconds, and an invocation only the share that
the function's memory buys: about 0.29 of one at 512 MB (1,769 MB are one; AWS's developer guide,
"Configure Lambda function memory"). So what every invocation of a door needs is loaded at the
start, three times as fast, and what only some need (another portal's adapter, the marketplace's,
the ERP's) when it is asked for. `tests/parity/test_artifact.py` holds each door to it: its first
answer loads next to nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from returns_hub.domain.facts import Event
from returns_hub.domain.merchant import LiveMerchant, Merchant
from returns_hub.domain.state import ReturnState

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub

Client = Literal["secrets", "sqs"]
BOTH: tuple[Client, ...] = ("secrets", "sqs")


@dataclass(frozen=True)
class Ahead:
    """What one door always needs.

    Args:
        modules: Of this package; what these import comes with them.
        clients: AWS's, beside DynamoDB's, which every door has.
        partners: Whether it asks a merchant's portal or warehouse.
    """

    modules: tuple[str, ...]
    clients: tuple[Client, ...] = BOTH
    partners: bool = True


PARTNERS = ("connections", "partners", "adapters.dynamodb.gates")
"""What a door that asks partners needs beside its own."""
STANDARD = ("_strptime", "encodings.idna")
"""What Python loads with the first time that is read and with the first name that is resolved."""
FILE = (Merchant, LiveMerchant)
"""Models that every door reads: pydantic builds a validator when it is first asked for one."""
DOORS: Mapping[str, Ahead] = {
    "catch_up_redo": Ahead(("flows.catch_up", "flows.way")),
    "check_webhooks": Ahead(
        ("flows.subscription", "adapters.redo.subscriptions"), clients=("secrets",)
    ),
    "create_external_return": Ahead(("flows.receive_approved_return",)),
    "despatch_relay": Ahead(("despatch_runs", "adapters.dynamodb.sync")),
    "drift_report": Ahead(("drift_runs",)),
    "loop_webhook": Ahead(("webhook_runs", "adapters.loop.webhook"), partners=False),
    "miinto_rma": Ahead(("market", "flows.miinto.run", "flows.tick", "flows.way")),
    "ops_acts": Ahead(("widget_runs",), clients=("sqs",), partners=False),
    "ops_metrics": Ahead(("ops_runs",), partners=False),
    "ops_widgets": Ahead(("widget_runs",), clients=(), partners=False),
    "order_changes": Ahead(("order_change_runs", "adapters.dynamodb.sync")),
    "poll_mintsoft": Ahead(("flows.process_receipts", "flows.tick")),
    "redo_webhook": Ahead(("webhook_runs", "adapters.redo.deliveries"), partners=False),
    "refresh_credentials": Ahead(("flows.refresh_credentials", "known_keys"), clients=("secrets",)),
    "store_refunds": Ahead(("flows.miinto.receive_store_refund", "market")),
    "unleashed_sync": Ahead(
        ("erp_runs", "erp", "adapters.dynamodb.sync", "adapters.dynamodb.deliveries")
    ),
    "unleashed_webhook": Ahead(
        ("webhook_runs", "adapters.unleashed.webhooks", "adapters.dynamodb.deliveries"),
        partners=False,
    ),
    "wair_sync": Ahead(("feed_runs", "feeds", "adapters.dynamodb.sync")),
    "watch_returns": Ahead(("flows.watch_returns",)),
}


def load(made: Hub, door: str) -> None:
    """Load what a door always needs.

    Args:
        made: The hub of this container.
        door: Its folder in `functions`.
    """
    ahead = DOORS[door]
    for name in (*ahead.modules, *(PARTNERS if ahead.partners else ())):
        import_module(f"returns_hub.{name}")
    for name in STANDARD:
        import_module(name)
    for model in (*FILE, *((Event, ReturnState) if ahead.partners else ())):
        model.model_rebuild()
    made.made_of.aws.make_now(*ahead.clients)

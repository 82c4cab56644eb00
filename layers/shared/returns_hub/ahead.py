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
from types import ModuleType
from typing import TYPE_CHECKING, Literal

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
        stores: Whether it works with the hub's own stores and with whole files of merchants. A
            webhook's door does not: it reads a part of the file, `Part` of its last module.
    """

    modules: tuple[str, ...]
    clients: tuple[Client, ...] = BOTH
    partners: bool = True
    stores: bool = True


PARTNERS = ("connections", "partners", "adapters.dynamodb.gates")
"""What a door that asks partners needs beside its own."""
STORES = (
    *("domain.merchant", "flows.world", "adapters.dynamodb.merchants"),
    *("adapters.dynamodb.control", "adapters.dynamodb.returns", "adapters.dynamodb.parking"),
    *("adapters.dynamodb.ledger", "adapters.dynamodb.catalogue"),
)
"""What a door that works for merchants needs."""
STANDARD = ("_strptime", "encodings.idna")
"""What Python loads with the first time that is read and with the first name that is resolved."""
FILE = (("domain.merchant", "Merchant"), ("domain.merchant", "LiveMerchant"))
TIMELINE = (("domain.facts", "Event"), ("domain.state", "ReturnState"))
"""Models that these doors always read: pydantic builds a validator when it is first asked for."""
DOORS: Mapping[str, Ahead] = {
    "catch_up_redo": Ahead(("flows.catch_up", "flows.way")),
    "check_webhooks": Ahead(
        ("flows.subscription", "adapters.redo.subscriptions"), clients=("secrets",)
    ),
    "create_external_return": Ahead(("flows.receive_approved_return",)),
    "despatch_relay": Ahead(("despatch_runs", "adapters.dynamodb.sync")),
    "drift_report": Ahead(("drift_runs",)),
    "loop_webhook": Ahead(("webhook_runs", "adapters.loop.webhook"), partners=False, stores=False),
    "miinto_rma": Ahead(("market", "flows.miinto.run", "flows.tick", "flows.way")),
    "ops_acts": Ahead(("widget_runs",), clients=("sqs",), partners=False),
    "ops_metrics": Ahead(("ops_runs",), partners=False),
    "ops_widgets": Ahead(("widget_runs",), clients=(), partners=False),
    "order_changes": Ahead(("order_change_runs", "adapters.dynamodb.sync")),
    "poll_mintsoft": Ahead(("flows.process_receipts", "flows.tick")),
    "redo_webhook": Ahead(
        ("webhook_runs", "adapters.redo.deliveries"), partners=False, stores=False
    ),
    "refresh_credentials": Ahead(("flows.refresh_credentials", "known_keys"), clients=("secrets",)),
    "store_refunds": Ahead(("flows.miinto.receive_store_refund", "market")),
    "unleashed_sync": Ahead(
        ("erp_runs", "erp", "adapters.dynamodb.sync", "adapters.dynamodb.deliveries")
    ),
    "unleashed_webhook": Ahead(
        ("webhook_runs", "adapters.dynamodb.deliveries", "adapters.unleashed.webhooks"),
        partners=False,
        stores=False,
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
    for name in (
        *(STORES if ahead.stores else ()),
        *ahead.modules,
        *(PARTNERS if ahead.partners else ()),
    ):
        _module(name)
    for name in STANDARD:
        import_module(name)
    models = [*(FILE if ahead.stores else ((ahead.modules[-1], "Part"),))]
    models += TIMELINE if ahead.partners else ()
    for name, model in models:
        getattr(_module(name), model).model_rebuild()
    made.made_of.aws.make_now(*ahead.clients)


def _module(name: str) -> ModuleType:
    return import_module(f"returns_hub.{name}")

"""What the set-up check looks at, over a bench."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cli.checks.areas import AREAS
from cli.checks.model import Area, Finding, Subject
from cli.checks.run import run_checks
from local.simulators.redo.bodies import whole_order
from returns_hub.adapters.redo.client import RedoClient
from returns_hub.adapters.redo.sandbox import RedoSandboxReturns
from returns_hub.adapters.redo.scopes import RedoScopes
from returns_hub.flows.subscription import status
from tests.support.worlds import TOKEN, Bench

ALL_SCOPES = (
    "returns_read",
    "returns_write",
    "webhooks_read",
    "webhooks_write",
    "invoices_read",
    "orders_read",
)
ORDER = whole_order(
    {
        "id": "order1",
        "externalId": "6100",
        "name": "#5501",
        "items": [
            {"id": "6100/0", "externalId": "14", "variant": {"sku": "TEE"}, "quantity": 1},
            {"id": "6100/1", "externalId": "15", "variant": {"sku": "MUG"}, "quantity": 1},
        ],
    }
)
"""An order of the shop's, as the portal knows it."""


def good_bench(**changes: Any) -> Bench:
    """A bench whose secrets are set, whose token may do all, and whose schedules came a minute
    ago."""
    bench = Bench(**changes)
    bench.secrets.values["example", "redo"] = {"api_token": TOKEN}
    bench.redo.tokens[TOKEN] = frozenset(ALL_SCOPES)
    ran(bench, "receipts")
    bench.clock.advance(minutes=1)
    return bench


def ran(bench: Bench, cursor: str, value: dict[str, Any] | None = None) -> None:
    """A schedule's run came now, and came through."""
    lease = bench.cursors.acquire(f"{cursor}/example", "a run", 60)
    assert lease is not None
    bench.cursors.advance(lease, value or {})
    bench.cursors.release(lease)


def redo_client(bench: Bench) -> RedoClient:
    redo = bench.live().merchant.redo
    assert redo is not None
    http = bench.http(redo.base_url, bench.to_redo, "redo")
    return RedoClient(http, redo, token=lambda *, fresh: TOKEN, clock=bench.clock)


def sandbox_returns(bench: Bench) -> RedoSandboxReturns:
    return RedoSandboxReturns(redo_client(bench))


def subject_of(bench: Bench, **changes: Any) -> Subject:
    is_redo = bench.live().merchant.portal == "redo"
    given: dict[str, Any] = {
        "world": bench.world(),
        "read_secret": lambda name: bench.secrets.read("example", name, fresh=True).value,
        "scopes": RedoScopes(redo_client(bench)) if is_redo else None,
        "subscription": (lambda: status(bench.webhook())) if is_redo else None,
        "last": 50,
    }
    return Subject(**given | changes)


def findings(bench: Bench, areas: Iterable[Area] = AREAS, **changes: Any) -> dict[str, Finding]:
    """Every finding by its name."""
    found: dict[str, Finding] = {}
    for finding in run_checks(subject_of(bench, **changes), areas):
        assert finding.name not in found, finding.name
        found[finding.name] = finding
    return found

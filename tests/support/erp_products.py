"""Products that both sides have, for tests of flows about them."""

from __future__ import annotations

from typing import Any

from local.simulators.unleashed.hands_goods import Hands
from returns_hub.domain.sync.records import SyncState
from tests.support.erp_worlds import PRODUCTS, ErpBench

TEE = PRODUCTS["TEE-RED-M"]
FLOW = "unleashed.products"


def bench_in_step() -> ErpBench:
    """Both sides have the same products, and the hub has seen them."""
    bench = ErpBench()
    bench.set("products")
    bench.run("products")
    forget(bench)
    return bench


def forget(bench: ErpBench) -> None:
    """Requests that were made so far."""
    bench.to_mintsoft.requests.clear()
    bench.to_unleashed.requests.clear()


def hands(bench: ErpBench) -> Hands:
    return Hands(bench.desk_there)


def guid(bench: ErpBench, code: str) -> str:
    found: str = bench.desk_there.company.coded("Products", code)["Guid"]
    return found


def state(bench: ErpBench, code: str) -> SyncState:
    return bench.state_of(FLOW, guid(bench, code))


def there(bench: ErpBench, code: str) -> Any:
    found = bench.products.find_product(code)
    assert found is not None
    return found


def writes(bench: ErpBench) -> list[str]:
    """Writes to Mintsoft."""
    return [f"{r.method} {r.path}" for r in bench.to_mintsoft.requests if r.method != "GET"]


def edited(bench: ErpBench, code: str = "TEE-RED-M", **fields: Any) -> dict[str, int]:
    """Unleashed changes a product, and the flow runs."""
    hands(bench).change_product(code, fields)
    forget(bench)
    return bench.run("products")

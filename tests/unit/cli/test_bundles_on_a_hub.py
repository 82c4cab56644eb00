"""Bundles on a whole hub: its composition, its tables, and Mintsoft's simulator."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.flows.bundles.look import bills_of, look_at_bundles
from tests.support.goods_worlds import GoodsBench
from tests.support.order_worlds import draft
from tests.support.worlds import KEY
from tests.unit.cli.conftest import Command, Partners

DK = "1-m!i!s-045-1234"


@pytest.fixture
def bench(made: Hub, partners: Partners) -> GoodsBench:
    bench = GoodsBench()
    bench.clock.moment = made.clock.now()
    made.clock.begin(lambda: 300.0)
    partners.cores["http://127.0.0.1:2"] = bench.mintsoft
    made.secrets.write("example", "mintsoft", {"api_key": KEY})
    bench.file |= {"bundles": {"mode": "on"}, "miinto": {"shops": [{"id": DK, "warehouse": 3}]}}
    made.merchants.apply(Merchant.model_validate(bench.file), "test", after=0)
    bench.mintsoft.seed(
        {
            "products": {
                "911": {"sku": "SET", "name": "Set", "client_id": 12, "components": {"TEE": 2}},
                "912": {"sku": "BARE", "name": "Bare", "client_id": 12, "components": {}},
            },
            "stock": {"3": {"912": 5}},
        }
    )
    return bench


def look(made: Hub) -> Any:
    return look_at_bundles(made.feeds.world("example"))


def test_bundles_are_read_an_order_is_raised_and_a_person_discards_it(
    bench: GoodsBench, made: Hub, command: Command
) -> None:
    bench.orders.create_order(draft("A-1", ("BARE", 2)), bench.clock.now().replace(year=2099))

    assert look(made) == {"bundles": 2, "without_components": 1, "asked": 1}
    assert bills_of(made.feeds.world("example")) == {"SET": {"TEE": 2}, "BARE": {}}
    (item,) = made.parking.list_parked("example")
    assert "Mintsoft's order A-1 has 2 x bundle BARE" in item.reason
    assert look(made) == {"bundles": 2, "without_components": 1}

    shown = command("parked", "show", "example", item.parked_id)
    assert (shown.exit_code, "bundles.bills" in shown.output) == (0, True)
    done = command("parked", "replay", item.parked_id, "--merchant", "example", "--yes")
    assert done.exit_code == 0, done.output
    assert look(made)["asked"] == 1

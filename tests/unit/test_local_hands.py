"""The local run's hands reach into simulators only while nobody is answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from local.partners import PartnerSimulators, partner_simulators
from local.run.publish import put_in_portal, samples
from local.run.warehouse import Warehouse
from local.simulators.mintsoft.tenant import Row


@pytest.fixture(scope="module")
def partners() -> Iterator[PartnerSimulators]:
    with partner_simulators() as made:
        yield made


def watched(
    monkeypatch: pytest.MonkeyPatch, partners: PartnerSimulators, core: Any, name: str
) -> list[bool]:
    """For each call, whether every server waited meanwhile."""
    seen: list[bool] = []
    act = getattr(core, name)

    def noted(*given: Any) -> Any:
        seen.append(all(server.lock.locked() for server in partners.servers))
        return act(*given)

    monkeypatch.setattr(core, name, noted)
    return seen


def test_hands_are_alone_with_the_simulators(
    monkeypatch: pytest.MonkeyPatch, partners: PartnerSimulators
) -> None:
    some = samples(20, datetime.now(UTC))
    puts = watched(monkeypatch, partners, partners.redo, "put")
    put_in_portal(some, partners)
    assert puts
    assert all(puts)

    changes = watched(monkeypatch, partners, partners.redo, "set_status")
    receipts = watched(monkeypatch, partners, partners.mintsoft, "receive")
    (booked, *_) = [one for one in some if one.warehouse]
    comments = f"Redo return {booked.return_id} [RH-{'0' * 20}]"
    tenant = partners.mintsoft.tenant
    client, place = min(tenant.clients), min(tenant.warehouses)
    made = partners.mintsoft.make_return([], client_id=client, warehouse_id=place, confirm=False)
    made.rows = [Row(1, "TEE-RED-M", 1, 1, 1, comments)]
    warehouse = Warehouse(partners, some)
    warehouse.meanwhile()
    warehouse.announced()
    warehouse.confirm_next()
    assert receipts
    assert all([*changes, *receipts])


def test_after_that_they_answer_again(partners: PartnerSimulators) -> None:
    with partners.held(), pytest.raises(requests.Timeout):
        requests.get(f"{partners.channel_url}/despatches", timeout=0.2)
    assert requests.get(f"{partners.channel_url}/despatches", timeout=5).status_code == 405

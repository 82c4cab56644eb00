"""A merchant's own file, walked through on this machine.

The file's maps, ids and policies as they are; its addresses are the simulators', its secrets
invented, its flows live. The simulators have what the file names, and nothing else.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cli.end_to_end.walk import Stage
from local.partners import PartnerSimulators
from local.simulators.mintsoft.simulator import MintsoftSimulator
from local.simulators.mintsoft.simulator import Settings as MintsoftSettings
from local.simulators.redo.bodies import whole_order
from local.simulators.redo.simulator import RedoSimulator
from local.simulators.redo.simulator import Settings as RedoSettings
from local.simulators.wire import Server
from local.stack import EMULATOR_PYTHON, LocalStackError
from local.world import LocalWorld, local_world
from returns_hub.domain.flow_settings import ReceiptStrategy
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.policy import LineAction
from returns_hub.domain.portals import RedoConnection
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Misconfigured
from returns_hub.flows.make_test_return import SandboxReturnAsked
from returns_hub.ports import SandboxLine, ShipFrom

MOST_LINES = 5
"""So many of a map's entries are walked with."""
SPEED = 300.0
"""A tick of the schedules in a second."""
STEP_SECONDS = 120.0
ORDER = "9000000000001"
SHIP_FROM = ShipFrom("1 Sample Row", "Leeds", "West Yorkshire", "LS1 1AA", "GB")


@contextmanager
def rehearsal(
    merchant: Merchant, waiting: Callable[[str, float], None], state: Path | None = None
) -> Iterator[Stage]:
    """A stage on this machine, in a folder of its own: a stack that runs here is not disturbed.

    Args:
        merchant: The file to walk with.
        waiting: See `Stage.waiting`.
        state: Where logs and the like are kept; by default a folder that goes with the stage.

    Raises:
        LocalStackError: The local stack cannot be started.
    """
    if not EMULATOR_PYTHON.exists():
        raise LocalStackError("its environment is missing; `make setup` installs it")
    redo_of(merchant)
    with (
        _folder(state) as folder,
        _partners(merchant) as partners,
        local_world(partners=partners, speed=SPEED, state=folder) as world,
    ):
        here = as_here(merchant, partners)
        world.hub.merchants.apply(here, "end-to-end check", after=0)
        _set_secrets(world, here, partners)
        world.clock.start()
        yield _stage(world, here, partners, waiting)


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="returns-hub-", ignore_cleanup_errors=True) as made:
        yield Path(made)


def as_here(merchant: Merchant, partners: PartnerSimulators) -> Merchant:
    """The file with the simulators' addresses, live, and without a marketplace."""
    content = merchant.model_dump(mode="json")
    content["redo"] |= {
        "base_url": f"{partners.redo_url}/v2.2",
        "requests_per_second": 100,
        "webhook": {},
    }
    content["mintsoft"] |= {"base_url": partners.mintsoft_url, "requests_per_second": 100}
    # The walk is of a return from Redo; a marketplace or an ERP beside it has no part in it.
    content["miinto"] = None
    content["unleashed"] = None
    # Their addresses are the real ones: what is invented here must not be told there.
    content["wair"] = None
    content["despatch_relay"] = {}
    content["live_from"] = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    content["sandbox"] = True
    for flow in ("create_external_returns", "process_receipts"):
        content["flows"][flow]["mode"] = "live"
    # A walk does not wait for days, and a test return has no worth to compare with.
    content["flows"]["process_receipts"]["policy"] |= {"wait_seconds": 0, "limits": {}}
    return Merchant.model_validate(content)


def redo_of(merchant: Merchant) -> RedoConnection:
    """The connection to Redo, where test returns are made.

    Raises:
        Misconfigured: The merchant's portal speaks another API.
    """
    if merchant.portal != "redo" or merchant.redo is None:
        raise Misconfigured(
            "portal.not_redo",
            f"portal is {merchant.portal}: a test return can be made through Redo's own API only",
        )
    return merchant.redo


@contextmanager
def _partners(merchant: Merchant) -> Iterator[PartnerSimulators]:
    """Simulators that have what the file names."""
    credentials = {
        name: secrets.token_hex(16) for name in ("redo_token", "mintsoft_key", "mintsoft_password")
    }
    redo = RedoSimulator(settings=RedoSettings(made_locations=_locations(merchant)))
    redo.seed(redo_seed(merchant, credentials["redo_token"]))
    by_list = merchant.flows.process_receipts.strategy is ReceiptStrategy.LIST
    settings = MintsoftSettings(
        zone=merchant.mintsoft.time_zone, returns_list="honoured" if by_list else "absent"
    )
    mintsoft = MintsoftSimulator(settings=settings)
    mintsoft.seed(mintsoft_seed(merchant, credentials))
    with Server(redo) as redo_server, Server(mintsoft) as mintsoft_server:
        yield PartnerSimulators(
            redo,
            mintsoft,
            redo_server.url,
            mintsoft_server.url,
            credentials,
            servers=(redo_server, mintsoft_server),
        )


def _locations(merchant: Merchant) -> tuple[str, ...]:
    return tuple(merchant.mintsoft.warehouses.by_location)[:MOST_LINES]


def _reasons(merchant: Merchant) -> tuple[str, ...]:
    return tuple(merchant.mintsoft.reasons.map)[:MOST_LINES] or ("test",)


def _count(merchant: Merchant) -> int:
    return max(1, len(_locations(merchant)), len(_reasons(merchant)))


def redo_seed(merchant: Merchant, token: str) -> dict[str, Any]:
    """The store, a token with the hub's scopes, and one order with as many lines as maps need."""
    items = [
        {
            "id": f"{ORDER}/{number}",
            "externalId": f"{ORDER}{number}",
            "product": {"name": "Test product"},
            "variant": {"name": "Test", "sku": _sku(number)},
            "quantity": 1,
        }
        for number in range(_count(merchant))
    ]
    order = {"id": "e" * 24, "externalId": ORDER, "name": "#TEST-1", "items": items}
    return {
        "store_id": redo_of(merchant).store_id,
        "tokens": {token: ["returns_read", "returns_write"]},
        "orders": [whole_order(order)],
    }


def mintsoft_seed(merchant: Merchant, credentials: dict[str, str]) -> dict[str, Any]:
    """The user, client, warehouses and reasons that the file names, and the order's products."""
    connection = merchant.mintsoft
    warehouses = set(connection.warehouses.by_location.values())
    if connection.warehouses.merchant_address is not None:
        warehouses.add(connection.warehouses.merchant_address)
    reasons = {connection.reasons.default, *connection.reasons.map.values()} - {0}
    user: dict[str, Any] = {"name": "hub", "password": credentials["mintsoft_password"]}
    if connection.authentication == "api_key":
        user["static_key"] = credentials["mintsoft_key"]
    if connection.user_kind == "client":
        user["client_id"] = connection.client_id
    return {
        "users": [user],
        "clients": {connection.client_id: merchant.name},
        "warehouses": {number: {"name": f"Warehouse {number}"} for number in warehouses},
        "reasons": {number: {"name": f"Reason {number}"} for number in reasons},
        "products": {
            7000 + number: {
                "sku": _sku(number),
                "name": "Test product",
                "client_id": connection.client_id,
            }
            for number in range(_count(merchant))
        },
    }


def _sku(number: int) -> str:
    return f"HUB-TEST-{number + 1}"


def _set_secrets(world: LocalWorld, merchant: Merchant, partners: PartnerSimulators) -> None:
    given = partners.credentials
    mintsoft = {"api_key": given["mintsoft_key"]}
    if merchant.mintsoft.authentication == "login":
        mintsoft = {"username": "hub", "password": given["mintsoft_password"]}
    contents: dict[str, dict[str, str]] = {}
    contents.setdefault(redo_of(merchant).secret, {})["api_token"] = given["redo_token"]
    contents.setdefault(merchant.mintsoft.secret, {}).update(mintsoft)
    for name, content in contents.items():
        world.hub.secrets.write(merchant.merchant, name, content)


def asked_of(merchant: Merchant) -> SandboxReturnAsked:
    """One line for each entry of the file's maps, their reasons in turn."""
    reasons = _reasons(merchant)
    lines = []
    for number in range(_count(merchant)):
        word = reasons[number % len(reasons)]
        lines.append(SandboxLine(f"{ORDER}{number}", reason=word, reason_code=word))
    return SandboxReturnAsked("shopify", ORDER, tuple(lines), SHIP_FROM)


def _stage(
    world: LocalWorld,
    merchant: Merchant,
    partners: PartnerSimulators,
    waiting: Callable[[str, float], None],
) -> Stage:
    live = world.hub.merchants.live(merchant.merchant)

    def confirm(ids: tuple[int, ...]) -> None:
        with partners.held():
            for number in ids:
                partners.mintsoft.receive(number)

    return Stage(
        world=world.hub.world(merchant.merchant),
        portal=world.hub.sandbox_returns(live),
        publish=world.hub.queue(world.queue_url("ApprovedReturnsQueue")).send,
        asked=asked_of(merchant),
        confirm=confirm,
        judge=lambda return_id, state: judged(return_id, state, merchant, partners),
        every=0.1,
        machine_seconds=STEP_SECONDS,
        person_seconds=STEP_SECONDS,
        waiting=waiting,
    )


def judged(
    return_id: str, state: ReturnState, merchant: Merchant, partners: PartnerSimulators
) -> Iterator[str]:
    """What the simulators' books say otherwise than the file and the hub do."""
    with partners.held():
        redo = partners.redo.all_books()
    warehouses = merchant.mintsoft.warehouses
    reasons = merchant.mintsoft.reasons
    records = {found.id: found for found in partners.mintsoft.returns.values()}
    said = [shipment.external_return_id for shipment in state.shipments]
    if sorted(records) != sorted(number for number in said if number is not None):
        yield f"Mintsoft has the external returns {sorted(records)}, the hub says {said}"
    by_location = {location: warehouses.by_location[location] for location in _locations(merchant)}
    wanted = sorted(by_location.values()) or [warehouses.merchant_address or 0]
    found = [record.warehouse_id for record in records.values()]
    if sorted(found) != wanted:
        yield f"they are in the warehouses {sorted(found)}, the file says {wanted}"
    known = {word.casefold(): number for word, number in reasons.map.items()}
    mapped = [known.get(name.casefold(), reasons.default) for name in _reasons(merchant)]
    expected = sorted(mapped[number % len(mapped)] for number in range(_count(merchant)))
    sent = sorted(row.reason_id for record in records.values() for row in record.rows)
    if sent != expected:
        yield f"their reasons are {sent}, the file says {expected}"
    paid = {key: n for key, n in redo["payments"].items() if key.startswith(f"{return_id}/")}
    if len(paid) != _count(merchant) or set(paid.values()) != {1}:
        yield f"Redo processed {paid}, not each of {_count(merchant)} lines once"
    restocked = {redo["restocked"].get(key) for key in paid}
    receipts = merchant.flows.process_receipts
    match = receipts.policy.line_action("match")
    if restocked != {receipts.restock and match is not LineAction.NO_RESTOCK}:
        yield "the lines were not restocked as the file says"
    if len(redo["made"]) != 1:
        yield f"{len(redo['made'])} test returns were made"

"""The block `unleashed` of a merchant's file: its example, its mistakes, its secrets."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cli.merchant_advice import warnings_of
from cli.merchant_files import differences, read_merchant_file
from cli.plain_yaml import Plain
from cli.schemas import merchant_schema
from cli.secret_verbs import names_of
from returns_hub.domain.file_types import Mode
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.unleashed.settings import FLOW_NAMES
from tests.support.worlds import merchant_file

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "config" / "example-unleashed.yaml"
EXAMPLE = FILE.read_text(encoding="utf-8")
LIVE = {"live_from": "2026-12-01T06:00:00Z"}
NOT_LIVE: dict[str, Any] = {"live_from": None, "flows": {}}
MISSING = "this release does not have this flow"
MAIN: dict[str, Any] = {"warehouses": {"MAIN": 3}}


def with_block(block: dict[str, Any], **more: Any) -> Merchant:
    return Merchant.model_validate({**merchant_file(), **LIVE, **more, "unleashed": block})


def test_the_example_is_valid_writes_nothing_and_warns_only_of_flows_not_in_this_release() -> None:
    reading = read_merchant_file(FILE)

    assert reading.errors == ()
    assert all(MISSING in problem.text for problem in reading.problems)
    assert reading.merchant is not None
    assert reading.merchant.unleashed is not None
    assert Mode.LIVE not in reading.merchant.unleashed.modes.values()
    assert reading.merchant.unleashed.warehouses == {"MAIN": 3, "NORTH": 4}
    jsonschema.validate(yaml.load(EXAMPLE, Loader=Plain), json.loads(merchant_schema()))  # noqa: S506


def test_a_block_of_defaults_does_nothing_at_all() -> None:
    merchant = with_block({}, **NOT_LIVE)
    connection = merchant.unleashed
    assert connection is not None
    assert warnings_of(merchant) == ()
    assert set(connection.modes.values()) == {Mode.OFF}
    assert len(connection.modes) == len(FLOW_NAMES) == 12


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    MAIN: 3\n    NORTH: 4", "    MAIN: 3\n    NORTH: 3", "MAIN and NORTH both name"),
        ("    NORTH: 4", "    main: 4", "MAIN and main are one code but for case or blanks"),
        ("    NORTH: 4", "    NORTH: 0", "warehouses.NORTH"),
        ("    NORTH: 4", "    NORTH: north", "must be a whole number"),
        ("    NORTH: 4", "    MAIN: 4", "stands twice"),
        ("    NORTH: 4", "    A-CODE-THAT-IS-LONG: 4", "more than 15 characters"),
        ("    NORTH: 4", "    ' NORTH': 4", "without blanks around it"),
        ("[SHOWROOM]", "[north]", "NORTH stands in warehouses and in warehouses_elsewhere"),
        ("    every_minutes: 15", "    every_minutes: 10", "greater than or equal to 15"),
        ("statuses: [placed, backordered]", "statuses: [plcaed]", "'open', 'placed', 'parked'"),
        (
            "# custom_statuses: [Ready to pick]",
            "custom_statuses: [Ready to pick now]",
            "at most 15",
        ),
        ("# custom_statuses: [Ready to pick]", "custom_statuses: ['a,b']", "no comma"),
        ("# custom_statuses: [Ready to pick]", "custom_statuses: [a, A]", "stands twice"),
        ("number_prefix: UNL-", "number_prefix: UNL+", "number_prefix"),
        ("default_country: GB", "default_country: United Kingdom", "default_country"),
        ("      decreases: false", "      decreases: true\n      incraeses: false", "increases?"),
        (
            "      increases: true\n      decreases: false",
            "      increases: false\n      decreases: true",
            "decreases is a second switch",
        ),
        ("    orders: true\n    asns: true", "    orders: false", "nothing would be done"),
        ("    channels: # ", "    chanels: # ", "did you mean channels?"),
        ('daily_at: "02:00"', "daily_at: 2am", "daily_at"),
        ("time_zone: Europe/London", "time_zone: Europe/Lodnon", "a time zone's name"),
        ("secret: unleashed-webhook", "secret: unleashed-hook", "secret"),
        ("  secret: unleashed #", "  secret: Pa55-hunter2! #", "never its value"),
        ("reserve_percent: 10", "reserve_percent: 95", "less than or equal to 90"),
        ("order_management: unknown", "order_management: yes", "'unknown', 'on' or 'off'"),
        ("over_receipt: report", "over_receipt: raise", "'report' or 'raise_line'"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in EXAMPLE
    path = tmp_path / "m.yaml"
    path.write_text(EXAMPLE.replace(old, new, 1), encoding="utf-8")
    found = [f"{p.line}: {p.where} {p.text}" for p in read_merchant_file(path).problems]

    assert any(said in problem for problem in found), found
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"orders": {"mode": "live"}}, "warehouses maps no code"),
        (
            {**MAIN, "orders": {"mode": "live"}, "shipments": {"mode": "live"}},
            "the same goods, and they would be sent twice",
        ),
        ({**MAIN, "despatches": {"mode": "live"}}, "order_management is unknown"),
        ({**MAIN, "stock": {"mode": "live"}}, "prove-stock proves on a test product"),
        (
            {
                **MAIN,
                "stock": {"mode": "live", "master": "unleashed"},
                "receipts": {"mode": "live"},
            },
            "counted on both sides",
        ),
        (
            {**MAIN, "stock": {"mode": "live", "master": "unleashed", "count": "on_hand"}},
            "what can be set in Mintsoft is all units",
        ),
        ({**MAIN, "order_export": {"mode": "live", "tax_code": "T"}}, "without a customer"),
        ({**MAIN, "order_export": {"mode": "live", "customer": "C"}}, "without a tax"),
        (
            {**MAIN, "order_export": {"mode": "live", "customer": "C", "tax_code": "T"}},
            "prices is unknown",
        ),
        (
            {
                **MAIN,
                "order_export": {
                    "mode": "live",
                    "customer": "C",
                    "tax_code": "T",
                    "prices": "net",
                },
            },
            "order_management is unknown",
        ),
        ({"orders": {"channel_by_source": True}}, "channel_by_source needs channels"),
        ({"transfers": {"mode": "shadow"}}, "nothing would be done"),
        ({"assemblies": {"complete": True}}, "complete needs asns"),
    ],
)
def test_what_does_not_go_together_is_refused(block: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        with_block(block)


EXPORT = {"mode": "live", "customer": "WEB", "tax_code": "T", "prices": "gross"}


@pytest.mark.parametrize(
    ("orders", "export", "circle"),
    [
        ({"channel": "ERP"}, {"channels": ["Web"]}, False),
        ({"channel": "ERP"}, {"channels": ["Web", "erp"]}, True),
        ({"channel": "ERP"}, {}, True),
        ({}, {"channels": ["Web"]}, True),
        ({"channel": "ERP", "channels": {"a": "Web"}}, {"channels": ["Web"]}, True),
    ],
)
@pytest.mark.parametrize("importing", ["orders", "shipments"])
def test_orders_do_not_go_round_in_a_circle(
    importing: str, orders: dict[str, Any], export: dict[str, Any], circle: bool
) -> None:
    block: dict[str, Any] = {**MAIN, "orders": orders, "order_export": {**EXPORT, **export}}
    block["order_management"] = "off"
    block[importing] = {**block.get(importing, {}), "mode": "live"}
    if circle:
        with pytest.raises(ValueError, match="round in a circle"):
            with_block(block)
    else:
        assert with_block(block).unleashed is not None


@pytest.mark.parametrize("flow", FLOW_NAMES)
def test_no_flow_is_live_without_the_date_of_the_switch(flow: str) -> None:
    needs: dict[str, dict[str, Any]] = {
        "stock": {"adjustment_means": "delta"},
        "assemblies": {"asns": True},
        "transfers": {"asns_at_destination": True},
        "order_export": EXPORT,
    }
    block = {**MAIN, "order_management": "off", flow: {**needs.get(flow, {}), "mode": "live"}}
    with pytest.raises(ValueError, match="live_from is needed"):
        with_block(block, **NOT_LIVE)
    merchant = with_block(block)
    assert merchant.unleashed is not None
    assert merchant.unleashed.is_live(flow)  # type: ignore[arg-type]
    assert Merchant.model_validate_json(merchant.model_dump_json()) == merchant


@pytest.mark.parametrize(
    ("block", "where"),
    [
        ({"secret": "mintsoft"}, "unleashed.secret"),
        ({"secret": "redo"}, "unleashed.secret"),
        (
            {"orders": {"custom_statuses": ["Ready"], "statuses": ["placed"]}},
            "unleashed.orders.statuses",
        ),
        ({"orders": {"statuses": ["completed"]}}, "unleashed.orders.statuses"),
        ({**MAIN, "orders": {"mode": "live"}}, "unleashed.despatches.mode"),
        ({**MAIN, "receipts": {"mode": "live"}}, "unleashed.purchase_orders.mode"),
        (
            {**MAIN, "stock": {"mode": "live", "adjustment_means": "delta"}},
            "unleashed.stock.mode",
        ),
        ({"stock": {"mode": "shadow", "master": "unleashed"}}, "unleashed.stock.master"),
        (
            {"stock": {"mode": "shadow", "once_per_day": True, "daily_at": "11:30"}},
            "unleashed.stock.daily_at",
        ),
        (
            {"order_export": {"customer": "WEB", "customer_by_channel": True}},
            "unleashed.order_export.customer",
        ),
    ],
)
def test_what_is_probably_not_wanted_is_a_warning(block: dict[str, Any], where: str) -> None:
    found = [p for p in warnings_of(with_block(block)) if MISSING not in p.text]
    assert [problem.where for problem in found] == [where]


def test_custom_statuses_beside_the_default_are_nothing_to_warn_of() -> None:
    assert warnings_of(with_block({"orders": {"custom_statuses": ["Ready"]}})) == ()


def test_its_key_and_its_webhooks_key_are_secrets_that_a_person_sets() -> None:
    names = names_of(with_block({"secret": "erp", "webhooks": {"secret": "erp-webhook"}}))

    assert names["erp"] == (("api_id", "api_key"),)
    assert names["erp-webhook"][0] == ("signature_key",)
    assert "erp" not in names_of(Merchant.model_validate(merchant_file()))


def test_a_change_of_one_warehouse_is_one_row() -> None:
    old, new = with_block({"warehouses": {"MAIN": 3}}), with_block({"warehouses": {"MAIN": 4}})
    assert differences(old, new) == [("unleashed.warehouses.MAIN", "3", "4")]


NAMES_THERE = [
    "Client",
    "Warehouse",
    "Unleashed Warehouse Code",
    "Channel",
    "API ID, API Key",
    "Make Active",
    "Frequency (Minutes)",
    "Order Status To Import",
    "Custom Order Status To Import",
    "Orders Prefix",
    "Use Webhooks?",
    "Disable Sales Order Completion after Despatch",
    "Map Source ID to Channel",
    "Default Country",
    "Connection IOSS",
    "Sync New Products",
    "Sync Product Updates",
    "Enable Serial / Batch Tracking",
    "Stock Sync Once Per Day",
    "Specified Time to run the StockSync",
    "Stock Sync Value Type",
    "Exclude Bundles From Stock Sync?",
    "Use Unleashed As Stock Master",
    "ASNs Import as Awaiting Delivery",
    "PurchaseOrder Import to ASNs",
    "PurchaseOrder Status' To Import to ASNs",
    "Create Product from PO if it doesn't exist",
    "Update the Unleashed PO with ASN data? (Will Error if Over-Received)",
    "Attempt to Update the Unleashed PO with ASN data?",
    "Export Orders",
    "Export Orders Frequency (Minutes)",
    "Export Orders Since",
    "Export Orders in Channel",
    "Order Statuses To Export Orders In",
    "Group Sales By Bundle When Exporting",
    "Group By Channel on Export",
    "Carriage Description",
    "Send Accounting Journal Only",
    "Get Assemblies - Create Order to Pick",
    "Get Assemblies - Create ASN to Receive",
    "Assembly Status To Import",
    "Custom Assembly Status To Import",
    "Courier Service To Import Assembly Orders As",
    "Shipment To Order Import",
    "Shipment To Order Status To Import",
    "Enable Splitting Post Import",
    "Customer Sync Interval (Hours)",
    "Import Warehouse Transfers As Orders to Pick at Source",
    "Import Warehouse Transfers as ASN to Receieve At Destination",
    "Warehouse Transfer Frequency (Minutes)",
    "Warehouse Transfer Status To Import",
    "Courier Service To Import Warehouse Transfer Orders As",
    "trigger full stock sync",
]
"""Every setting of the connector's page, in its spelling."""


def rows_of_the_page() -> dict[str, tuple[str, str]]:
    """Setting there -> key here, default."""
    page = (ROOT / "docs" / "unleashed.md").read_text(encoding="utf-8")
    table = page.split("## The settings you know")[1].split("### What cannot be honoured")[0]
    rows = [row.split("|") for row in table.splitlines() if row.startswith("| ")]
    return {cells[1].strip(): (cells[2].strip(), cells[3].strip()) for cells in rows}


@pytest.mark.parametrize("name", NAMES_THERE)
def test_every_setting_of_the_connector_has_a_key_here(name: str) -> None:
    key, default = rows_of_the_page()[name]
    if name == "Make Active":
        assert (key, default) == ("each flow's `mode`", "`off`")
        return
    told = [row.split("|") for row in text_of("merchant-file.md").splitlines()]
    defaults = {cells[1].strip(): cells[2].strip() for cells in told if len(cells) > 3}
    flow_key = re.sub(r"`unleashed\.[a-z_]+\.(mode|every_minutes)`", r"`unleashed.FLOW.\1`", key)
    known = defaults.get(key) or defaults[flow_key]
    words = {
        "unleashed.products.updates": "barcode, image, weight, purchase price",
        "unleashed.order_export.since": "`live_from`",
        "unleashed.order_export.channels": "every channel",
    }
    assert default == words.get(key.strip("`"), known), key


def test_every_key_that_the_page_names_is_one() -> None:
    names = set(re.findall(r"`(unleashed\.[a-z_.]+)`", text_of("unleashed.md")))
    content = with_block({}).model_dump(mode="json")
    for name in sorted(names):
        found: Any = content
        for part in name.split("."):
            assert isinstance(found, dict), name
            assert part in found, name
            found = found[part]
    assert len(names) > 50


def text_of(page: str) -> str:
    return (ROOT / "docs" / page).read_text(encoding="utf-8")

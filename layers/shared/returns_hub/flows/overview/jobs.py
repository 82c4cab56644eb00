"""Every scheduled job that a merchant's file switches on: its cursor, and how often it is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from returns_hub.domain.file_types import RUN_EVERY_MINUTES, Mode
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.domain.unleashed.names import CREDITS_THERE, DISPATCHED
from returns_hub.domain.unleashed.settings import FLOW_NAMES, UnleashedConnection
from returns_hub.flows import cursor_names
from returns_hub.flows.catch_up_counts import cursor_name as catch_up_cursor
from returns_hub.flows.cursor_names import MarketStep
from returns_hub.flows.sync.cursor import cursor_name as sync_cursor

TICK = RUN_EVERY_MINUTES * 60
"""Seconds between two ticks of most rules; nothing of them is due more often."""
CHECK_WEBHOOKS_SECONDS = 900
HOUR = 3600
RELAY = "relay.despatches"


@dataclass(frozen=True)
class Job:
    """One scheduled job, or one flow of it.

    Args:
        job: The scheduled function.
        flow: The flow.
        cursor: The name of its cursor.
        every_seconds: How often it is due.
    """

    job: str
    flow: str
    cursor: str
    every_seconds: int = TICK


def jobs_of(merchant: Merchant) -> tuple[Job, ...]:
    """What runs for this merchant, in the order in which operators look at it."""
    return tuple(_jobs(merchant))


def _jobs(merchant: Merchant) -> Iterator[Job]:
    name, flows, miinto = merchant.merchant, merchant.flows, merchant.miinto
    if flows.catch_up.enabled:
        yield Job("catch_up_redo", "catch_up", catch_up_cursor(name))
    modes = [flows.process_receipts.mode]
    if miinto is not None:
        modes.append(miinto.rma.decide.mode)
    if any(mode is not Mode.OFF for mode in modes):
        yield Job("poll_mintsoft", "process_receipts", cursor_names.receipts(name))
    yield Job("watch_returns", "watch_returns", cursor_names.watched(name))
    if merchant.redo is not None and merchant.redo.webhook.enabled and merchant.portal == "redo":
        cursor = cursor_names.subscription(name)
        yield Job("check_webhooks", "check_webhooks", cursor, CHECK_WEBHOOKS_SECONDS)
    yield Job("refresh_credentials", "refresh_credentials", cursor_names.keys(name))
    if miinto is not None:
        for step in _market_steps(miinto):
            yield Job("miinto_rma", f"miinto.{step}", cursor_names.marketplace(step, name))
    if merchant.unleashed is not None:
        yield from _erp_jobs(merchant, merchant.unleashed)
    yield from _feed_jobs(merchant)
    if merchant.drift.enabled:
        every = merchant.drift.every_hours * HOUR
        yield Job("drift_report", "drift", cursor_names.drift_look(name), every)
        if merchant.lint.enabled:
            every = max(merchant.lint.every_hours * HOUR, every)
            yield Job("drift_report", "lint", cursor_names.lint(name), every)


def _market_steps(settings: MiintoConnection) -> Iterator[MarketStep]:
    has_orders = settings.level == "orders_and_stock"
    if has_orders and settings.transfers.mode is not Mode.OFF:
        yield "transfers"
    if has_orders and settings.orders.mode is not Mode.OFF:
        yield "orders"
    if has_orders and settings.orders.mode is Mode.LIVE:
        yield "despatches"
    rmas = (settings.rma.announce.mode, settings.rma.decide.mode)
    if has_orders and any(mode is not Mode.OFF for mode in rmas):
        yield "rmas"
    if settings.stock.mode is not Mode.OFF:
        yield "stock"


def _erp_jobs(merchant: Merchant, connection: UnleashedConnection) -> Iterator[Job]:
    """One for each source of each flow that is on; `flows.unleashed.sources` has the same."""
    modes = connection.modes
    for flow in FLOW_NAMES:
        if modes[flow] is Mode.OFF:
            continue
        names = [f"unleashed.{flow}"]
        if flow == "despatches":
            names.append(DISPATCHED)
        if flow == "credit_notes" and _takes_store_refunds(merchant):
            names.append(CREDITS_THERE)
        if flow == "customers":
            every = connection.customers.every_hours * HOUR
        elif flow == "stock" and connection.stock.once_per_day:
            every = 24 * HOUR
        else:
            every = getattr(connection, flow).every_minutes * 60
        for name in names:
            cursor = sync_cursor(name, merchant.merchant)
            yield Job("unleashed_sync", name, cursor, max(every, TICK))


def _takes_store_refunds(merchant: Merchant) -> bool:
    if merchant.miinto is None:
        return False
    refunds = merchant.miinto.refunds
    return refunds.mode is not Mode.OFF and refunds.from_store != "off"


def _feed_jobs(merchant: Merchant) -> Iterator[Job]:
    name, wair = merchant.merchant, merchant.wair
    if wair is not None and wair.modes:
        tells_stock = wair.is_told("stock") or wair.is_told("reserved")
        every = wair.every_minutes * 60 if tells_stock else wair.master_data_every_hours * HOUR
        yield Job("wair_sync", "wair.feed", cursor_names.feed(name), max(every, TICK))
    if wair is not None and (wair.advice.targets or wair.advice.transfers):
        every = wair.advice.every_hours * HOUR
        yield Job("wair_sync", "wair.advice", cursor_names.advice(name), every)
    if merchant.despatch_relay.mode is not Mode.OFF:
        every = merchant.despatch_relay.every_minutes * 60
        yield Job("wair_sync", RELAY, sync_cursor(RELAY, name), max(every, TICK))
    if merchant.bundles.mode == "on":
        every = merchant.bundles.every_minutes * 60
        yield Job("wair_sync", "bundles", cursor_names.bundles(name), max(every, TICK))

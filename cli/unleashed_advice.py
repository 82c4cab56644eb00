"""What is allowed in the block `unleashed` of a merchant's file, and is probably not wanted."""

from __future__ import annotations

from collections.abc import Iterator

from returns_hub.domain.file_types import Mode
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.unleashed.settings import UnleashedConnection
from returns_hub.flows.unleashed.due import flows_missing

Advice = tuple[tuple[str, ...], str]
"""Where in the file, and what about it."""
WORK_BEGINS, WORK_ENDS = "07:00", "19:00"


def advice_on(merchant: Merchant) -> Iterator[Advice]:
    """Everything odd about the block; nothing where there is none."""
    connection = merchant.unleashed
    if connection is None:
        return
    yield from _missing(connection)
    yield from _secret(merchant, connection)
    yield from _statuses(connection)
    yield from _halves(connection)
    yield from _stock(connection)


def _missing(connection: UnleashedConnection) -> Iterator[Advice]:
    for name in flows_missing(connection):
        yield (
            ("unleashed", name, "mode"),
            "is on, and this release does not have this flow: nothing will be done",
        )


def _secret(merchant: Merchant, connection: UnleashedConnection) -> Iterator[Advice]:
    others = {merchant.mintsoft.secret: "Mintsoft"}
    if merchant.miinto is not None:
        others[merchant.miinto.secret] = "Miinto"
    if merchant.portal != "miinto":
        others[merchant.portal_connection.secret] = merchant.portal.title()
    if connection.secret in others:
        yield (
            ("unleashed", "secret"),
            f"is the name of {others[connection.secret]}'s secret too; each partner needs one of "
            "its own",
        )


def _statuses(connection: UnleashedConnection) -> Iterator[Advice]:
    rows: tuple[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
        ("orders", connection.orders.statuses, ("open",), connection.orders.custom_statuses),
        (
            "purchase_orders",
            connection.purchase_orders.statuses,
            ("placed",),
            connection.purchase_orders.custom_statuses,
        ),
        (
            "assemblies",
            connection.assemblies.statuses,
            ("parked",),
            connection.assemblies.custom_statuses,
        ),
    )
    for flow, statuses, default, customs in rows:
        if customs and statuses != default:
            yield (
                ("unleashed", flow, "statuses"),
                f"does nothing: custom_statuses ({', '.join(customs)}) alone count",
            )
    orders = connection.orders
    if not orders.custom_statuses and "completed" in orders.statuses:
        yield (
            ("unleashed", "orders", "statuses"),
            "has completed: such orders have left Unleashed's stock already, and would be sent by "
            "the warehouse",
        )


def _halves(connection: UnleashedConnection) -> Iterator[Advice]:
    """One half is live, and the other, without which it makes little sense, is not."""
    modes, live = connection.modes, Mode.LIVE
    if live in {modes["orders"], modes["shipments"]} and modes["despatches"] is not live:
        yield (
            ("unleashed", "despatches", "mode"),
            f"is {modes['despatches'].value} while orders are imported live: nobody tells "
            "Unleashed that they were sent",
        )
    if modes["receipts"] is live and modes["purchase_orders"] is not live:
        yield (
            ("unleashed", "purchase_orders", "mode"),
            f"is {modes['purchase_orders'].value} while receipts are told live: no ASN is made of "
            "a purchase order",
        )
    export = connection.order_export
    if export.customer is not None and export.customer_by_channel:
        yield (
            ("unleashed", "order_export", "customer"),
            "counts only for orders without a channel: customer_by_channel is true",
        )


def _stock(connection: UnleashedConnection) -> Iterator[Advice]:
    stock, modes = connection.stock, connection.modes
    if stock.mode is Mode.OFF:
        return
    if stock.master == "unleashed":
        yield (
            ("unleashed", "stock", "master"),
            "is unleashed: what the warehouse counts is overwritten; not advised",
        )
    elif stock.mode is Mode.LIVE and modes["despatches"] is not Mode.LIVE:
        yield (
            ("unleashed", "stock", "mode"),
            "is live while despatches are not: what was sold would be booked as an adjustment, "
            "and once more when its order is completed",
        )
    if stock.once_per_day and WORK_BEGINS <= stock.daily_at < WORK_ENDS:
        yield (
            ("unleashed", "stock", "daily_at"),
            f"is {stock.daily_at}: keep it outside of working hours, for the sake of Unleashed's "
            "speed",
        )

"""What is allowed in the block `miinto` of a merchant's file, and is probably not wanted."""

from __future__ import annotations

from collections.abc import Iterator

from returns_hub.domain.file_types import Mode
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.settings import MiintoConnection

Advice = tuple[tuple[str, ...], str]
"""Where in the file, and what about it."""


def advice_on(merchant: Merchant) -> Iterator[Advice]:
    """Everything odd about the block; nothing where there is none."""
    connection = merchant.miinto
    if connection is None:
        return
    yield from _secrets(merchant, connection)
    yield from _ignored(connection)
    if connection.level != "stock_only":
        yield from _halves(connection)
    yield from _feed(connection)


def _secrets(merchant: Merchant, connection: MiintoConnection) -> Iterator[Advice]:
    others = {merchant.mintsoft.secret: "Mintsoft"}
    if merchant.portal != "miinto":
        others[merchant.portal_connection.secret] = merchant.portal.title()
    if connection.secret in others:
        yield (
            ("miinto", "secret"),
            f"is the name of {others[connection.secret]}'s secret too; each partner needs one of "
            "its own",
        )


def _ignored(connection: MiintoConnection) -> Iterator[Advice]:
    modes = {
        "transfers": connection.transfers.mode,
        "orders": connection.orders.mode,
        "rma.announce": connection.rma.announce.mode,
        "rma.decide": connection.rma.decide.mode,
    }
    on = [name for name, mode in modes.items() if mode is not Mode.OFF]
    if connection.level == "stock_only" and on:
        yield (
            ("miinto", "level"),
            f"is stock_only, so that {', '.join(on)} do nothing, whatever their modes say",
        )


def _halves(connection: MiintoConnection) -> Iterator[Advice]:
    """One half is live, and the other, without which it makes no sense, is not."""
    live = Mode.LIVE
    if connection.transfers.mode is live and connection.orders.mode is not live:
        yield (
            ("miinto", "orders", "mode"),
            f"is {connection.orders.mode.value} while transfers are accepted live: nobody makes "
            "their orders",
        )
    if connection.rma.decide.mode is live and connection.rma.announce.mode is not live:
        yield (
            ("miinto", "rma", "announce", "mode"),
            f"is {connection.rma.announce.mode.value} while RMAs are decided live: the warehouse "
            "expects none of their goods",
        )
    if connection.tracking.mode is live and connection.tracking.seen_at is None:
        yield (
            ("miinto", "tracking", "mode"),
            "is live without seen_at: a call whose answer is lost waits for a person",
        )


def _feed(connection: MiintoConnection) -> Iterator[Advice]:
    if connection.feed is not None:
        return
    if connection.transfers.mode is Mode.LIVE and connection.transfers.rule.automatic:
        yield (
            ("miinto", "transfers", "rule", "automatic"),
            "is true without miinto.feed: no price is known to compare with, so that every "
            "position waits for a person",
        )
    if connection.stock.mode is not Mode.OFF:
        yield (
            ("miinto", "stock", "mode"),
            f"is {connection.stock.mode.value} without miinto.feed: it holds the keys by which "
            "stock is told, so that none is",
        )

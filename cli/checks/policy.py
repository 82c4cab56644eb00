"""The merchant file: what is allowed in it and is probably not wanted."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from cli.checks.model import Area, Check, Finding, Subject, ok, warning
from cli.merchant_files import warnings_of
from returns_hub.domain.merchant import LOOPBACK, MintsoftConnection, RedoConnection, ShortLine

BRISK = 10.0
"""Requests a second to Mintsoft that others pace themselves well below (0.5 to 4)."""


def _file(subject: Subject) -> Iterator[Finding]:
    live = subject.world.live
    yield ok(
        "file",
        f"version {live.version}, applied {live.applied_at:%Y-%m-%d %H:%M} UTC",
        version=live.version,
    )
    for problem in warnings_of(live.merchant):
        yield warning(problem.where, problem.text, "correct it in the merchant file")


def _lines(subject: Subject) -> Iterator[Finding]:
    """What becomes of lines that did not arrive as they were announced."""
    receipts = subject.merchant.flows.process_receipts
    if receipts.short_line is ShortLine.PROCESS:
        yield warning(
            "short_line",
            "process: a line of which only some units arrived is paid whole, since it cannot be "
            "paid in part",
            "use flag or hold, unless that is what you want",
        )
    else:
        yield ok("short_line", f"{receipts.short_line.value} when fewer units arrive")
    if not receipts.restock:
        yield warning(
            "restock",
            "is off: nothing that comes back is put on sale again by Redo",
            "set flows.process_receipts.restock, unless that is what you want",
        )


def _connections(subject: Subject) -> Iterator[Finding]:
    merchant = subject.merchant
    theirs = {
        "redo.base_url": (merchant.redo.base_url, RedoConnection.model_fields),
        "mintsoft.base_url": (merchant.mintsoft.base_url, MintsoftConnection.model_fields),
    }
    for name, (address, fields) in theirs.items():
        usual = fields["base_url"].default
        host = urlsplit(address).hostname
        if address != usual and host not in LOOPBACK:
            yield warning(
                name, f"is {address}, not {usual}", "see that it is the partner's own address"
            )
    if merchant.mintsoft.requests_per_second > BRISK and (
        urlsplit(merchant.mintsoft.base_url).hostname not in LOOPBACK
    ):
        yield warning(
            "mintsoft.requests_per_second",
            f"is {merchant.mintsoft.requests_per_second:g}: Mintsoft publishes no limit, and its "
            "front answers floods with 429",
            "2 is the default",
        )


def _sandbox(subject: Subject) -> Iterator[Finding]:
    if subject.merchant.sandbox:
        yield warning(
            "sandbox",
            "the file says that this is a tenant for tests: test returns may be made in its portal",
            "take sandbox out of the file of a tenant that serves customers",
        )


AREA = Area(
    "policy",
    "Merchant file",
    (
        Check("file", _file),
        Check("lines", _lines),
        Check("connections", _connections),
        Check("sandbox", _sandbox),
    ),
)

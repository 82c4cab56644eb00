"""The merchant file: what is allowed in it and is probably not wanted."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from cli.checks.model import Area, Check, Finding, Subject, ok, warning
from cli.merchant_advice import warnings_of
from returns_hub.domain.file_types import LOOPBACK
from returns_hub.domain.merchant import MintsoftConnection
from returns_hub.domain.portals import REDOS_LOOP, LoopConnection

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
    """The decision table; what in it is odd is among the file's warnings."""
    receipts = subject.merchant.flows.process_receipts
    yield ok(
        "policy",
        ", ".join(f"{row} {action}" for row, action in receipts.policy.table().items()),
        policy=receipts.policy.version,
    )
    if not receipts.restock:
        yield warning(
            "restock",
            "is off: nothing that comes back is put on sale again by Redo",
            "set flows.process_receipts.restock, unless that is what you want",
        )


def _connections(subject: Subject) -> Iterator[Finding]:
    merchant = subject.merchant
    portal = merchant.portal_connection
    usual_portal = type(portal).model_fields["base_url"].default
    if isinstance(portal, LoopConnection) and portal.host == "redo":
        usual_portal = REDOS_LOOP
    theirs = {
        f"{merchant.portal}.base_url": (portal.base_url, usual_portal),
        "mintsoft.base_url": (
            merchant.mintsoft.base_url,
            MintsoftConnection.model_fields["base_url"].default,
        ),
    }
    for name, (address, usual) in theirs.items():
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

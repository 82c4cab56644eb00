"""Mintsoft: the key, and whether warehouses, reasons and client are what the file says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from cli.checks.model import Area, Check, Finding, Subject, failed, ok, warning
from returns_hub.domain.lint.maps import ReasonRow, reason_problem

SEEN_WITHIN_DAYS = 3


def _warehouses(subject: Subject) -> Iterator[Finding]:
    connection = subject.merchant.mintsoft
    known = subject.world.warehouse.warehouse_ids()
    yield ok("key", f"reads {len(known)} active warehouses")
    wanted: dict[str, int] = dict(connection.warehouses.by_location)
    if connection.warehouses.merchant_address is not None:
        wanted["merchant address"] = connection.warehouses.merchant_address
    have = ", ".join(f"{number} {name}" for number, name in sorted(known.items()))
    for place, number in wanted.items():
        check = f"warehouse {number} ({place})"
        if number in known:
            yield ok(check, known[number])
        else:
            yield failed(
                check,
                f"is not an active warehouse; there are: {have}",
                "correct mintsoft.warehouses in the merchant file",
            )


def _reasons(subject: Subject) -> Iterator[Finding]:
    reasons = subject.merchant.mintsoft.reasons
    rows = {reason.id: reason for reason in subject.world.warehouse.reasons()}
    known = {row.id: ReasonRow(row.name, row.active) for row in rows.values()}
    active = ", ".join(f"{row.id} {row.name}" for row in rows.values() if row.active)
    if reasons.is_placeholder:
        yield warning(
            "reason ids",
            "the default is 0, a placeholder: the map is not validated",
            f"set mintsoft.reasons.default to one of: {active}",
        )
        return
    to_do = "correct mintsoft.reasons in the merchant file"
    for word, number in {"default": reasons.default, **reasons.map}.items():
        check = f"reason {number} ({word})"
        why = reason_problem(number, known)
        if why:
            yield failed(check, f"{why}; there are: {active}", to_do)
        else:
            yield ok(check, f"{rows[number].name} ({rows[number].stock_action})")


def _client(subject: Subject) -> Iterator[Finding]:
    """Whether the key can read anything of this client: a wrong id reads nothing, without error."""
    client = subject.merchant.mintsoft.client_id
    check = f"client {client}"
    for day in range(SEEN_WITHIN_DAYS):
        page = subject.world.warehouse.search_by_date(subject.now - timedelta(days=day))
        if page.receipts:
            found = page.receipts[0].external_return_id
            yield ok(check, f"external return {found} of this client was read")
            return
    yield warning(
        check,
        f"no external return of this client in the last {SEEN_WITHIN_DAYS} days: it is not proven "
        "that the id is the brand's",
        "compare mintsoft.client_id with Mintsoft (Clients)",
    )


AREA = Area(
    "mintsoft",
    "Mintsoft",
    (
        Check("key and warehouses", _warehouses, ("mintsoft",)),
        Check("reasons", _reasons, ("mintsoft",)),
        Check("client", _client, ("mintsoft",)),
    ),
)

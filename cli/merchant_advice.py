"""What is allowed in a merchant file and probably not wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cli import miinto_advice, unleashed_advice
from cli.file_problems import Problem, in_one_line, line_of
from returns_hub.adapters.loop.portal import ABILITIES
from returns_hub.adapters.miinto.portal import ABILITIES as RMA_ABILITIES
from returns_hub.domain.file_types import Mode
from returns_hub.domain.flow_settings import ProcessReceipts
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.policy_lint import lint
from returns_hub.domain.returns import PortalAbilities


def warnings_of(
    merchant: Merchant, lines: Mapping[tuple[str, ...], int] | None = None
) -> tuple[Problem, ...]:
    """What is allowed in a file and probably not wanted, at the lines of the file where there is
    one."""
    return tuple(_warnings(merchant, lines or {}))


def _warnings(merchant: Merchant, lines: Mapping[tuple[str, ...], int]) -> Iterator[Problem]:
    mintsoft = merchant.mintsoft
    reasons = ("mintsoft", "reasons", "default")
    if mintsoft.reasons.is_placeholder:
        yield Problem(
            ".".join(reasons),
            lines.get(reasons, 1),
            "is 0, a placeholder: the reason map is not validated, and returns would reach "
            "Mintsoft with reason id 0; set the real id before going live",
            is_warning=True,
        )
    warehouses = mintsoft.warehouses
    if not warehouses.by_location and warehouses.merchant_address is None:
        yield Problem(
            "mintsoft.warehouses",
            lines.get(("mintsoft", "warehouses"), lines.get(("mintsoft",), 1)),
            "maps no warehouse: every return would be skipped",
            is_warning=True,
        )
    portal = merchant.portal_connection
    if portal.secret == mintsoft.secret:
        yield Problem(
            "mintsoft.secret",
            line_of(("mintsoft", "secret"), lines),
            f"is the name of {merchant.portal.title()}'s secret too; each partner needs one of its "
            "own",
            is_warning=True,
        )
    flows = merchant.flows
    if flows.process_receipts.mode is Mode.LIVE and (
        flows.create_external_returns.mode is not Mode.LIVE
    ):
        yield Problem(
            "flows",
            lines.get(("flows",), 1),
            "processes receipts live while external returns are not made by the hub",
            is_warning=True,
        )
    for path, text in (
        *miinto_advice.advice_on(merchant),
        *unleashed_advice.advice_on(merchant),
    ):
        yield Problem(".".join(path), line_of(path, lines), text, is_warning=True)
    yield from _advice(merchant, lines)


def _advice(merchant: Merchant, lines: Mapping[tuple[str, ...], int]) -> Iterator[Problem]:
    """What in the decision table cannot be done, or is probably not meant."""
    own = merchant.flows.process_receipts
    tables: list[tuple[tuple[str, ...], ProcessReceipts, PortalAbilities]] = [
        (("flows", "process_receipts"), own, abilities_of(merchant))
    ]
    if merchant.miinto is not None and merchant.miinto.rma.decide.mode is not Mode.OFF:
        decide = merchant.miinto.rma.decide
        tables.append((("miinto", "rma", "decide"), decide, RMA_ABILITIES))
    for place, settings, abilities in tables:
        for advice in lint(settings.policy, abilities, restock=settings.restock):
            if not advice.is_note:
                path = (*place, "policy", *advice.where.split(".", 2))
                line = line_of(path, lines)
                yield Problem(".".join(path), line, in_one_line(advice.text), is_warning=True)


def abilities_of(merchant: Merchant) -> PortalAbilities:
    """What the portal of a merchant's file can do, told without asking it."""
    if merchant.portal == "miinto":
        return RMA_ABILITIES
    if merchant.redo is None or merchant.portal == "loop":
        return ABILITIES
    return PortalAbilities(amount_counts=merchant.redo.adjustment_counts)

"""What in a decision table cannot be done, or is probably not meant: advice for its author."""

from __future__ import annotations

from collections.abc import Iterator

from returns_hub.domain.base import Frozen
from returns_hub.domain.policy import (
    PRESETS,
    Complete,
    ExtraRules,
    LineAction,
    LineRules,
    Policy,
)
from returns_hub.domain.returns import PortalAbilities


class Advice(Frozen):
    """Something to know about a policy.

    `where` is the key below ``policy``; a note is harmless, or the preset's own choice.
    """

    where: str
    text: str
    is_note: bool = False


def lint(policy: Policy, abilities: PortalAbilities, *, restock: bool) -> tuple[Advice, ...]:
    """Look through a policy; warnings first.

    Args:
        policy: The policy.
        abilities: What the merchant's portal can do.
        restock: The team's restock setting (``flows.process_receipts.restock``).
    """
    found = [
        *_beyond_the_portal(policy, abilities, restock=restock),
        *_asked(policy, abilities),
        *_money(policy),
        *_goods(policy, restock=restock),
        *_waiting(policy, abilities),
        *_matching(policy),
        *_overrides(policy),
    ]
    return tuple(sorted(found, key=lambda advice: advice.is_note))


def _rows_with(policy: Policy, action: LineAction) -> list[str]:
    return [row for row in LineRules.model_fields if policy.line_action(row) is action]


def _beyond_the_portal(
    policy: Policy, abilities: PortalAbilities, *, restock: bool
) -> Iterator[Advice]:
    if abilities.amount_counts == "never":
        for row in _rows_with(policy, LineAction.SHARE):
            yield Advice(
                where=f"lines.{row}",
                text="the portal takes a line whole or not at all; such returns are put before a "
                "person",
            )
    if abilities.amount_counts == "unknown":
        for row in _rows_with(policy, LineAction.SHARE):
            yield Advice(
                where=f"lines.{row}",
                text="process_share needs to know what an amount counts for "
                "(redo.adjustment_counts); until then such returns are flagged",
            )
    if not abilities.rejects_lines:
        for row in _rows_with(policy, LineAction.REJECT):
            yield Advice(
                where=f"lines.{row}",
                text="the portal cannot reject single lines; such returns are flagged",
            )
    if restock and not abilities.chooses_restock:
        for row in _rows_with(policy, LineAction.NO_RESTOCK):
            yield Advice(
                where=f"lines.{row}",
                text="the portal restocks by itself and cannot leave goods out; such returns are "
                "flagged",
            )


def _asked(policy: Policy, abilities: PortalAbilities) -> Iterator[Advice]:
    """What a person is asked, or told, because of the portal."""
    if not abilities.flags:
        rows = [row for row, action in policy.table().items() if action == LineAction.FLAG]
        rows += ["after_hold"] if policy.after_hold == "flag" else []
        for row in rows:
            is_line, is_row = row in LineRules.model_fields, row != "after_hold"
            yield Advice(
                where=f"{'lines' if is_line else 'extras'}.{row}" if is_row else row,
                text="the portal has no flag; such returns are put before a person",
                is_note=not is_row or policy.origin(row) == "preset",
            )
    if abilities.decided_elsewhere_too and policy.confirm.processing == "never":
        yield Advice(
            where="confirm.processing",
            text="what is accepted there is refunded and cannot be taken back, and nobody confirms "
            "it first",
        )
    if policy.reject_reasons and not abilities.gives_reasons:
        yield Advice(
            where="reject_reasons", text="the portal takes no reasons; these are told to nobody"
        )


def _money(policy: Policy) -> Iterator[Advice]:
    if policy.line_action("short") is LineAction.PROCESS:
        yield Advice(
            where="lines.short",
            text="process pays the whole line, also for the units that did not come",
        )
    if policy.limits.most_money is not None:
        yield Advice(
            where="limits.currency",
            text=f"a return in another currency than {policy.limits.currency}, or whose worth the "
            f"portal does not tell, counts as above the limit ({policy.limits.above})",
            is_note=True,
        )


def _goods(policy: Policy, *, restock: bool) -> Iterator[Advice]:
    kinds = {
        "damaged": "damaged goods",
        "scrapped": "scrapped goods",
        "unknown_condition": "goods whose condition nobody knows",
    }
    for row, goods in kinds.items():
        if restock and policy.line_action(row) is LineAction.PROCESS:
            yield Advice(
                where=f"lines.{row}",
                text=f"process with restock: true puts {goods} back on sale in the shop; "
                "process_no_restock does not",
                is_note=policy.origin(row) == "preset",
            )


def _waiting(policy: Policy, abilities: PortalAbilities) -> Iterator[Advice]:
    held = _rows_with(policy, LineAction.HOLD)
    hold = (policy.hold_hours or 0) * 3600
    if held and hold and policy.wait_seconds >= hold:
        yield Advice(
            where="hold_hours",
            text=f"a hold ends {policy.hold_hours} h after the warehouse's confirmation, and the "
            f"hub first acts {policy.wait_seconds} s after it: nothing is ever held",
        )
    if policy.complete_when is Complete.ALL_SHIPMENTS:
        yield Advice(
            where="complete_when",
            text="a shipment that never comes keeps the whole return waiting, whatever hold_hours "
            "says; after 30 days nobody looks any more",
        )
    if held and not abilities.processes_lines:
        rows = " and ".join(held)
        yield Advice(
            where=f"lines.{held[0]}",
            text=f"the portal processes a return as a whole: a line that is held ({rows}) keeps "
            "all of them waiting",
            is_note=all(policy.origin(row) == "preset" for row in held),
        )


def _matching(policy: Policy) -> Iterator[Advice]:
    aliases, bundles = policy.matching.aliases, policy.matching.bundles
    parts = {part: bundle for bundle, components in bundles.items() for part in components}
    for warehouse, shop in aliases.items():
        if warehouse in parts:
            yield Advice(
                where=f"matching.bundles.{parts[warehouse]}",
                text=f"its part {warehouse} is an alias of {shop}: in a return that has both, the "
                f"units count for the bundle alone; name {shop} as the part",
            )
        elif shop in parts:
            yield Advice(
                where=f"matching.aliases.{warehouse}",
                text=f"{shop} is a part of the bundle {parts[shop]} too; units go to lines of "
                f"{shop} first",
                is_note=True,
            )
        elif shop in bundles:
            yield Advice(
                where=f"matching.aliases.{warehouse}",
                text=f"{shop} is a bundle: a unit of {warehouse} counts for a whole one",
                is_note=True,
            )


def _overrides(policy: Policy) -> Iterator[Advice]:
    for rules, name in ((policy.lines, "lines"), (policy.extras, "extras")):
        for row in type(rules).model_fields:
            said = getattr(rules, row)
            if said is not None and said == PRESETS[policy.preset][row]:
                text = f"{said} is what the preset {policy.preset} says anyway"
                yield Advice(where=f"{name}.{row}", text=text, is_note=True)
    if not policy.note_differences and _processes_differences(policy):
        yield Advice(
            where="note_differences",
            text="differences are processed and nobody is told of them in the portal",
        )


def _processes_differences(policy: Policy) -> bool:
    paid = {LineAction.PROCESS, LineAction.NO_RESTOCK, LineAction.SHARE, LineAction.REJECT}
    rows = [policy.line_action(row) for row in LineRules.model_fields if row != "match"]
    extras = [policy.extra_action(row) for row in ExtraRules.model_fields]
    return any(action in paid for action in rows) or "go_on" in extras

"""What a portal's API cannot do for a merchant's file, in an operator's words."""

from __future__ import annotations

from collections.abc import Iterator

from returns_hub.domain.base import Frozen
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.portals import LoopConnection
from returns_hub.domain.returns import PortalAbilities


class PortalLimit(Frozen):
    """Something that the API cannot do.

    Args:
        name: In a few words.
        text: What it means for this merchant, and what to do.
        is_contradiction: The file asks for what cannot be done, so it has to be changed.
    """

    name: str
    text: str
    is_contradiction: bool = False


def limits_of(merchant: Merchant, abilities: PortalAbilities) -> tuple[PortalLimit, ...]:
    """What the portal's API cannot do for this merchant; nothing for Redo's own API."""
    return (
        *_whole_returns(merchant, abilities),
        *_restock(merchant, abilities),
        *_comments(abilities),
        *_of_the_dialect(merchant),
    )


def _whole_returns(merchant: Merchant, abilities: PortalAbilities) -> Iterator[PortalLimit]:
    if not abilities.processes_lines:
        yield PortalLimit(
            name="whole returns",
            text="a return is processed only as a whole: nothing of it is paid before everything "
            "arrived",
        )
    table = merchant.flows.process_receipts.policy.table()
    rejected = [row for row, action in table.items() if action == "reject"]
    if rejected and not abilities.rejects_lines:
        yield PortalLimit(
            name="rejecting lines",
            text=f"a single line cannot be rejected, and the policy does so for "
            f"{', '.join(rejected)}: such returns are flagged",
        )


def _restock(merchant: Merchant, abilities: PortalAbilities) -> Iterator[PortalLimit]:
    if abilities.chooses_restock:
        return
    asked = merchant.flows.process_receipts.restock
    connection = merchant.portal_connection
    does = connection.portal_restocks if isinstance(connection, LoopConnection) else asked
    if asked is not does:
        yield PortalLimit(
            name="restock",
            text=f"flows.process_receipts.restock is {_word(asked)}, and loop.portal_restocks says "
            f"that the portal {'restocks' if does else 'does not restock'}: the portal's own "
            "setting decides, so nothing would be processed; make the two agree",
            is_contradiction=True,
        )
    else:
        yield PortalLimit(
            name="restock",
            text=f"the portal's own setting decides about stock (loop.portal_restocks: "
            f"{_word(does)}; see that it is so there); a return with a line for which the other "
            "was decided goes to a person",
        )


def _comments(abilities: PortalAbilities) -> Iterator[PortalLimit]:
    if abilities.longest_comment is not None:
        yield PortalLimit(
            name="notes",
            text=f"a note has at most {abilities.longest_comment} characters: longer ones are cut, "
            "and the hub's timeline has them whole",
        )


def _of_the_dialect(merchant: Merchant) -> Iterator[PortalLimit]:
    connection = merchant.portal_connection
    if not isinstance(connection, LoopConnection):
        return
    yield PortalLimit(
        name="flagged returns",
        text="a flagged return is not processed through the API, unless Loop's setting 'Allow "
        "flagged returns to process' is on",
    )
    yield PortalLimit(
        name="units",
        text="a line item is taken for one unit, which no document says: before going live, see in "
        "shadow that a return of two units of one SKU would be announced as two",
    )
    yield _webhook(merchant)
    types = merchant.flows.create_external_returns.types
    if types != ("return",):
        yield PortalLimit(
            name="types",
            text=f"flows.create_external_returns.types is {', '.join(types)}, and this API does "
            "not tell returns, claims and warranties apart: all count as return",
            is_contradiction="return" not in types,
        )


def _webhook(merchant: Merchant) -> PortalLimit:
    misses = (
        "catching up finds what it misses"
        if merchant.flows.catch_up.enabled
        else "flows.catch_up is off, so nothing finds what it misses; switch it on"
    )
    return PortalLimit(
        name="webhook",
        text="the webhook is made in the portal by hand (docs/loop.md), and the hub does not look "
        f"after it: {misses}",
    )


def _word(value: bool) -> str:
    return "true" if value else "false"

"""The returns portal: the token or key, its scopes, and what the portal's API cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cli.checks.model import Area, Check, Finding, Subject, failed, ok, skipped, warning
from cli.checks.webhook import has_secret
from returns_hub.domain.facts import CommentAdded
from returns_hub.domain.file_types import Mode
from returns_hub.domain.portal_limits import limits_of

MEND = "add it to the token in Redo (Settings, Developer); a token keeps its value"
LOOKED_THROUGH = 5
"""Returns of ours whose timelines are looked through for a write that Redo took."""
WHAT_FOR = {
    "returns_read": "reading returns and their comments",
    "returns_write": "comments, flags and processing",
    "webhooks_read": "seeing whether a webhook's subscription stands",
    "webhooks_write": "making and mending a webhook's subscription",
    "invoices_read": "hub redo invoices; no flow needs it",
    "orders_read": "looking orders up; nothing of the hub's needs it",
}
NEEDED = frozenset({"returns_read", "returns_write"})
FOR_WEBHOOKS = frozenset({"webhooks_read", "webhooks_write"})
HOW_IT_SHOWS = {
    "returns_write": "if it is missing, the first comment is refused with 403 "
    "(com.getredo.api:scope/forbidden): the metric Misconfigured counts it as redo.forbidden, and "
    "the work waits until it is added",
    "webhooks_write": "if it is missing, making the subscription is refused with 403 "
    "(com.getredo.api:scope/forbidden)",
}


def _access(subject: Subject) -> Iterator[Finding]:
    name = "token" if subject.merchant.portal == "redo" else "portal key"
    yield ok(name, subject.world.portal.check_access())


def _limits(subject: Subject) -> Iterator[Finding]:
    """What the portal's API cannot do for this file; nothing where it is Redo's own."""
    for limit in limits_of(subject.merchant, subject.world.portal.abilities):
        name = f"portal limit: {limit.name}"
        if limit.is_contradiction:
            yield failed(name, limit.text, "correct the merchant file (docs/loop.md)")
        else:
            yield warning(name, limit.text, "see that you can live with it (docs/loop.md)")


def _no_scopes(subject: Subject) -> Iterator[Finding]:
    if subject.scopes is None:
        yield skipped(
            "scopes",
            "are Redo's own API's; what this portal lets the hub do shows when it is used",
            "see that the key has the scope Returns" if subject.merchant.portal == "loop" else "",
        )


def _scope(scope: str, subject: Subject) -> Iterator[Finding]:
    name, use = f"scope {scope}", WHAT_FOR[scope]
    if subject.scopes is None:
        return
    held = subject.scopes.holds(scope)
    if held:
        yield ok(name, f"held: {use}", held=True)
    elif held is None:
        yield _unprovable(scope, name, subject)
    elif scope in NEEDED:
        yield failed(name, f"is missing: {use}", MEND, held=False)
    elif scope in FOR_WEBHOOKS and has_secret(subject):
        yield warning(name, f"is missing: {use}", MEND, held=False)
    else:
        yield ok(name, f"is not held, and need not be now: {use}", held=False)


def _unprovable(scope: str, name: str, subject: Subject) -> Finding:
    """A write scope: proven by a write of the hub's own that Redo took, never by one of ours."""
    if scope == "returns_write":
        if written := _comment_of_ours(subject):
            return ok(name, written, held=True)
        if _writes_nothing(subject):
            return skipped(
                name, "not provable by a read, and no flow is live", HOW_IT_SHOWS[scope], held=None
            )
    return skipped(name, f"not provable by a read: {WHAT_FOR[scope]}", _see(scope), held=None)


def _see(scope: str) -> str:
    return f"see that the token has it in Redo (Settings, Developer); {HOW_IT_SHOWS[scope]}"


def _writes_nothing(subject: Subject) -> bool:
    flows = subject.merchant.flows
    return Mode.LIVE not in {flows.create_external_returns.mode, flows.process_receipts.mode}


def _comment_of_ours(subject: Subject) -> str:
    """A comment that Redo took from the hub, on one of the returns still open; or nothing."""
    returns, merchant = subject.world.stores.returns, subject.merchant.merchant
    for _, return_id in returns.open_external_returns(merchant, 0, LOOKED_THROUGH):
        for event in returns.timeline(merchant, return_id):
            if isinstance(event.fact, CommentAdded):
                return f"held on {event.at:%Y-%m-%d}: Redo took a comment on return {return_id}"
    return ""


AREA = Area(
    "portal",
    "Returns portal",
    (
        Check("portal", _access, ("portal",)),
        Check("scopes", _no_scopes),
        *(Check(f"scope {scope}", partial(_scope, scope), ("portal",)) for scope in WHAT_FOR),
        Check("portal limits", _limits),
    ),
)

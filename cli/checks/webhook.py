"""The webhook: its secret, its address, and the subscription at the portal.

How the subscription stands is `flows.subscription.status`; here it becomes a row.
"""

from __future__ import annotations

from collections.abc import Iterator

from cli.checks.model import Area, Check, Finding, Subject, failed, ok, skipped, warning
from returns_hub.domain.portals import RedoConnection
from returns_hub.domain.subscriptions import token_of
from returns_hub.domain.webhooks import SHORTEST_TOKEN
from returns_hub.errors import Misconfigured
from returns_hub.flows.subscription_steps import Report

OUTPUT = "RedoWebhookUrl"
"""The stack's output with the address that the portal delivers to."""
NOT_SET = "secret.missing"


def has_secret(subject: Subject) -> bool:
    """Whether a token for deliveries is set, whatever it is like."""
    redo = _redo_of(subject)
    if redo is None:
        return False
    try:
        return bool(subject.read_secret(redo.webhook.secret).get("token"))
    except Misconfigured as verdict:
        return verdict.code != NOT_SET


def _redo_of(subject: Subject) -> RedoConnection | None:
    return subject.merchant.redo if subject.merchant.portal == "redo" else None


def _other_portal(name: str) -> Finding:
    return skipped(
        name, "the door takes Redo's own webhooks; catching up finds what changed at this portal"
    )


def _secret(subject: Subject) -> Iterator[Finding]:
    redo = _redo_of(subject)
    if redo is None:
        yield _other_portal("secret")
        return
    settings, merchant = redo.webhook, subject.merchant.merchant
    check = f"secret {settings.secret}"
    make = f"hub redo webhook ensure {merchant} --make-token"
    if has_secret(subject):
        if wrong := _wrong_with_token(subject, redo):
            yield failed(check, wrong, f"hub secrets set {merchant} {settings.secret}")
        else:
            yield ok(check, f"is set, and has {SHORTEST_TOKEN} characters or more")
    elif settings.enabled:
        yield failed(check, "is not set, and redo.webhook.enabled is true", make)
    elif subject.merchant.flows.catch_up.enabled:
        yield skipped(check, "is not set: no webhook; catching up finds approved returns")
    else:
        yield warning(
            check,
            "is not set, and catching up is off: approved returns come only from what you publish",
            f"{make}, or set flows.catch_up.enabled",
        )


def _wrong_with_token(subject: Subject, redo: RedoConnection) -> str:
    """What is wrong with the tokens, without any of them."""
    name = redo.webhook.secret
    try:
        content = subject.read_secret(name)
        for part in ("token", "previous_token"):
            if content.get(part):
                token_of(content[part], name)
    except Misconfigured as verdict:
        return verdict.reason
    return ""


def _address(subject: Subject) -> Iterator[Finding]:
    redo = _redo_of(subject)
    if redo is None:
        yield _other_portal("address")
        return
    address = redo.webhook.url or subject.addresses.get(OUTPUT, "")
    where = "redo.webhook.url" if redo.webhook.url else f"the stack's output {OUTPUT}"
    if not address:
        make = failed if redo.webhook.enabled else skipped
        yield make(
            "address",
            f"this stack has no output {OUTPUT}: it takes no webhooks",
            "set redo.webhook.url, or see docs/webhooks.md" if redo.webhook.enabled else "",
        )
    elif not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        yield failed("address", f"{address} is not https", f"see {where}")
    else:
        yield ok("address", f"{address}/{subject.merchant.merchant}")


def _subscription(subject: Subject) -> Iterator[Finding]:
    name, redo = "subscription", _redo_of(subject)
    if redo is None or subject.subscription is None:
        yield _other_portal(name)
        return
    if not has_secret(subject):
        make = failed if redo.webhook.enabled else skipped
        yield make(name, "was not looked at: there is no token for deliveries", "")
        return
    if _wrong_with_token(subject, redo):
        yield failed(name, "was not looked at: the token for deliveries cannot be used", "")
        return
    report = subject.subscription()
    yield _stands(name, report, subject.merchant.merchant)
    yield from _replay(report, subject.merchant.merchant)
    if not redo.webhook.enabled:
        yield warning(
            "subscription's check",
            "redo.webhook.enabled is false: nothing sees when the subscription is lost",
            "set redo.webhook.enabled",
        )


def _stands(name: str, report: Report, merchant: str) -> Finding:
    standing = report.standing
    ensure = f"hub redo webhook ensure {merchant}"
    foreign = f"; {len(standing.foreign)} others are not ours" if standing.foreign else ""
    details = {
        "standing": standing.word,
        "differences": sorted(word.value for word in standing.differences),
        "duplicates": [row.id for row in standing.duplicates],
        "foreign": [row.id for row in standing.foreign],
    }
    differs = ", ".join(details["differences"]).replace("_", " ")
    match standing.word:
        case "missing":
            return failed(name, f"is missing: Redo tells nothing{foreign}", ensure, **details)
        case "altered":
            return failed(name, f"is altered ({differs}): events are lost", ensure, **details)
        case "token_to_be_changed":
            told = "still has the former token, which the door takes"
            return warning(name, told, ensure, **details)
        case "duplicated":
            told = f"is whole, and {len(standing.duplicates)} more deliver here: all comes twice"
            return warning(name, told, f"{ensure} --remove-duplicates", **details)
    hidden = standing.ours is not None and not standing.ours.token_shown
    unseen = "; Redo does not show its token" if hidden else ""
    return ok(name, f"is whole{unseen}{foreign}", **details)


def _replay(report: Report, merchant: str) -> Iterator[Finding]:
    """What was lost and is not told again yet."""
    name, memory = "replay", report.memory
    if since := memory.not_replayed:
        yield failed(
            name,
            f"of everything since {since:%Y-%m-%d %H:%M} UTC may not have been made",
            f"hub redo webhook replay {merchant} --from {since.isoformat()} --again",
        )
    elif since := memory.owed:
        yield warning(
            name,
            f"is owed of everything since {since:%Y-%m-%d %H:%M} UTC",
            f"hub redo webhook ensure {merchant} asks for it now",
        )


AREA = Area(
    "webhook",
    "Webhook",
    (
        Check("secret", _secret),
        Check("address", _address),
        Check("subscription", _subscription, ("portal",)),
    ),
)

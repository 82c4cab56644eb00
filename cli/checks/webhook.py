"""The webhook: its secret, its address, and the subscription at the portal.

The subscription itself is looked at through `Subject.subscription`: whoever keeps subscriptions
gives the subject that function, and nothing here has to change.
"""

from __future__ import annotations

from collections.abc import Iterator

from cli.checks.model import Area, Check, Finding, Subject, failed, ok, skipped, warning
from returns_hub.errors import Misconfigured

SECRET = "redo-webhook"  # noqa: S105 - a secret's name
LEAST_LENGTH = 32
"""Characters of the bearer token that we choose: all that stands between the door and the world."""
OUTPUT = "RedoWebhookUrl"
"""The stack's output with the address that the portal delivers to."""


def _secret(subject: Subject) -> Iterator[Finding]:
    check = f"secret {SECRET}"
    try:
        content = subject.read_secret(SECRET)
    except Misconfigured as verdict:
        if verdict.code != "secret.missing":
            yield failed(check, verdict.reason, _set(subject))
        elif subject.merchant.flows.catch_up.enabled:
            yield skipped(check, "is not set: no webhook; catching up finds approved returns")
        else:
            yield warning(
                check,
                "is not set, and catching up is off: approved returns come only from what you "
                "publish",
                f"{_set(subject)}, or set flows.catch_up.enabled",
            )
        return
    shortest = min((len(value.strip()) for value in content.values()), default=0)
    if shortest < LEAST_LENGTH:
        yield failed(
            check,
            f"is shorter than {LEAST_LENGTH} characters, so it could be guessed",
            f"choose a long random one: {_set(subject)}",
        )
    else:
        yield ok(check, f"is set, and has {LEAST_LENGTH} characters or more")


def _set(subject: Subject) -> str:
    return f"hub secrets set {subject.merchant.merchant} {SECRET}"


def _address(subject: Subject) -> Iterator[Finding]:
    address = subject.addresses.get(OUTPUT, "")
    if not address:
        yield skipped("address", f"this stack has no output {OUTPUT}: it takes no webhooks")
    elif not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        yield failed("address", f"{address} is not https", f"see the stack's output {OUTPUT}")
    else:
        yield ok("address", address)


def _subscription(subject: Subject) -> Iterator[Finding]:
    if subject.subscription is None:
        yield skipped(
            "subscription",
            "this release does not look at subscriptions",
            "see in Redo that its webhook goes to the stack's address",
        )
        return
    state = subject.subscription()
    if state.healthy:
        yield ok("subscription", state.sentence)
    else:
        yield failed("subscription", state.sentence, state.to_do)


AREA = Area(
    "webhook",
    "Webhook",
    (
        Check("secret", _secret),
        Check("address", _address),
        Check("subscription", _subscription, ("redo",)),
    ),
)

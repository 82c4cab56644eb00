"""Unleashed's webhooks: their key, the subscription, and when something came last."""

from __future__ import annotations

from collections.abc import Iterator

from cli.checks.model import Finding, Subject, failed, ok, skipped, warning
from returns_hub.adapters.unleashed.webhooks import SIGNATURE
from returns_hub.domain.unleashed.notices import TOLD_FLOWS
from returns_hub.domain.webhooks import usable_keys
from returns_hub.errors import Misconfigured
from returns_hub.flows.unleashed.due import flows_on
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.subscribe import missing_events

NAME = "webhook"


def webhooks(subject: Subject, erp: ErpWorld) -> Iterator[Finding]:
    """Whether deliveries can come, and are let in."""
    settings, merchant = erp.connection.webhooks, subject.merchant.merchant
    if not settings.enabled:
        yield skipped(NAME, "is off (unleashed.webhooks.enabled): polling finds what changed")
        return
    subscribe = f"hub unleashed webhooks {merchant} subscribe"
    try:
        usable_keys(subject.read_secret(settings.secret), settings.secret, SIGNATURE)
        yield ok(f"{NAME} secret {settings.secret}", "is set")
    except Misconfigured as verdict:
        yield failed(f"{NAME} secret {settings.secret}", verdict.reason, subscribe)
    if subject.erp is None or subject.erp.subscribing is None:
        return
    try:
        it = subject.erp.subscribing()
    except Misconfigured as verdict:
        yield warning(f"{NAME} subscription", verdict.reason, "deploy this release")
        return
    found, url = it.ours(), it.url
    missing = missing_events(found)
    if not found:
        yield failed(f"{NAME} subscription", f"nothing delivers to {url}", subscribe)
    elif missing:
        yield warning(
            f"{NAME} subscription",
            f"delivers to {url}, but not {', '.join(missing)}",
            "make another with the missing events, or leave them to polling",
        )
    else:
        yield ok(f"{NAME} subscription", f"delivers to {url}")
    yield from _last(subject, erp)


def _last(subject: Subject, erp: ErpWorld) -> Iterator[Finding]:
    """What came for each flow, beside what polling found by itself."""
    if erp.deliveries is None:
        return
    for flow in flows_on(erp.connection):
        if flow not in TOLD_FLOWS:
            continue
        watched = erp.deliveries.watched(subject.merchant.merchant, flow)
        last = f"the last {watched.last_at:%Y-%m-%d %H:%M} UTC" if watched.last_at else "never one"
        told = f"{watched.delivered} deliveries, {last}; {watched.missed} changes by polling alone"
        if watched.missed and not watched.delivered:
            to_do = "look at Unleashed's list of deliveries, and at the metric WebhookRefused"
            yield warning(f"{NAME} {flow}", told, to_do)
        else:
            yield ok(f"{NAME} {flow}", told)

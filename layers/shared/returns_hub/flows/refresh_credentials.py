"""The warehouse's 24-hour keys are renewed well before they end (R6).

Every hour it is also noted when each of a merchant's keys ends, as far as anybody told.
"""

from __future__ import annotations

from collections.abc import Callable

from returns_hub.errors import Conflict, Verdict
from returns_hub.flows.cursor_names import keys
from returns_hub.flows.lease import leased
from returns_hub.flows.overview.key_ends import KeysKnown
from returns_hub.flows.world import REQUEST_SECONDS, Stores
from returns_hub.ports import KeyRenewal, Lease

FLOW = "refresh_credentials"
RENEWED = "key renewed"
RENEWAL_SECONDS = REQUEST_SECONDS
"""With less time left no merchant's key is looked at: renewing it is one request."""
LEAST_SECONDS = 10.0
"""With less time left nothing is noted: the next merchant's key comes first."""

KeysOf = Callable[[str], KeysKnown]
"""Reads what is known of a merchant's keys."""


def refresh_credentials(
    merchant: str,
    renewal_of: Callable[[str], KeyRenewal],
    stores: Stores,
    keys_of: KeysOf | None = None,
) -> str:
    """Renew one merchant's key if it is due; what was done, or why it could not be."""
    try:
        return _refresh(merchant, renewal_of, stores, keys_of)
    except Verdict as verdict:
        telemetry = stores.telemetry
        telemetry.count("KeyRenewalFailed", merchant=merchant)
        telemetry.log(
            "key renewal failed", merchant=merchant, code=verdict.code, reason=verdict.reason
        )
        return verdict.reason


def _refresh(
    merchant: str,
    renewal_of: Callable[[str], KeyRenewal],
    stores: Stores,
    keys_of: KeysOf | None,
) -> str:
    with leased(stores, keys(merchant)) as lease:
        if lease is None:
            return "another run is at it"
        done = renewal_of(merchant).renew_if_due()
        lease.run.found_new = done == RENEWED
        if keys_of is not None:
            _note(lease, keys_of, merchant, stores, anew=done == RENEWED)
        return done


def _note(lease: Lease, keys_of: KeysOf, merchant: str, stores: Stores, *, anew: bool) -> None:
    """Keep what is known of the keys; that it cannot be had keeps no key from being renewed."""
    clock = stores.clock
    if not (anew or KeysKnown.of(lease.value).is_due(clock.now())):
        return
    if clock.remaining() < LEAST_SECONDS:
        return
    try:
        stores.cursors.advance(lease, keys_of(merchant).to_value())
    except Conflict:
        stores.telemetry.log("the lease was lost; another run goes on", cursor=lease.name)
    except Verdict as verdict:
        lease.run.failed(verdict)
        lease.run.is_partial = True
        stores.telemetry.log(
            "keys' ends not noted", merchant=merchant, code=verdict.code, reason=verdict.reason
        )

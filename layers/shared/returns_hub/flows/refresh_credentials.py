"""The warehouse's 24-hour keys are renewed well before they end (R6)."""

from __future__ import annotations

from collections.abc import Callable

from returns_hub.errors import Verdict
from returns_hub.ports import KeyRenewal, Merchants, Telemetry


def refresh_credentials(
    merchants: Merchants, renewal_of: Callable[[str], KeyRenewal], telemetry: Telemetry
) -> dict[str, str]:
    """Renew every merchant's key that is due; what was done for each.

    One merchant's trouble does not keep the others from being renewed.
    """
    done: dict[str, str] = {}
    for merchant in merchants.all_ids():
        try:
            done[merchant] = renewal_of(merchant).renew_if_due()
        except Verdict as verdict:
            done[merchant] = verdict.reason
            telemetry.count("KeyRenewalFailed", merchant=merchant)
            telemetry.log(
                "key renewal failed", merchant=merchant, code=verdict.code, reason=verdict.reason
            )
    return done

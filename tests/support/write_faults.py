"""What has to become of a write under every fault that a partner's answer may meet."""

from __future__ import annotations

from local.simulators.faults import FaultKind
from returns_hub.errors import Misconfigured, Retryable, UnknownOutcome, Verdict

OF_WRITES: dict[FaultKind, type[Verdict]] = {
    FaultKind.RESET_BEFORE: UnknownOutcome,
    FaultKind.RESET_AFTER: UnknownOutcome,
    FaultKind.ERROR_500_BEFORE: UnknownOutcome,
    FaultKind.ERROR_500_AFTER: UnknownOutcome,
    FaultKind.TIMEOUT_AFTER: UnknownOutcome,
    FaultKind.HTTP_429: Retryable,
    FaultKind.HTML_429: Retryable,
    FaultKind.HTML_ERROR: UnknownOutcome,
    FaultKind.HTML_200_AFTER: UnknownOutcome,
    FaultKind.CUT_OFF_AFTER: UnknownOutcome,
    FaultKind.UNAUTHORISED: Misconfigured,
}
"""Never "not done" where it may have been done."""
CARRIED_OUT = frozenset(kind for kind in OF_WRITES if kind.value.endswith("_after"))
"""Those under which the partner did it all the same."""

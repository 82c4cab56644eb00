"""Despatches upstream: whom the file names, and whether the hub can prove to them who it is.

No target is asked: its address takes writes alone, and a check makes none.
"""

from __future__ import annotations

from collections.abc import Iterator

from cli.checks.model import Area, Check, Finding, Subject, failed, ok, skipped, warning
from returns_hub.adapters.relay.signing import key_of
from returns_hub.domain.file_types import Mode
from returns_hub.domain.relay.settings import RelayTarget
from returns_hub.errors import Misconfigured

SHORTEST_KEY = 16
"""Bytes; a shorter one can be guessed."""


def _targets(subject: Subject) -> Iterator[Finding]:
    relay = subject.merchant.despatch_relay
    names = ", ".join(target.name for target in relay.targets)
    if relay.mode is Mode.OFF:
        yield skipped("relay", "despatch_relay.mode is off", targets=names)
    else:
        yield ok("relay", f"{relay.mode.value}; tells {names}", targets=names)
    for target in relay.targets:
        yield _target(subject, target)


def _target(subject: Subject, target: RelayTarget) -> Finding:
    check = f"target {target.name}"
    to_do = f"hub secrets set {subject.merchant.merchant} {target.secret}"
    try:
        content = subject.read_secret(target.secret)
        text = content.get("signing_key", "").strip()
        key = key_of(text)
    except Misconfigured as verdict:
        return failed(check, verdict.reason, to_do)
    token = content.get("token", "")
    if not key and not token.strip():
        return failed(check, "its secret has neither signing_key nor token", to_do)
    if not token.isprintable() or token != token.strip() or not token.isascii():
        return failed(check, "its token cannot be sent in a header", to_do)
    if not key:
        return warning(
            check,
            "its secret has a token alone: what is told is not signed",
            "agree on a signing_key where the receiver can verify one",
        )
    if len(key) < SHORTEST_KEY:
        return warning(check, f"its signing_key has fewer than {SHORTEST_KEY} bytes", to_do)
    proves = "signed" if not token else "signed, and with a token"
    return ok(check, f"is told {proves}; its address takes writes alone and was not asked")


AREA = Area(
    "despatches",
    "Despatches upstream",
    (Check("relay", _targets, applies=lambda s: bool(s.merchant.despatch_relay.targets)),),
)

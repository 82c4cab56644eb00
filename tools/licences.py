"""Which licences what ships may have, and whether an SPDX expression is one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import yaml

from local.stack import ROOT

ALLOWED = ROOT / "tools" / "licences.yaml"


class LicenceError(Exception):
    """A text that is no licence expression."""


def allowed_licences() -> tuple[str, ...]:
    """Those of tools/licences.yaml, as SPDX names them."""
    return tuple(yaml.safe_load(ALLOWED.read_text(encoding="utf-8")))


def is_allowed(licence: str, allowed: Iterable[str]) -> bool:
    """Whether an SPDX expression can be met by these alone: of `OR` one side, of `AND` both.

    Raises:
        LicenceError: It is no expression.
    """
    known = set(allowed)
    words = re.findall(r"[()]|[^\s()]+(?: WITH [^\s()]+)?", licence.strip())

    def either() -> bool:
        met = both()
        while words and words[0] == "OR":
            words.pop(0)
            met = both() or met
        return met

    def both() -> bool:
        met = one()
        while words and words[0] == "AND":
            words.pop(0)
            met = one() and met
        return met

    def one() -> bool:
        if words and words[0] == "(":
            words.pop(0)
            met = either()
            if not words or words.pop(0) != ")":
                raise LicenceError(f"no licence expression: {licence}")
            return met
        if not words or words[0] in {")", "AND", "OR"}:
            raise LicenceError(f"no licence expression: {licence}")
        return words.pop(0) in known

    met = either()
    if words:
        raise LicenceError(f"no licence expression: {licence}")
    return met

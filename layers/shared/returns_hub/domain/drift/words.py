"""Partners' words in a difference: short, on one line, and without what is shaped like personal
data."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from returns_hub.domain.drift.findings import Difference, Said

LONGEST_SUBJECT = 200
LONGEST_SAID = 60
LONGEST_TEXT = 400
MARK = 6
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w+-]+\.[\w.+-]+")
"""It begins where a word begins, so that a text without blanks takes no longer than it is long."""


def shortened(text: str, most: int = LONGEST_SAID) -> str:
    """The text on one line, printable, without mail addresses, at most so many characters."""
    line = "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)
    plain = _MAIL.sub("[redacted]", " ".join(line.split()))
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def tidied(difference: Difference) -> Difference:
    """The difference with texts that may be kept and shown. What is fine already stays itself."""
    says: dict[str, Said] = {
        shortened(system): shortened(said) if isinstance(said, str) else said
        for system, said in difference.says.items()
    }
    return replace(
        difference,
        subject=_subject(difference.subject),
        says=says,
        cause=shortened(difference.cause, LONGEST_TEXT),
        mend=shortened(difference.mend, LONGEST_TEXT),
    )


def _subject(text: str) -> str:
    """What may be shown of a subject; where that is not all of it, with a mark by which it is told
    apart from others that are shown alike."""
    plain = shortened(text, LONGEST_SUBJECT)
    if plain == text:
        return plain
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:MARK]
    return f"{shortened(text, LONGEST_SUBJECT - MARK - 2)} ~{mark}"

"""What may be shown of a text or of a stored piece of work: never a secret or a customer's data.

Logs, metrics and widgets all hold to these rules.
"""

from __future__ import annotations

import re
from typing import Any

from returns_hub.domain.strict_json import read_json

REDACTED = "[redacted]"
PRIVATE_KEYS = re.compile(
    r"authorization|api_?key|apikey|ms-apikey|password|token|secret|e-?mail|phone|mobile"
    r"|address|postcode|postal|given|surname|first_?name|last_?name|gift|body|payload",
    re.IGNORECASE,
)
PRIVATE_TEXT = re.compile(
    r"(?i)(bearer\s+|ms-apikey[\"':=\s]+|apikey=)[^\s\"'&,;]+|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|(?<=[?&])(?:api[_-]?key|(?:access_|id_)?token|secret|password|sig(?:nature)?)=[^\s\"'&,;]+"
    r"|\+\d[\d ()-]{7,}\d"  # a phone number as it is dialled from abroad
)
SHOWN_KEYS = re.compile(
    r"(?:id|key|kind|flow|merchant|schema|source|target|state|status|step|batch|number|receipt"
    r"|shipment|shop|order|sku|quantity|units|revision|position|lines|occurred_at|at|since"
    r"|[a-z_]+_(?:id|ids|at|number|key|kind|code))"
)
"""Fields of parked work that tell what it is about; any other may be anything."""
SHOWN_TEXT = re.compile(r"[\w#][\w./:#+=-]{0,79}")
"""An id, a code, a number or a time: one word. A name of two words is none."""
SHOWN_PATH = re.compile(r"[\w.\[\]-]{1,120}")
MOST_FIELDS = 40
DEEPEST = 4


def masked(text: str) -> str:
    """The text without what looks like a key, an e-mail address or a phone number."""
    return PRIVATE_TEXT.sub(REDACTED, text)


def shown_fields(payload: str) -> tuple[tuple[str, str], ...]:
    """What of a payload can be shown: (field, what it says), at most `MOST_FIELDS`.

    Shown are the fields that tell what the work is about, if they hold a word; of the others, only
    how many there are.
    """
    try:
        content = read_json(payload)
    except (ValueError, RecursionError):
        return (("payload", f"hidden: {len(payload)} characters that are no JSON"),)
    found: list[tuple[str, str]] = []
    hidden = _walk(content, "", found, DEEPEST)
    if hidden:
        found.append(("others", f"hidden: {hidden}"))
    return tuple(found)


def _walk(content: Any, path: str, found: list[tuple[str, str]], deep: int) -> int:
    """Put what can be shown into `found`; how many values could not."""
    if isinstance(content, dict) and deep:
        return sum(
            _walk(value, f"{path}.{name}" if path else str(name), found, deep - 1)
            for name, value in content.items()
        )
    if isinstance(content, list) and deep:
        return sum(
            _walk(value, f"{path}[{place}]", found, deep - 1) for place, value in enumerate(content)
        )
    name = path.rpartition(".")[2].partition("[")[0]
    is_told = SHOWN_KEYS.fullmatch(name) and not PRIVATE_KEYS.search(path)
    if not is_told or not SHOWN_PATH.fullmatch(path) or len(found) >= MOST_FIELDS:
        return 1
    text = str(content)
    if isinstance(content, bool | int) or (isinstance(content, str) and _is_word(text)):
        found.append((path, text))
        return 0
    return 1


def _is_word(text: str) -> bool:
    return SHOWN_TEXT.fullmatch(text) is not None and masked(text) == text

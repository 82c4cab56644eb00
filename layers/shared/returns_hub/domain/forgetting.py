"""What is taken out of stored rows when a person is forgotten, and what keeps them from it. Pure.

A row is masked by its fields' names: texts that somebody wrote, names of orders and tracking
numbers go, ids, SKUs, units, times and amounts stay, since they keep things from being done twice.
Masking what is masked changes nothing. A test holds every field of every fact to one of the lists
below, so that a new field is not forgotten to be thought of.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    from returns_hub.domain.miinto.orders import OrderState
    from returns_hub.domain.miinto.rmas import Rma
    from returns_hub.domain.state import ReturnState

FORGOTTEN = "[forgotten]"
"""Stands where a text was."""
FREE_TEXT = frozenset({"note", "reason", "summary", "comment", "told", "text"})
"""Fields that hold a sentence: a person's, a partner's or the hub's own with theirs in it."""
NAMES_OF = frozenset({"order_names", "reference", "tracking", "tracking_url"})
"""Fields by which a buyer's order or parcel is known outside of the hub."""
LISTS_OF = frozenset({"order_names", "tracking_sent"})
"""Fields that hold several of them."""
TEXTS_BY_KEY = frozenset({"answer_reasons"})
"""Fields that hold a sentence for each line."""
KEPT_WHOLE = frozenset({"refund", "lines"})
"""Parts that stay as they are. What was paid is a record of the merchant's books: a refund is told
again, if ever, in the very bytes in which it was told, and by what was decided on each line a
credit note is known, so that a line that read otherwise would be credited twice."""

Model = TypeVar("Model", bound=BaseModel)


def masked(content: Any, but: frozenset[str] = frozenset()) -> Any:
    """JSON without what tells of a person; what is not told of by the lists above is as it was.

    Args:
        content: What a model gives as JSON.
        but: Fields that stay all the same.
    """
    if isinstance(content, list):
        return [masked(one, but) for one in content]
    if not isinstance(content, dict):
        return content
    return {name: _masked_field(str(name), value, but) for name, value in content.items()}


def _masked_field(name: str, value: Any, but: frozenset[str]) -> Any:
    if name in KEPT_WHOLE | but:
        return value
    if name in LISTS_OF and isinstance(value, list):
        return []
    if name in NAMES_OF and isinstance(value, str):
        return ""
    if name in FREE_TEXT and isinstance(value, str):
        return FORGOTTEN if value else ""
    if name in TEXTS_BY_KEY and isinstance(value, dict):
        return {key: FORGOTTEN if text else "" for key, text in value.items()}
    return masked(value, but)


def masked_model(model: Model) -> Model:
    """The same of a model."""
    content = masked(json.loads(model.model_dump_json()))
    return type(model).model_validate_json(json.dumps(content))


def personal_texts(content: Any) -> tuple[str, ...]:
    """Names of orders, tracking numbers and the like in JSON, each once: by these a person is found
    in other places."""
    found: list[str] = []
    _collect(content, found)
    return tuple(dict.fromkeys(text for text in found if text))


def _collect(content: Any, found: list[str]) -> None:
    if isinstance(content, list):
        for one in content:
            _collect(one, found)
    elif isinstance(content, dict):
        for name, value in content.items():
            if name in LISTS_OF and isinstance(value, list):
                found += [text for text in value if isinstance(text, str)]
            elif name in NAMES_OF and isinstance(value, str):
                found.append(value)
            else:
                _collect(value, found)


def without(text: str, words: Sequence[str]) -> str:
    """A text without these words; one of fewer than 4 characters is not looked for, since it would
    be found in anything."""
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= 4:
            text = re.sub(re.escape(word), FORGOTTEN, text, flags=re.IGNORECASE)
    return text


# -- masked states ----------------------------------------------------------------------------


def forgotten_return(state: ReturnState) -> dict[str, object]:
    """What changes in a return's state when it is forgotten."""
    after = masked_model(state)
    names = ("order_names", "shipments", "left_off", "receipts", "answer_reasons")
    return {name: getattr(after, name) for name in names} | {"forgotten": True}


def forgotten_order(state: OrderState) -> dict[str, object]:
    """What changes in the state of an order of the marketplace."""
    after = masked_model(state)
    names = ("despatches", "tracking_sent", "requests")
    return {name: getattr(after, name) for name in names} | {"forgotten": True}


def forgotten_rma(rma: Rma) -> Rma:
    """An RMA without the buyer's words and tracking number, and without the body it came in."""
    return masked_model(rma.model_copy(update={"raw": {}}))


ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
BLANK = re.compile(r"\\+[bfnrt]")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def names_any(text: str, words: Iterable[str]) -> bool:
    """Whether a text has one of these words, each as a whole: ``r1`` is not in ``r11``, and
    ``robin@example.test`` not in ``pat.robin@example.test``, which is another person's.

    Letters' case and forms of the same character do not count, and JSON in the text is read as
    what it says: with its escapes it came, and so it is kept.
    """
    wanted = [word for word in words if word]
    if _has_any(text, wanted):
        return True
    return "\\" in text and _has_any(_unescaped(text), map(_unescaped, wanted))


def _has_any(text: str, words: Iterable[str]) -> bool:
    said = _compared(text)
    return any(re.search(_whole(_compared(word)), said) for word in words)


def _compared(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _unescaped(text: str) -> str:
    """A text of JSON, or of JSON within JSON, without its escapes."""
    text = ESCAPED.sub(lambda found: str(json.loads(f'"{found[0]}"')), text)
    return BLANK.sub(" ", text).replace("\\", "")


def _whole(word: str) -> str:
    """The pattern of a word that is not a part of a longer one."""
    before, after = "[a-z0-9_-]", "[a-z0-9_-]"
    if ADDRESS.fullmatch(word):
        before, after = "[a-z0-9_.+-]", r"[a-z0-9_-]|\.[a-z0-9]"
    return rf"(?<!{before}){re.escape(word)}(?!{after})"

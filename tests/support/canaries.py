"""Planted secrets and personal data, and how they are found again wherever they must not be.

Everything that is invented for the tests and stands for a secret or for somebody's data is known
here: either it carries the mark, a surname that nobody has, or it is registered below with a text
that nothing else says. `tests/unit/test_canaries.py` walks the samples and the simulators' bodies
and fails when a field of a customer, or a credential, holds something that is not known here.

A mark is letters alone, so that it reads the same in a URL, in HTML and in JSON. In base64 it
reads in one of three ways, by where it stands; each is looked for, in three spellings.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MARK = "wexquill"
"""Of everything planted."""
SECRET = "secret"
EMAIL = "e-mail"
NAME = "name"
ADDRESS = "address"
PHONE = "phone"
GIFT_CARD = "gift card"
KINDS = (SECRET, EMAIL, NAME, ADDRESS, PHONE, GIFT_CARD)


def secret(what: str = "key") -> str:
    """A key, a token or a password: one for each purpose, and of no look by which it is known."""
    return f"{MARK}secret/{what}+9f31c2=="


EMAIL_OF_HERS = f"ines.{MARK}mail@example.test"
FIRST_NAME, SURNAME = "Ines", "Wexquillname"
STREET, TOWN = "17 Wexquillstreet Row", "Wexquilltown"
PHONE_OF_HERS = "+447700900731"
"""Of the numbers that are kept for films: nobody has it."""
GIFT_CARD_CODE = "WEXQUILLGIFT-4471-9920"

PERSON: Mapping[str, str] = {
    "FirstName": FIRST_NAME,
    "LastName": SURNAME,
    "CompanyName": f"{SURNAME} Ltd",
    "Address1": STREET,
    "Town": TOWN,
    "PostCode": "WX9 7QL",
    "Email": EMAIL_OF_HERS,
    "Phone": PHONE_OF_HERS,
    "Mobile": PHONE_OF_HERS,
    "DeliveryNotes": f"behind the {SURNAME} shed, {GIFT_CARD_CODE}",
}
"""A buyer, in Mintsoft's names of an order's fields."""

_REGISTERED: Mapping[str, tuple[str, ...]] = {
    SECRET: (
        rf"{MARK}secret",
        "hunter[0-9]",
        "static-key",
        "pass-word",
        "redo-token",
        "loop-key",
        "channel-token",
        "whsec_dGVzdC1rZXktb2YtdGhl",
        "the-token-of-(?:example|another)-0123456789",
        "(?:first-)?(?:the-)?token-of-deliveries",
        "webhook-secret-000[0-9]",
        "unit-test-key-000[0-9]",
        "an invented (?:secret|password|key)",
        "an-invented-key-of-unleashed",
        "another invented one",
        "a-key-for-trying-it-out",
    ),
    EMAIL: (
        rf"[a-z0-9.]{{0,40}}{MARK}mail",
        r"(?<![\w.])(?:sam|jo|ines|pat|ida|robin|erika)(?:\.\d{1,6}|\.lee)?@example\.test",
        r"buyer(?:-[\w-]{1,40})?@example\.test",
        "zephyrine\\.quill",
        "quilla\\.z",
    ),
    NAME: (
        rf"{MARK}name",
        "Ida (?:Marie )?Holm",
        "Patricia Sample",
        "Pat Lee(?![a-z])",
        "Quillfeather",
        "Zanzibrook",
        "Kiosk Quilla",
    ),
    ADDRESS: (
        f"{MARK}(?:street|town)",
        r"\d{1,6} Sample Row",
        "Nygade 1",
        r"\d (?:Test|Buyer) Street",
        "WX9 ?7QL",
        "Canarymews",
        "Canaryville",
        "CN4 ?7RY",
        "canarypots",
        "Pumpernickel",
        "Vexholm",
    ),
    PHONE: (r"(?:\+|%2B|&#43;)?44 ?7700 ?900\d{3}", r"\+4570707", r"\+4500000000"),
    GIFT_CARD: (f"{MARK}gift",),
}


def _any_way(pattern: str) -> str:
    """The same text as it is in a URL, in HTML and in JSON as well."""
    for plain, ways in ((" ", r"(?: |\+|%20|&nbsp;)"), ("@", r"(?:@|%40|&#64;|\\u0040)")):
        pattern = pattern.replace(plain, ways)
    return pattern


def _in_base64(text: str) -> Iterator[str]:
    """What of it does not depend on what stands before and behind."""
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + text.encode()).decode().rstrip("=")
        start, whole = -(-8 * before // 6), 8 * (before + len(text)) // 6
        yield coded[start:whole]


_BASE64 = tuple(
    sorted({part for word in (MARK, MARK.title(), MARK.upper()) for part in _in_base64(word)})
)
_FOUND = re.compile(
    "(?i:"
    + "|".join(
        f"(?P<k{at}>{'|'.join(_any_way(one) for one in _REGISTERED[kind])})"
        for at, kind in enumerate(KINDS)
    )
    + f"|(?P<marked>{MARK}))|(?P<coded>{'|'.join(map(re.escape, _BASE64))})"
)
_STEMS = (
    *(MARK, "hunter", "static-key", "pass-word", "redo-token", "loop-key", "channel-token"),
    *("whsec_dgv", "token-of", "webhook-secret-0", "unit-test-key", "invented", "a-key-for"),
    *("example.test", "zephyrine", "quilla", "holm", "patricia", "quillfeather", "zanzibrook"),
    *("pat lee", "pat+lee", "pat%20lee", "pat&nbsp;lee", "sample", "nygade", "street", "wx9"),
    *("canarymews", "canaryville", "cn4", "canarypots", "pumpernickel", "vexholm", "7700"),
    *("4570707", "4500000"),
)
"""One of these is in whatever is registered; looking for them first is a hundred times quicker."""
_LONGEST = 128
"""No match is longer: so much before and behind a stem has to be looked at."""


def _near_stems(text: str) -> Iterator[tuple[int, int]]:
    """The stretches of a text that may hold something, from and to, in order."""
    lower = text.lower()
    if len(lower) != len(text):  # Some capital letters are two small ones, and places would shift.
        yield 0, len(text)
        return
    places = sorted(
        {at for stem in _STEMS for at in _places(stem, lower)}
        | {at for coded in _BASE64 for at in _places(coded, text)}
    )
    begin, end = 0, 0
    for at in places:
        if at - _LONGEST > end:
            if end:
                yield begin, end
            begin = at - _LONGEST
        end = at + _LONGEST
    if end:
        yield begin, end


def _places(stem: str, text: str) -> Iterator[int]:
    at = text.find(stem)
    while at >= 0:
        yield at
        at = text.find(stem, at + 1)


def _matches(text: str) -> Iterator[re.Match[str]]:
    for begin, end in _near_stems(text):
        yield from _FOUND.finditer(text, begin, end)


def found_in(text: str) -> tuple[str, ...]:
    """The kinds of what is planted that the text holds, each once; a mark of no kind says so."""
    return tuple(dict.fromkeys(_kind(match) for match in _matches(text)))


def first_in(text: str, allowed: Iterable[str] = ()) -> str:
    """The first of it in words, with what stands around it; empty when there is none."""
    let = frozenset(allowed)
    for match in _matches(text):
        if (kind := _kind(match)) not in let:
            around = text[max(match.start() - 60, 0) : match.end() + 30]
            return f"{kind} {match.group()!r} in {around!r}"
    return ""


def is_known(value: str) -> bool:
    """Whether this value of a customer's field, or credential, would be found again."""
    return bool(found_in(value))


def _kind(match: re.Match[str]) -> str:
    group = str(match.lastgroup)
    return KINDS[int(group[1:])] if group.startswith("k") else f"something {group}"


# -- where each may be ------------------------------------------------------------------------

ALLOWED: Mapping[str, Mapping[str, str]] = {
    "ParkedTable": dict.fromkeys(
        (EMAIL, NAME, ADDRESS, PHONE, GIFT_CARD),
        "a message that could not be read is kept whole: it may be the only trace of a "
        "return, a refund or a changed order; encrypted, gone after 400 days",
    ),
    "MarketTable": dict.fromkeys(
        (EMAIL, NAME, ADDRESS, PHONE),
        "an RMA is kept as it came, without the fields of miinto.rma.contract.not_kept, and "
        "a buyer's own comment is in it; encrypted, gone after 400 days",
    ),
    "queue approved-returns": dict.fromkeys(
        (EMAIL, NAME, ADDRESS, PHONE, GIFT_CARD),
        "a message of the merchant's own app holds what the app put there, and comes back as it "
        "came; the hub's own doors and its catching up put there only what is needed",
    ),
}
"""Place -> kind -> why it may be there. What is not named here may be nowhere: no log, no metric,
no queue, no file, no widget, no other table. Secrets are in Secrets Manager and in nothing else."""


def leaks(places: Mapping[str, Any]) -> Iterator[str]:
    """What is somewhere that `ALLOWED` does not name.

    Args:
        places: Name of the place -> its content as text; a table by its name in template.yaml.
    """
    for place, text in places.items():
        told = first_in(str(text), ALLOWED.get(place, {}))
        if told:
            yield f"{place} holds a {told}"

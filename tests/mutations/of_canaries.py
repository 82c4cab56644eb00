"""Deliberate defects: what must not leave the hub leaves it."""

from __future__ import annotations

from tests.mutations.model import CALM, Defect, Edit, tests

ECHOES = tests("unit/test_echoes.py")
LEAVES = tests("unit/test_what_leaves.py")
APART = tests("unit/test_merchants_apart.py")

OF_CANARIES = (
    Defect(
        "a partner's words are told with what it was sent",
        CALM,
        (Edit("adapters/http/words.py", "told = without(text[", "told = str(text["),),
        (ECHOES,),
    ),
    Defect(
        "of what was sent only the headers are hidden",
        CALM,
        (
            Edit(
                "adapters/http/unsaid.py",
                "found += _private_of(_content(body), is_private=False)",
                "_ = _private_of(_content(body), is_private=False)",
            ),
        ),
        (ECHOES,),
    ),
    Defect(
        "a fault's words leave the invocation",
        CALM,
        (
            Edit(
                "invocation.py",
                "raise HubFault(place_of(error)) from None",
                "raise HubFault(str(error)) from error",
            ),
        ),
        (LEAVES,),
    ),
    Defect(
        "a key in an address is logged",
        CALM,
        (Edit("domain/privacy.py", "(?:api[_-]?key|(?:access_|id_)?token", "(?:api[_-]?key"),),
        (LEAVES,),
    ),
    Defect(
        "an id may be a step in a path",
        CALM,
        (Edit("adapters/http/transport.py", 'if {".", ".."} & set(parts) or', "if"),),
        (APART,),
    ),
)

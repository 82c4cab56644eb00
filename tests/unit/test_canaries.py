"""Planted data is found however it is written, and the samples and simulators hold nothing else."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from local.partners import INVENTED, partner_simulators
from local.simulators.miinto.offers import buyer_of
from local.simulators.redo.bodies import SENDER, whole_order
from local.stack import ROOT
from returns_hub.errors import Permanent
from tests.support import canaries
from tests.support.canaries import (
    ALLOWED,
    EMAIL,
    EMAIL_OF_HERS,
    GIFT_CARD_CODE,
    KINDS,
    PHONE_OF_HERS,
    SECRET,
    STREET,
    SURNAME,
    first_in,
    found_in,
    is_known,
    leaks,
    secret,
)
from tests.support.canary_watch import WATCH, Watch, words_of_leaks

EACH = dict(
    zip(
        KINDS,
        (secret(), EMAIL_OF_HERS, SURNAME, STREET, PHONE_OF_HERS, GIFT_CARD_CODE),
        strict=True,
    )
)
GIFT = "code of a gift card"
PRIVATE = frozenset(
    {
        *(
            "emailAddress",
            "email",
            "surname",
            "line1",
            "phoneNumber",
            "phone",
            "code of a gift card",
        ),
        *("street", "postageLabel", "qrCode", "api_key", "password", "static_key", "secret"),
    }
)
"""Names of fields in samples and simulators that hold a customer's data or a secret."""
BUSINESS = frozenset({"Unit 4", ""})
"""The warehouse's own address."""


def fields_of(content: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a private field."""
    match content:
        case dict():
            for key, value in content.items():
                yield from fields_of(value, GIFT if name == "giftCards" else str(key))
        case list():
            for entry in content:
                if name == "giftCards":
                    yield GIFT, str(entry["code"])
                else:
                    yield from fields_of(entry, name)
        case str() if name in PRIVATE and content not in BUSINESS:
            yield name, content


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "how",
    [
        str,
        str.upper,
        quote,
        lambda text: quote(text, safe=""),
        html.escape,
        json.dumps,
        lambda text: json.dumps(json.dumps({"a": text})),
        repr,
    ],
    ids=["plain", "capitals", "path", "URL", "HTML", "JSON", "JSON in JSON", "repr"],
)
def test_each_kind_is_found_however_it_is_written(kind: str, how: Callable[[str], str]) -> None:
    assert found_in(f"some words {how(EACH[kind])} and others") == (kind,)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "phone"])
@pytest.mark.parametrize("before", range(3))
def test_in_base64_wherever_it_stands(kind: str, before: int) -> None:
    coded = base64.b64encode(b"x" * before + EACH[kind].encode() + b"yz").decode()
    assert found_in(coded)


@pytest.mark.parametrize("how", [str, str.upper, "İ{}".format], ids=["plain", "upper", "longer"])
def test_in_much_text_each_is_found_where_it_stands(how: Callable[[str], str]) -> None:
    filler = "nothing of a sample at a street " * 40
    text = filler + filler.join(EACH.values()) + filler
    assert found_in(how(text)) == KINDS
    for kind, value in EACH.items():
        assert first_in(how("." * 5000 + value)).startswith(f"{kind} ")


@pytest.mark.parametrize(("kind", "text"), [("name", "Pat Lee"), (SECRET, "an invented secret")])
def test_spaces_are_found_as_they_are_sent(kind: str, text: str) -> None:
    for way in (" ", "+", "%20", "&nbsp;"):
        assert found_in(f"x={text.replace(' ', way)}&y") == (kind,)


def test_ordinary_words_are_no_such_thing() -> None:
    for text in (
        "a static key, a pass word and a token",
        "the street of 4000 tests",
        "Patience with a sample",
        "order 447700 of 2026",
        "hub@example.test",
    ):
        assert found_in(text) == ()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "samples").rglob("*.json")), ids=lambda path: path.stem
)
def test_customers_of_samples_are_planted(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    if path.name == "world.json":
        with partner_simulators() as partners:
            told = list(partners.credentials.items())
        assert {value[:6] for name, value in told if name == "channel_signing_key"} == {"whsec_"}
        assert all(is_known(value) for _, value in told)
        return
    unknown = [field for field in fields_of(content) if not is_known(field[1])]
    assert unknown == []
    if path.parent.name == "returns":
        assert {"emailAddress", "surname", "line1", "phoneNumber"} <= dict(
            fields_of(content)
        ).keys()


def test_customers_of_simulators_are_planted() -> None:
    for content in (SENDER, whole_order({"id": "o"}), buyer_of("045-001", "DK", {})):
        unknown = [field for field in fields_of(content) if not is_known(field[1])]
        assert unknown == []
    assert is_known(INVENTED)


def test_every_registered_text_has_a_stem_by_which_it_is_looked_for() -> None:
    """Else it would be passed over, quickly."""
    for texts in canaries._REGISTERED.values():
        for pattern in texts:
            assert any(
                stem in pattern.lower().replace("\\", "").replace(" ?", "")
                for stem in canaries._STEMS
            ), pattern


def test_where_it_may_be_it_is_let_and_nowhere_else() -> None:
    assert list(leaks({"ParkedTable": EMAIL_OF_HERS, "log": "nothing"})) == []
    assert (
        len(list(leaks({"ParkedTable": secret(), "log": EMAIL_OF_HERS, "LedgerTable": STREET})))
        == 3
    )
    assert not any(SECRET in kinds for kinds in ALLOWED.values())


def test_the_watch_hears_and_forgets() -> None:
    watch = Watch()
    watch.hear("a log line", f"mail to {EMAIL_OF_HERS}")
    watch.hear("ParkedTable", f"mail to {EMAIL_OF_HERS}")
    watch.hold(lambda: iter([("a table", SURNAME)]))
    assert [line.partition(":")[0] for line in watch.found()] == ["a log line", "a table"]
    watch.clear()
    assert watch.found() == ()


@pytest.mark.shows_planted("the watch itself is tried")
def test_the_watch_is_on_and_fails_the_test_that_leaks() -> None:
    Permanent("a.word", f"refused: {STREET}")
    found = WATCH.found()
    assert [line.partition(":")[0] for line in found] == ["a verdict"]
    assert words_of_leaks([("stdout", EMAIL_OF_HERS)], is_meant=False).count("\n") == 2
    assert words_of_leaks([], is_meant=True)
    assert first_in(EMAIL_OF_HERS, {EMAIL}) == ""
    WATCH.hear("a verdict", STREET)

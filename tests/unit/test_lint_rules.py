"""Rules about one SKU, and what makes two SKUs one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.drift.settings import LintSettings
from returns_hub.domain.lint.kinds import LONGEST_SUBJECT, found
from returns_hub.domain.lint.register import Register
from returns_hub.domain.lint.skus import SkuRules, folded, is_blank, same_number, shown


def kinds(sku: str, **settings: object) -> list[str]:
    rules = SkuRules(LintSettings.model_validate(settings))
    return [one.kind.removeprefix("lint.sku_") for one in rules.problems(sku)]


@pytest.mark.parametrize(
    ("sku", "wrong"),
    [
        ("TEE-RED-M", []),
        ("tee_red.m/2", []),
        ("", ["blank"]),
        (" \t", ["blank"]),
        ("\u200b\ufeff", ["blank"]),
        ("\u00a0", ["blank"]),
        (" TEE", ["white_space"]),
        ("TEE\n", ["white_space"]),
        ("TEE\u00a0", ["white_space"]),
        ("TEE RED", ["characters"]),
        ("TEE\u00a0RED", ["invisible"]),
        ("TEE\u200dRED", ["invisible"]),
        ("TEE\ufffdRED", ["invisible"]),
        ("TEE\x07", ["invisible"]),
        ("TEE#1", ["characters"]),
        ("GR\u00dcN-1", ["characters"]),
        ("TEE\u2013RED", ["characters"]),
        ("A" * 50, []),
        ("A" * 51, ["too_long"]),
        ("1E+12", ["scientific"]),
        ("1.23457E+12", ["scientific"]),
        ("5,1e-07", ["scientific"]),
        ("5E10", []),
        ("11E+12", ["characters"]),
        (" 1E+12", ["white_space", "scientific"]),
        ("TEE\u200b#" + "A" * 60, ["invisible", "too_long", "characters"]),
    ],
)
def test_W2_what_is_wrong_with_a_sku(sku: str, wrong: list[str]) -> None:
    assert kinds(sku) == wrong


def test_W2_the_file_says_what_is_allowed_and_how_long() -> None:
    assert kinds("TEE#1", allowed=r"[\w#-]") == []
    assert kinds("TEE-1", allowed=r"[A-Z]") == ["characters"]
    assert kinds("TEE-123", longest_sku=6) == ["too_long"]


@pytest.mark.parametrize("allowed", ["(", "[a-z", "a{999999999999}", "(a+)+"])
def test_W2_what_is_allowed_has_to_be_an_expression(allowed: str) -> None:
    with pytest.raises(ValueError, match=r"lint\.allowed"):
        LintSettings(allowed=allowed)


def test_W2_only_a_star_stands_for_anything() -> None:
    rules = SkuRules(LintSettings(ignore=("TEST-*", "A?B", "C[1]")))
    skus = ("TEST-", " TEST-9 ", "XTEST-9", "A?B", "AXB", "C[1]", "C1", "test-9")
    assert [sku for sku in skus if rules.is_ignored(sku)] == ["TEST-", " TEST-9 ", "A?B", "C[1]"]
    assert not SkuRules(LintSettings()).is_ignored("")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("TEE-RED-M", "tee-red-m", True),
        ("TEE-RED-M", "TEE-RED -M", True),
        ("TEE-RED-M", "TEE\u2011RED\u2212M", True),
        ("TEE-RED-M", "\uff34\uff25\uff25\uff0dRED-M", True),
        ("TEE-RED-M", "TEE-RED\u200b-M", True),
        ("STRASSE", "stra\u00dfe", True),
        ("GR\u00dcN", "GRU\u0308N", True),
        ("TEE-RED-M", "TEE_RED_M", False),
        ("TEE-RED-M", "TEERED-M", False),
        ("TEE-RED-M", "TEE-RED-M1", False),
    ],
)
def test_W2_two_skus_that_people_take_for_one(one: str, other: str, same: bool) -> None:
    assert (folded(one) == folded(other)) is same


def test_W2_zeros_in_front_count_for_digits_alone() -> None:
    assert same_number("0012") == same_number("12")
    assert same_number("000") == same_number("0") != same_number("")
    assert same_number("A012") != same_number("A12")


@given(st.text(max_size=30))
def test_W2_folding_twice_is_folding_once(sku: str) -> None:
    assert folded(folded(sku)) == folded(sku)
    assert is_blank(sku) or folded(sku) or not sku.strip()


@given(st.text(max_size=300), st.text(max_size=300))
def test_W2_what_is_shown_can_be_printed_and_tells_skus_apart(one: str, other: str) -> None:
    assert all(c.isprintable() for c in shown(one))
    assert len(shown(one)) <= 80
    visible = {c for c in one + other if unicodedata.category(c)[0] not in "CZ" or c == " "}
    if one != other and visible.isdisjoint("<>'\ufffd"):
        assert shown(one) != shown(other)


# -- the register ----------------------------------------------------------------------------


def test_W2_a_row_that_a_list_shows_twice_is_one() -> None:
    register = Register("example")
    for _ in range(2):
        register.see("mintsoft", "TEE", "901", ("570", ""))
    assert list(register.duplicates()) == []
    register.see("mintsoft", "TEE", "902", ("0570",))
    assert [one.kind for one in register.duplicates()] == ["lint.sku_duplicate"]


def test_W2_barcodes_are_one_with_and_without_zeros_in_front() -> None:
    register = Register("example")
    register.see("mintsoft", "TEE", "901", ("0570",))
    register.see("mintsoft", "MUG", "902", ("570",))
    register.see("unleashed", "CAP", "a", ("570",))

    (found,) = register.duplicates()
    assert (found.kind, found.subject) == ("lint.barcode_duplicate", "barcode 570 in mintsoft")
    assert found.says == {"mintsoft": "MUG, TEE"}


def test_W2_what_is_spelt_otherwise_is_a_twin_and_not_missing() -> None:
    register = Register("example")
    register.see("unleashed", "TEE", "a")
    register.see("unleashed", "CAP", "b")
    register.see("mintsoft", "tee", "901")
    register.see_ended("mintsoft", "CAP")
    register.see("unleashed", "MUG", "c")

    assert list(register.missing("unleashed", "mintsoft")) == ["MUG"]
    assert register.alike("mintsoft", "TEE") == "tee"
    assert register.alike("mintsoft", "MUG") == ""
    (twin,) = register.twins()
    assert (twin.kind, twin.subject) == ("lint.sku_twins_across", "TEE / tee")


def test_W2_a_twin_in_one_system_is_told_as_such_though_another_has_it_too() -> None:
    register = Register("example")
    for system, sku in (("unleashed", "TEE"), ("mintsoft", "TEE"), ("mintsoft", "tee")):
        register.see(system, sku, f"{system}/{sku}")
    (twin,) = register.twins()
    assert twin.kind == "lint.sku_twins"
    assert twin.says == {"unleashed": "TEE", "mintsoft": "TEE and tee"}


# -- kinds -----------------------------------------------------------------------------------


def test_W6_a_finding_is_short_enough_to_be_kept() -> None:
    long = "X" * 500
    one = found("lint.sku_characters", long, {"mintsoft": long, "n": 3}, merchant="example")
    assert len(one.subject) == LONGEST_SUBJECT
    assert len(str(one.says["mintsoft"])) == 60
    assert one.says["n"] == 3

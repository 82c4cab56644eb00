"""Verdicts: what is shown to operators is one line."""

from __future__ import annotations

from returns_hub.errors import Permanent, Retryable


def test_a_reason_is_one_printable_line_whatever_is_in_it() -> None:
    verdict = Permanent("test.refused", "the type \x00 of\nassembly 7\u202e")

    assert verdict.reason == "the type \ufffd of assembly 7\ufffd"
    assert str(verdict) == f"test.refused: {verdict.reason}"


def test_a_printable_reason_is_left_as_it_is() -> None:
    assert Retryable("test.later", "Größe M, 10 Stück").reason == "Größe M, 10 Stück"

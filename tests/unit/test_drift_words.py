"""Partners' words in findings: short, on one line, without what is shaped like personal data."""

from __future__ import annotations

import time

import pytest

from returns_hub.domain.drift.words import shortened


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("TEE\r\nRED", "TEE RED"),
        ("TEE\x1b[31m", "TEE\ufffd[31m"),
        ("for pat.lee@example.test, please", "for [redacted], please"),
        ("pat@one.test+ana@two.test", "[redacted]@two.test"),
        ("a@b+ana@two.test", "a@[redacted]"),
        ("TEE@RED", "TEE@RED"),
        ("x" * 61, "x" * 59 + "…"),
    ],
)
def test_words_are_fit_to_be_kept(said: str, shown: str) -> None:
    assert shortened(said) == shown


@pytest.mark.parametrize("text", ["x" * 200_000, "x@" * 100_000, "x@y" + "." * 200_000])
def test_a_long_text_takes_no_longer_than_it_is_long(text: str) -> None:
    """Looking for a mail address anew behind every letter took minutes."""
    began = time.process_time()
    shortened(text)
    assert time.process_time() - began < 2.0

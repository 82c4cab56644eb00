"""The form in which terms are compared; any text has one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from returns_hub.domain.overview.search_terms import (
    LONGEST_TERM,
    Term,
    TermKind,
    fresh_terms,
    normalised,
)
from returns_hub.domain.state import ReturnState

ORDER, SKU, TRACKING = TermKind.ORDER, TermKind.SKU, TermKind.TRACKING


@pytest.mark.parametrize(
    ("kind", "text", "term"),
    [
        (ORDER, "#5501", "5501"),
        (ORDER, "5501", "5501"),
        (ORDER, " # EX-5501 ", "ex-5501"),
        (ORDER, "5501#2", "5501#2"),
        (SKU, "#TEE", "#tee"),
        (SKU, "Tee\u00a0Red \n M", "tee red m"),
        (SKU, "\uff34EE", "tee"),
        (SKU, "TEE-RED/M", "tee-red/m"),
        (SKU, "TEE\x00", "tee"),
        (TRACKING, "1Z 999-AA1", "1z999aa1"),
        (TRACKING, "--", ""),
        (SKU, "x" * 300, "x" * LONGEST_TERM),
    ],
)
def test_a_term_as_it_is_compared(kind: TermKind, text: str, term: str) -> None:
    assert normalised(kind, text) == term


@given(kind=st.sampled_from(TermKind), text=st.text())
@example(kind=SKU, text="\ud800")
@example(kind=ORDER, text="İ#")
@example(kind=SKU, text="ﷺ" * 200)
def test_any_text_has_a_form_that_dynamodb_takes_as_a_key(kind: TermKind, text: str) -> None:
    term = normalised(kind, text)

    assert len(f"{'m' * 40}#find#{kind.value}#{term}".encode()) < 2048
    assert not term.startswith((" ", "#")) or kind is not ORDER


def test_all_terms_are_fresh_of_a_state_that_a_release_without_search_wrote() -> None:
    """One that waited for nothing, too: it can only be told by what its JSON lacks."""
    of_now = ReturnState(merchant="example", return_id="r1", version=3, order_names=("#5501",))
    written = {
        name: part for name, part in of_now.model_dump(mode="json").items() if name != "step"
    }
    earlier = ReturnState.model_validate(written)
    after = of_now.model_copy(update={"version": 4, "step": None})
    assert fresh_terms(earlier, after) == (Term(ORDER, "5501"),)
    assert fresh_terms(after, after) == ()

"""The judge of `make run` sees what went wrong although nothing was done twice and none is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local.run.check import judge
from local.run.publish import samples

SAMPLE = samples(1, datetime.now(UTC))[0]
NAME = SAMPLE.return_id


def mintsoft_books(*comments: str) -> dict[str, Any]:
    """One external return of a single row for each comment."""
    rows = enumerate(comments, start=41)
    return {"external_returns": [{"id": i, "rows": [{"comments": c}]} for i, c in rows]}


def redo_books(*items: str, flagged: bool = False) -> dict[str, Any]:
    """One process call for each item."""
    return {
        "submissions": {f"{NAME}/{item}": 1 for item in items},
        "payments": {},
        "statuses": {NAME: ["open", "flagged"] if flagged else ["open"]},
        "comments": {},
    }


MARKED = f"Redo return {NAME} [RH-{1:020x}]"


def test_what_the_sample_expects_is_not_remarked_on() -> None:
    assert judge([SAMPLE], redo_books("i"), mintsoft_books(MARKED), {}).unexpected == ()


def test_a_line_processed_that_never_arrived_is_seen() -> None:
    judgement = judge([SAMPLE], redo_books("i", "j"), mintsoft_books(MARKED), {})

    assert "2 lines processed; expected: processed" in judgement.unexpected[0]


def test_a_processed_return_that_was_flagged_too_is_seen() -> None:
    judgement = judge([SAMPLE], redo_books("i", flagged=True), mintsoft_books(MARKED), {})

    assert judgement.endings == {NAME: "processed"}
    assert "flagged; expected" in judgement.unexpected[0]


def test_an_external_return_that_nobody_asked_for_is_seen() -> None:
    strange = mintsoft_books(MARKED, "Redo return elsewhere [RH-" + "a" * 20 + "]", "no mark")
    judgement = judge([SAMPLE], redo_books("i"), strange, {})

    assert judgement.unexpected == (
        "external return 42 is of no published return",
        "external return 43 is of no published return",
    )

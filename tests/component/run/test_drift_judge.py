"""The judge of what `make run` plants: a report that has less, more or something else is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from local.run import drift
from local.run.drift import MERCHANTS, NOT_PLANTED, DriftStory, page_of
from local.run.drift_check import DriftBooks, judge_drift
from local.run.drift_stage import Planted
from local.run.report import show_drift
from local.stack import LocalStackError
from returns_hub.domain.drift.findings import Difference, Finding, Look, Standing
from returns_hub.flows.drift.comparisons import COMPARISONS

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
STOCK = Planted("example", "stock.unleashed", "TEE @ MAIN")
LINT = Planted("outlet", "lint.sku_blank", "product 1 in mintsoft")
DESIGN = Planted("example", "lint.sku_pattern", "SOCK in mintsoft")


def finding(one: Planted, standing: Standing = Standing.NEW, **more: Any) -> Finding:
    told = {"says": {"mintsoft": 1}, "cause": "a count", "mend": "hub plan", **more}
    looks = told.pop("looks", 1)
    return Finding(Difference(one.kind, one.subject, **told), standing, NOW, NOW, looks=looks)


def clean() -> DriftBooks:
    """Two differences were planted, and the samples hold one."""
    return DriftBooks(
        kinds={"stock.unleashed", "lint.sku_blank"},
        by_design=[DESIGN],
        busy={"example": [Look(at=NOW, counted={"lint.sku_pattern": 1})], "outlet": [Look(at=NOW)]},
        before=[DESIGN],
        planted=[STOCK, LINT],
        found={one: finding(one) for one in (STOCK, LINT, DESIGN)},
        pages={"example": "stock.unleashed lint.sku_pattern", "outlet": "lint.sku_blank"},
    )


def test_a_report_with_exactly_what_was_planted_is_judged_clean() -> None:
    judgement = judge_drift(clean())

    assert judgement.sentences == ()
    assert [one for one, _ in judgement.found] == [STOCK, LINT]
    assert judgement.counts == {
        "drift_kinds": 2,
        "drift_planted": 2,
        "drift_found": 2,
        "drift_beyond": 0,
        "drift_by_design": 1,
    }


def test_what_was_planted_and_not_found_is_lost() -> None:
    books = replace(clean(), found={one: finding(one) for one in (LINT, DESIGN)})

    judgement = judge_drift(books)

    assert judgement.lost == [
        "drift was planted and not found: stock.unleashed of example, TEE @ MAIN"
    ]
    assert judgement.counts["drift_found"] == 1


OTHER = Planted("example", "stock.wair", "TEE @ COR")
ELSEWHERE = Planted("outlet", "stock.unleashed", "TEE @ MAIN")


@pytest.mark.parametrize(
    ("books", "sentences"),
    [
        (
            replace(
                clean(),
                found={**clean().found, ELSEWHERE: finding(ELSEWHERE)},
                pages={**clean().pages, "outlet": "lint.sku_blank stock.unleashed"},
            ),
            ["drift was found that nobody planted: stock.unleashed of outlet, TEE @ MAIN"],
        ),
        (
            replace(clean(), before=[DESIGN, OTHER]),
            ["a false alarm before anything was planted: stock.wair of example, TEE @ COR"],
        ),
        (
            replace(clean(), before=[]),
            ["drift that the samples hold was not found: lint.sku_pattern of example, SOCK"],
        ),
        (
            replace(
                clean(),
                busy={
                    "example": [Look(at=NOW, counted={"stock.wair": 1})] * 2,
                    "outlet": [Look(at=NOW)],
                },
            ),
            ["a false alarm of example while the run was busy, in 2 looks: stock.wair"],
        ),
        (
            replace(clean(), busy={"example": [Look(at=NOW)], "outlet": []}),
            ["nobody looked for drift at outlet while the run was busy"],
        ),
        (
            replace(clean(), kinds={"stock.unleashed", "lint.sku_blank", "stock.wair"}),
            ["nothing of stock.wair was planted"],
        ),
        (
            replace(clean(), kinds={"stock.unleashed"}),
            ["lint.sku_blank is no kind of drift"],
        ),
        (
            replace(clean(), not_planted={"stock.gone": "why"}),
            ["stock.gone is no kind of drift"],
        ),
        (
            replace(clean(), failed={"stock.wair of example": "WAIR is away"}),
            ["drift: stock.wair of example could not be compared: WAIR is away"],
        ),
        (
            replace(clean(), pages={"example": "lint.sku_pattern", "outlet": "lint.sku_blank"}),
            ["the page of example does not have stock.unleashed"],
        ),
        (
            replace(clean(), found={**clean().found, STOCK: finding(STOCK, mend="")}),
            ["drift: stock.unleashed of example, TEE @ MAIN tells no cause, no next step"],
        ),
        (
            replace(clean(), found={**clean().found, STOCK: finding(STOCK, cause="")}),
            ["drift: stock.unleashed of example, TEE @ MAIN tells no cause, no next step"],
        ),
        (
            replace(clean(), found={**clean().found, STOCK: finding(STOCK, Standing.RECURRING)}),
            ["drift: stock.unleashed of example, TEE @ MAIN is recurring after 1 looks"],
        ),
    ],
)
def test_every_other_difference_is_told(books: DriftBooks, sentences: list[str]) -> None:
    told = judge_drift(books).unexpected

    assert len(told) == len(sentences), told
    for sentence, wanted in zip(told, sentences, strict=True):
        assert sentence.startswith(wanted)


def test_a_kind_that_a_run_cannot_plant_says_why() -> None:
    books = clean()
    kinds = {*books.kinds, "stock.odd"}

    assert judge_drift(replace(books, kinds=kinds, not_planted={"stock.odd": "no hand"})).counts
    assert not judge_drift(
        replace(books, kinds=kinds, not_planted={"stock.odd": "no hand"})
    ).sentences
    known = {kind for comparison in COMPARISONS for kind in comparison.kinds}
    assert set(NOT_PLANTED) <= known


def test_a_row_of_drift_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    judgement = judge_drift(clean())
    show_drift(Console(width=140), judgement, Path(".local/drift.html"))
    shown = capsys.readouterr().out

    assert "stock.unleashed" in shown
    assert "The report's page: .local/drift.html" in shown
    assert len(shown.splitlines()) == len(judgement.found) + 6


def test_a_standstill_is_a_sentence_and_nothing_is_planted(monkeypatch: pytest.MonkeyPatch) -> None:
    told = DriftStory.not_told()
    assert "nothing was planted" in told.sentences[0]
    assert json.dumps(told.counts) == "{}"

    def silent(*_: object) -> None:
        raise LocalStackError("a simulator does not answer books")

    story = object.__new__(DriftStory)
    monkeypatch.setattr(story, "_partners", _Partners(), raising=False)
    monkeypatch.setattr(drift.DriftStory, "_books", silent)
    assert story.tell((), "SHOP-4", Path()).sentences == ("a simulator does not answer books",)


class _Partners:
    """Partners that answer."""

    def answer_after(self, delay: float) -> None:
        """As fast as they are told."""


def test_each_merchant_has_a_page() -> None:
    assert [page_of(merchant) for merchant in MERCHANTS] == ["drift.html", "drift-outlet.html"]

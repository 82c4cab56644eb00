"""What is explained of checkov's findings: each with a reason, and none for nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tools.check_template import (
    EXPLAINED,
    Explanation,
    Finding,
    explanations,
    kinds_of,
    objections,
)

KINDS = {"Files": "AWS::S3::Bucket", "Door": "AWS::Lambda::Function"}
NO_VPC = Explanation("CKV_1", "not in a VPC", "AWS::Lambda::Function", "nothing private")
NO_LOG = Explanation("CKV_2", "not logged", "Files", "CloudTrail does")
DOOR, FILES = Finding("CKV_1", "no VPC", "Door"), Finding("CKV_2", "no log", "Files")


def test_each_has_a_reason_and_is_about_something_of_the_template(
    translation: dict[str, Any],
) -> None:
    kinds = kinds_of(translation["template"])
    found = explanations()
    assert found
    for explanation in found:
        assert re.fullmatch(r"CKV2?_AWS_\d+", explanation.check)
        assert len(explanation.reason.split()) >= 15, explanation.check
        assert explanation.of in kinds or explanation.of in kinds.values(), explanation.check


def test_what_is_explained_passes() -> None:
    assert objections([DOOR, FILES], [NO_VPC, NO_LOG], KINDS) == []


def test_what_is_not_explained_fails_by_its_name() -> None:
    (told,) = objections([DOOR, FILES], [NO_VPC], KINDS)
    assert told == f"Files: no log (CKV_2): mend it, or explain it in {EXPLAINED.name}"


def test_an_explanation_is_of_its_own_check_and_resource_alone() -> None:
    other = Finding("CKV_1", "no VPC", "Files")
    assert len(objections([DOOR, other], [NO_VPC], KINDS)) == 1
    assert len(objections([DOOR, Finding("CKV_9", "x", "Door")], [NO_VPC], KINDS)) == 1


def test_an_explanation_that_fits_no_finding_fails() -> None:
    (told,) = objections([DOOR], [NO_VPC, NO_LOG], KINDS)
    assert "CKV_2 of Files fits no finding" in told


@pytest.mark.parametrize(
    "text",
    [
        "CKV_1: {says: a, of: b}",
        "CKV_1: {says: a, of: b, reason: ''}",
        "CKV_1: {says: a, of: b, reason: ' '}",
        "CKV_1: {says: a, of: b, reason: c, until: d}",
    ],
)
def test_an_explanation_without_a_reason_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "explained.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="CKV_1 needs says, of and reason"):
        explanations(path)

"""The list of defects is kept true: each one can still be made."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.mutations.defects import DEFECTS
from tests.mutations.model import ROOT, Defect
from tests.mutations.runner import mutated_files


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    names = Counter(defect.name for defect in DEFECTS)

    assert len(DEFECTS) >= 25
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_fits_the_code_and_compiles(defect: Defect) -> None:
    for path, text in mutated_files(defect, ROOT).items():
        assert text != (ROOT / path).read_text()
        if path.endswith(".py"):
            compile(text, path, "exec")


def test_what_should_catch_them_exists() -> None:
    assert all(defect.checks for defect in DEFECTS)
    checks = {check for defect in DEFECTS for check in defect.checks if check.kind == "pytest"}
    paths = {path.split("::")[0] for check in checks for path in check.arguments}

    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []

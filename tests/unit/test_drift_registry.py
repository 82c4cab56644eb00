"""The list of comparisons, and what docs/drift.md says of each kind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from returns_hub.domain.drift.findings import Area
from returns_hub.flows.drift.comparisons import COMPARISONS

DOCS = Path(__file__).resolve().parents[2] / "docs" / "drift.md"
KINDS = sorted(kind for made in COMPARISONS for kind in made.kinds)
AREAS = frozenset(Area.__args__)  # type: ignore[attr-defined]


def test_a_comparison_has_a_name_and_its_kinds_of_its_own() -> None:
    names = [made.name for made in COMPARISONS]
    assert len(names) == len(set(names))
    assert len(KINDS) == len(set(KINDS))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_begins_with_its_area_and_is_told_in_the_docs(kind: str) -> None:
    assert kind.split(".", maxsplit=1)[0] in AREAS
    assert f"\n| `{kind}` |" in DOCS.read_text(encoding="utf-8")


def test_the_docs_tell_of_no_kind_that_is_not_there() -> None:
    told = re.findall(
        r"^\| `([a-z_]+\.[a-z_]+)` \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(told) == KINDS

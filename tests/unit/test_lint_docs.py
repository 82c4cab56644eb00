"""Every kind of the lint's findings is in the documents."""

from __future__ import annotations

from pathlib import Path

from returns_hub.domain.lint.kinds import KINDS

DOCS = Path(__file__).resolve().parents[2] / "docs" / "drift.md"


def test_W6_every_kind_has_its_row_in_the_documents_and_a_next_step() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for name, kind in KINDS.items():
        assert f"| `{name}` |" in text, name
        assert all((kind.means, kind.cause, kind.mend)), name

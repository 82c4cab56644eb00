"""These tests are about the official document: without it they fail, or are skipped offline."""

from __future__ import annotations

import pytest

from tests.official.document import needed


@pytest.fixture(autouse=True)
def the_document() -> None:
    """The document is here."""
    needed()

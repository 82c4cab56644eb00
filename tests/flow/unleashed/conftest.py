"""What tests of the ERP's flows are given."""

from __future__ import annotations

import pytest

from tests.support.faked_flows import FakedFlows


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> FakedFlows:
    return FakedFlows(monkeypatch)

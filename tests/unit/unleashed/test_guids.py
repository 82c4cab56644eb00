"""Guids of our own: the same for the same operation."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from returns_hub.domain.unleashed.guids import guid_for


def test_it_never_changes() -> None:
    """What was written under the old one would be written again under a new one."""
    assert guid_for("create-sales-order/example/1042") == "bf756883-27eb-59ca-8199-c2e527cc12a0"


@given(one=st.text(), other=st.text())
def test_one_operation_one_guid(one: str, other: str) -> None:
    assert str(UUID(guid_for(one))) == guid_for(one)
    assert (guid_for(one) == guid_for(other)) is (one == other)

"""A guard over a subscription, at the start and when it is whole."""

from __future__ import annotations

import pytest

from tests.support.subscription_worlds import (
    Guard,
)


@pytest.fixture
def guard() -> Guard:
    return Guard()


@pytest.fixture
def whole(guard: Guard) -> Guard:
    """A guard whose subscription was made, and seen whole, some time ago."""
    assert guard.check() == "created"
    guard.later()
    assert guard.check() == "whole"
    guard.bench.to_redo.requests.clear()
    guard.later()
    return guard

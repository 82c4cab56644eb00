"""Which stored rows a release can work with."""

from __future__ import annotations

import pytest

from returns_hub.domain.store_version import ROWS, StoreVersion, problem_of


@pytest.mark.parametrize(
    ("stored", "release", "is_known"),
    [
        (StoreVersion(), 1, True),
        (StoreVersion(1, 1), 1, True),
        (StoreVersion(1, 2), 1, True),  # the release after has begun, or was here and went back
        (StoreVersion(2, 2), 1, True),
        (StoreVersion(1, 3), 1, False),  # two releases back
        (StoreVersion(3, 3), 1, False),
        (StoreVersion(1, 1), 2, True),  # not migrated yet
        (StoreVersion(1, 1), 3, False),  # one was left out
        (StoreVersion(1, 2), 3, False),  # its migrations did not come to their end
        (StoreVersion(2, 2), 3, True),
    ],
)
def test_a_release_works_with_the_one_before_and_the_one_after(
    stored: StoreVersion, release: int, is_known: bool
) -> None:
    assert (problem_of(stored, release) == "") is is_known


def test_what_is_wrong_is_said_with_what_to_do() -> None:
    assert "deploy the release that wrote them" in problem_of(StoreVersion(5, 5), 2)
    assert "one by one" in problem_of(StoreVersion(1, 1), 5)
    assert problem_of(StoreVersion()) == "", f"this release writes {ROWS}"


def test_going_back_lowers_what_is_complete_and_never_what_may_be_there() -> None:
    both = StoreVersion(2, 2, frozenset({"0001", "0002"}))
    back = both.worked_with(1, ["0001"])
    assert back == StoreVersion(1, 2, frozenset({"0001"}))
    assert back.worked_with(2, ["0001", "0002"]) == back

"""A body that is read while it comes leaves time for the work behind it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from returns_hub.adapters.http.bodies import CutOff
from returns_hub.adapters.http.transport import PartnerHttp, PartnerTime, Streamed
from tests.support.fakes import Telemetry, TestClock


class OpenGate:
    """Lets everybody through at once."""

    def wait(self, most: float) -> None:
        return

    def require_open(self) -> None:
        return

    def answered(self) -> None:
        return

    def away(self) -> None:
        return

    def told_to_wait(self, seconds: float) -> None:
        return


class Dripping(requests.Session):
    """Answers everything with a body that drips: a byte each second, and no end."""

    def __init__(self, clock: TestClock) -> None:
        super().__init__()
        self._clock = clock

    def read1(self, *_: Any, **__: Any) -> bytes:
        self._clock.advance(seconds=1)
        return b"."

    def send(self, request: Any, **_: Any) -> AbstractContextManager[Any]:  # type: ignore[override]
        return nullcontext(SimpleNamespace(status_code=200, headers={}, raw=self))


@pytest.mark.parametrize(("left", "at_most"), [(302.0, 120), (62.0, 24), (3000.0, 240)])
def test_a_body_that_drips_takes_a_share_of_the_time_that_is_left(
    left: float, at_most: int
) -> None:
    clock = TestClock()
    clock.left = left
    http = PartnerHttp(
        "https://feed.example.test",
        partner="miinto-feed",
        gate=OpenGate(),
        clock=clock,
        telemetry=Telemetry(),
        spent=PartnerTime(),
        new_session=lambda: Dripping(clock),
    )
    began = clock.monotonic()
    with (
        pytest.raises(CutOff, match="takes too long"),
        http.stream("", template="/feed", seconds=240.0, most_bytes=10**9) as got,
    ):
        assert isinstance(got, Streamed)
        list(got.parts)
    assert clock.monotonic() - began == pytest.approx(at_most, abs=1)

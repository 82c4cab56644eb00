"""The invocation in hand: its time, and what of a fault leaves it."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from returns_hub.errors import Verdict

OURS = str(Path(__file__).parent)
MOST_PLACES = 6


class HubFault(Exception):  # noqa: N818 - the word of the metric and of the runbook
    """A fault of the hub's own ended an invocation: what kind, and where in the code; no more.

    Lambda's runtime writes whatever ends an invocation into the log, words and all, and the words
    of an exception may hold a partner's body, an address with a key in its query, or a setting.
    """


@contextmanager
def guarded() -> Iterator[None]:
    """Around an invocation: a fault leaves it as `HubFault`, a verdict as it is.

    Raises:
        HubFault: Anything that is no verdict was raised.
    """
    try:
        yield
    except (Verdict, HubFault):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it says, it is not let through
        raise HubFault(place_of(error)) from None


def place_of(error: BaseException) -> str:
    """Kind of an exception and the way through the hub's own code to it, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        f"{frame.filename.removeprefix(OURS).lstrip('/')}:{frame.lineno}"
        for frame in frames
        if frame.filename.startswith(OURS)
    ]
    way = " > ".join(ours[-MOST_PLACES:])
    return f"{type(error).__name__} at {way or 'no place of the hub'}"


class InvocationClock:
    """`ports.Clock`: real time, and the time that the invocation in hand has left."""

    def __init__(self) -> None:
        self._remaining: Callable[[], float] = lambda: 300.0

    def begin(self, remaining: Callable[[], float]) -> None:
        """A new invocation has begun."""
        self._remaining = remaining

    def now(self) -> datetime:
        """See `ports.Clock.now`."""
        return datetime.now(UTC)

    def remaining(self) -> float:
        """See `ports.Clock.remaining`."""
        return self._remaining()

    def monotonic(self) -> float:
        """See `ports.Clock.monotonic`."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """See `ports.Clock.sleep`."""
        time.sleep(seconds)

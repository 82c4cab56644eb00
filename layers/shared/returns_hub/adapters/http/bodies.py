"""Bodies that are read while they come, because they may be larger than memory allows."""

from __future__ import annotations

from collections.abc import Iterator

import requests
from urllib3.exceptions import HTTPError

from returns_hub.ports import Clock

CHUNK = 64 * 1024


class CutOff(Exception):  # noqa: N818 - each partner's adapter makes a verdict of it
    """A body ended before its end, took too long or is too large."""


def parts_of(
    response: requests.Response, clock: Clock, *, ends: float, most_bytes: int
) -> Iterator[bytes]:
    """The body in parts, as they come.

    Args:
        response: Asked for with ``stream``.
        clock: Tells the time.
        ends: When it has to be whole, by `Clock.monotonic`.
        most_bytes: The most that it may hold, unpacked.

    Raises:
        CutOff: It did not come to its end in time, or is too large.
    """
    size = 0
    try:
        # read1 gives what has come; reading a whole chunk would wait for it however it drips.
        while part := response.raw.read1(CHUNK, decode_content=True):
            size += len(part)
            if size > most_bytes:
                raise CutOff("is too large")
            yield part
            if clock.monotonic() > ends:
                raise CutOff("takes too long")
    except (HTTPError, OSError):
        raise CutOff("is cut off") from None

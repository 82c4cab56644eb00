"""Requests sent each at its own moment, from a process that does nothing else.

Only the standard library is imported here: the process starts anew for every measurement.
"""

from __future__ import annotations

import http.client
import multiprocessing
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

SENDERS = 32
"""Most that are under way at the same time."""


@dataclass(frozen=True)
class Post:
    """One request to be sent, `due` seconds after the first."""

    kind: str
    due: float
    headers: dict[str, str]
    body: bytes
    return_id: str = ""


@dataclass(frozen=True)
class Answered:
    """What became of one: the status (0: no answer), and seconds from when it was due."""

    status: int
    seconds: float


def deliver(url: str, posts: Sequence[Post]) -> list[Answered]:
    """Send every request at its moment, from a process of its own; the answers in their order."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_deliver, (url, list(posts)))


class _Connections(threading.local):
    """One for each thread, made when it is needed."""

    kept: http.client.HTTPConnection | None = None


def _deliver(url: str, posts: list[Post]) -> list[Answered]:
    parts = urlsplit(url)
    mine = _Connections()

    def send(post: Post) -> Answered:
        due = began + post.due
        time.sleep(max(0.0, due - time.monotonic()))
        kept = mine.kept or http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
        mine.kept = kept
        try:
            kept.request("POST", parts.path, post.body, post.headers)
            answer = kept.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            kept.close()
            return Answered(0, time.monotonic() - due)
        return Answered(answer.status, time.monotonic() - due)

    with ThreadPoolExecutor(SENDERS) as pool:
        began = time.monotonic() + 0.2
        return list(pool.map(send, posts))

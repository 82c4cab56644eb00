"""Carries a simulator's deliveries over HTTP: the thread around a core that has none."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import requests

from local.simulators.redo.deliveries import Outgoing

PAUSE_SECONDS = 0.05
TIMEOUT_SECONDS = 5.0
"""Redo's guide asks for an answer within 5 s."""
AT_ONCE = 16


class Owed(Protocol):
    """What a simulator owes its subscriptions."""

    def take_due(self) -> list[Outgoing]:
        """What is to be sent now."""

    def answered(self, number: int, status: int | None) -> None:
        """What a delivery was answered."""


class Deliverer:
    """Sends what is due, several at a time; the simulator's lock is never held while it waits."""

    def __init__(self, sources: Iterable[tuple[Owed, threading.Lock]]) -> None:
        self._sources = list(sources)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._session = threading.local()

    def _run(self) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while not self._stopped.wait(PAUSE_SECONDS):
                for deliveries, lock in self._sources:
                    with lock:
                        due = deliveries.take_due()
                    for outgoing in due:
                        pool.submit(self._send, deliveries, lock, outgoing)

    def _send(self, deliveries: Owed, lock: threading.Lock, outgoing: Outgoing) -> None:
        status = self._post(outgoing)
        with lock:
            deliveries.answered(outgoing.number, status)

    def _post(self, outgoing: Outgoing) -> int | None:
        if self._stopped.is_set():
            return None
        session = getattr(self._session, "it", None)
        if session is None:
            session = self._session.it = requests.Session()
            session.trust_env = False
        try:
            answer = session.post(
                outgoing.url,
                data=outgoing.body,
                headers=dict(outgoing.headers),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException:
            return None
        return int(answer.status_code)

    def __enter__(self) -> Deliverer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

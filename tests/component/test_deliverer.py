"""The simulator's deliveries over HTTP."""

from __future__ import annotations

import json
import threading

from local.simulators.deliverer import Deliverer
from local.simulators.redo.simulator import RedoSimulator
from local.simulators.wire import Reply, Request, Server
from tests.support.worlds import item, redo_return


class Receiver:
    """Asks the simulator back before it answers, as a hub may."""

    def __init__(self, redo_lock: threading.Lock) -> None:
        self._redo_lock = redo_lock
        self.seen: list[Request] = []
        self.got = threading.Semaphore(0)

    def handle(self, request: Request) -> Reply:
        with self._redo_lock:
            self.seen.append(request)
        self.got.release()
        return Reply(503 if len(self.seen) == 1 else 202)


def test_deliveries_arrive_and_are_repeated_and_the_simulator_stays_free() -> None:
    redo = RedoSimulator()
    with Server(redo) as server:
        receiver = Receiver(server.lock)
        webhooks = redo.webhooks
        webhooks.deliveries.settings = webhooks.deliveries.settings.__class__(retries=(0.0,))
        with (
            Server(receiver) as door,
            Deliverer([(webhooks.deliveries, server.lock)]),
        ):
            webhooks.subscribe(f"{door.url}/webhooks/redo/example", "the-token")
            with server.lock:
                redo.put(redo_return([item(1, "TEE")], id="r1"), [])
            assert receiver.got.acquire(timeout=20)
            assert receiver.got.acquire(timeout=20)

    one, two = receiver.seen
    assert (one.method, one.path) == ("POST", "/webhooks/redo/example")
    assert one.headers["authorization"] == "Bearer the-token"
    assert (json.loads(one.body)["type"], one.body) == ("created", two.body)


def test_a_receiver_that_is_away_gets_it_later() -> None:
    redo = RedoSimulator()
    redo.webhooks.subscribe("http://127.0.0.1:9/nobody", None)
    redo.put(redo_return([item(1, "TEE")], id="r1"), [])
    answered = threading.Event()
    deliveries = redo.webhooks.deliveries
    real = deliveries.answered

    def told(number: int, status: int | None) -> None:
        real(number, status)
        answered.set()

    deliveries.answered = told  # type: ignore[method-assign]
    with Deliverer([(deliveries, threading.Lock())]):
        assert answered.wait(20)
    (delivery,) = deliveries.all
    assert (delivery.answers, delivery.state) == ([None], "waiting")

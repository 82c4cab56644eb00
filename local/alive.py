"""A world with something going on: samples are published, and a warehouse books in most of them.

For people who look at the page of `make up`; whatever has to hold is held by `make run`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from local.run.publish import Sample, messages
from local.run.warehouse import Warehouse
from local.world import LocalWorld

PUBLISH_EVERY = 1.0
"""Seconds of the wall clock between two messages."""
BOOK_IN_EVERY = 20.0
ONE_IN_LEFT = 4
"""Of the external returns the warehouse leaves one in so many, so that returns wait too."""


@contextmanager
def something_going_on(world: LocalWorld, all_samples: list[Sample]) -> Iterator[None]:
    """Let the samples happen while this lasts, each once. The portal has to know them."""
    ended = threading.Event()
    hands = [
        threading.Thread(target=work, args=(world, all_samples, ended), daemon=True)
        for work in (_publish, _book_in)
    ]
    for hand in hands:
        hand.start()
    try:
        yield
    finally:
        ended.set()
        for hand in hands:
            hand.join()


def _publish(world: LocalWorld, all_samples: list[Sample], ended: threading.Event) -> None:
    sqs, url = world.aws.client("sqs"), world.queue_url("ApprovedReturnsQueue")
    for _, body in messages(all_samples, seed=0):
        if ended.wait(PUBLISH_EVERY):
            return
        sqs.send_message(QueueUrl=url, MessageBody=body)


def _book_in(world: LocalWorld, all_samples: list[Sample], ended: threading.Event) -> None:
    if world.partners is None:
        return
    warehouse = Warehouse(world.partners, all_samples)
    while not ended.wait(BOOK_IN_EVERY):
        warehouse.confirm_next(lambda external_return_id: external_return_id % ONE_IN_LEFT != 0)

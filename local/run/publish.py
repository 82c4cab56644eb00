"""Sample returns become returns in the portal and messages on the queue."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.merchant_samples import sample_files
from local.partners import SAMPLES, PartnerSimulators
from local.world import LocalWorld

MESSAGES_PER_SECOND = 20.0
"""A busy hour of a large brand; a burst would measure this machine's cores instead."""


@dataclass(frozen=True)
class Sample:
    """One approved return to be published, and what the world around it will do."""

    merchant: str
    return_id: str
    about: str
    message: str
    copies: int
    in_portal: bool
    body: dict[str, Any]
    order: dict[str, Any]
    warehouse: list[dict[str, Any]]
    meanwhile: dict[str, str] | None
    expected_outcome: str
    expected_external_returns: int
    expected_lines_processed: int


def samples(count: int | None, now: datetime) -> list[Sample]:
    """So many samples; beyond those on file the files again, as other returns."""
    files = sample_files()
    wanted = len(files) if count is None else count
    return [
        _sample(files[position % len(files)], position // len(files), now)
        for position in range(wanted)
    ]


def _sample(content: dict[str, Any], turn: int, now: datetime) -> Sample:
    text = json.dumps(content)
    for name in ("return", "order") if turn else ():
        old = content[name]["id"]
        text = text.replace(old, hashlib.sha256(f"{old}/{turn}".encode()).hexdigest()[:24])
    text = text.replace("{created}", _text(now - timedelta(hours=2)))
    text = text.replace("{updated}", _text(now))
    made = json.loads(text)
    return Sample(
        merchant=made["merchant"],
        return_id=made["return"]["id"],
        about=made["about"],
        message=made["message"],
        copies=made["copies"],
        in_portal=made["in_portal"],
        body=made["return"],
        order=made["order"],
        warehouse=made["warehouse"] or [{"goods": None}],
        meanwhile=made["meanwhile"],
        expected_outcome=made["expect"]["outcome"],
        expected_external_returns=made["expect"]["external_returns"],
        expected_lines_processed=made["expect"]["lines_processed"],
    )


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def bad_messages() -> list[str]:
    """Messages that are none; each has to end parked, with its reason."""
    content = json.loads((SAMPLES / "bad-messages.json").read_text(encoding="utf-8"))
    return [message["body"] for message in content["messages"]]


def put_in_portal(all_samples: list[Sample], partners: PartnerSimulators) -> None:
    """The returns as the portal knows them."""
    with partners.held():
        for sample in all_samples:
            if sample.in_portal:
                partners.redo.put(sample.body, [sample.order])


def messages(all_samples: list[Sample], seed: int) -> Iterator[tuple[Sample | None, str]]:
    """Every message, copies and bad ones too, in an order that the seed decides."""
    rows: list[Sample | None] = [s for s in all_samples for _ in range(s.copies)]
    chance = random.Random(seed)
    bad = bad_messages()
    rows += [None] * len(bad)
    chance.shuffle(rows)
    for sample in rows:
        yield (sample, message_of(sample)) if sample else (None, bad.pop())


def message_of(sample: Sample) -> str:
    """An approved-return event, with the portal's bodies or without."""
    event: dict[str, Any] = {
        "schema": "approved-return/1",
        "merchant": sample.merchant,
        "return_id": sample.return_id,
        "occurred_at": datetime.now(UTC).isoformat(),
        "source": "samples",
    }
    if sample.message == "full":
        event |= {"return": sample.body, "order": sample.order}
    return json.dumps(event)


def publish(
    world: LocalWorld, all_samples: list[Sample], seed: int, said: Callable[[], None]
) -> dict[str, float]:
    """Send every message; when each return was first told of, in epoch seconds."""
    sqs = world.aws.client("sqs")
    url = world.queue_url("ApprovedReturnsQueue")
    published: dict[str, float] = {}
    for sample, body in messages(all_samples, seed):
        if sample is not None:
            published.setdefault(sample.return_id, time.time())
        sqs.send_message(QueueUrl=url, MessageBody=body)
        said()
        time.sleep(1 / MESSAGES_PER_SECOND)
    return published

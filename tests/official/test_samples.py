"""Samples, and what tests deliver, are what Redo could say, but for what is wrong on purpose."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from local.run.publish import Sample, samples
from local.simulators.wire import Request, json_reply
from local.stack import ROOT
from tests.official.contract import assert_delivery, contract
from tests.support.doors import delivery

SAMPLES = samples(None, datetime(2026, 3, 2, 9, tzinfo=UTC))
ON_PURPOSE = {
    "A status that the hub was not told of: no decision": ("return.status",),
}
"""What a sample says against the document, by its title: a word that Redo may add."""


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.about)
def test_a_sample_is_what_redo_could_say(sample: Sample) -> None:
    asked = Request("GET", f"/v2.2/returns/{sample.return_id}")
    reply = json_reply(200, {"return": sample.body, "order": sample.order})
    where = tuple(words.partition(": ")[0] for words in contract().of_reply(asked, reply))
    assert where == ON_PURPOSE.get(sample.about, ())


def test_the_deliveries_are_what_redo_could_send() -> None:
    headers = {"Authorization": "Bearer chosen", "Content-Type": "application/json"}
    assert_delivery((ROOT / "samples" / "delivery.json").read_bytes(), headers)
    assert_delivery(delivery(), headers)

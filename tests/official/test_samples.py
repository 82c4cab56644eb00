"""The samples of `make run` are what Redo could say, but for those that are wrong on purpose."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from local.run.publish import Sample, samples
from local.simulators.wire import Request, json_reply
from tests.official.contract import contract

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

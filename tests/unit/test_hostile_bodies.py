"""Bodies that are made to hurt: JSON that explodes, answers that unpack without end, words that
would be lines of their own."""

from __future__ import annotations

import gzip
import io
import time
import tracemalloc
import zlib
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3.response import HTTPResponse

from returns_hub.adapters.http.transport import MOST_BYTES, Answer
from returns_hub.adapters.http.words import in_one_line
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Permanent
from tests.support.bare import line_to
from tests.support.fakes import Telemetry, TestClock

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"a":' * 100_000,
        "9" * 100_000,
        "-" + "9" * 5_000,
        "1e999999999",
        "1e-999999999",
        "0." + "9" * 10 + "e400",
        "NaN",
        "-Infinity",
        '{"a": Infinity}',
        '{"a": 1',
        "'single'",
        "",
    ],
    ids=lambda text: text[:12] or "nothing",
)
def test_json_that_is_made_to_hurt_is_refused_in_words(text: str) -> None:
    started = time.process_time()
    with pytest.raises(ValueError, match=r".+"):
        read_json(text)
    assert time.process_time() - started < 2


class Packed(BaseAdapter):
    """Answers with a body that is packed."""

    def __init__(self, body: bytes, encoding: str) -> None:
        super().__init__()
        self.body, self.encoding = body, encoding

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        made = requests.Response()
        made.status_code, made.request, made.url = 200, request, str(request.url)
        headers = {"Content-Encoding": self.encoding}
        made.headers.update(headers)
        body = io.BytesIO(self.body)
        made.raw = HTTPResponse(body, headers=headers, preload_content=False, status=200)
        return made

    def close(self) -> None:
        return


ZEROS = bytes(3 * MOST_BYTES)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(ZEROS), "gzip"),
        (zlib.compress(ZEROS), "deflate"),
        (gzip.compress(gzip.compress(ZEROS)), "gzip, gzip"),
        (gzip.compress(gzip.compress(gzip.compress(ZEROS))), "gzip, gzip, gzip"),
    ],
    ids=["gzip", "deflate", "twice", "three times"],
)
def test_a_bomb_is_cut_off_before_it_is_unpacked(body: bytes, encoding: str) -> None:
    http = line_to(
        "https://x.test", Packed(body, encoding), "x", clock=TestClock(), telemetry=Telemetry()
    )
    tracemalloc.start()
    try:
        outcome = http.request("POST", "/x", template="/x")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(outcome, Answer)
    assert not outcome.complete
    assert len(outcome.body) <= MOST_BYTES + MEGABYTE
    assert peak < 2.5 * MOST_BYTES


@pytest.mark.parametrize(
    "words", ["a\nlevel: ERROR", "a\r\nb", "a\x1b[2Jb", "a\u2028b", "a\u202eb", "a\x00b", "a\x9bb"]
)
def test_a_reason_is_one_printable_line(words: str) -> None:
    for told in (Permanent("a.word", words).reason, in_one_line(words)):
        assert told.isprintable()
        assert told.startswith("a")

"""What stock intelligence was told last of each row, compactly."""

from __future__ import annotations

import json
import zlib
from base64 import b85decode, b85encode
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zlib import crc32

from pydantic import StrictStr, TypeAdapter

from returns_hub.adapters.dynamodb.items import MOST_BYTES, expiry
from returns_hub.adapters.dynamodb.kept_content import content_of, unreadable
from returns_hub.adapters.dynamodb.table import Row, Table, gone, put
from returns_hub.errors import Permanent

BUCKETS = 64
"""Items that a part's rows are spread over: 250,000 rows make items of some 70 KB."""
HELD = TypeAdapter(dict[StrictStr, StrictStr])
WHAT = "what was told last"


class ToldRows(Table):
    """The part of `ports.feed_store.FeedStore` about what was told.

    told: 1 request for each megabyte. keep_told: the same, and 1 for every 25 buckets that change;
    one bucket at a time is unpacked. A keep that is cut off leaves every bucket whole, as it was or
    as it should be.
    """

    def told(self, merchant: str, data_set: str, part: str = "") -> Mapping[str, str]:
        """See `FeedStore.told`.

        Raises:
            Permanent: It cannot be read.
        """
        found: dict[str, str] = {}
        for _, packed in self._packed(_pk(merchant, data_set, part)):
            found |= _unpacked(packed)
        return found

    def keep_told(
        self,
        merchant: str,
        data_set: str,
        rows: Mapping[str, str],
        *,
        part: str = "",
        gone: Iterable[str] = (),
        whole: bool = False,
    ) -> None:
        """See `FeedStore.keep_told`.

        Raises:
            Permanent: A bucket is larger than DynamoDB takes, or cannot be read.
        """
        pk = _pk(merchant, data_set, part)
        changes = _in_buckets(rows)
        leaving = _in_buckets(dict.fromkeys(gone, ""))
        self._write_all(self._changed(pk, changes, leaving, whole=whole))

    def _changed(
        self,
        pk: str,
        changes: dict[int, dict[str, str]],
        leaving: dict[int, dict[str, str]],
        *,
        whole: bool,
    ) -> Iterator[Any]:
        """Each bucket that is to be written, one unpacked at a time."""
        for number, packed in self._packed(pk):
            if not whole and number not in changes and number not in leaving:
                continue
            held = {} if whole else _unpacked(packed)
            for key in leaving.pop(number, {}):
                held.pop(key, None)
            held |= changes.pop(number, {})
            yield self._change(pk, number, held)
        for number, held in changes.items():
            yield self._change(pk, number, held)

    def _change(self, pk: str, number: int, held: Mapping[str, str]) -> Any:
        key: Row = {"pk": pk, "sk": _sk(number)}
        if not held:
            return gone(key)
        packed = _packed_text(held)
        if len(packed) > MOST_BYTES:
            raise Permanent(
                "feed.too_large",
                f"what was told is too much to be kept: {len(packed) // 1000} KB in one of "
                f"{BUCKETS} items, of at most {MOST_BYTES // 1000}",
            )
        return put(key | {"told": packed, "expires_at": expiry(self._clock.now())})

    def _packed(self, pk: str) -> Iterator[tuple[int, str]]:
        """Every bucket, as it is stored; read consistently."""
        for item in self._partition(pk, "TOLD#"):
            yield int(item["sk"].removeprefix("TOLD#")), item.get("told", "")


def _pk(merchant: str, data_set: str, part: str) -> str:
    # None of the three has a #.
    return f"{merchant}#told#{data_set}#{part}"


def _sk(number: int) -> str:
    return f"TOLD#{number:02d}"


def _in_buckets(rows: Mapping[str, str]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for key, text in rows.items():
        found.setdefault(crc32(key.encode()) % BUCKETS, {})[key] = text
    return found


def _packed_text(held: Mapping[str, str]) -> str:
    content = json.dumps(held, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return b85encode(zlib.compress(content.encode(), 6)).decode()


def _unpacked(packed: str) -> dict[str, str]:
    try:
        text = zlib.decompress(b85decode(packed)).decode()
    except (ValueError, zlib.error):
        raise unreadable(WHAT) from None
    return content_of(text, HELD, WHAT)

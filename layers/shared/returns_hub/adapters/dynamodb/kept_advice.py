"""What stock intelligence advised, compactly.

Targets are written as a generation of their own, in buckets of a location, and count once the
pointer names it: until the list came to its end, those before stand. The generation before stays
until the next one, for whoever is reading it. Proposals are two items each: one that its
reference can be written once, and one in the order of time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError
from pydantic import StrictStr, TypeAdapter

from returns_hub.adapters.dynamodb.items import (
    as_text,
    dynamodb_errors,
    expiry,
    from_text,
    item_that_failed,
    typed,
)
from returns_hub.adapters.dynamodb.kept_content import content_of, unreadable
from returns_hub.adapters.dynamodb.table import Row, Table, gone
from returns_hub.domain.base import short_hash
from returns_hub.domain.strict_json import number_of
from returns_hub.domain.wair.advice import StockTarget, TransferProposal
from returns_hub.errors import Conflict, Permanent, Retryable

MOST_TARGETS = 250_000
BUCKET_BYTES = 200_000
"""Of a bucket's text at most, so that an item stays below the 400 KB that DynamoDB takes."""
AT_ONCE = 40
"""Proposals of one transaction, which takes 100 writes."""
LONGEST_TEXT = 200
"""Characters of what a batch is called."""
TARGETS = TypeAdapter(list[tuple[StrictStr, StrictStr, StrictStr]])
PROPOSAL = TypeAdapter(dict[StrictStr, StrictStr])
REF_TAKEN = "ConditionalCheckFailed"


class KeptAdvice(Table):
    """The part of `ports.feed_store.FeedStore` about what is advised."""

    # -- targets ----------------------------------------------------------------------------

    def keep_targets(self, merchant: str, targets: Iterable[StockTarget], read_at: datetime) -> int:
        """See `FeedStore.keep_targets`: a request for each 200 KB, and 3.

        Raises:
            Permanent: More than `MOST_TARGETS`; those before stand.
            Conflict: Somebody else is writing them.
        """
        before = self._pointer(merchant)
        current, begun = int(before.get("current", 0)), int(before.get("begun", 0))
        oldest = int(before.get("oldest", 0))
        number = max(current, begun) + 1
        kept = {"current": current, "count": int(before.get("count", 0)), "oldest": oldest}
        self._point(merchant, {**kept, "begun": number}, begun)
        count = self._write_generation(merchant, number, targets)
        self._point(
            merchant,
            {
                "current": number,
                "begun": number,
                "oldest": current or number,
                "count": count,
                "read_at": as_text(read_at),
            },
            number,
        )
        for old in range(oldest, number):
            if old != current:
                self._drop_generation(merchant, old)
        return count

    def targets(self, merchant: str, location: str = "") -> Iterator[StockTarget]:
        """See `FeedStore.targets`; a location's stand together.

        Raises:
            Permanent: They cannot be read; the next reading takes their place.
        """
        current = int(self._pointer(merchant).get("current", 0))
        if not current:
            return
        place = f"{short_hash(location)}#" if location else ""
        for item in self._partition(_of_targets(merchant, current), place):
            if location and item["location"] != location:
                continue
            for sku, quantity, day in content_of(item.get("rows"), TARGETS, "stock targets"):
                yield StockTarget(item["location"], sku, *_read_target(quantity, day))

    def _write_generation(self, merchant: str, number: int, targets: Iterable[StockTarget]) -> int:
        expires = expiry(self._clock.now())
        seen: set[bytes] = set()
        buckets: dict[str, _Bucket] = {}
        for target in targets:
            name = f"{target.location}\n{target.sku}".encode(errors="replace")
            digest = blake2b(name, digest_size=16).digest()
            if digest in seen:
                continue
            if len(seen) == MOST_TARGETS:
                raise Permanent(
                    "wair.too_many_targets",
                    f"more than {MOST_TARGETS} stock targets are advised: those that were read "
                    "before are kept",
                )
            seen.add(digest)
            bucket = buckets.setdefault(target.location, _Bucket(target.location))
            if bucket.add(target):
                self._write_bucket(merchant, number, bucket, expires)
        for bucket in buckets.values():
            self._write_bucket(merchant, number, bucket, expires)
        return len(seen)

    def _write_bucket(self, merchant: str, number: int, bucket: _Bucket, expires: int) -> None:
        if not bucket.rows:
            return
        row: Row = {
            "pk": _of_targets(merchant, number),
            "sk": f"{short_hash(bucket.location)}#{bucket.number:06d}",
            "location": bucket.location,
            "rows": f"[{','.join(bucket.rows)}]",
            "expires_at": expires,
        }
        with dynamodb_errors():
            self._client.put_item(TableName=self._table, Item=typed(row))
        bucket.begin_next()

    def _drop_generation(self, merchant: str, number: int) -> None:
        items = self._partition(_of_targets(merchant, number))
        self._write_all(gone({"pk": item["pk"], "sk": item["sk"]}) for item in items)

    def _pointer(self, merchant: str) -> dict[str, Any]:
        return self._get(*_pointer_key(merchant))

    def _point(self, merchant: str, content: dict[str, str | int], begun: int) -> None:
        """Write the pointer, where nobody else began a generation meanwhile."""
        pk, sk = _pointer_key(merchant)
        row: Row = {"pk": pk, "sk": sk, **content, "expires_at": expiry(self._clock.now())}
        condition = "begun = :begun" if begun else "attribute_not_exists(pk)"
        more: dict[str, Any] = {"ConditionExpression": condition}
        if begun:
            more["ExpressionAttributeValues"] = typed({":begun": begun})
        try:
            with dynamodb_errors():
                self._client.put_item(TableName=self._table, Item=typed(row), **more)
        except ClientError as error:
            item_that_failed(error)
            raise Conflict(f"stock targets of {merchant} are being written elsewhere") from error

    # -- proposals --------------------------------------------------------------------------

    def keep_proposals(
        self, merchant: str, proposals: Iterable[TransferProposal], read_at: datetime
    ) -> int:
        """See `FeedStore.keep_proposals`: one or two requests for 40."""
        rest, new = iter(proposals), 0
        while some := list(islice(rest, AT_ONCE)):
            by_reference = {_reference(one): one for one in reversed(some)}
            new += self._keep_some(merchant, list(by_reference.items()), read_at)
        return new

    def _keep_some(
        self, merchant: str, some: list[tuple[str, TransferProposal]], read_at: datetime
    ) -> int:
        while some:
            puts = [put for one in some for put in self._puts(merchant, *one, read_at)]
            try:
                with dynamodb_errors():
                    self._client.transact_write_items(TransactItems=puts)
            except ClientError as error:
                known = _taken(error)[::2]
                some = [one for one, is_known in zip(some, known, strict=True) if not is_known]
                continue
            return len(some)
        return 0

    def _puts(
        self, merchant: str, reference: str, proposal: TransferProposal, read_at: datetime
    ) -> tuple[Any, Any]:
        expires = expiry(read_at)
        mark: Row = {
            "pk": f"{merchant}#proposal#{reference}",
            "sk": "REFERENCE",
            "expires_at": expires,
        }
        row: Row = {
            "pk": f"{merchant}#proposals",
            "sk": f"{as_text(read_at)}#{reference}",
            "proposal": _written(proposal),
            "expires_at": expires,
        }
        return (
            {
                "Put": {
                    "TableName": self._table,
                    "Item": typed(mark),
                    # What is past its time may still lie there: DynamoDB deletes it days later.
                    "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
                    "ExpressionAttributeValues": typed(
                        {":now": int(self._clock.now().timestamp())}
                    ),
                }
            },
            {"Put": {"TableName": self._table, "Item": typed(row)}},
        )

    def proposals(self, merchant: str, most: int = 1000) -> Iterator[TransferProposal]:
        """See `FeedStore.proposals`. One of another release that cannot be read is passed over:
        the others are none the worse for it."""
        now, told = self._clock.now().timestamp(), 0
        for item in self._partition(f"{merchant}#proposals", ScanIndexForward=False):
            if told == most:
                return
            if item["expires_at"] <= now:
                continue
            try:
                proposal = _read(item.get("proposal"))
            except Permanent:
                continue
            told += 1
            yield proposal


class _Bucket:
    """Targets of one location that are not written yet."""

    def __init__(self, location: str) -> None:
        self.location = location
        self.number = 0
        self.rows: list[str] = []
        self._bytes = 0

    def add(self, target: StockTarget) -> bool:
        """Take one; whether it is full now."""
        day = target.forecast_date.isoformat() if target.forecast_date else ""
        row = json.dumps([target.sku, str(target.quantity), day], separators=(",", ":"))
        self.rows.append(row)
        self._bytes += len(row) + 1
        return self._bytes >= BUCKET_BYTES

    def begin_next(self) -> None:
        """What it held is written."""
        self.number += 1
        self.rows, self._bytes = [], 0


def _pointer_key(merchant: str) -> tuple[str, str]:
    return f"{merchant}#advice", "TARGETS"


def _of_targets(merchant: str, generation: int) -> str:
    return f"{merchant}#targets#{generation}"


def _reference(proposal: TransferProposal) -> str:
    """What a proposal is known by: its reference; without one, all that it says."""
    return short_hash(proposal.reference or _written(proposal), 32)


def _taken(error: ClientError) -> Sequence[bool]:
    """Of each write of a cancelled transaction, whether its condition did not hold.

    Raises:
        Retryable: It was cancelled for another reason.
    """
    response: Any = error.response
    reasons = [str(reason.get("Code")) for reason in response.get("CancellationReasons", ())]
    if REF_TAKEN not in reasons:
        raise Retryable("dynamodb.conflict", "the table was busy; nothing was kept") from error
    return [reason == REF_TAKEN for reason in reasons]


def _written(proposal: TransferProposal) -> str:
    content: dict[str, str] = {
        "reference": proposal.reference,
        "from": proposal.from_location,
        "to": proposal.to_location,
        "sku": proposal.sku,
        "quantity": str(proposal.quantity),
        "kind": proposal.kind,
        "batch": proposal.batch,
        "about": proposal.batch_description[:LONGEST_TEXT],
        "planned": as_text(proposal.planned_for) if proposal.planned_for else "",
    }
    kept = {name: value for name, value in content.items() if value}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"))


def _read_target(quantity: str, day: str) -> tuple[Decimal, date | None]:
    try:
        return number_of(quantity), date.fromisoformat(day) if day else None
    except ValueError:
        raise unreadable("stock targets") from None


def _read(text: object) -> TransferProposal:
    what = "a proposal of a transfer"
    row = content_of(text, PROPOSAL, what)
    planned = row.get("planned")
    try:
        return TransferProposal(
            reference=row.get("reference", ""),
            from_location=row.get("from", ""),
            to_location=row.get("to", ""),
            sku=row.get("sku", ""),
            quantity=number_of(row.get("quantity", "")),
            kind=row.get("kind", ""),
            batch=row.get("batch", ""),
            batch_description=row.get("about", ""),
            planned_for=from_text(planned) if planned else None,
        )
    except ValueError:
        raise unreadable(what) from None

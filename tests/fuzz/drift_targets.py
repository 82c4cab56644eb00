"""Entries of drift: what is kept of findings, looks, told rows, bundles and advice, as another
release may have written it, and hostile words on their way into a report."""

from __future__ import annotations

import csv
import json
import zlib
from base64 import b85encode
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from html.parser import HTMLParser
from io import StringIO
from typing import Any

from returns_hub.adapters.dynamodb.feed import DynamoDbFeedStore
from returns_hub.adapters.dynamodb.findings import DynamoDbFindings
from returns_hub.adapters.dynamodb.items import as_text, typed
from returns_hub.domain.bundles import KnownBundle
from returns_hub.domain.drift.findings import Difference, Finding, Look, Standing
from returns_hub.domain.drift.folding import fold
from returns_hub.domain.drift.page import as_page
from returns_hub.domain.drift.report import as_csv, as_json, report_of
from returns_hub.domain.drift.settings import DriftSettings
from returns_hub.domain.drift.written import finding_written, look_written
from returns_hub.domain.invoices import NUMBER
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Permanent
from returns_hub.flows.drift.report import kept_report
from tests.fuzz.mutations import CANARIES
from tests.fuzz.targets import Refused, Target, Wrong, without_canaries
from tests.support import fakes
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.fake_advice import FEED_TABLE, proposal, target

NOW = fakes.START
GRACE = timedelta(minutes=60)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("https://evil.example.test")',
    "@SUM(1)",
    "TEE\u202eDER",
    "TEE\ud800",
    "TEE\r\n-1+1",
    f"TEE {CANARIES[0]}",
    "&lt;b&gt;",
)
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "ul", "li", "b"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "code", "small", "div"}
TAGS |= {"br", "strong", "span"}
"""All that we write."""


def _finding(subject: str = "TEE-RED-M @ WH-1", **changes: Any) -> Finding:
    made = Difference(
        kind="stock.wair",
        subject=subject,
        says={"mintsoft": 12, "wair": "11", "told": None},
        units=1,
        value=Decimal("2.50"),
        currency="GBP",
        since=NOW - timedelta(days=1),
        cause="a row that was refused",
        mend="hub wair plan example",
    )
    return Finding(made, Standing.NEW, NOW, NOW, told_at=NOW, **changes)


LOOK = Look(
    at=NOW,
    kinds=frozenset({"stock.wair"}),
    failed={"stock.miinto": "Miinto is away"},
    counted={"stock.wair": 1},
    units={"stock.wair": 1},
    value={"GBP": Decimal("2.50")},
    apart={"parked": 2},
)


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()


def _text(data: bytes) -> str:
    """JSON as another release may have kept it; nobody else writes these tables."""
    text = data.decode("utf-8", "replace")
    try:
        read_json(text)
    except ValueError:
        raise Refused("not JSON") from None
    return text


# -- what is kept ---------------------------------------------------------------------------------


def _table() -> tuple[InMemoryDynamoDb, fakes.TestClock]:
    clock = fakes.TestClock()
    tables = {"FeedTable": FEED_TABLE, "FindingsTable": FEED_TABLE}
    return InMemoryDynamoDb(tables, now=lambda: clock.now().timestamp()), clock


def _put(table: Any, name: str, **row: str | int) -> None:
    table.put_item(TableName=name, Item=typed(row))


def finding_row(data: bytes) -> str:
    """A finding's row of another release: the next look is made, and its report is written."""
    table, clock = _table()
    kept = DynamoDbFindings(table, "FindingsTable", clock)  # type: ignore[arg-type]
    kept.keep("example", LOOK, [_finding(), _finding("MUG @ WH-1")])
    text = _text(data)
    _put(table, "FindingsTable", pk="example#open", sk="stock.wair#0", finding=text)
    _put(
        table, "FindingsTable", pk="example#resolved", sk=f"{as_text(NOW)}#stock.wair#0",
        finding=text,
    )  # fmt: skip
    before = [*kept.resolved_since("example", NOW - GRACE), *kept.open_findings("example")]
    if not {"TEE-RED-M @ WH-1", "MUG @ WH-1"} <= {one.difference.subject for one in before}:
        raise Wrong("a row that cannot be read hides others", repr(before)[:200])
    later = Look(at=NOW + timedelta(hours=2), kinds=frozenset({"stock.wair"}))
    folded = fold(before, [before[-1].difference], later, GRACE, last=LOOK)
    kept.keep("example", folded.look, folded.changed, folded.forgotten)
    _rendered(kept)
    return str(len(before))


def look_row(data: bytes) -> str:
    """A look's row of another release: what cannot be read is as if it had not been."""
    table, clock = _table()
    kept = DynamoDbFindings(table, "FindingsTable", clock)  # type: ignore[arg-type]
    kept.keep("example", LOOK, [_finding()])
    text = _text(data)
    _put(table, "FindingsTable", pk="example#looks", sk=as_text(NOW + GRACE), look=text)
    last = kept.last_look("example")
    if last is None:
        raise Wrong("a row that cannot be read hides the look before it", text[:200])
    _rendered(kept)
    return "read" if last.at != NOW else "passed over"


def _rendered(kept: DynamoDbFindings) -> None:
    report = kept_report(kept, "example", DriftSettings(), suspected_too=True)
    assert report is not None
    _checked(as_json(report), as_csv(report), as_page(report))


def _kept_of(data: bytes, put: Callable[[Any, str], None], read: Callable[[Any], object]) -> str:
    """A row of the feed's table of another release: it is read, or a verdict says that it cannot
    be, and then what is told anew takes its place."""
    table, clock = _table()
    store = DynamoDbFeedStore(table, "FeedTable", clock)  # type: ignore[arg-type]
    put(table, _text(data))
    return type(read(store)).__name__


def _told(table: Any, text: str) -> None:
    packed = b85encode(zlib.compress(text.encode())).decode()
    _put(table, "FeedTable", pk="example#told#stock#WH-1", sk="TOLD#01", told=packed)


def _read_told(store: DynamoDbFeedStore) -> object:
    try:
        found = store.told("example", "stock", "WH-1")
    except Permanent:
        store.keep_told("example", "stock", {"TEE": "4"}, part="WH-1", whole=True)
        if store.told("example", "stock", "WH-1") != {"TEE": "4"}:
            raise Wrong("what is told anew does not take its place", "") from None
        raise
    if not all(isinstance(word, str) for pair in found.items() for word in pair):
        raise Wrong("what was told is no text", repr(found)[:100])
    store.keep_told("example", "stock", {"TEE": "4"}, part="WH-1", gone=["MUG"])
    store.keep_told("example", "stock", {"TEE": "4"}, part="WH-1", whole=True)
    if store.told("example", "stock", "WH-1") != {"TEE": "4"}:
        raise Wrong("what is told anew does not take its place", "")
    return found


def _bundles(table: Any, text: str) -> None:
    _put(table, "FeedTable", pk="example#bundles", sk="BUNDLES#01", bundles=text, expires_at=1)


def _read_bundles(store: DynamoDbFeedStore) -> object:
    found = store.bundles("example")
    for sku, bundle in found.items():
        parts = bundle.parts.items()
        if bundle.sku != sku or not all(isinstance(units, int) for _, units in parts):
            raise Wrong("a bundle is made of what is none", repr(bundle)[:200])
    store.keep_bundles("example", [KnownBundle("SOCK-3PK", 899, "1", {"SOCK": 3}, 1)])
    if "SOCK-3PK" not in store.bundles("example"):
        raise Wrong("a bundle is not kept", "")
    return found


def _targets(table: Any, text: str) -> None:
    pointer = {"current": 1, "begun": 1, "oldest": 1, "count": 1, "expires_at": 9_999_999_999}
    _put(table, "FeedTable", pk="example#advice", sk="TARGETS", **pointer)
    row: dict[str, str | int] = {"location": "WH-1", "rows": text, "expires_at": 9_999_999_999}
    _put(table, "FeedTable", pk="example#targets#1", sk="0#000000", **row)


def _read_targets(store: DynamoDbFeedStore) -> object:
    try:
        found: tuple[Any, ...] = tuple(store.targets("example"))
    finally:
        store.keep_targets("example", [target("TEE")], NOW)
        if len(tuple(store.targets("example"))) != 1:
            raise Wrong("the newest list does not take its place", "")
    if not all(isinstance(one.sku, str) and one.quantity.is_finite() for one in found):
        raise Wrong("a target is of nothing", repr(found)[:200])
    return found


def _proposals(table: Any, text: str) -> None:
    row: dict[str, str | int] = {"proposal": text, "expires_at": 9_999_999_999}
    _put(table, "FeedTable", pk="example#proposals", sk=f"{as_text(NOW)}#1", **row)


def _read_proposals(store: DynamoDbFeedStore) -> object:
    store.keep_proposals("example", [proposal("P-2")], NOW + GRACE)
    found: tuple[Any, ...] = tuple(store.proposals("example"))
    if not any(one.reference == "P-2" for one in found):
        raise Wrong("a row that cannot be read hides others", "")
    if not all(isinstance(one.sku, str) and one.quantity.is_finite() for one in found):
        raise Wrong("a proposal is of nothing", repr(found)[:200])
    return found


# -- the report -----------------------------------------------------------------------------------


class _Page(HTMLParser):
    """Whether a page has only what we put there."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise Wrong("a partner's words are markup", tag)
        names = {name for name, _ in attrs}
        if any(name.startswith("on") or name in {"src", "href", "style"} for name in names):
            raise Wrong("a partner's words are an attribute", str(names))


def report_of_words(data: bytes) -> str:
    """Whatever a partner calls things: the report is three readable files with nobody in them."""
    words = _words(json.loads(_text(data)))
    differences = [
        Difference(
            kind="stock.wair",
            subject=words[at % len(words)],
            says={words[(at + 1) % len(words)]: words[(at + 2) % len(words)], "mintsoft": at},
            units=at,
            value=Decimal(at),
            currency="GBP",
            cause=words[(at + 3) % len(words)],
            mend=f"hub wair plan {words[at % len(words)]}",
            confirm=at % 2 == 0,
        )
        for at in range(min(len(words), 40))
    ]
    look = Look(at=NOW, kinds=frozenset({"stock.wair"}))
    folded = fold((), differences, look, GRACE)
    if len(folded.findings) != len({one.id for one in folded.findings}):
        raise Wrong("one difference is two findings", "")
    report = report_of(
        "example", folded.look, folded.findings, folded.findings[:2], over_limit=True,
        suspected_too=True,
    )  # fmt: skip
    table, clock = _table()
    kept = DynamoDbFindings(table, "FindingsTable", clock)  # type: ignore[arg-type]
    kept.keep("example", folded.look, folded.changed)
    back = {one.id: one for one in kept.open_findings("example")}
    if back != {one.id: one for one in folded.findings}:
        raise Wrong("a finding changes when it is kept", repr(back)[:300])
    _checked(as_json(report), as_csv(report), as_page(report))
    return str(len(folded.findings))


def _words(content: Any) -> list[str]:
    found: list[str] = []
    waiting = [content]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            found.append(node)
        elif isinstance(node, dict):
            waiting += [*node, *node.values()]
        elif isinstance(node, list):
            waiting += node
    return found or ["TEE"]


def _checked(text: str, table: str, page: str) -> None:
    content = json.loads(text)
    rows: Iterable[dict[str, str]] = csv.DictReader(StringIO(table, newline=""))
    cells = [cell for row in rows for cell in row.values()]
    if any(
        cell[:1] in {"=", "+", "@", "\t", "\r"} and not NUMBER.fullmatch(cell) for cell in cells
    ):
        raise Wrong("a cell is a formula to a spreadsheet", "")
    if len(cells) != 17 * (len(content["findings"]) + len(content["resolved"])):
        raise Wrong("cells are lost", f"{len(cells)}")
    parser = _Page()
    parser.feed(page)
    parser.close()
    for made in (text, table, page):
        made.encode()
    without_canaries(text.replace(CANARIES[1], "").replace(CANARIES[2], ""), "report")


_KEPT: tuple[tuple[str, Any, Any, tuple[bytes, ...]], ...] = (
    ("told-rows", _told, _read_told, (_json({"TEE": "4|2", "MUG": "0"}), _json({"TEE": 4}))),
    (
        "kept-bundles",
        _bundles,
        _read_bundles,
        (
            _json({"SOCK-2PK": [898, "v", {"SOCK": 2}, 4]}),
            _json({"SOCK-2PK": [898, "v", {"SOCK": 2}]}),
        ),
    ),
    ("kept-targets", _targets, _read_targets, (_json([["TEE", "6.5", "2026-03-02"]]), _json([]))),
    (
        "kept-proposals",
        _proposals,
        _read_proposals,
        (
            _json({"reference": "P-1", "from": "WH-1", "to": "S", "sku": "TEE", "quantity": "2"}),
            _json({"quantity": "2", "planned": "2026-03-02T09:15:00.000000Z"}),
        ),
    ),
)

DRIFT_TARGETS: tuple[Target, ...] = (
    Target(
        "finding-row",
        "json",
        finding_row,
        (str,),
        (
            _json(finding_written(_finding())),
            _json(finding_written(_finding()) | {"worth": {"net": 1}, "standing": "muted"}),
            _json({"kind": "stock.wair", "subject": "TEE", "standing": "new"}),
        ),
    ),
    Target("look-row", "json", look_row, (str,), (_json(look_written(LOOK)), _json({"at": 1}))),
    Target(
        "drift-report",
        "json",
        report_of_words,
        (str,),
        (_json([*HOSTILE]), *(_json([word, "TEE"]) for word in HOSTILE)),
    ),
    *(
        Target(name, "json", partial(_kept_of, put=put, read=read), (str,), seeds)
        for name, put, read, seeds in _KEPT
    ),
)

"""The merchant's product feed: one bad row is one row less, and memory stays bounded."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.simulators.wire import Reply, WireFault
from returns_hub.adapters.miinto.feed import LONGEST_LINE, Skipped, lines_of, variants
from returns_hub.errors import Misconfigured, Retryable, Verdict
from returns_hub.ports.marketplace import FeedRow
from tests.support.miinto_wire import MiintoBench, basic

HEADER = (
    "id\titem_group_id\tc:style_id:string\tbrand\ttitle\tcolor\tsize\tgtin"
    "\tc:stock_level:integer\tc:retail_price_DKK:integer\tc:discount_retail_price_DKK:integer"
    "\tc:retail_price_EUR:integer"
)


def line(**values: Any) -> str:
    fields = {
        "id": "SKU-1-M",
        "group": "STYLE-1",
        "style": "S",
        "brand": "Acme",
        "title": "Linen shirt",
        "color": "Black",
        "size": "M",
        "gtin": "5700000000017",
        "stock": "3",
        "dkk": "49900",
        "discount": "",
        "eur": "",
    } | values
    return "\t".join(str(value) for value in fields.values())


def read(*lines: str) -> tuple[list[FeedRow], dict[str, int]]:
    skipped = Skipped()
    body = "\n".join([HEADER, *lines]).encode()
    return list(variants(lines_of([body], skipped), skipped)), dict(skipped)


def test_W2_rows_without_a_sku_and_blanks_around_one_are_shown_to_who_asks() -> None:
    lines = [HEADER, line(id=""), line(id=' "SKU-1-M " '), line(id="", group="")]

    def rows(*, nameless: bool) -> list[FeedRow]:
        skipped = Skipped()
        body = "\n".join(lines).encode()
        return list(variants(lines_of([body], skipped), skipped, nameless=nameless))

    assert [(row.sku, row.written) for row in rows(nameless=True)] == [
        ("", ""),
        ("SKU-1-M", "SKU-1-M "),
    ]
    assert [row.sku for row in rows(nameless=False)] == ["SKU-1-M"]


ROW = FeedRow(
    sku="SKU-1-M",
    group="STYLE-1",
    brand="Acme",
    color="Black",
    size="M",
    gtin="5700000000017",
    original_prices={"DKK": 49900},
    final_prices={"DKK": 49900},
)


def test_a_variant_with_its_key_and_prices() -> None:
    (plain, dear), skipped = read(line(), line(discount="39900", eur="6700"))

    assert plain == ROW
    assert dear.original_prices == {"DKK": 49900, "EUR": 6700}
    assert dear.final_prices == {"DKK": 39900, "EUR": 6700}
    assert skipped == {}


def test_columns_are_found_by_their_names_wherever_they_are() -> None:
    skipped = Skipped()
    body = "\ufeffsize\tC:Retail_Price_sek:integer\tid\tbrand\titem_group_id\tcolor\r\n"
    body += "M\t100\tK\tAcme\tG\tBlack\r\n"
    (row,) = variants(lines_of([body.encode()], skipped), skipped)

    assert (row.sku, row.group, row.size, row.gtin) == ("K", "G", "M", "")
    assert row.original_prices == {"SEK": 100}


@pytest.mark.parametrize("missing", ["id", "item_group_id", "brand", "color", "size"])
def test_a_feed_without_a_column_of_the_key_says_which(missing: str) -> None:
    header = "\t".join(name for name in HEADER.split("\t") if name != missing)
    skipped = Skipped()
    with pytest.raises(Misconfigured, match=missing):
        list(variants([header, line()], skipped))


@pytest.mark.parametrize("body", [b"", b"<html>\n<body>maintenance</body>", b"\xff\xfe\n"])
def test_what_is_no_feed_is_not_an_empty_one(body: bytes) -> None:
    skipped = Skipped()
    with pytest.raises(Misconfigured, match="no column id"):
        list(variants(lines_of([body], skipped), skipped))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(id=""), "no_id"),
        (line(group=" "), "no_item_group_id"),
        (line() + "\textra", "number_of_columns"),
        (line().rpartition("\t")[0], "number_of_columns"),
        (line(title="a\tb"), "number_of_columns"),
        (line(title="x" * LONGEST_LINE), "line_too_long"),
    ],
)
def test_a_row_that_cannot_be_read_is_counted_and_left_out(bad: str, reason: str) -> None:
    skipped = Skipped()
    body = "\n".join([HEADER, line(), bad, line(id="LAST"), ""]).encode()
    parts = [body[at : at + 50_000] for at in range(0, len(body), 50_000)]
    found = [row.sku for row in variants(lines_of(parts, skipped), skipped)]

    assert found == ["SKU-1-M", "LAST"]
    assert dict(skipped) == {reason: 1}


def test_a_row_that_is_not_utf_8_is_left_out() -> None:
    skipped = Skipped()
    body = HEADER.encode() + b"\n" + line(color="\u00e9").encode("latin-1") + b"\n"
    body += line(color="é").encode()
    (row,) = variants(lines_of([body], skipped), skipped)
    assert (row.color, dict(skipped)) == ("é", {"not_utf_8": 1})


@pytest.mark.parametrize("price", ["499.00", "0", "-1", "DKK 499", "1e3", "٤٩٩", "9" * 13])
def test_a_price_that_is_none_is_left_out_and_never_free(price: str) -> None:
    (row,), skipped = read(line(dkk=price, discount=price, eur="100"))
    assert row.original_prices == {"EUR": 100}
    assert row.final_prices == {"EUR": 100}
    assert skipped == {"price": 2}


def test_a_bad_discount_leaves_the_retail_price() -> None:
    (row,), skipped = read(line(discount="0"))
    assert row.final_prices == {"DKK": 49900}
    assert skipped == {"price": 1}


@pytest.mark.parametrize("gtin", ["123", "x" * 13, "5700000000017000"])
def test_a_gtin_that_is_none_is_left_out(gtin: str) -> None:
    (row,), skipped = read(line(gtin=gtin))
    assert (row.gtin, skipped) == ("", {"gtin": 1})


def test_quotation_marks_around_a_value_are_not_of_it() -> None:
    (row,), _ = read(line(size='"30"" x 32"""', brand='"Acme"', color='5" black'))
    assert (row.size, row.brand, row.color) == ('30" x 32"', "Acme", '5" black')


def test_empty_lines_are_nothing() -> None:
    rows, skipped = read("", line(), "   ", "")
    assert (len(rows), skipped) == (1, {})


@given(body=st.binary(max_size=300), size=st.integers(1, 40))
def test_no_row_stops_the_feed(body: bytes, size: int) -> None:
    skipped = Skipped()
    whole = HEADER.encode() + b"\n" + body + b"\n" + line(id="LAST").encode()
    parts = [whole[at : at + size] for at in range(0, len(whole), size)]
    rows = list(variants(lines_of(parts, skipped), skipped))
    assert rows[-1].sku == "LAST"


# -- over the wire ----------------------------------------------------------------------------

URL = "https://shop.example.test/feed.tsv"
BODY = "\n".join([HEADER, line(), line(id="SKU-2", gtin="5700000000024"), line(id="")]).encode()


def bench_with(reply: Reply, **feed: Any) -> MiintoBench:
    bench = MiintoBench(feed={"url": URL} | feed)
    bench.wire.answers["GET", "/feed.tsv"] = reply
    return bench


def test_the_feed_is_read_and_what_was_left_out_is_told() -> None:
    bench = bench_with(Reply(200, body=BODY))
    assert [row.sku for row in bench.marketplace().feed()] == ["SKU-1-M", "SKU-2"]
    assert ("product feed", {"left_out": {"no_id": 1}}) in bench.telemetry.lines
    assert "Authorization" not in bench.wire.seen[0].headers
    assert bench.wire.logins == 0


def test_only_what_is_looked_for() -> None:
    from returns_hub.adapters.miinto.connect import feed_of

    bench = bench_with(Reply(200, body=BODY))
    assert bench.connection.feed is not None
    feed = feed_of("example", bench.connection.feed, bench.around())

    assert [row.sku for row in feed.rows(skus={"SKU-2"})] == ["SKU-2"]
    assert [row.sku for row in feed.rows(gtins={"5700000000017"})] == ["SKU-1-M"]
    assert [row.sku for row in feed.rows(skus={"no"}, gtins=set())] == []
    assert feed.skipped == {"no_id": 1}


def test_the_hosts_login_comes_from_its_secret_and_is_in_no_log() -> None:
    bench = bench_with(Reply(200, body=BODY), secret="miinto-feed")
    bench.secrets.values["example", "miinto-feed"] = {"user": "miinto", "password": "påss"}
    list(bench.marketplace().feed())

    assert bench.wire.seen[0].headers["Authorization"] == basic("miinto", "påss")
    assert "påss" not in bench.logged()


@pytest.mark.parametrize(
    ("reply", "verdict", "code"),
    [
        (Reply(401), Misconfigured, "feed.refused"),
        (Reply(404), Misconfigured, "feed.not_there"),
        (Reply(302), Misconfigured, "feed.not_there"),
        (Reply(200, body=b"<html>"), Misconfigured, "feed.columns"),
        (Reply(500), Retryable, "feed.down"),
        (Reply(200, body=BODY, wire=WireFault.RESET), Retryable, "feed.unreachable"),
        (Reply(200, body=BODY, wire=WireFault.CUT_OFF), Retryable, "feed.cut_off"),
    ],
)
def test_a_feed_that_is_not_had_whole_is_told(
    reply: Reply, verdict: type[Verdict], code: str
) -> None:
    bench = bench_with(reply)
    with pytest.raises(verdict) as raised:
        list(bench.marketplace().feed())
    assert (type(raised.value), raised.value.code) == (verdict, code)


def test_without_a_feed_there_are_no_rows() -> None:
    assert list(MiintoBench().marketplace().feed()) == []


def test_memory_does_not_grow_with_the_feed() -> None:
    def parts() -> Iterator[bytes]:
        yield HEADER.encode()
        for number in range(4000):
            yield f"\n{line(id=number, title='x' * 2000)}".encode()

    skipped = Skipped()
    tracemalloc.start()
    count = sum(1 for _ in variants(lines_of(parts(), skipped), skipped))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 4000
    assert peak < 1_000_000

"""The merchant's own product feed for Miinto: a table in tab-separated values, read as it comes.

Source: Miinto's feed specification as merchants have it: UTF-8, one row for each variant, a header
row, prices in minor units with tax, empty where there is none. A row that cannot be read is counted
and left out; nothing in the middle of the feed stops the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from requests.auth import HTTPBasicAuth

from returns_hub.adapters.http.bodies import CutOff
from returns_hub.adapters.http.transport import Answer, PartnerHttp, Sign, Streamed
from returns_hub.errors import Misconfigured, Retryable, Verdict
from returns_hub.ports import Telemetry
from returns_hub.ports.marketplace import FeedRow

LONGEST_LINE = 256 * 1024
LARGEST = 1024 * 1024 * 1024
SECONDS = 240.0
"""The most for the whole feed, what is done with its rows between included; less where less is left
of the run (`transport.STREAMED_SHARE`)."""
KEY = ("id", "item_group_id", "brand", "color", "size")
PRICE = re.compile(r"c:(discount_)?retail_price_([a-z]{3})(?::integer)?", re.ASCII)
GTIN = re.compile(r"[0-9]{8,14}", re.ASCII)
AMOUNT = re.compile(r"[0-9]{1,12}", re.ASCII)
Login = Callable[[], tuple[str, str] | None]
"""User and password of the feed's host, if it asks for any."""


@dataclass(frozen=True)
class Columns:
    """Where the columns that are read are."""

    count: int
    key: Mapping[str, int]
    gtin: int | None
    retail: Mapping[str, int]
    discount: Mapping[str, int]


class Skipped(Counter[str]):
    """How many rows, or values of rows, were left out, by the reason: a bounded word."""


class MiintoFeed:
    """The feed at one address.

    Args:
        http: The feed's address.
        login: Its user and password.
        telemetry: Is told what was left out.
    """

    def __init__(self, http: PartnerHttp, login: Login, *, telemetry: Telemetry) -> None:
        self._http = http
        self._login = login
        self._telemetry = telemetry
        self.skipped = Skipped()
        """What the last reading left out."""

    def rows(
        self,
        skus: Collection[str] | None = None,
        gtins: Collection[str] | None = None,
        *,
        nameless: bool = False,
    ) -> Iterator[FeedRow]:
        """Every variant; with `skus` or `gtins` only those that are in one of the two, and with
        `nameless` also those without a SKU.

        Raises:
            Misconfigured: The feed is not there, asks for a login, or has not its columns.
            Retryable: It does not come, or not to its end.
        """
        self.skipped = Skipped()
        is_narrow = skus is not None or gtins is not None
        some, others = frozenset(skus or ()), frozenset(gtins or ())
        given = self._login()
        sign: Sign | None = (
            HTTPBasicAuth(given[0].encode(), given[1].encode()) if given is not None else None
        )
        with self._http.stream(
            "", template="/feed", sign=sign, seconds=SECONDS, most_bytes=LARGEST
        ) as got:
            if not isinstance(got, Streamed):
                raise _not_had(got)
            try:
                lines = lines_of(got.parts, self.skipped)
                for row in variants(lines, self.skipped, nameless=nameless):
                    if not is_narrow or row.sku in some or (row.gtin and row.gtin in others):
                        yield row
            except CutOff as cut:
                raise Retryable("feed.cut_off", f"the product feed {cut}", after=300) from None
        if self.skipped:
            self._telemetry.log("product feed", left_out=dict(self.skipped))


def lines_of(parts: Iterable[bytes], skipped: Skipped) -> Iterator[str | None]:
    """The lines without their ends; None for one that is too long or not UTF-8."""
    held = b""
    is_too_long = False
    for part in parts:
        *whole, held = (held + part).split(b"\n")
        for line in whole:
            yield _decoded(line, skipped, is_too_long=is_too_long)
            is_too_long = False
        if len(held) > LONGEST_LINE:
            is_too_long, held = True, b""
    if held or is_too_long:
        yield _decoded(held, skipped, is_too_long=is_too_long)


def variants(
    lines: Iterable[str | None], skipped: Skipped, *, nameless: bool = False
) -> Iterator[FeedRow]:
    """The variants of a feed's lines; with `nameless` also those without a SKU.

    Raises:
        Misconfigured: The header does not name the columns that make a variant's key.
    """
    every = iter(lines)
    header = next(every, None)
    columns = columns_of((header or "").lstrip("\ufeff"))
    for line in every:
        if line is None or not line.strip():
            continue
        parts = line.split("\t")
        fields = [_unquoted(field) for field in parts]
        if len(fields) != columns.count:
            skipped["number_of_columns"] += 1
            continue
        row = _row(fields, columns, skipped, _written(parts[columns.key["id"]]))
        if row is not None and (row.sku or nameless):
            yield row


def columns_of(header: str) -> Columns:
    """Where the columns are.

    Raises:
        Misconfigured: One is missing.
    """
    names = [_unquoted(name).lower() for name in header.split("\t")]
    places = {name: at for at, name in reversed(list(enumerate(names)))}
    missing = [name for name in KEY if name not in places]
    if missing:
        raise Misconfigured(
            "feed.columns", f"the product feed has no column {missing[0]}; is its address right?"
        )
    priced = [(found, at) for name, at in places.items() if (found := PRICE.fullmatch(name))]
    return Columns(
        count=len(names),
        key={name: places[name] for name in KEY},
        gtin=places.get("gtin"),
        retail={found[2].upper(): at for found, at in priced if not found[1]},
        discount={found[2].upper(): at for found, at in priced if found[1]},
    )


def _row(fields: list[str], columns: Columns, skipped: Skipped, written: str) -> FeedRow | None:
    sku, group, brand, color, size = (fields[columns.key[name]] for name in KEY)
    if not sku or not group:
        skipped["no_id" if not sku else "no_item_group_id"] += 1
    if not group:
        return None
    gtin = fields[columns.gtin] if columns.gtin is not None else ""
    if gtin and not GTIN.fullmatch(gtin):
        skipped["gtin"] += 1
        gtin = ""
    original = _prices(fields, columns.retail, skipped)
    discounted = _prices(fields, columns.discount, skipped)
    return FeedRow(
        sku=sku,
        group=group,
        brand=brand,
        color=color,
        size=size,
        gtin=gtin,
        original_prices=original,
        final_prices={**original, **discounted},
        written=written if written != sku else "",
    )


def _prices(fields: list[str], places: Mapping[str, int], skipped: Skipped) -> dict[str, int]:
    """Minor units by currency; nothing is free, so that 0 is no price."""
    prices: dict[str, int] = {}
    for currency, at in places.items():
        text = fields[at]
        if AMOUNT.fullmatch(text) and int(text) > 0:
            prices[currency] = int(text)
        elif text:
            skipped["price"] += 1
    return prices


def _decoded(line: bytes, skipped: Skipped, *, is_too_long: bool) -> str | None:
    if is_too_long or len(line) > LONGEST_LINE:
        skipped["line_too_long"] += 1
        return None
    try:
        return line.removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        skipped["not_utf_8"] += 1
        return None


def _unquoted(field: str) -> str:
    """The value of a field, which some programs put in quotation marks, theirs in it doubled."""
    text = field.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"').strip()
    return text


def _written(field: str) -> str:
    """The field with the blanks around its value, quotation marks taken off."""
    text = field.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return field


def _not_had(got: object) -> Verdict:
    if not isinstance(got, Answer):
        return Retryable("feed.unreachable", "the product feed's host does not answer", after=60)
    if got.status in {401, 403}:
        return Misconfigured("feed.refused", f"the product feed's host answers {got.status}")
    if got.status in {404, 410} or 300 <= got.status < 400:
        return Misconfigured("feed.not_there", f"the product feed's host answers {got.status}")
    return Retryable("feed.down", f"the product feed's host answers {got.status}", after=60)

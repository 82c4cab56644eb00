"""The product map, row by row while it comes: it can be larger than memory allows.

Source: Miinto's old partner site: an array of arrays of four texts, ``[item_group_id or style_id,
feed id (SKU), gtin, Miinto item id]``. Every other answer of Miinto's is in an envelope, so one
around the rows is read as well.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from returns_hub.adapters.miinto.errors import unclear
from returns_hub.domain.strict_json import HALVES, read_json
from returns_hub.ports.marketplace import MappedProduct

LONGEST_ROW = 64 * 1024
WHITE = " \t\r\n"
COLUMNS = 4


def rows_of(parts: Iterable[bytes]) -> Iterator[Any]:
    """The entries of a JSON array, or of an envelope's ``data``, as they come.

    Raises:
        Retryable: It is neither, or ends before its end.
    """
    texts = _texts(parts)
    begin = ""
    for text in texts:
        begin = (begin + text).lstrip(WHITE + "\ufeff")
        if begin:
            break
    if begin.startswith("["):
        yield from _entries(chain([begin[1:]], texts))
    elif begin.startswith("{"):
        yield from _enveloped(chain([begin], texts))
    else:
        raise _not_a_map()


def product_of(row: Any) -> MappedProduct | None:
    """A row of the map; None when it is none."""
    if not isinstance(row, list) or len(row) < COLUMNS:
        return None
    texts = [_text(value) for value in row[:COLUMNS]]
    style, sku, gtin, product_id = texts
    if not (product_id or gtin) or not (sku or style):
        return None
    return MappedProduct(style=style, sku=sku, gtin=gtin, product_id=product_id)


def _texts(parts: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for part in parts:
            yield decoder.decode(part)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _not_a_map() from None


def _entries(texts: Iterable[str]) -> Iterator[Any]:
    """The entries behind the array's opening bracket."""
    decoder = json.JSONDecoder(parse_constant=_refused)
    rest = ""
    for text in texts:
        rest += text
        at = 0
        while True:
            while at < len(rest) and rest[at] in WHITE + ",":
                at += 1
            if rest[at : at + 1] == "]":
                return
            try:
                entry, at = decoder.raw_decode(rest, at)
            except RecursionError:
                raise _not_a_map() from None
            except ValueError:
                break
            yield entry
        rest = rest[at:]
        if len(rest) > LONGEST_ROW + len(text):
            raise _not_a_map()
    raise _not_a_map()


def _enveloped(texts: Iterable[str]) -> Iterator[Any]:
    try:
        content = read_json("".join(texts))
    except ValueError:
        raise _not_a_map() from None
    rows = content.get("data") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise _not_a_map()
    yield from rows


def _text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return HALVES.sub("\ufffd", value).strip()[:200] if isinstance(value, str) else ""


def _refused(word: str) -> None:
    raise ValueError(word)


def _not_a_map() -> Exception:
    return unclear("Miinto's product map is not whole JSON", is_read=True)

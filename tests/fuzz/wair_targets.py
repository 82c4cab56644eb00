"""Entries where answers of WAIR's come in: uploads, the login, advice, and sets read back."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta

from returns_hub.domain.wair.rows import StockRow
from returns_hub.domain.wair.settings import DataSetName
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.ports.feed import Part
from tests.fuzz.mutations import CANARIES
from tests.fuzz.partner_answers import OUTAGES
from tests.fuzz.replies import Scripted, ScriptedPartner, read_script, script
from tests.fuzz.targets import Target, Wrong
from tests.support import fakes
from tests.support.wair import WairBench

NOT_DONE = frozenset(
    {300, *range(301, 400), 400, 401, 403, 404, 405, 406, 409, 410, 413, 414, 415, 422, 429}
)
"""Statuses under which a server says that it carried nothing out."""
LATER = fakes.START + timedelta(minutes=2)
PART = Part("stock", [StockRow("COR", "TEE", 4), StockRow("COR", "MUG", 0)])
TOKEN = {"accessToken": "eyJ", "expiresIn": 3600, "tokenType": "Bearer", "scope": "api"}
ERRORS = {"errors": {"stock[0].skuId": [f"{CANARIES[0]} is not a SKU", "second"]}}
REFUSALS = (
    script(Scripted(400, body=script(ERRORS).partition(b"\n\n")[2])),
    script(Scripted(400, body=f"not a SKU: {CANARIES[1]}\nsecond".encode())),
    script(Scripted(401, body=b'{"message": "ended"}')),
    script(Scripted(302, headers=(("Location", "https://elsewhere.example.test"),))),
    *OUTAGES,
)
PAGE = {"offset": 0, "limit": 2, "moreRecordsAvailable": False}
TARGET_ROW = {
    "locationId": "COR",
    "skuId": "TEE",
    "targetQuantity": 6.5,
    "forecastDate": "2026-03-02",
}
TRANSFER_ROW = {
    "referenceId": "RED-1",
    "fromLocationId": "COR",
    "toLocationId": "LDN",
    "skuId": "TEE",
    "quantity": 4,
    "plannedDispatchDate": "2026-03-04T08:00:00+01:00",
}
STOCK_ROW = {"locationId": "COR", "skuId": "TEE", "quantity": 4}
ITEM_ROW = {
    "itemId": "T",
    "code": "T",
    "description": "Tee",
    "skus": [{"skuId": "TEE", "code": "TEE", "styleId": "T", "colorId": None, "sizeId": "M"}],
}
RESERVED_ROW = {**STOCK_ROW, "id": "1", "startDateTime": "1970-01-01T00:00:00Z"}


def _bench(*, has_token: bool = True) -> tuple[WairBench, ScriptedPartner]:
    """A user with a token; only the answers to its requests are the script's."""
    sets = {
        name: {"mode": "live", "read_path": "/read"}
        for name in ("locations", "sizes", "colors", "items", "stock", "reserved")
    }
    bench, partner = WairBench(data_sets=sets), ScriptedPartner()
    bench.wire = partner
    bench.feed = bench.sink()
    if has_token:
        kept = bench.logins.of("example", *_key(bench))
        kept.token, kept.ends = "kept", bench.clock.now() + timedelta(hours=1)
    return bench, partner


def _key(bench: WairBench) -> tuple[str, str, str]:
    file = bench.connection
    return str(file.base_url), file.tenant, file.secret


def _read(act: Callable[[WairBench], object]) -> Callable[[bytes], object]:
    """An entry that reads: a value comes of whole answers with a status of success."""

    def run(data: bytes) -> object:
        bench, partner = _bench()
        partner.play(read_script(data))
        value = act(bench)
        last = partner.seen.last
        if last is None or not 200 <= last.status < 300 or not last.is_whole:
            raise Wrong("a value comes of an answer that is none", repr(last)[:100])
        return value

    return run


def _write(
    act: Callable[[WairBench], object], *, of_batch: bool = False
) -> Callable[[bytes], object]:
    """An entry that writes: success and refusal only where the answer to the write says so.

    Of a batch a refusal can say that there is nothing left to do.
    """

    def run(data: bytes) -> object:
        bench, partner = _bench()
        partner.play(read_script(data))
        try:
            value = act(bench)
        except (Permanent, Retryable, Misconfigured) as verdict:
            wrote = partner.seen.wrote
            is_login = partner.seen.wrote_to.endswith("/Token")
            is_plain = wrote is not None and wrote.wire != "refused" and not wrote.is_encoded
            if is_plain and not is_login and wrote is not None and wrote.status not in NOT_DONE:
                raise Wrong("a write that may be done counts as not done", str(verdict)) from None
            raise
        wrote = partner.seen.wrote
        if wrote is None or wrote.wire or not 200 <= wrote.status < 300:
            is_known = of_batch and wrote is not None and wrote.status in NOT_DONE
            if not is_known:
                raise Wrong("a write without an answer counts as done", repr(value)[:100])
        return value

    return run


def _log_in(data: bytes) -> object:
    bench, partner = _bench(has_token=False)
    partner.play(read_script(data))
    value = bench.feed.check_access()
    kept = bench.logins.of("example", *_key(bench))
    if not kept.token.isascii() or not kept.token.isprintable() or kept.ends is None:
        raise Wrong("a token fits into no header", ascii(kept.token)[:100])
    return value


def _targets(bench: WairBench) -> tuple[object, ...]:
    found = tuple(bench.advice.targets())
    if any(not one.sku or not one.location or not one.quantity.is_finite() for one in found):
        raise Wrong("a target of nothing", repr(found)[:100])
    return found


def _transfers(bench: WairBench) -> tuple[object, ...]:
    found = tuple(bench.advice.transfers(fakes.START))
    if any(not one.reference or not one.reference.isprintable() for one in found):
        raise Wrong("a proposal that cannot be told from another", repr(found)[:100])
    return found


def _back(name: DataSetName) -> Callable[[WairBench], object]:
    def run(bench: WairBench) -> object:
        rows = bench.feed.told_back(name)
        found = tuple(rows or ())
        for row in found:
            if isinstance(row, StockRow) and not (row.sku and math.isfinite(row.on_hand)):
                raise Wrong("a row of no SKU", repr(row)[:100])
        return found

    return run


def _pages(wrapper: str, row: object) -> tuple[bytes, ...]:
    return (
        script({wrapper: [row], **PAGE}),
        script({wrapper: [row, row], **PAGE, "moreRecordsAvailable": True}, {wrapper: []}),
        script([row]),
        script({wrapper: [{}, None, row]}),
        *REFUSALS,
    )


def _tell(bench: WairBench) -> object:
    return bench.feed.tell("run", PART, LATER)


WAIR_TARGETS: tuple[Target, ...] = (
    Target(
        "wair-tell",
        "script",
        _write(_tell),
        (str,),
        (
            script(Scripted(200)),
            script(Scripted(401), TOKEN, Scripted(200)),
            script(Scripted(200, body=b"<html>maintenance</html>")),
            *REFUSALS,
        ),
    ),
    Target(
        "wair-begin",
        "script",
        _write(lambda bench: bench.feed.begin("run", LATER), of_batch=True),
        (str,),
        (
            script({"batchId": "b-1"}),
            script(Scripted(400, body=b'{"errors": ["A batch is already open."]}')),
            *REFUSALS,
        ),
    ),
    Target(
        "wair-end",
        "script",
        _write(lambda bench: bench.feed.end("run", LATER), of_batch=True),
        (type(None),),
        (
            script(Scripted(200)),
            script(Scripted(400, body=b'{"errors": ["No batch is open."]}')),
            *REFUSALS,
        ),
    ),
    Target("wair-login", "script", _log_in, (str,), (script(TOKEN, []), script({}), *REFUSALS)),
    Target("wair-targets", "script", _read(_targets), (tuple,), _pages("stockTargets", TARGET_ROW)),
    Target(
        "wair-transfers", "script", _read(_transfers), (tuple,), _pages("transfers", TRANSFER_ROW)
    ),
    Target(
        "wair-stock-back", "script", _read(_back("stock")), (tuple,), _pages("stock", STOCK_ROW)
    ),
    Target("wair-items-back", "script", _read(_back("items")), (tuple,), _pages("items", ITEM_ROW)),
    Target(
        "wair-reserved-back",
        "script",
        _read(_back("reserved")),
        (tuple,),
        _pages("stockNotForReplenishment", RESERVED_ROW),
    ),
)

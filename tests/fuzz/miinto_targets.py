"""Entries where answers of Miinto's come in: bodies, envelopes, the product map and the feed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from returns_hub.adapters.miinto.connect import client_of, feed_of, marketplace_of
from returns_hub.adapters.miinto.login import log_in
from returns_hub.adapters.miinto.marketplace import MiintoMarketplace
from returns_hub.adapters.miinto.privileges import Grant, Grants
from returns_hub.adapters.miinto.rmas import MiintoRmas
from returns_hub.adapters.miinto.signing import Channel
from returns_hub.domain.miinto.orders import MarketOrder
from returns_hub.domain.miinto.rma_contract import RmaContract
from returns_hub.domain.miinto.rmas import Rma
from returns_hub.domain.miinto.settings import Feed
from returns_hub.domain.miinto.transfers import Transfer
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.ports.marketplace import RmaRequestDraft, StockRow
from tests.fuzz.mutations import CANARIES
from tests.fuzz.partner_answers import OUTAGES
from tests.fuzz.replies import Scripted, ScriptedPartner, read_script, script
from tests.fuzz.targets import Target, Wrong, writable
from tests.support import fakes
from tests.support.miinto_wire import IDENTIFIER, PASSWORD, PRIVILEGES, SHOP, MiintoBench
from tests.support.rma_dialects import DIALECT_A, DIALECT_B, body_a, body_b

NOT_DONE = frozenset({400, 401, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 422, 429})
"""Statuses under which a server says that it carried nothing out."""
SINCE = fakes.START - timedelta(days=1)
LATER = fakes.START + timedelta(minutes=2)
PERSON = {"name": CANARIES[0], "email": CANARIES[0], "phone": CANARIES[1]}
PLACE = {"street": CANARIES[2], "postcode": "8000", "city": "Aarhus", "countryCode": "dk"}
ITEM = {"name": "Tee", "brand": "Acme", "gtin": "5700000000017", "productId": "1111-2222"}
POSITION = {"id": 71, "quantity": 2, "price": 49900, "item": ITEM}
TRANSFER = {
    "id": 9001,
    "currency": "dkk",
    "createdAt": "2026-03-02T09:15:00+01:00",
    "pendingPositions": [POSITION, POSITION | {"id": 72, "item": []}],
    "billingInformation": PERSON,
}
ORDER = {
    "id": 555001,
    "createdAt": "2026-03-02T09:15:00+01:00",
    "parentOrder": {"id": "2611111", "createdAt": "2026-03-02T09:10:00+01:00"},
    "currency": "DKK",
    "acceptedPositions": {"1": POSITION},
    "declinedPositions": None,
    "billingInformation": PERSON | {"address": PLACE},
    "shippingInformation": {"deliveryAddress": {"type": "ParcelShopDelivery", "address": PLACE}},
    "labels": [{"url": "https://labels.example.test/1.pdf"}],
}


def told(data: Any, **meta: Any) -> Scripted:
    """Miinto's envelope around data."""
    content = {"meta": {"status": "success", "version": "2.6"} | meta, "data": data}
    return read_script(script(content))[0]


def _failure(message: str, code: int = 2001, status: int = 200) -> Scripted:
    errors = {"errors": [{"code": code, "message": message}]}
    content = {"meta": {"status": "failure", "version": "2.6"}, "data": errors}
    return Scripted(status, body=script(content).partition(b"\n\n")[2])


REFUSALS = (
    script(_failure(f"{CANARIES[0]} may not accept position 71")),
    script(_failure("channel has expired"), told([])),
    script(_failure("the shop is not active")),
    script(_failure("internal error", 500, 200)),
    script(_failure("", 0)),
    script(_failure("conflict", status=409)),
    *OUTAGES,
)


def _bench() -> tuple[MiintoBench, ScriptedPartner]:
    """A login with a channel; only its requests' answers are the script's."""
    bench, partner = MiintoBench(orders={"label_field": "labels.url"}), ScriptedPartner()
    bench.adapter = partner
    bench.secrets.values["example", bench.connection.channel_secret] = {
        "id": "channel",
        "token": "0" * 40,
        "made_at": bench.clock.now().isoformat(),
        "grants": Grants((Grant(SHOP, ("DK",)),)).to_text(),
    }
    return bench, partner


def _market(bench: MiintoBench) -> MiintoMarketplace:
    around = bench.around()
    return marketplace_of(
        client_of("example", bench.connection, around), "example", bench.connection, around
    )


def _read(act: Callable[[MiintoBench], object]) -> Callable[[bytes], object]:
    """An entry that reads: a value comes of whole answers with a status of success."""

    def run(data: bytes) -> object:
        bench, partner = _bench()
        partner.play(read_script(data))
        value = act(bench)
        last = partner.seen.last
        if last and last.status != 404 and not 200 <= last.status < 300:
            raise Wrong("a value comes of an answer that is none", f"status {last.status}")
        if last and last.status != 404 and not last.is_whole:
            raise Wrong("a value comes of an answer that is cut off", "")
        for one in value if isinstance(value, tuple) else (value,):
            writable(one)
        return value

    return run


def _content(reply: Scripted) -> Any:
    try:
        return reply.content()
    except ValueError:
        return None


def _status_of(reply: Scripted) -> str:
    content = _content(reply)
    meta = content.get("meta") if isinstance(content, dict) else None
    status = meta.get("status") if isinstance(meta, dict) else None
    return status.strip().lower() if isinstance(status, str) else ""


def _is_refused(reply: Scripted) -> bool:
    return reply.status in NOT_DONE or _status_of(reply) in {"failure", "error", "fail"}


def _write(
    act: Callable[[MiintoBench], object], *, documented: bool = True
) -> Callable[[bytes], object]:
    """An entry that writes: success and refusal only where the answer to the write says so."""

    def run(data: bytes) -> object:
        bench, partner = _bench()
        partner.play(read_script(data))
        try:
            value = act(bench)
        except (Permanent, Retryable, Misconfigured) as verdict:
            wrote = partner.seen.wrote
            is_plain = wrote is not None and wrote.wire != "refused" and not wrote.is_encoded
            if wrote is not None and is_plain and not _is_refused(wrote):
                raise Wrong("a write that may be done counts as not done", str(verdict)) from None
            raise
        wrote = partner.seen.wrote
        if wrote is None or wrote.wire in {"reset", "late", "refused"}:
            raise Wrong("a write without an answer counts as done", repr(value)[:100])
        is_taken = 200 <= wrote.status < 300 and (
            _status_of(wrote) == "success"
            if documented
            else _status_of(wrote) not in {"failure", "error", "fail"}
        )
        if not wrote.is_encoded and not is_taken:
            raise Wrong("a write that is not provably done counts as done", repr(value)[:100])
        return value

    return run


def _pending(bench: MiintoBench) -> tuple[Transfer, ...]:
    found = tuple(_market(bench).pending_transfers(SHOP))
    if any(not one.pending or one.shop != SHOP for one in found):
        raise Wrong("a transfer is listed that waits for nothing", "")
    return found


def _orders(bench: MiintoBench) -> tuple[MarketOrder, ...]:
    found = tuple(_market(bench).orders(SHOP, SINCE))
    if any(one.customer is not None for one in found):
        raise Wrong("who bought is read where nobody needs it", "")
    return found


def _decide(bench: MiintoBench) -> object:
    return _market(bench).decide_transfer(SHOP, 9001, [71], [72], LATER)


def _logged_in(bench: MiintoBench) -> Grants:
    del bench.secrets.values["example", bench.connection.channel_secret]
    http = bench.http("miinto-auth", bench.connection.auth_url)
    channel, grants = log_in(http, IDENTIFIER, PASSWORD, clock=bench.clock)
    if not channel.id.isprintable() or not channel.token.isascii():
        raise Wrong("a channel fits into no header", ascii(channel)[:100])
    if Grants.of_text(grants.to_text()) != grants:
        raise Wrong("what a login may use changes when it is kept", repr(grants)[:200])
    return grants


def _kept_channel(data: bytes) -> object:
    """The channel as it is kept in its secret, by this release or another."""
    text = data.decode("utf-8", "replace")
    found = Grants.of_text(text)
    bench, partner = _bench()
    kept = bench.secrets.values["example", bench.connection.channel_secret]
    kept["grants"] = kept["made_at"] = text
    partner.play(read_script(script(told({"id": "a", "token": "b", "privileges": []}))))
    if bench.client().session().channel != Channel("a", "b"):
        raise Wrong("a channel of no time at all is used", "")
    return found


def _feed(bench: MiintoBench) -> tuple[Any, ...]:
    settings = Feed.model_validate({"url": "https://shop.example.test/feed.tsv"})
    found = tuple(feed_of("example", settings, bench.around()).rows())
    told_prices = [p for row in found for p in (row.final_prices, row.original_prices) if p]
    if any(price < 0 for each in told_prices for price in each.values()):
        raise Wrong("a price below nothing", "")
    return found


def _rmas(bench: MiintoBench, contract: RmaContract) -> MiintoRmas:
    return MiintoRmas(client_of("example", bench.connection, bench.around()), contract)


def _checked(rma: Rma) -> Rma:
    kept = rma.model_dump_json()
    if any(canary in kept for canary in CANARIES):
        # Only what the contract names as not kept is dropped; the seeds hold them nowhere else.
        names = ("billingInformation", "customer")
        if any(name in kept for name in names):
            raise Wrong("who bought is kept with an RMA", kept[:200])
    if rma.status != "unknown" and rma.status_word.startswith("(unreadable"):
        raise Wrong("a decision could be made on what cannot be read", kept[:200])
    return rma


def _rma_list(contract: RmaContract) -> Callable[[MiintoBench], object]:
    return lambda bench: tuple(map(_checked, _rmas(bench, contract).list(SHOP, "pending")))


def _rma(contract: RmaContract) -> Callable[[MiintoBench], object]:
    def run(bench: MiintoBench) -> object:
        found = _rmas(bench, contract).read(SHOP, "30001")
        return None if found is None else _checked(found)

    return run


def _rma_decide(bench: MiintoBench) -> object:
    _rmas(bench, DIALECT_B).decide(SHOP, "30001", ["811"], {"812": "it is torn"}, LATER)
    return None


def _rma_request(bench: MiintoBench) -> str:
    draft = RmaRequestDraft(
        shop=SHOP, order=555001, positions={71: 1}, reason="came back", reference="RH-1"
    )
    return _rmas(bench, DIALECT_A).request(draft, LATER)


STOCK = (StockRow(7, "group", "Acme", "red", "M"),)
BUYER = {"customer": PERSON, "extra": {"billingInformation": PERSON}}
RMA_A, RMA_B = body_a(**BUYER), body_b(**BUYER)
MAP = [["style", "TEE", "5700000000017", "1111-2222"], ["style", "MUG", "", 77], ["x"]]
HEADER = (
    "id\titem_group_id\tbrand\tcolor\tsize\tgtin\tc:retail_price_dkk\tc:discount_retail_price_dkk"
)
FEED = f'{HEADER}\nTEE\tg\tAcme\tred\tM\t5700000000017\t49900\t39900\nMUG\tg\t"A"\tred\tM\t\t1\t\n'
NEW = {"newOrder": {"id": 555001}}
MIINTO_TARGETS: tuple[Target, ...] = (
    Target(
        "miinto-transfers",
        "script",
        _read(_pending),
        (tuple,),
        (
            script(told([TRANSFER], totalItemCount=1)),
            script(
                told([TRANSFER] * 3, totalItemCount="4"),
                told([TRANSFER | {"id": "9002"}]),
                told([]),
            ),
            script(told([TRANSFER, {"id": 1}]), told([])),
            *REFUSALS,
        ),
    ),
    Target(
        "miinto-transfer",
        "script",
        _read(lambda bench: _market(bench).read_transfer(SHOP, 9001)),
        (Transfer, type(None)),
        (script(told([TRANSFER]), told([])), script(told([])), *REFUSALS),
    ),
    Target(
        "miinto-decide",
        "script",
        _write(_decide),
        (int, type(None)),
        (script(told(NEW)), script(told([])), script(told({"newOrder": {"id": "x"}})), *REFUSALS),
    ),
    Target(
        "miinto-orders",
        "script",
        _read(_orders),
        (tuple,),
        (
            script(told([ORDER, ORDER | {"createdAt": None, "parentOrder": []}]), told([])),
            script(told([ORDER]), told([ORDER | {"id": 7}]), told([])),
            *REFUSALS,
        ),
    ),
    Target(
        "miinto-order",
        "script",
        _read(lambda bench: _market(bench).read_order(SHOP, 555001)),
        (MarketOrder, type(None)),
        (script(told(ORDER)), script(told({"id": 555001})), *REFUSALS),
    ),
    Target(
        "miinto-providers",
        "script",
        _read(lambda bench: _market(bench).shipping_providers(SHOP, 555001)),
        (tuple,),
        (script(told([{"id": "gls", "name": "GLS"}, {"id": 7}])), script(told({})), *REFUSALS),
    ),
    Target(
        "miinto-shops",
        "script",
        _read(lambda bench: _market(bench).check_access()),
        (str,),
        (script(told({"name": "Shop"})), *REFUSALS),
    ),
    Target(
        "miinto-status",
        "script",
        _read(lambda bench: bench.client().status("order")),
        (str,),
        (script(told({"status": "OK"})), *REFUSALS),
    ),
    Target(
        "miinto-stock",
        "script",
        _write(lambda bench: _market(bench).push_stock(SHOP, STOCK, LATER), documented=False),
        (type(None),),
        (script(told([])), script(Scripted(204)), *REFUSALS),
    ),
    Target(
        "miinto-log-in",
        "script",
        _read(_logged_in),
        (Grants,),
        (
            script(told({"id": "M!t!Ch!v1!1", "token": "0" * 40, "privileges": PRIVILEGES})),
            script(told({"id": "a", "token": "b", "privileges": []})),
            script(told({"id": "a", "token": "b", "privileges": {"*": {"*": {"*": []}}}})),
            script(_failure(f"wrong secret {PASSWORD} of {IDENTIFIER}", status=401)),
            *REFUSALS,
        ),
    ),
    Target(
        "miinto-channel-kept",
        "json",
        _kept_channel,
        (Grants, type(None)),
        (b'{"any": true, "shops": [["1-m!i!s-045-1234", "DK"]]}', b'{"any": 0, "shops": [[]]}'),
    ),
    Target(
        "miinto-product-map",
        "script",
        _read(lambda bench: tuple(_market(bench).product_map(SHOP))),
        (tuple,),
        (script(MAP), script(told(MAP)), script([]), *REFUSALS),
    ),
    Target(
        "miinto-feed",
        "script",
        _read(_feed),
        (tuple,),
        (script(Scripted(body=FEED.encode())), script(Scripted(body=b"\xef\xbb\xbf")), *OUTAGES),
    ),
    Target(
        "miinto-rmas-a",
        "script",
        _read(_rma_list(DIALECT_A)),
        (tuple,),
        (
            script(told([RMA_A, RMA_A | {"status": "closed"}]), told([])),
            script(told([{}])),
            *REFUSALS,
        ),
    ),
    Target(
        "miinto-rmas-b",
        "script",
        _read(_rma_list(DIALECT_B)),
        (tuple,),
        (script(told([RMA_B, RMA_B | {"rmaStatus": "PARTLY"}]), told([])), *REFUSALS),
    ),
    Target(
        "miinto-rma-a",
        "script",
        _read(_rma(DIALECT_A)),
        (Rma, type(None)),
        (script(told(RMA_A)), script(told(RMA_A | {"id": "1"})), *REFUSALS),
    ),
    Target(
        "miinto-rma-b",
        "script",
        _read(_rma(DIALECT_B)),
        (Rma, type(None)),
        (script(told(RMA_B)), *REFUSALS),
    ),
    Target(
        "miinto-rma-decide",
        "script",
        _write(_rma_decide, documented=False),
        (type(None),),
        (script(told({})), script(Scripted(204)), *REFUSALS),
    ),
    Target(
        "miinto-rma-request",
        "script",
        _write(_rma_request),
        (str,),
        (script(told({"id": 90001})), script(told([])), *REFUSALS),
    ),
)

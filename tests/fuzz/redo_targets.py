"""What the hub asks of Redo."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

from pydantic import SecretStr

from returns_hub.adapters.redo.invoices import RedoInvoices
from returns_hub.adapters.redo.subscriptions import RedoSubscriptions
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.invoices import Invoice
from returns_hub.domain.returns import PortalReturn, ReturnStatus, ReturnSummary
from returns_hub.domain.subscriptions import Subscription, Wanted
from returns_hub.flows.export_invoices import export
from returns_hub.flows.world import World
from tests.fuzz.bodies import BODIES, ORDER, RETURN
from tests.fuzz.mutations import CANARIES
from tests.fuzz.partner_answers import (
    OUTAGES,
    REDO_DONE,
    is_answered,
    reading,
    scripted_bench,
    send_by,
    writing,
)
from tests.fuzz.replies import Scripted, script
from tests.fuzz.targets import Target, Wrong, as_json
from tests.support import fakes, worlds
from tests.support.worlds import Bench

REDO_NOT_DONE = frozenset({400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 429})


def _redo_done(reply: Scripted) -> bool:
    return is_answered(reply) and reply.status in REDO_DONE


def _redo_refused(reply: Scripted) -> bool:
    return is_answered(reply) and reply.status in REDO_NOT_DONE


LINES = (LineToProcess(line_id="item1", sku="TEE", restock=True),)
NEXT_PAGE = Scripted(
    headers=(("X-Page-Next", "2"),), body=as_json({"returns": [RETURN], "orders": [ORDER]})
)
_redo_write = {"is_done": _redo_done, "is_not_done": _redo_refused}


def _updated(world: World) -> tuple[ReturnSummary, ...]:
    return tuple(world.portal.returns_updated(fakes.START - timedelta(days=1), fakes.START))


WEBHOOK = {
    "id": "w1",
    "callback": {"url": "https://hub.example.test", "auth": {"bearer": {"token": CANARIES[0]}}},
    "externalId": "ours",
    "topic": "return",
    "kind": "redo",
    "createdAt": "2026-03-02T08:00:00Z",
    "updatedAt": "2026-03-02T08:00:00Z",
}
INVOICE = {
    "id": "i1",
    "status": "paid",
    "charge": {"amount": "1.20", "currency": "GBP"},
    "createdAt": "2026-03-02T08:00:00Z",
    "updatedAt": "2026-03-02T08:00:00Z",
}
CSV = (("Content-Type", "text/csv"),)
WANTED = Wanted(external_id="ours", url="https://hub.example.test", token=SecretStr(CANARIES[0]))


def _redo_bench() -> Bench:
    return scripted_bench("redo")


def _subscriptions() -> RedoSubscriptions:
    return RedoSubscriptions(_redo_bench().redo_client())


def _invoice_lines(_: World) -> str:
    """One invoice as a table; no cell of it may begin a formula."""
    out = StringIO(newline="")
    export(RedoInvoices(_redo_bench().redo_client()), [Invoice(id="i1", status="paid")], out)
    for row in csv.reader(StringIO(out.getvalue(), newline="")):
        for cell in row:
            if cell.lstrip(" \n")[:1] in set("=@\t\r"):
                raise Wrong("a cell begins a formula", ascii(cell[:100]))
    return out.getvalue()


REDO_TARGETS: tuple[Target, ...] = (
    Target(
        "redo-read-return",
        "script",
        reading("redo", lambda world: world.portal.read_return(worlds.RETURN_ID)),
        (PortalReturn,),
        (script({"return": RETURN, "order": ORDER}), *(script(body) for body in BODIES), *OUTAGES),
    ),
    Target(
        "redo-returns-updated",
        "script",
        reading("redo", _updated),
        (tuple,),
        (script(NEXT_PAGE, {"returns": [RETURN], "orders": []}), *OUTAGES),
    ),
    Target(
        "redo-recent-returns",
        "script",
        reading("redo", lambda world: world.portal.recent_returns(50).returns),
        (tuple,),
        (script({"returns": [RETURN], "orders": [ORDER]}), *OUTAGES),
    ),
    Target(
        "redo-comments",
        "script",
        reading("redo", lambda world: world.portal.comments(worlds.RETURN_ID)),
        (tuple,),
        (script({"comments": [{"message": "text"}, {"image": "x"}]}), *OUTAGES),
    ),
    Target(
        "redo-process",
        "script",
        writing("redo", lambda w: w.portal.process("r1", LINES, send_by()), **_redo_write),
        (type(None),),
        (script({"message": "Processing triggered successfully"}), *OUTAGES),
    ),
    Target(
        "redo-flag",
        "script",
        writing(
            "redo",
            lambda w: w.portal.set_status("r1", ReturnStatus.FLAGGED, send_by()),
            **_redo_write,
        ),
        (type(None),),
        (script(Scripted(204)), *OUTAGES),
    ),
    Target(
        "redo-add-comment",
        "script",
        writing("redo", lambda w: w.portal.add_comment("r1", "text", send_by()), **_redo_write),
        (type(None),),
        (script(Scripted(201, body=as_json({"comment": {"message": "text"}}))), *OUTAGES),
    ),
    Target(
        "redo-webhooks",
        "script",
        reading("redo", lambda _: _subscriptions().list()),
        (tuple,),
        (script({"webhooks": [WEBHOOK, WEBHOOK | {"callback": {"url": "u"}}]}), *OUTAGES),
    ),
    Target(
        "redo-webhook",
        "script",
        reading("redo", lambda _: _subscriptions().read("w1"), also=frozenset({404})),
        (Subscription, type(None)),
        (script({"webhook": WEBHOOK}), script(Scripted(404)), *OUTAGES),
    ),
    Target(
        "redo-webhook-put",
        "script",
        writing("redo", lambda _: _subscriptions().put(WANTED, send_by()), **_redo_write),
        (type(None),),
        (script(Scripted(201, body=as_json({"webhook": WEBHOOK}))), script({}), *OUTAGES),
    ),
    Target(
        "redo-webhook-replay",
        "script",
        writing(
            "redo",
            lambda _: _subscriptions().replay("w1", fakes.START, send_by()),
            **_redo_write,
        ),
        (type(None),),
        (script(Scripted(202)), *OUTAGES),
    ),
    Target(
        "redo-invoices",
        "script",
        reading("redo", lambda _: RedoInvoices(_redo_bench().redo_client()).list()),
        (tuple,),
        (script({"invoices": [INVOICE]}), *OUTAGES),
    ),
    Target(
        "redo-invoice-lines",
        "script",
        reading("redo", _invoice_lines),
        (str,),
        (
            script(Scripted(headers=CSV, body=b'a,b,a\n"=1",2\n')),
            script(Scripted(headers=CSV, body=b"")),
            *OUTAGES,
        ),
    ),
)

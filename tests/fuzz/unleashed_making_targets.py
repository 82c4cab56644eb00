"""Entries where Unleashed answers to what the hub makes there: orders, and credit notes."""

from __future__ import annotations

from decimal import Decimal

from returns_hub.adapters.unleashed.subscriptions import UnleashedSubscriptions
from returns_hub.domain.operations import NotFound
from returns_hub.domain.unleashed.credits import CreditDraft, CreditLine
from returns_hub.domain.unleashed.sale_amounts import SaleLine
from returns_hub.domain.unleashed.sales_draft import SalesDraft
from returns_hub.domain.warehouse_orders import Recipient
from tests.fuzz.mutations import CANARIES
from tests.fuzz.partner_answers import EMPTY_404
from tests.fuzz.replies import Scripted, read_script, script
from tests.fuzz.targets import Target, Wrong
from tests.fuzz.unleashed_targets import (
    FAULT,
    GUID,
    LATER,
    OUTAGES,
    REFUSAL,
    REFUSED,
    SINCE,
    Read,
    page,
    reading,
    writing,
)
from tests.fuzz.unleashed_world import answer, first_of, scripted_account, scripted_erp, usable

MARKER = "RH-0123456789abcdef0123"
ORDER = first_of("SalesOrders")
NOTE = {
    "Guid": GUID,
    "CreditNoteNumber": "CR-00000001",
    "Status": "Parked",
    "Comments": f"{CANARIES[0]} [{MARKER}]",
    "Customer": {"CustomerCode": "WEBSHOP", "CustomerName": CANARIES[0]},
    "SalesOrderNumber": "SO-00000001",
    "InvoiceNumber": "INV-00000001",
    "LastModifiedOn": "/Date(1772442000000)/",
    "CreatedBy": "api@unleashedsoftware.com",
    "CreditLines": [{"Product": {"ProductCode": "CAP-BLACK"}, "CreditQuantity": 1}],
}
CREDIT = CreditDraft(
    MARKER, ORDER["Guid"], (CreditLine("CAP-BLACK", 1, Decimal(4)),), "faulty", "", LATER.date()
)
SALE = SalesDraft(
    guid=GUID,
    source_id="returnshub/1",
    customer_code="WEBSHOP",
    warehouse_code="MAIN",
    currency="GBP",
    exchange_rate=Decimal(1),
    tax_code="G.S.T.",
    tax_rate=Decimal("0.2"),
    ordered_on=LATER.date(),
    lines=(SaleLine("CAP-BLACK", 1, Decimal(4), Decimal(4), Decimal("0.8")),),
    recipient=Recipient(country="GB", last_name="Sample", email=CANARIES[0]),
)


def find_note(data: bytes) -> Read:
    """The look-up after a note without an answer: "not found" leads to a second one."""
    erp, partner = scripted_erp()
    replies = read_script(data)
    partner.play(replies)
    found = erp.credit_notes.find_note(CREDIT, SINCE)
    if isinstance(found, NotFound):
        for reply in replies[: partner.seen.asked]:
            is_heard = reply.status == 200 and reply.wire == "" and not reply.is_encoded
            for row in _rows(reply) if is_heard else ():
                if MARKER in str(row.get("Comments")) and isinstance(row.get("Comments"), str):
                    raise Wrong("not found, though it was shown", repr(row)[:100])
    return Read(found)


def subscriptions(data: bytes) -> object:
    """The list of the account's webhooks."""
    account, partner = scripted_account()
    partner.play(read_script(data))
    found = UnleashedSubscriptions(account).subscriptions()
    usable(found)
    return found


SUBSCRIPTION = {
    "subscriptionId": GUID,
    "notificationUrl": "https://hub.example.test/webhooks/unleashed/example",
    "eventTypes": ["SalesOrder.Deleted"],
}


def _rows(reply: Scripted) -> list[dict[str, object]]:
    try:
        content = reply.content()
    except ValueError:
        return []
    rows = content.get("Items") if isinstance(content, dict) else content
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _target(name: str, run: object, *seeds: bytes) -> Target:
    return Target(name, "script", run, (Read,), (*seeds, *OUTAGES))  # type: ignore[arg-type]


NOTES = script(page(NOTE), page())
MAKING_TARGETS: tuple[Target, ...] = (
    _target(
        "unleashed-taxes",
        reading(lambda erp: erp.order_making.tax_rate("G.S.T.")),
        script(answer("/Taxes/1")),
        script(page({"TaxCode": "G.S.T.", "TaxRate": 0.15, "Obsolete": False})),
    ),
    _target(
        "unleashed-currencies",
        reading(lambda erp: erp.order_making.exchange_rate("DKK")),
        script(page({"CurrencyCode": "DKK", "DefaultSellRate": 8.7})),
        script([{"CurrencyCode": "dkk", "DefaultSellRate": 8.7}, {}]),
        script({"Items": 5}),
    ),
    _target(
        "unleashed-make-order",
        writing(lambda erp: erp.order_making.make_order(SALE, LATER)),
        script(EMPTY_404, Scripted(201, body=script(ORDER).partition(b"\n\n")[2])),
        script(EMPTY_404, REFUSAL),
        script(EMPTY_404, FAULT),
        script(ORDER),
    ),
    _target(
        "unleashed-find-order",
        reading(lambda erp: erp.order_making.find_order(GUID, {"CAP-BLACK": 1})),
        script(ORDER),
        script(EMPTY_404),
    ),
    _target(
        "unleashed-credit-notes",
        reading(lambda erp: erp.credit_notes.changed_since(SINCE)),
        NOTES,
    ),
    _target(
        "unleashed-make-note",
        writing(lambda erp: erp.credit_notes.make_note(CREDIT, LATER)),
        script(ORDER, {"Guid": GUID}),
        script(ORDER, REFUSAL),
        script(ORDER, Scripted(204)),
    ),
    _target("unleashed-find-note", find_note, NOTES, script(page(NOTE, NOTE | {"Guid": 1}))),
    _target(
        "unleashed-complete-note",
        # Where somebody completed it before, a refusal is as good.
        writing(lambda erp: erp.credit_notes.complete(GUID, LATER), also=REFUSED),
        script(Scripted(204)),
        script(REFUSAL, NOTE),
        script(REFUSAL, NOTE | {"Status": "Completed"}),
    ),
    Target(
        "unleashed-subscriptions",
        "script",
        subscriptions,
        (tuple,),
        (
            script({"Items": [SUBSCRIPTION, {"eventTypes": 7}]}),
            script([SUBSCRIPTION]),
            script({"Items": 5}),
            *OUTAGES,
        ),
    ),
)

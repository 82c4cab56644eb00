"""Places of personal data: what is told of one, how long each keeps, and the tables'."""

from __future__ import annotations

from dataclasses import dataclass

from returns_hub.domain.sync.records import ORDER_RECORD_DAYS

ROW_DAYS = 400
"""Of rows: 13 months of audit, and a little more (`adapters.dynamodb.items.KEEP_FOR`)."""
PLAN_DAYS = 90
CACHE_DAYS = 7
DELIVERY_DAYS = 14
LOG_DAYS = 90
"""The template's default; 7 to 400 by `LogRetentionDays`."""
FILE_DAYS = 400
RESTORE_DAYS = 35
"""For so long a table can be restored to a moment of the past (DynamoDB's point-in-time
recovery)."""
REGISTER_DAYS = 400
"""For so long it is known who was forgotten, by id: longer than anything could be restored."""

BY_ITSELF = "by itself"
FORGET = "hub privacy forget"


@dataclass(frozen=True)
class Place:
    """One place.

    Args:
        name: How an export calls it: ``returns.events``.
        resources: Logical ids in template.yaml; none for what is no resource of the stack.
        what: Which personal data; ``none`` where there is none, and what is there instead.
        why: What it is needed for.
        source: Where it comes from.
        days: How long it is kept at most, in days, from its last change; None where `kept` says.
        kept: How long, in words.
        found: By what it is found.
        goes: How it is deleted or masked.
        stays: What cannot be deleted, and why; empty when all goes.
    """

    name: str
    resources: tuple[str, ...]
    what: str
    why: str
    source: str
    days: float | None
    kept: str
    found: str
    goes: str
    stays: str = ""

    @property
    def has_personal_data(self) -> bool:
        """Whether there is any."""
        return not self.what.startswith("none")


TABLES: tuple[Place, ...] = (
    Place(
        "returns.state",
        ("ReturnsTable",),
        "names of the orders, tracking numbers, notes that people wrote; ids of return and lines",
        "goods are found by them, and nothing is done twice",
        "the portal; operators",
        ROW_DAYS,
        f"{ROW_DAYS} days after the last event",
        "return id, order, tracking number, external return",
        FORGET,
        "ids, SKUs, units, amounts, what was decided on each line and what was refunded: the "
        "record of money and goods. Where a portal names no shipment groups, the tracking number "
        "is the shipment's id, and stays as such",
    ),
    Place(
        "returns.events",
        ("ReturnsTable",),
        "the same, event by event; names of operators",
        "every difference can be explained",
        "the portal, the warehouse, operators",
        ROW_DAYS,
        f"{ROW_DAYS} days after the event",
        "return id",
        FORGET,
        "as returns.state; the operator's name (who did what with money)",
    ),
    Place(
        "returns.find",
        ("ReturnsTable",),
        "order's name or tracking number, as a key",
        "`hub search`",
        "the portal",
        ROW_DAYS,
        f"{ROW_DAYS} days after it was first told",
        "order, tracking number",
        FORGET,
        "rows of SKUs: they name no person",
    ),
    Place(
        "ledger",
        ("LedgerTable",),
        "return id, order's or tracking number in the key; the reason of a refusal, in a partner's "
        "words",
        "nothing twice",
        "the flows",
        ROW_DAYS,
        f"{ROW_DAYS} days after it was settled",
        "the operation's key",
        f"the reason: {FORGET}",
        "the key and its outcome: without them the same write could be made again",
    ),
    Place(
        "parked",
        ("ParkedTable",),
        "a message that could not be read, as it came: anything may be in it; reasons, notes",
        "it may be the only trace of a return",
        "the webhook, your app, the flows",
        ROW_DAYS,
        f"{ROW_DAYS} days after it was parked last",
        "return id; any text with --scan",
        f"{FORGET}, once it is closed (`hub parked discard`)",
        "its id, flow, code and times",
    ),
    Place(
        "market.orders",
        ("MarketTable",),
        "order numbers (Miinto's, the one that the buyer sees, the store's), tracking numbers, "
        "reasons; no name and no address",
        "an order is sent once; an RMA and a refund find their order",
        "Miinto, Mintsoft",
        ROW_DAYS,
        f"{ROW_DAYS} days after the last event",
        "order number (SHOP/NUMBER or the store's, not the one that the buyer sees), RMA",
        f"tracking numbers and reasons: {FORGET}",
        "the numbers: a late RMA or a store's refund finds its order by them",
    ),
    Place(
        "market.rmas",
        ("MarketTable",),
        "the buyer's reasons and comments, tracking number; the body as it came, without the "
        "fields of miinto.rma.contract.not_kept",
        "an RMA is decided by it",
        "Miinto",
        ROW_DAYS,
        f"{ROW_DAYS} days after it changed last",
        "return id",
        FORGET,
        "ids, positions, prices, status",
    ),
    Place(
        "sync",
        ("SyncTable",),
        "order numbers, customer codes, tracking numbers, comments on orders; a fingerprint of the "
        "delivery address, no address",
        "an order, shipment or credit note is made once",
        "Unleashed, Mintsoft, your app",
        ORDER_RECORD_DAYS,
        f"events {ROW_DAYS} days; a record of an order {ORDER_RECORD_DAYS} days after its last "
        "change (`OrderRecordsDays`), its links 400 days later; one of goods (a product, a "
        "purchase order, a transfer) names no person and stays",
        "return id, order's number in the warehouse; any other with --scan",
        f"comments, reasons and notes: {FORGET}",
        "numbers and tracking numbers: what was told is compared with what is to be told",
    ),
    Place(
        "sync.deliveries",
        ("SyncTable",),
        "none: ids of deliveries of Unleashed's webhook",
        "a repeat is known",
        "Unleashed",
        DELIVERY_DAYS,
        f"{DELIVERY_DAYS} days",
        "-",
        BY_ITSELF,
    ),
    Place(
        "findings",
        ("FindingsTable",),
        "return ids and order numbers in differences",
        "every difference explained",
        "looks for drift",
        ROW_DAYS,
        f"while it stands, then {ROW_DAYS} days",
        "return id, order",
        f"resolved ones: {FORGET}",
        "one that stands: it goes when the difference does",
    ),
    Place(
        "findings.plans",
        ("FindingsTable",),
        "return ids and order numbers in what a run would do; no bodies",
        "try it before it writes",
        "`hub plan make`, dry runs",
        PLAN_DAYS,
        f"{PLAN_DAYS} days",
        "`hub plan show`",
        BY_ITSELF,
        "packed as a whole; it ends before anybody has to be told",
    ),
    Place(
        "audit",
        ("AuditTable",),
        "operators: ARN, what they did; notes they wrote, orders they named",
        "who did what with money and goods",
        "operators",
        ROW_DAYS,
        f"{ROW_DAYS} days after the act",
        "return id, person; any other with --scan",
        f"notes, and orders and tracking numbers in options: {FORGET}",
        "that the act took place, whose it was, and the return's id: the duty to account for it",
    ),
    Place(
        "audit.forgotten",
        ("AuditTable",),
        "ids of returns and orders whose person was forgotten, and when",
        "so that a restored backup can be forgotten again",
        FORGET,
        REGISTER_DAYS,
        f"{REGISTER_DAYS} days",
        "`hub privacy forget --again`",
        BY_ITSELF,
        "needed to go on being forgotten",
    ),
    Place(
        "merchants",
        ("MerchantsTable",),
        "operators: who applied a version of a merchant's file",
        "which rule decided, and by whose hand it came",
        "`hub config apply`",
        None,
        "as long as the merchant has a file",
        "`hub config show`",
        "with the stack",
        "the versions explain what was decided by them",
    ),
    Place(
        "control",
        ("ControlTable",),
        "operators: who began a backfill; no customer's data (cursors, leases, gates, counts, "
        "overviews)",
        "where each run stands",
        "the flows, operators",
        None,
        "written over by the next run",
        "`hub backfill list`, `hub status`",
        "by the next run, or with the stack",
    ),
    Place(
        "catalogue",
        ("CatalogueTable",),
        "codes of customers of Unleashed, with their Guids; products",
        "fewer requests",
        "Unleashed, Mintsoft",
        CACHE_DAYS,
        f"{CACHE_DAYS} days",
        "-",
        BY_ITSELF,
    ),
    Place(
        "feed",
        ("FeedTable",),
        "none: stock by SKU and location, targets, proposals",
        "what changed is told",
        "Mintsoft, WAIR",
        ROW_DAYS,
        f"{ROW_DAYS} days",
        "-",
        BY_ITSELF,
    ),
)

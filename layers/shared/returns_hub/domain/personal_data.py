"""The map of personal data: every place where the hub keeps or passes on any, and how it goes.

docs/privacy.md shows it (`as_markdown`), `hub privacy map` prints it, an export says of each place
what is there, and tests hold it to template.yaml: a table, queue, log or bucket without an entry
fails, and so does a time to live that is another than the one told here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from returns_hub.domain.personal_places import (
    BY_ITSELF,
    FILE_DAYS,
    FORGET,
    LOG_DAYS,
    RESTORE_DAYS,
    TABLES,
    Place,
)


def _queue(name: str, resource: str, what: str, source: str, days: float) -> tuple[Place, Place]:
    hours = f"{days:g} days" if days >= 1 else f"{days * 24:g} h"
    dead = resource.replace("Queue", "DeadLetterQueue")
    is_none = what.startswith("none")
    return (
        Place(
            f"queue.{name}",
            (resource,),
            what,
            "work that is about to be done",
            source,
            days,
            f"until it is done, {hours} at most",
            "not: reading a queue takes its messages",
            BY_ITSELF,
            "" if is_none else "a message in work cannot be taken out; forgetting waits for it",
        ),
        Place(
            f"dead_letters.{name}",
            (dead,),
            what,
            "so that a fault of the hub's own loses nothing",
            f"the queue {name}",
            14,
            "14 days",
            "`hub dlq list`, `hub privacy export`",
            f"`hub dlq discard`, then `{FORGET}`; {BY_ITSELF}",
        ),
    )


NO_PERSON = "none: names of flows, merchants and shops"
ORDER_AND_UNITS = "order numbers, tracking number, SKUs; nothing says who gets the goods"
QUEUES: tuple[Place, ...] = (
    *_queue(
        "approved-returns",
        "ApprovedReturnsQueue",
        "return id; from your own app what it puts there: the hub asks for no personal data",
        "the webhooks, catching up, your app",
        4,
    ),
    *_queue("poll-mintsoft", "PollMintsoftQueue", "a return id at most", "a tick", 1 / 24),
    *_queue("miinto-rma", "MiintoRmaQueue", NO_PERSON, "a tick", 1 / 24),
    *_queue("unleashed-sync", "UnleashedSyncQueue", "an order's Guid at most", "a tick", 1 / 24),
    *_queue("wair-sync", "WairSyncQueue", NO_PERSON, "a tick", 1 / 24),
    *_queue("drift-report", "DriftReportQueue", NO_PERSON, "a tick", 2 / 24),
    *_queue("despatches", "DespatchesQueue", ORDER_AND_UNITS, "the relay", 4),
    *_queue("order-changes", "OrderChangesQueue", "order number, a reason", "your app", 4),
    *_queue(
        "refunds", "RefundsQueue", "order numbers, return id, amounts; no name", "the refunds", 10
    ),
    *_queue("store-refunds", "StoreRefundsQueue", "order number, amounts", "your store", 4),
)
LOG_GROUPS = (
    "CreateExternalReturn RedoWebhook LoopWebhook UnleashedWebhook CatchUpRedo CheckWebhooks "
    "PollMintsoft MiintoRma UnleashedSync WairSync DespatchRelay OrderChanges DriftReport "
    "StoreRefunds WatchReturns RefreshCredentials OpsMetrics OpsWidgets OpsActs"
)
OTHERS: tuple[Place, ...] = (
    Place(
        "logs",
        tuple(f"{name}LogGroup" for name in LOG_GROUPS.split()),
        "return ids and order ids; never names, addresses, e-mails, bodies or secrets",
        "what a function did",
        "the functions",
        LOG_DAYS,
        f"{LOG_DAYS} days (`LogRetentionDays`)",
        "`hub tail`, CloudWatch Logs Insights",
        BY_ITSELF,
        "lines cannot be taken out one by one; they go with their retention",
    ),
    Place(
        "logs.webhooks",
        ("WebhooksAccessLogGroup",),
        "none: when, by which route, what was answered and how fast; no address, path or body",
        "how the doors do",
        "API Gateway",
        LOG_DAYS,
        f"{LOG_DAYS} days (`LogRetentionDays`)",
        "CloudWatch Logs Insights",
        BY_ITSELF,
    ),
    Place(
        "metrics",
        (),
        "none: counts by merchant, partner and flow",
        "alarms and the dashboard",
        "the functions",
        455,
        "15 months (CloudWatch)",
        "-",
        BY_ITSELF,
    ),
    Place(
        "dashboard",
        ("Dashboard",),
        "none of its own: it shows rows of the tables while somebody looks",
        "operators see what waits",
        "the tables",
        0,
        "not at all",
        "-",
        "with the rows",
    ),
    Place(
        "files",
        ("FilesBucket",),
        "drift reports: return ids and order numbers; the feed's files name no person",
        "reports for people, rows for WAIR",
        "looks for drift, the feed",
        FILE_DAYS,
        f"{FILE_DAYS} days",
        "by the day of the report",
        f"{BY_ITSELF}; a report by hand in S3",
        "a report is one file about many; it names nobody but by number",
    ),
    Place(
        "secrets",
        (
            "FirstMerchantRedoSecret",
            "FirstMerchantRedoWebhookSecret",
            "FirstMerchantMintsoftSecret",
            "FirstMerchantMintsoftSessionSecret",
        ),
        "operators: a user name at a partner, where the partner logs in by one",
        "to reach the partner",
        "`hub secrets set`",
        None,
        "until it is set anew",
        "`hub secrets status`",
        "`hub secrets set`",
    ),
    Place(
        "backups",
        (),
        "all that the tables had, for restoring them to a moment of the past",
        "nothing lost",
        "DynamoDB",
        RESTORE_DAYS,
        f"{RESTORE_DAYS} days (point-in-time recovery)",
        "not: nobody reads in it",
        BY_ITSELF,
        f"after a restore say `{FORGET} --again`: the register forgets everybody anew",
    ),
    Place(
        "trail",
        (),
        "operators: ARN and address of every call to AWS; keys of rows only where data events are "
        "on, which the stack does not turn on",
        "the account's own security",
        "AWS CloudTrail",
        90,
        "90 days in the event history; longer where the account has a trail of its own",
        "CloudTrail",
        BY_ITSELF,
        "the account's own record",
    ),
    Place(
        "local",
        (),
        "what a person had written into a file: exports, plans, invoices, reports; traces of "
        "faults of the command",
        "the person asked for it",
        "`hub … --out`, `~/.local/state/returns-hub`",
        None,
        "until the person deletes it",
        "on the person's machine",
        "by the person",
    ),
)


@dataclass(frozen=True)
class Partner:
    """What a partner holds, and what is to be asked of it.

    Args:
        name: Of the connection in the merchant's file.
        holds: Which personal data.
        from_hub: What of it the hub passed on.
        ask: What the operator does there. What no source tells is marked with "(not documented)".
    """

    name: str
    holds: str
    from_hub: str
    ask: str


PARTNERS: tuple[Partner, ...] = (
    Partner(
        "redo",
        "name, address, e-mail, phone, comments, order (`source`, `order.customer`)",
        "comments with ids, SKUs and counts; no person",
        "Redo's support; its API has no call that deletes or masks a customer, and its lists no "
        "filter by customer (not documented how they are found)",
    ),
    Partner(
        "loop",
        "e-mail, order, address of the label",
        "nothing but what was decided",
        "Loop's support (not documented; no call of its API deletes a customer)",
    ),
    Partner(
        "mintsoft",
        "name and address on orders; order's name, tracking number and SKUs on external returns",
        "name, address, e-mail and phone of orders from Miinto and Unleashed; external returns "
        "without a person",
        "Mintsoft's support, or the 3PL whose tenant it is (not documented; no call of its API "
        "masks an order)",
    ),
    Partner(
        "miinto",
        "name, addresses, e-mail, phone of its buyers",
        "tracking numbers, reasons of declined positions",
        "Miinto is its buyers' own contract partner: send the person there, or tell Miinto's "
        "partner support (not documented)",
    ),
    Partner(
        "unleashed",
        "customers, contacts, delivery addresses on sales orders and shipments",
        "despatches with tracking numbers, credit notes, orders exported from other channels",
        "mask the customer in Unleashed, whose customers and contacts can be changed by hand and "
        "by its API; the hub does not write them",
    ),
    Partner(
        "wair",
        "no person: stock, SKUs, reserved units by an id of their own",
        "stock and SKUs",
        "nothing",
    ),
    Partner(
        "targets",
        "what your systems keep of `despatch/1`: order number, tracking number, SKUs",
        "the same",
        "whoever runs the targets of despatch_relay, and consumers of refund/1",
    ),
)
MAP: tuple[Place, ...] = (*TABLES, *QUEUES, *OTHERS)


def place(name: str) -> Place:
    """The place of this name.

    Raises:
        KeyError: There is none.
    """
    found = next((one for one in MAP if one.name == name), None)
    if found is None:
        raise KeyError(name)
    return found


def as_markdown() -> str:
    """The map as docs/privacy.md shows it."""
    head = ("place", "what", "why, from where", "how long", "found by", "how it goes", "what stays")
    rows = [
        (
            f"`{one.name}`" + (f" ({_named(one.resources)})" if one.resources else ""),
            one.what,
            f"{one.why}; from {one.source}",
            one.kept,
            one.found,
            _as_command(one.goes),
            one.stays or "-",
        )
        for one in MAP
    ]
    return _table(head, rows)


def partners_as_markdown() -> str:
    """What partners hold, as docs/privacy.md shows it."""
    head = ("partner", "holds", "of it from the hub", "what to ask")
    return _table(head, [(one.name, one.holds, one.from_hub, one.ask) for one in PARTNERS])


def _named(resources: tuple[str, ...]) -> str:
    more = f" and {len(resources) - 1} more" if len(resources) > 1 else ""
    return f"{resources[0]}{more}"


def _as_command(text: str) -> str:
    return text if "`" in text else text.replace(FORGET, f"`{FORGET}`")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"

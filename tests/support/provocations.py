"""What goes wrong in a local world so that each alarm is raised, and how it is mended.

An act is provoked, lived through, mended and lived through again. Where an act says "prepared", the
cause itself would take weeks or cannot be had here, and the nearest state before it is set by hand;
what the functions make of it is real everywhere: their own metrics, read from their own logs.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from local.merchant_samples import MERCHANTS
from local.simulators.faults import Fault, FaultKind
from local.simulators.redo.bodies import SENDER, whole_order
from local.simulators.unleashed.hands_goods import Hands
from local.sources.sqs import LONG_POLL_SECONDS, SqsSource
from returns_hub.adapters.dynamodb.merchant_rows import LIVE
from returns_hub.adapters.dynamodb.merchants import INDEX
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.store_version import StoreVersion
from returns_hub.flows.migrations.run import migrate
from returns_hub.migrating import migration_world
from tests.support.canaries import FIRST_NAME, GIFT_CARD_CODE, SURNAME, secret
from tests.support.stepped import SteppedWorld
from tests.support.worlds import item, redo_return, shipment

MERCHANT = "example"
BROKEN = "unreadable"
OF_BROKEN = {"pk": {"S": BROKEN}, "sk": {"S": LIVE}}
SKU = "TEE-RED-M"
NOTHING = '"external_return_id":null, "delivered_at":null'
GIFT = {"amount": "5.00", "currency": "GBP"}
QUEUES_OF_RUNS = ("PollMintsoft", "MiintoRma", "UnleashedSync", "WairSync", "DriftReport")
QUEUES_OF_EVENTS = ("ApprovedReturns", "Despatches", "OrderChanges", "StoreRefunds")


def merchant_file() -> dict[str, Any]:
    """The sample merchant, with what this is about and little else, so that a tick is short."""
    text = (MERCHANTS / f"{MERCHANT}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    for part in ("miinto", "wair", "despatch_relay", "order_changes", "bundles"):
        del content[part]
    content["live_from"] = "2026-01-01T00:00:00Z"  # YAML reads a moment, the file is text
    content["redo"]["webhook"] = {"enabled": True}
    content["flows"] |= {
        "catch_up": {"enabled": True},
        "clocks": {"enabled": True, "warn_hours": 1, "escalate_hours": 200},
    }
    kept = ("base_url", "requests_per_second", "order_management", "base_currency", "warehouses")
    erp = {name: content["unleashed"][name] for name in kept}
    erp |= {"orders": content["unleashed"]["orders"], "webhooks": {"enabled": True}}
    content["unleashed"] = erp
    content["drift"] = {"every_hours": 1, "grace_minutes": 5, "stock": False, "orders": False}
    content["lint"] = {"enabled": False}
    return content


def write_file(folder: Path) -> Path:
    """The merchant's file in a folder; the folder."""
    folder.mkdir(exist_ok=True)
    text = yaml.safe_dump(merchant_file(), sort_keys=False)
    (folder / f"{MERCHANT}.yaml").write_text(text, encoding="utf-8")
    return folder


@dataclass
class Stage:
    """A world, and hands that spoil and mend it."""

    at: SteppedWorld
    puts: int = 0

    @property
    def hub(self) -> Any:
        """The hub, as the command has it."""
        return self.at.world.hub

    # -- the portal -------------------------------------------------------------------------

    def put_return(self, sku: str = SKU) -> str:
        """Somebody approves a return in the portal; its id."""
        self.puts += 1
        return_id = f"66aa01f0c0ffee{self.puts:010d}"
        now = self.at.clock().isoformat()
        order = {"id": f"order{self.puts}", "name": f"#77{self.puts:02d}"}
        body = redo_return(
            [item(1, sku)],
            id=return_id,
            createdAt=now,
            updatedAt=now,
            order=order,
            shipments=[
                shipment(postageLabel=f"https://labels.example.test/?sig={secret('label')}")
            ],
            source=SENDER | {"name": {"given": FIRST_NAME, "surname": SURNAME}},
            giftCards=[{"code": GIFT_CARD_CODE, "amount": GIFT, "externalId": "1"}],
        )
        self.at.partners.redo.put(body, [whole_order(dict(order))])
        return return_id

    def carrier_delivers(self, return_id: str) -> None:
        """The parcel arrives at the warehouse, and the portal tells."""
        parcel = self.at.partners.redo.returns[return_id]["shipments"][0]
        parcel |= {"status": "delivered", "deliveredAt": self.at.clock().isoformat()}
        self.at.partners.redo.set_status(return_id, "delivered")

    def drop_deliveries(self, share: float) -> None:
        """So much of what the portal delivers is lost."""
        deliveries = self.at.partners.redo.webhooks.deliveries
        deliveries.settings = replace(deliveries.settings, drop=share)

    def lose_subscription(self) -> None:
        """A team deletes it in the portal."""
        webhooks = self.at.partners.redo.webhooks
        for name in list(webhooks.subscriptions):
            webhooks.remove(name)

    def make_product(self, sku: str) -> None:
        """The warehouse gets a product."""
        client = self.hub.merchants.live(MERCHANT).merchant.mintsoft.client_id
        row = {"sku": sku, "name": sku.title(), "client_id": client}
        self.at.partners.mintsoft.seed({"products": {str(99000 + self.puts): row}})

    def parked(self) -> int:
        """How much is parked."""
        return len(self.hub.parking.list_parked(MERCHANT))

    def receive_all(self) -> None:
        """The warehouse books in every external return as it was announced."""
        for record in list(self.at.partners.mintsoft.returns.values()):
            self.at.partners.mintsoft.receive(record.id, None)

    # -- doors, queues and functions --------------------------------------------------------

    def post(self, portal: str, token: str, body: str = "{}") -> int:
        """A request at a door; the status."""
        parts = urlsplit(self.at.world.http.url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", f"/webhooks/{portal}/{MERCHANT}", body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def send(self, queue: str, body: str) -> None:
        """Put a message onto a queue of the stack."""
        url = self.at.world.queue_url(f"{queue}Queue")
        self.at.world.aws.client("sqs").send_message(QueueUrl=url, MessageBody=body)

    def short_lived(self, *queues: str) -> None:
        """Two deliveries a second apart, and a message is a dead letter; else it takes hours."""
        sqs, stack = self.at.world.aws.client("sqs"), self.at.world.stack
        for queue in queues:
            target = stack.resolve({"Fn::GetAtt": [f"{queue}DeadLetterQueue", "Arn"]})
            policy = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": 2})
            sqs.set_queue_attributes(
                QueueUrl=self.at.world.queue_url(f"{queue}Queue"),
                Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "1"},
            )
        # Who waits for messages by now would hold the first for as long as before.
        time.sleep(2 * LONG_POLL_SECONDS)

    def give_up_a_refund(self) -> None:
        """Whoever books refunds takes one three times, and gives it back each time."""
        self.send("Refunds", "{}")
        sqs, url = self.at.world.aws.client("sqs"), self.at.world.queue_url("RefundsQueue")
        for _ in range(3):
            for message in sqs.receive_message(QueueUrl=url).get("Messages", []):
                sqs.change_message_visibility(
                    QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )

    def disable_mappings(self, *queues: str) -> None:
        """Somebody disables what reads these queues."""
        for source in self._sources(queues):
            source.disable()
        # Whoever waits for messages by now takes those that come in that time.
        assert all(source.rests(10 * LONG_POLL_SECONDS) for source in self._sources(queues))

    def enable_mappings(self, *queues: str) -> None:
        """Somebody enables it again, and what waited is taken."""
        for source in self._sources(queues):
            source.enable()
        for queue in queues:
            self.at.until(partial(self._is_empty, queue))

    def _sources(self, queues: tuple[str, ...]) -> list[SqsSource]:
        logical = {f"{queue}Queue" for queue in queues}
        found = [source for source in self.at.world.sources if source.queue in logical]
        assert len(found) == len(logical)
        return found

    def book_refunds(self) -> None:
        """Whoever books refunds takes all that wait."""
        sqs, url = self.at.world.aws.client("sqs"), self.at.world.queue_url("RefundsQueue")
        while messages := sqs.receive_message(QueueUrl=url).get("Messages", []):
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def long_lived(self, queue: str) -> None:
        """As the template has it again."""
        found = self.at.world.stack.properties_of("AWS::SQS::Queue")[f"{queue}Queue"]
        self.at.world.aws.client("sqs").set_queue_attributes(
            QueueUrl=self.at.world.queue_url(f"{queue}Queue"),
            Attributes={
                "RedrivePolicy": json.dumps(found["RedrivePolicy"]),
                "VisibilityTimeout": str(found["VisibilityTimeout"]),
            },
        )

    def wait_for_dead_letters(self) -> None:
        """Go on only when every queue has one: that takes a few seconds of this machine's."""
        queues = (*QUEUES_OF_RUNS, *QUEUES_OF_EVENTS, "Refunds")
        self.at.until(lambda: all(self._has_messages(f"{queue}DeadLetter") for queue in queues))

    def _is_empty(self, queue: str) -> bool:
        return not self._has_messages(queue)

    def _has_messages(self, queue: str) -> bool:
        answer = self.at.world.aws.client("sqs").get_queue_attributes(
            QueueUrl=self.at.world.queue_url(f"{queue}Queue"),
            AttributeNames=["ApproximateNumberOfMessages"],
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"]) > 0

    def empty(self, queue: str) -> None:
        """Whatever is on a queue is taken away."""
        url = self.at.world.queue_url(f"{queue}Queue")
        self.at.world.aws.client("sqs").purge_queue(QueueUrl=url)

    def empty_dead_letters(self) -> None:
        """Every dead letter is seen to."""
        for queue in (*QUEUES_OF_RUNS, *QUEUES_OF_EVENTS, "Refunds"):
            self.empty(f"{queue}DeadLetter")

    # -- files and secrets ------------------------------------------------------------------

    def apply(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Apply the merchant's file with a change."""
        live = self.hub.merchants.live(MERCHANT)
        content = live.merchant.model_dump(mode="json", exclude_unset=True)
        change(content)
        merchant = Merchant.model_validate(content)
        after = self.hub.merchants.newest_number(MERCHANT)
        self.hub.merchants.apply(merchant, "a test", after=after)

    def set_secret(self, name: str, **changes: str) -> None:
        """Set fields of a secret; an empty one is taken off."""
        content = {**self.hub.secrets.read(MERCHANT, name).value, **changes}
        self.hub.secrets.write(MERCHANT, name, {k: v for k, v in content.items() if v})

    def put_back_store(self) -> None:
        """Prepared: what is stored is that of the release before, as after an upgrade."""
        known = self.hub.merchants.store.read()
        before = StoreVersion(known.complete - 1, known.newest)
        self.hub.merchants.store.write(known, before, "a test")

    def migrate(self) -> None:
        """As `hub migrate`."""
        migrate(migration_world(self.hub), "a test", lambda *_: None)

    def put_unreadable_merchant(self) -> None:
        """A merchant whose file this release cannot read, as one of a newer release would be."""
        dynamodb = self.at.world.aws.client("dynamodb")
        key = {"pk": {"S": MERCHANT}, "sk": {"S": LIVE}}
        live = dynamodb.get_item(TableName=self._files, Key=key)["Item"]
        file = {"S": json.dumps({"merchant": BROKEN, "what_a_newer_release_knows": True})}
        for row in ({"pk": {"S": INDEX}, "sk": {"S": BROKEN}}, {**live, **OF_BROKEN, "file": file}):
            dynamodb.put_item(TableName=self._files, Item=row)

    def remove_unreadable_merchant(self) -> None:
        """It is gone."""
        for key in ({"pk": {"S": INDEX}, "sk": {"S": BROKEN}}, OF_BROKEN):
            self.at.world.aws.client("dynamodb").delete_item(TableName=self._files, Key=key)

    @property
    def _files(self) -> str:
        return self.at.world.environment["MERCHANTS_TABLE"]

    def faults(self) -> int:
        """How many the functions told of."""
        return sum(text.count('"Faults":[') for text in self.at.printed())

    def announced(self, return_id: str) -> Callable[[], bool]:
        """Whether the warehouse knows of a return."""
        return lambda: '"external_return_id":null' not in self._state(return_id)

    def delivered(self, return_id: str) -> Callable[[], bool]:
        """Whether the hub knows that its parcel was delivered."""
        return lambda: '"delivered_at":null' not in self._state(return_id)

    def _state(self, return_id: str) -> str:
        """Its state as JSON; before there is one, that of a return that nobody knows of."""
        key = {"pk": {"S": f"{MERCHANT}#return#{return_id}"}, "sk": {"S": "STATE"}}
        found = self.at.world.aws.client("dynamodb").get_item(
            TableName=self.at.world.environment["RETURNS_TABLE"], Key=key
        )
        row = found.get("Item", {})
        return str(row["state"]["S"]) if row else NOTHING

    # -- partners ---------------------------------------------------------------------------

    def fail(self, partner: str, kind: FaultKind) -> None:
        """From now on a partner answers everything so."""
        getattr(self.at.partners, partner).faults.add(Fault(kind, times=None))

    def mend(self, partner: str) -> None:
        """It answers as it should."""
        getattr(self.at.partners, partner).faults.clear()

    def order_at_the_erp(self) -> None:
        """Somebody places an order at Unleashed, which delivers nothing to us; minutes go by."""
        desk = next(iter(self.at.partners.unleashed.desks.values()))
        Hands(desk).place_order("BOUTIQUE", {SKU: 1})
        self.at.clock.go_on(minutes=5)

"""The same job in the ways it is usually written, in the simulation's containers.

The job: an approved return becomes one external return in Mintsoft for each of its shipments, and
each is told of in Redo's comments. Every way plans with our planner, makes the same requests with
`requests`, waits as long for an answer, keeps product ids and secrets in its container, has its
settings for nothing, and writes our markers, so that the partners' books can be compared. Every
way has the same queue: visibility, receives before the dead-letter queue, partial batch responses.

`naive`: read the return, create, comment; on any exception the message stays and SQS delivers it
again. It keeps no state, so it cannot know what an earlier delivery did.

`powertools`: the same behind Powertools' `BatchProcessor` and `idempotent_function` with
`DynamoDBPersistenceLayer`, one record for each return: `raise_on_no_idempotency_key`,
`expires_after_seconds` one day, the Lambda context registered, so that the record of a function
that died may be taken over once it would have timed out. It keeps two at the job apart, and does
not repeat what has ended well. It does not ask a partner whether a write without an answer was
carried out: when the function raises, its record is deleted and the next delivery begins again.

`powertools_per_write`: the same with a record for each create and one for each comment, so that a
failed comment does not repeat the create before it.

None of them looks anything up, asks for a message sooner than the queue's visibility gives it
back, or ends one by asking a person: what cannot be done ends in the dead-letter queue. A refusal
(HTTP 200 with `Success: false`) is tried again like any failure; the simulated refusals pass.

Powertools reads `datetime.datetime.now()` in its own modules. `powertools_in_virtual_time` replaces
the name `dt` in those four modules, and nothing else, by the simulation's time of the container
that is running.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import requests
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    base,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.persistence import base as persistence_base
from aws_lambda_powertools.utilities.idempotency.persistence import datarecord
from aws_lambda_powertools.utilities.idempotency.persistence import dynamodb as persistence_dynamodb

from returns_hub.adapters.http.transport import CONNECT_SECONDS, LONGEST_SECONDS
from returns_hub.adapters.redo import models
from returns_hub.adapters.redo.translate import to_return
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.operations import comment_key, create_external_return_key, marker_of
from returns_hub.domain.shipments import PlannedShipment, plan_shipments
from returns_hub.domain.strict_json import read_json

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub

IDEMPOTENCY_TABLE = "IdempotencyTable"
ONE_DAY = 24 * 3600
READS_THE_CLOCK = (base, persistence_base, persistence_dynamodb, datarecord)

Handler = Callable[[dict[str, Any], Any], Any]
"""A Lambda handler: the event and the context in, the partial batch response out."""


class Job:
    """The job's parts in one container.

    Args:
        hub: For what the way needs of AWS: secrets (cached for five minutes) and DynamoDB.
        session: Requests to the partners.
        file_of: The merchant's settings, as a Lambda has them in its environment.
    """

    def __init__(
        self, hub: Hub, session: requests.Session, file_of: Callable[[str], Merchant]
    ) -> None:
        self.dynamodb: Any = hub.dynamodb
        self._secrets = hub.secrets
        self._session = session
        self._file_of = file_of
        self._products: dict[tuple[str, str], int] = {}

    def shipments(self, merchant: str, return_id: str) -> tuple[PlannedShipment, ...]:
        """Read the return; its shipments."""
        content = read_json(self._redo("GET", merchant, return_id))
        both = models.ReturnWithOrder.model_validate(content)
        file = self._file_of(merchant)
        return plan_shipments(to_return(both.return_, both.order), file.mintsoft).shipments

    def create(self, merchant: str, return_id: str, planned: PlannedShipment) -> int:
        """Make the shipment's external return; its id."""
        marker = marker_of(create_external_return_key(merchant, return_id, planned.key))
        items = [
            {
                "SKU": line.sku,
                "ProductId": self._product(merchant, line.sku),
                "Quantity": line.quantity,
                "ReturnReasonId": line.reason_id,
                "Action": "NONE",
                "Comments": f"Redo return {return_id} [{marker}]",
            }
            for line in planned.lines
        ]
        made = self._mintsoft(
            "POST",
            merchant,
            "/api/Return/CreateExternalReturn",
            json={
                "ClientId": self._file_of(merchant).mintsoft.client_id,
                "WarehouseId": planned.warehouse_id,
                "Reference": planned.reference,
                "ReturnItems": items,
            },
        )
        if not made["Success"]:
            raise RuntimeError(made["Message"])
        return int(made["ID"])

    def comment(
        self, merchant: str, return_id: str, planned: PlannedShipment, external_return_id: int
    ) -> None:
        """Tell of it in the portal."""
        marker = marker_of(comment_key(merchant, return_id, f"announced/{planned.key}"))
        text = f"Mintsoft external return {external_return_id} is announced [{marker}]"
        self._redo("POST", merchant, f"{return_id}/comments", json={"comment": {"message": text}})

    def _product(self, merchant: str, sku: str) -> int:
        if (merchant, sku) not in self._products:
            query = {"SKU": sku, "ClientId": self._file_of(merchant).mintsoft.client_id}
            found = self._mintsoft("GET", merchant, "/api/Product/LookupProductId", params=query)
            if not found:
                raise LookupError(sku)
            self._products[merchant, sku] = int(found)
        return self._products[merchant, sku]

    def _redo(self, method: str, merchant: str, path: str, **more: Any) -> str:
        token = self._secrets.read(merchant, "redo").value["api_token"]
        url = f"{self._file_of(merchant).portal_connection.base_url}/returns/{path}"
        return self._ask(method, url, {"Authorization": f"Bearer {token}"}, **more)

    def _mintsoft(self, method: str, merchant: str, path: str, **more: Any) -> Any:
        key = self._secrets.read(merchant, "mintsoft").value["api_key"]
        url = f"{self._file_of(merchant).mintsoft.base_url}{path}"
        return read_json(self._ask(method, url, {"ms-apikey": key}, **more))

    def _ask(self, method: str, url: str, headers: dict[str, str], **more: Any) -> str:
        """One request, as with `requests`: all of the body is read, however slowly it drips."""
        limits = (CONNECT_SECONDS, LONGEST_SECONDS)
        with self._session.request(
            method, url, headers=headers, timeout=limits, stream=True, **more
        ) as response:
            parts = []
            while part := response.raw.read1(64 * 1024, decode_content=True):
                parts.append(part)
            response.raise_for_status()
        return b"".join(parts).decode()


# -- the ways ---------------------------------------------------------------------------------


def naive(job: Job) -> Handler:
    """A loop; what raises comes back."""

    def handler(event: dict[str, Any], _: Any) -> Any:
        failures = []
        for record in event["Records"]:
            try:
                _announce(job, json.loads(record["body"]))
            except Exception:  # noqa: BLE001 - as it is usually written
                failures.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failures}

    return handler


def powertools(job: Job) -> Handler:
    """Idempotent by return."""
    config = _config("[merchant, return_id]")

    def announce(message: dict[str, Any]) -> list[int]:
        return _announce(job, message)

    once = _once(announce, "message", job, config)
    return _batches(lambda record: once(message=json.loads(record.body)), config)


def powertools_per_write(job: Job) -> Handler:
    """Idempotent by write."""
    config = _config("[merchant, return_id, shipment]")

    def create(planned: PlannedShipment, write: dict[str, str]) -> int:
        return job.create(write["merchant"], write["return_id"], planned)

    def comment(planned: PlannedShipment, made: int, write: dict[str, str]) -> None:
        job.comment(write["merchant"], write["return_id"], planned, made)

    create_once = _once(create, "write", job, config)
    comment_once = _once(comment, "write", job, config)

    def one(record: SQSRecord) -> None:
        message = json.loads(record.body)
        merchant, return_id = message["merchant"], message["return_id"]
        for planned in job.shipments(merchant, return_id):
            write = {"merchant": merchant, "return_id": return_id, "shipment": planned.key}
            made = create_once(planned, write=write)
            comment_once(planned, made, write=write)

    return _batches(one, config)


def _announce(job: Job, message: dict[str, Any]) -> list[int]:
    merchant, return_id = message["merchant"], message["return_id"]
    every = []
    for planned in job.shipments(merchant, return_id):
        made = job.create(merchant, return_id, planned)
        job.comment(merchant, return_id, planned, made)
        every.append(made)
    return every


def _config(key: str) -> IdempotencyConfig:
    return IdempotencyConfig(
        event_key_jmespath=key, raise_on_no_idempotency_key=True, expires_after_seconds=ONE_DAY
    )


def _once(
    function: Callable[..., Any], keyword: str, job: Job, config: IdempotencyConfig
) -> Callable[..., Any]:
    """Powertools' decorator."""
    store = DynamoDBPersistenceLayer(table_name=IDEMPOTENCY_TABLE, boto3_client=job.dynamodb)
    once: Callable[..., Any] = idempotent_function(
        function, data_keyword_argument=keyword, config=config, persistence_store=store
    )
    return once


def _batches(one: Callable[[SQSRecord], Any], config: IdempotencyConfig) -> Handler:
    # With a message at a time, raising on a whole failed batch (the default) comes to the same.
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

    def handler(event: dict[str, Any], context: Any) -> Any:
        config.register_lambda_context(context)
        return process_partial_response(
            event=event, record_handler=one, processor=processor, context=context
        )

    return handler


# -- in the simulation ------------------------------------------------------------------------

_running: ContextVar[Callable[[], dt.datetime]] = ContextVar("_running")
"""The clock of the container that is running; each of the simulation's actors has its own."""


class Door:
    """Stands where a container's `Hub` stands; an invocation is the way's handler."""

    def __init__(self, hub: Hub, handler: Handler) -> None:
        self._hub = hub
        self._handler = handler

    @contextmanager
    def invocation(self, context: Any) -> Iterator[Callable[[dict[str, Any]], Any]]:
        """One invocation."""
        _running.set(self._hub.clock.now)
        with self._hub.invocation(context):
            yield partial(self._call, context)

    def _call(self, context: Any, event: dict[str, Any]) -> Any:
        return self._handler(event, context)


class _Moment(dt.datetime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
        return _running.get()().astimezone(tz)


@contextmanager
def powertools_in_virtual_time() -> Iterator[None]:
    """Let Powertools' idempotency, and nothing else, read the simulation's time."""
    virtual = SimpleNamespace(datetime=_Moment, timedelta=dt.timedelta, date=dt.date, time=dt.time)
    with ExitStack() as patches:
        for module in READS_THE_CLOCK:
            patches.enter_context(patch.object(module, "dt", virtual))
        yield

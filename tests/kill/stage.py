"""The local world with a proxy before AWS and before each partner, and hands to kill in it."""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import world as local_world_module
from local.aws import LocalAws
from local.lambda_host.host import InvokeResult, LambdaHost
from local.merchant_samples import apply_files, sample_secrets
from local.partners import PartnerSimulators, partner_simulators
from local.simulators.redo.bodies import whole_order
from local.sources.rules import scheduled_event
from local.world import LAYER, LocalWorld, local_world
from returns_hub.domain.operations import create_external_return_key, marker_of
from returns_hub.domain.state import ReturnState
from returns_hub.domain.timeline import canonical, fold
from returns_hub.ports import Capabilities
from tests.kill.proxy import Kind, Proxy, Trap, children, go_on, kill, stop
from tests.support.worlds import item, redo_return, shipment

HERE = Path(__file__).parent
MERCHANT = "example"
QUEUE = "ApprovedReturnsQueue"
DEAD_LETTERS = ("ApprovedReturnsDeadLetterQueue", "PollMintsoftDeadLetterQueue")
POLL = "PollMintsoftFunction"
SKUS = ("TEE-RED-M", "MUG-RED")
ENDINGS = {"processed", "flagged", "parked"}
PATIENCE = 60.0
"""Seconds for what an idle machine does in one or two."""
MOST_TURNS = 6

# Words of requests to AWS: which row is written, and what is done to it.
CREATE = ("UpdateItem", "create-external-return/")
COMMENT = ("UpdateItem", '"comment/')
PROCESS = ("UpdateItem", '"process/')
CURSOR = ("UpdateItem", '"cursor#receipts/')
CLAIM, SETTLE, TIMELINE = "claim_id", "settled_at", "TransactWriteItems"

WAIT_SECONDS = 7 * 60.0
"""Longer than the longest lease, than a message's visibility (6 minutes) and than the 5 minutes
for which the merchant's file lets a process call be watched."""


@dataclass
class Stage:
    """The running world."""

    world: LocalWorld
    partners: PartnerSimulators
    aws: Proxy
    redo: Proxy
    mintsoft: Proxy
    miinto: Proxy
    waited: Path
    failures: list[str]
    """Kinds of failed invocations, since the test began."""

    def __post_init__(self) -> None:
        self.stopped: list[int] = []
        self._waited = 0.0
        self._received = 0
        self._handles: dict[str, str] = {}
        # The sources' own client: what they receive is known here, so that a message whose
        # function was killed can be given back as its visibility timeout would.
        events = self.world.aws.client("sqs").meta.events
        events.register("after-call.sqs.ReceiveMessage", self._note)

    def _note(self, parsed: dict[str, Any], **_: Any) -> None:
        messages = parsed.get("Messages", [])
        self._handles |= {row["MessageId"]: row["ReceiptHandle"] for row in messages}
        self._received += bool(messages)

    @property
    def fronts(self) -> dict[str, Proxy]:
        """The proxies by what stands behind them."""
        return {
            "aws": self.aws,
            "redo": self.redo,
            "mintsoft": self.mintsoft,
            "miinto": self.miinto,
        }

    # -- what goes wrong --------------------------------------------------------------------

    def kill_at(self, front: str, *words: str, after: bool, nth: int = 1) -> Trap:
        """SIGKILL to whoever makes the `nth` request that has all words."""
        return self._set(front, Trap(Kind(words), kill, after=after, nth=nth))

    def stop_at(self, front: str, *words: str, nth: int = 1) -> Trap:
        """SIGSTOP to whoever makes it, when it was carried out and before the answer is heard."""

        def hook(pid: int) -> None:
            self.stopped.append(pid)
            stop(pid)

        return self._set(front, Trap(Kind(words), hook, after=True, nth=nth))

    def _set(self, front: str, trap: Trap) -> Trap:
        self.fronts[front].set(trap)
        return trap

    def go_on(self) -> None:
        """SIGCONT to everything that was stopped."""
        while self.stopped:
            go_on(self.stopped.pop())

    def calm(self) -> None:
        """After a test, however it ended: nothing is set, stopped, in work or waiting."""
        for proxy in self.fronts.values():
            proxy.clear()
        while self.stopped:
            with suppress(ProcessLookupError):
                kill(self.stopped.pop())
        self.until(lambda: not self.in_work, "the invocations to end")
        self.world.aws.client("sqs").purge_queue(QueueUrl=self.world.queue_url(QUEUE))
        self._handles.clear()
        self.failures.clear()

    # -- time -------------------------------------------------------------------------------

    def time_passes(self, seconds: float = WAIT_SECONDS) -> None:
        """What waiting would do: function processes see a later time, messages come back.

        `later/sitecustomize.py` says why the clock is put forward rather than rows moved back.
        """
        self._waited += seconds
        fresh = self.waited.with_suffix(".new")
        fresh.write_text(str(self._waited), encoding="ascii")
        fresh.replace(self.waited)
        sqs, url = self.world.aws.client("sqs"), self.world.queue_url(QUEUE)
        for message_id, handle in list(self._handles.items()):
            try:
                sqs.change_message_visibility(
                    QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0
                )
            except ClientError:  # it is done and gone
                self._handles.pop(message_id, None)

    def until(self, holds: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Wait; fail with what was waited for."""
        if not self._soon(holds, seconds):
            pytest.fail(f"waited {seconds} s for {what}")

    @staticmethod
    def _soon(holds: Callable[[], object], seconds: float) -> bool:
        ends = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > ends:
                return False
            time.sleep(0.01)
        return True

    # -- what happens -----------------------------------------------------------------------

    def put_return(self, *, shipments: int = 1) -> str:
        """An approved return in the portal: one line in each shipment; its id."""
        return_id = uuid.uuid4().hex[:24]
        ids = [f"{return_id}-{number}" for number in range(shipments)]
        groups = [f"sg{number}" for number in range(shipments)]
        items = [
            item(number, sku, id=line, shipmentGroupIds=[group])
            for number, (sku, line, group) in enumerate(zip(SKUS, ids, groups, strict=False))
        ]
        parcels = [shipment(group, [line]) for group, line in zip(groups, ids, strict=True)]
        order = {"id": f"order-{return_id}", "name": f"#{return_id[:6]}"}
        body = redo_return(items, id=return_id, order=order, shipments=parcels)
        self.partners.redo.put(body, [whole_order(order)])
        return return_id

    def publish(self, *return_ids: str) -> None:
        """Tell the hub of them, as the application does, in one go."""
        entries = [
            {
                "Id": str(number),
                "MessageBody": json.dumps(
                    {
                        "schema": "approved-return/1",
                        "merchant": MERCHANT,
                        "return_id": return_id,
                        "occurred_at": datetime.now(UTC).isoformat(),
                        "source": "kill-tests",
                    }
                ),
            }
            for number, return_id in enumerate(return_ids)
        ]
        self.world.aws.client("sqs").send_message_batch(
            QueueUrl=self.world.queue_url(QUEUE), Entries=entries
        )

    @property
    def in_work(self) -> int:
        """Batches that a function was given and has not ended."""
        return self._received - sum(source.invocations for source in self.world.sources)

    def deliver(self) -> None:
        """Let the queue deliver until nothing is left in it, however often that takes."""
        for _ in range(MOST_TURNS):
            failed = len(self.failures)
            self.until(self._is_at_rest, "deliveries to end")
            # What a function has done is deleted a moment later.
            moment = 0.3 if failed == len(self.failures) else 0.0
            if self._soon(lambda: not self.world.waiting(QUEUE), moment):
                return
            if self._is_at_rest():
                self.time_passes()
        pytest.fail(f"a message is still in the queue after {MOST_TURNS} deliveries")

    def _is_at_rest(self) -> bool:
        """Whether no message can be received and none is worked on; and still so a moment later,
        for a message is known here a moment after it was received."""
        for pause in (0.05, 0.0):
            attributes = self.world.aws.client("sqs").get_queue_attributes(
                QueueUrl=self.world.queue_url(QUEUE),
                AttributeNames=["ApproximateNumberOfMessages"],
            )["Attributes"]
            if attributes["ApproximateNumberOfMessages"] != "0" or self.in_work:
                return False
            time.sleep(pause)
        return True

    def confirm(self, return_id: str, goods: Sequence[str] | None = None) -> None:
        """The warehouse confirms what was announced, or these SKUs in its stead."""
        rows = [{"sku": sku, "quantity": 1} for sku in goods] if goods else None
        for record in self.external_returns(return_id):
            self.partners.mintsoft.receive(record.id, rows)

    def tick(self, function: str = POLL) -> None:
        """One tick of a schedule: of the receipts, unless another function is named."""
        schedule = next(s for s in self.world.stack.schedules() if s.function == function)
        self.world.host.invoke(function, scheduled_event(schedule, self.now()))

    def now(self) -> datetime:
        """The time as function processes see it."""
        return datetime.now(UTC) + timedelta(seconds=self._waited)

    def settle(self, *return_ids: str) -> None:
        """Tick until the returns have ended, and twice more: later ticks must change nothing."""
        for _ in range(MOST_TURNS):
            self.tick()
            self.time_passes()
            if {self.state(return_id).outcome for return_id in return_ids} <= ENDINGS:
                break
        for _ in range(2):
            self.tick()
            self.time_passes()

    # -- what came of it --------------------------------------------------------------------

    def state(self, return_id: str) -> ReturnState:
        return self.world.hub.returns.load(MERCHANT, return_id)

    def external_returns(self, return_id: str) -> list[Any]:
        records = list(self.partners.mintsoft.returns.values())
        return [r for r in records if f"Redo return {return_id} " in r.rows[0].comments]

    def submissions(self, return_id: str) -> dict[str, int]:
        """By line, as Redo's books have it."""
        return self._of(return_id, "submissions")

    def payments(self, return_id: str) -> dict[str, int]:
        """By line, as Redo's books have it."""
        return self._of(return_id, "payments")

    def _of(self, return_id: str, book: str) -> dict[str, int]:
        rows = self.partners.redo.all_books()[book]
        return {key: n for key, n in rows.items() if key.startswith(f"{return_id}/")}

    def comments(self, return_id: str) -> list[str]:
        return [row["message"] for row in self.partners.redo.comments.get(return_id, [])]

    def ledger(self, key: str) -> dict[str, str]:
        """A row of the ledger, as it is stored."""
        return self._row("LEDGER_TABLE", key)

    def cursor(self) -> dict[str, str]:
        """The receipts cursor with its lease, as it is stored."""
        return self._row("CONTROL_TABLE", f"cursor#receipts/{MERCHANT}")

    def _row(self, table: str, key: str) -> dict[str, str]:
        answer = self.world.aws.client("dynamodb").get_item(
            TableName=self.world.environment[table], Key={"pk": {"S": key}}, ConsistentRead=True
        )
        return {name: next(iter(value.values())) for name, value in answer["Item"].items()}

    def check(self, return_id: str, ends: str, *, shipments: int = 1) -> None:
        """The partners' books and the hub's own: nothing twice, nothing lost, as it was to end."""
        made = self.external_returns(return_id)
        markers = Counter(record.rows[0].comments for record in made)
        assert len(made) == len(markers) == shipments, f"external returns: {markers}"
        assert all(n == 1 for n in self.submissions(return_id).values())
        assert all(n == 1 for n in self.payments(return_id).values())
        told = Counter(self.comments(return_id))
        assert all(n == 1 for n in told.values()), told
        assert len(told) == shipments + (ends == "flagged"), told
        timeline = self.world.hub.returns.timeline(MERCHANT, return_id)
        said = [event.fact.in_words() for event in timeline]
        state = self.state(return_id)
        assert canonical(fold(MERCHANT, return_id, timeline)) == canonical(state), said
        assert state.outcome == ends, said
        for planned in state.shipments:
            key = create_external_return_key(MERCHANT, return_id, planned.key)
            linked = [r.id for r in made if marker_of(key) in r.rows[0].comments]
            assert linked == [planned.external_return_id], said
        assert len(state.receipts) == shipments, said
        assert all(receipt.settled for receipt in state.receipts), said
        assert all(batch.outcome for batch in state.batches), said
        self._check_ending(return_id, ends, shipments)
        for queue in (QUEUE, *DEAD_LETTERS):
            assert not self.world.waiting(queue), f"{queue} is not empty"

    def _check_ending(self, return_id: str, ends: str, shipments: int) -> None:
        match ends:
            case "processed":
                assert len(self.payments(return_id)) == shipments
            case "flagged":
                statuses = self.partners.redo.all_books()["statuses"]
                assert statuses[return_id] == ["flagged"]
                assert not self.submissions(return_id)
            case "parked":
                parked = self.world.hub.parking.list_parked(MERCHANT)
                assert any(row.subject == return_id for row in parked)


def standing(state: Path) -> Iterator[Stage]:
    """The world, with proxies before everything that a function talks to."""
    waited = state / "waited"
    waited.write_text("0", encoding="ascii")
    failures: list[str] = []
    with ExitStack() as ends:
        partners = ends.enter_context(partner_simulators())
        redo = ends.enter_context(Proxy(partners.redo_url))
        mintsoft = ends.enter_context(Proxy(partners.mintsoft_url))
        miinto = ends.enter_context(Proxy(partners.miinto_url))
        behind = replace(
            partners, redo_url=redo.url, mintsoft_url=mintsoft.url, miinto_url=miinto.url
        )
        fronts: list[Proxy] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(local_world_module, "LocalAws", _behind_proxy(fronts, waited, ends))
            patch.setattr(local_world_module, "LambdaHost", _telling(failures))
            made = local_world(partners=behind, speed=1, state=state)
            world = ends.enter_context(made)
        apply_files(world.hub, behind, HERE)
        sample_secrets(world.hub, partners)
        proven = Capabilities(marker_look_up=True, probed_at=datetime.now(UTC))
        world.hub.capabilities.put(MERCHANT, proven)
        partners.redo.settings = replace(partners.redo.settings, processing_seconds=0.02)
        stage = Stage(world, partners, fronts[0], redo, mintsoft, miinto, waited, failures)
        # A stopped process ends no invocation, and the sources wait for all of theirs.
        ends.callback(stage.calm)
        yield stage
    mine = f"KILL_TESTS_WAITED={waited}"
    left = [pid for pid, environment in children() if mine in environment]
    assert not left, f"processes left behind: {left}"


def _telling(failures: list[str]) -> type[LambdaHost]:
    """A host that tells of failed invocations."""

    class Telling(LambdaHost):
        def invoke(self, function: str, event: Any) -> InvokeResult:
            result = super().invoke(function, event)
            if result.error:
                failures.append(str(result.payload["errorType"]))
            return result

    return Telling


def _behind_proxy(fronts: list[Proxy], waited: Path, ends: ExitStack) -> type[LocalAws]:
    """An AWS that gives functions the address of a proxy before it, and a clock to put forward."""

    class BehindProxy(LocalAws):
        def __init__(self, state: Path) -> None:
            super().__init__(state)
            fronts.append(ends.enter_context(Proxy(self.url)))

        @property
        def environment(self) -> dict[str, str]:
            return {
                **super().environment,
                "AWS_ENDPOINT_URL": fronts[0].url,
                "PYTHONPATH": f"{HERE / 'later'}:{LAYER}",
                "KILL_TESTS_WAITED": str(waited),
            }

    return BehindProxy

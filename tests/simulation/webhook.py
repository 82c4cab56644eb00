"""The portal tells of its returns by its webhook: deliveries, and their way to the door."""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from local.lambda_host.host import InvokeResult
from local.simulators.clock import moment_of
from local.simulators.redo.deliveries import Delivery, Outgoing, Subscription, WebhookSettings
from local.sources.http import HttpRequest, Refused, event_of, reply_of
from returns_hub.domain.returns import UNDER_WAY
from returns_hub.flows.subscription_steps import memory_of
from tests.simulation.environment import SETTINGS
from tests.simulation.plans import WebhookPlan
from tests.simulation.somebody import Somebody
from tests.support.doors import ROUTE

if TYPE_CHECKING:
    from tests.simulation.world import Simulation

PATIENCE = ROUTE.timeout
"""Seconds until the API answers by itself, and the portal has no answer of the function."""
SETTLES_EVERY = 60.0
SCOPES = ("returns_read", "returns_write", "webhooks_read", "webhooks_write")
Answered = Callable[[int | None, str], None]
"""Told of a request's status, None without an answer, and of the door's word."""


@dataclass(frozen=True)
class Try:
    """A delivery that reached the door, and what came of it; `status` is the door's own."""

    number: int
    merchant: str
    return_id: str
    updated_at: Any
    token: str
    sent_at: float
    ended_at: float
    status: int | None
    outcome: str


class Telling:
    """Everything about the webhook of a run."""

    def __init__(self, run: Simulation, plan: WebhookPlan) -> None:
        self._run = run
        self.plan = plan
        self.dice = random.Random(f"telling {run.scenario.seed}")
        self.tries: list[Try] = []
        self.tokens: list[tuple[float, str, frozenset[str]]] = []
        self.first_whole: dict[str, float] = {}
        self.misled: set[int] = set()
        self.old: deque[tuple[str, bytes]] = deque(maxlen=6)
        """Some bodies that the door took, by merchant."""
        self._is_calm = False
        self._pumps: dict[str, float] = {}
        for merchant, redo in run.redo.items():
            redo.seed({"tokens": {"wexquillsecret-t1": list(SCOPES)}})
            deliveries = redo.webhooks.deliveries
            deliveries._dice = random.Random(f"deliveries {run.scenario.seed} {merchant}")
            deliveries.settings = WebhookSettings(
                echo=plan.echo,
                drop=plan.drop,
                double=plan.double,
                delay=plan.delay,
                stale=plan.stale,
                burst_days=plan.burst_days,
            )
            self._hear_of_debts(merchant, deliveries)
        run.scheduler.after(SETTLES_EVERY, self._settle)
        self.somebody = Somebody(run, self)

    # -- what the rules ask ---------------------------------------------------------------------

    def url(self, merchant: str) -> str:
        """The merchant's door."""
        return f"{SETTINGS.redo_webhook_url}/{merchant}"

    def external_id(self, merchant: str) -> str:
        """The key of the merchant's subscription."""
        return f"returns-hub/{SETTINGS.secret_prefix}/{merchant}"

    def ours(self, merchant: str) -> list[Subscription]:
        """The subscriptions with our key."""
        mine = self.external_id(merchant)
        found = self._run.redo[merchant].webhooks.subscriptions.values()
        return [one for one in found if one.external_id == mine]

    def token(self, merchant: str) -> str:
        """The token that is set now."""
        text, _ = self._run.secrets.values.get(f"hub/{merchant}/redo-webhook", ("{}", 0))
        return str(json.loads(text).get("token", ""))

    def is_whole(self, merchant: str) -> bool:
        """Whether the portal tells our door, with the token of now."""
        wanted = (self.url(merchant), self.token(merchant), "redo")
        return [(one.url, one.token, one.kind) for one in self.ours(merchant)] == [wanted]

    def accepted(self, merchant: str, return_id: str) -> list[Try]:
        """Deliveries of the return that the door put onto the queue."""
        return [
            one
            for one in self.tries
            if (one.merchant, one.return_id, one.status) == (merchant, return_id, 202)
        ]

    def is_under_way(self) -> bool:
        """Whether anything is still to be delivered."""
        return any(
            redo.webhooks.deliveries.next_due() is not None
            or any(one.state == "sending" for one in redo.webhooks.deliveries.all)
            for redo in self._run.redo.values()
        )

    def undone(self) -> list[str]:
        """What is still to be done, in a line each."""
        left = ["deliveries are under way"] if self.is_under_way() else []
        for merchant in self._run.scenario.merchants:
            if not self.is_whole(merchant):
                left.append(f"the subscription of {merchant} is not whole")
            memory = memory_of(self._run.cursors.read(f"webhook/{merchant}"))
            owed = memory.damage or memory.owed or memory.not_replayed or memory.token_unsent
            if owed:
                left.append(f"the hub thinks that the subscription of {merchant} is not whole")
        return left

    def must_be_known(self, merchant: str, return_id: str) -> bool:
        """Whether the hub was told of the return, or would have been had it done all it promises.

        Where nobody looks for what was lost on the way, what never came through is excused by its
        deliveries alone: tried at our door, with our token, and never answered with a 2xx.
        """
        if self.accepted(merchant, return_id):
            return True
        found = self._run.redo[merchant].returns[return_id]
        if found["status"] not in {status.value for status in UNDER_WAY}:
            return False
        if self._run.scenario.catch_up:
            return True
        made_at = self._run.seconds_of(found["createdAt"])
        was_told_of = made_at > self.first_whole.get(merchant, 1e9) + 2 * SETTLES_EVERY
        return was_told_of and not self.plan.drop and not self._was_given_up(merchant, return_id)

    def _was_given_up(self, merchant: str, return_id: str) -> bool:
        """Whether a delivery ended at a door that was there, and failed."""
        return any(
            one.return_id == return_id and one.state == "dropped"
            for one in self._run.redo[merchant].webhooks.deliveries.all
            if not self._was_harmed(one)
        )

    def _was_harmed(self, delivery: Delivery) -> bool:
        """Whether a delivery had the wrong address or token at any of its tries."""
        return delivery.number in self.misled

    # -- deliveries -----------------------------------------------------------------------------

    def stop_faults(self) -> None:
        """From now on all is well."""
        self._is_calm = True
        for redo in self._run.redo.values():
            deliveries = redo.webhooks.deliveries
            calm = {"drop": 0.0, "double": 0.0, "delay": 0.0, "stale": 0.0}
            deliveries.settings = replace(deliveries.settings, **calm)  # type: ignore[arg-type]

    def token_set(self, name: str, text: str) -> None:
        """A secret was set; the door's tokens are remembered by time."""
        _, merchant, secret = name.split("/")
        if secret == "redo-webhook":
            content = json.loads(text)
            tokens = {content.get("token"), content.get("previous_token")} - {None, ""}
            self.tokens.append((self._run.scheduler.seconds, merchant, frozenset(tokens)))

    def _hear_of_debts(self, merchant: str, deliveries: Any) -> None:
        owe = deliveries.owe

        def owed(*arguments: Any) -> None:
            owe(*arguments)
            self._pump_at(merchant, 0.0)

        deliveries.owe = owed

    def _settle(self) -> None:
        for merchant, redo in self._run.redo.items():
            redo.webhooks.deliveries.settle()
            if merchant not in self.first_whole and self.is_whole(merchant):
                self.first_whole[merchant] = self._run.scheduler.seconds
        self._run.scheduler.after(SETTLES_EVERY, self._settle)

    def _pump_at(self, merchant: str, wait: float) -> None:
        """Look for what is due then, once."""
        scheduler = self._run.scheduler
        at = scheduler.seconds + max(wait, 0.0)
        planned = self._pumps.get(merchant)
        if planned is not None and scheduler.seconds <= planned <= at:
            return
        self._pumps[merchant] = at
        scheduler.after(wait, partial(self._pump, merchant))

    def _pump(self, merchant: str) -> None:
        self._pumps.pop(merchant, None)
        redo = self._run.redo[merchant]
        deliveries = redo.webhooks.deliveries
        for outgoing in deliveries.take_due():
            self._send(merchant, outgoing)
        due = deliveries.next_due()
        if due is not None:
            self._pump_at(merchant, (due - redo._now()).total_seconds() + 0.001)

    def _send(self, merchant: str, outgoing: Outgoing) -> None:
        """One try of a delivery, and the portal's hearing of it."""
        run, deliveries = self._run, self._run.redo[merchant].webhooks.deliveries
        delivery = deliveries.all[outgoing.number]

        def heard(status: int | None) -> None:
            deliveries.answered(outgoing.number, status)
            self._pump_at(merchant, 0.0)

        authorization = outgoing.headers.get("Authorization", "")
        token = authorization.removeprefix("Bearer ")
        if outgoing.url != self.url(merchant) or not self._opens(merchant, token):
            self.misled.add(outgoing.number)
        if outgoing.url != self.url(merchant):
            status = self.dice.choice((200, 404, None))
            run.scheduler.after(0.2, partial(heard, status))
            return
        if self._happens(self.plan.lost) or self._is_down():
            run.scheduler.after(self.dice.choice((0.1, 10.0)), partial(heard, None))
            return
        body = outgoing.body
        subscription = run.redo[merchant].webhooks.subscriptions.get(delivery.subscription)
        if subscription is not None and subscription.kind == "loop":
            self.misled.add(outgoing.number)
            body = json.dumps({"topic": "return", "payload": {"rma": delivery.return_id}}).encode()
        sent_at = run.scheduler.seconds

        def answered(status: int | None, outcome: str) -> None:
            given = Try(
                number=outgoing.number,
                merchant=merchant,
                return_id=delivery.return_id,
                updated_at=moment_of(delivery.updated_at),
                token=token,
                sent_at=sent_at,
                ended_at=run.scheduler.seconds,
                status=status,
                outcome=outcome,
            )
            self.tries.append(given)
            if status != 202:
                run.note("door", f"answers {status} to a delivery of {delivery.return_id}")
            elif self.dice.random() < 0.3:
                self.old.append((merchant, body))

        def told(status: int | None) -> None:
            lost = self._happens(self.plan.answer_lost)
            heard(None if lost else status)

        self.request(merchant, outgoing.headers, body, answered=answered, told=told)

    def request(
        self,
        merchant: str,
        headers: Mapping[str, str],
        body: bytes,
        method: str = "POST",
        *,
        answered: Answered,
        told: Callable[[int | None], None] = lambda _: None,
    ) -> None:
        """One request to the door: `answered` when the function ends, `told` when the API does."""
        lower = {name.lower(): value for name, value in headers.items()}
        request = HttpRequest(method, f"/webhooks/redo/{merchant}", lower, body)
        event = event_of(ROUTE, {"merchant": merchant}, request)
        waits = [True]

        def tell(status: int | None) -> None:
            if waits.pop() if waits else False:
                told(status)

        def done(payload: Any) -> None:
            result = InvokeResult(payload, "" if payload is not None else "Unhandled", 0.0, False)
            try:
                status, _, content = reply_of(result)
            except Refused as refused:
                status, content = refused.status, b"{}"
            answered(status, str(json.loads(content).get("outcome", "")))
            tell(status)

        self._run.scheduler.after(PATIENCE, partial(tell, 503))
        self._run.door.invoke(event, done)

    def _opens(self, merchant: str, token: str) -> bool:
        """Whether the token is one of those that are set."""
        newest = [tokens for _, whose, tokens in self.tokens if whose == merchant][-1:]
        return any(token in tokens for tokens in newest)

    def _is_down(self) -> bool:
        seconds = self._run.scheduler.seconds
        return any(begins <= seconds < ends for begins, ends in self.plan.down)

    def _happens(self, share: float) -> bool:
        return not self._is_calm and self.dice.random() < share

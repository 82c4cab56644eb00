"""Somebody else: alters the subscription in the portal, and knocks at the door."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from local.simulators.redo.deliveries import Subscription
from tests.simulation.plans import STRANGERS

if TYPE_CHECKING:
    from tests.simulation.webhook import Telling
    from tests.simulation.world import Simulation

FORGED = "66ff0badc0ffee0000000bad"
"""A return that there is not, of which only strangers tell."""
BODIES = {
    "too large": b"x" * (2 * 1024 * 1024 + 1),
    "not JSON": b'{"type": "updated", "return": {"id": "66',
    "names no return": b'{"type": "updated", "return": {}}',
    "deep": b'{"return":' * 5000 + b"1" + b"}" * 5000,
}


@dataclass(frozen=True)
class Knock:
    """A request of somebody else, and the door's answer."""

    kind: str
    merchant: str
    digest: str
    status: int | None


class Somebody:
    """Whoever is neither the portal nor an operator."""

    def __init__(self, run: Simulation, telling: Telling) -> None:
        self._run = run
        self._telling = telling
        self._dice = random.Random(f"somebody {run.scenario.seed}")
        self.knocks: list[Knock] = []
        self.harmed: Counter[str] = Counter()
        self.losses: list[tuple[str, float]] = []
        self.foreign: dict[tuple[str, str], tuple[Any, ...]] = {}
        for merchant, redo in run.redo.items():
            self._keep_foreign(merchant, redo.webhooks.subscribe("https://other.test", "theirs"))
        for at, how in telling.plan.harms:
            run.scheduler.after(at, partial(self._harm, how))
        for at, kind in telling.plan.hostile:
            run.scheduler.after(at, partial(self._knock, kind))

    def _keep_foreign(self, merchant: str, found: Subscription) -> None:
        kept = (found.url, found.token, found.kind, found.external_id)
        self.foreign[merchant, found.id] = kept

    def _harm(self, how: str) -> None:
        """Somebody deletes or alters the subscription, once the operator has made it."""
        run, telling = self._run, self._telling
        merchant = self._dice.choice(run.scenario.merchants)
        webhooks = run.redo[merchant].webhooks
        found = telling.ours(merchant)
        if not found or merchant not in run.desk.ensured:
            return
        self.harmed[merchant] += 1
        if how != "twin":
            self.losses.append((merchant, run.scheduler.seconds))
        run.note("somebody", f"harms the subscription of {merchant}: {how}")
        match how:
            case "lost":
                webhooks.remove(found[0].id)
            case "url":
                found[0].url = "https://elsewhere.test/hook"
            case "token":
                found[0].token = f"somebody-elses-token-{self._dice.random()}"
            case "no token":
                found[0].token = None
            case "dialect":
                found[0].kind = "loop"
            case "twin":
                twin = webhooks.subscribe(telling.url(merchant), telling.token(merchant))
                self._keep_foreign(merchant, twin)

    def _knock(self, kind: str) -> None:
        """A request that no portal sends."""
        merchants = self._run.scenario.merchants
        merchant = self._dice.choice(merchants)
        to, token = merchant, self._telling.token(merchant)
        body = BODIES.get(kind) or json.dumps(self._forged(merchant)).encode()
        match kind:
            case "wrong token":
                token = f"a-guess-{self._dice.random():.30f}"
            case "no token":
                token = ""
            case "another merchant's token":
                others = [self._telling.token(m) for m in merchants if m != merchant]
                token = others[0] if others else "x" * 40
            case "unknown merchant":
                to = self._dice.choice(("ghost", "..", "A" * 500, "alpha "))
            case "an old one again":
                if not self._telling.old:
                    return
                to, body = self._dice.choice(self._telling.old)
                token = self._telling.token(to)
        if not token and kind not in STRANGERS:
            return
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        if kind == "no token":
            del headers["Authorization"]
        digest = hashlib.sha256(body).hexdigest()

        def answered(status: int | None, _: str) -> None:
            self._run.note("stranger", f"{kind}: {status}")
            self.knocks.append(Knock(kind, to, digest, status))

        method = "GET" if kind == "not by POST" else "POST"
        self._telling.request(to, headers, body, method, answered=answered)

    def _forged(self, merchant: str) -> dict[str, Any]:
        """A delivery as the portal would send it: of a return that there is not, or a wrong one."""
        known = list(self._run.redo[merchant].returns.values())
        told = dict(self._dice.choice(known)) if known and self._dice.random() < 0.5 else {}
        told |= {"status": "rejected", "updatedAt": "2026-12-24T00:00:00Z"}
        return {"type": "updated", "at": "2026-12-24T00:00:00Z", "return": {"id": FORGED} | told}

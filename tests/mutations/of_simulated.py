"""Deliberate defects that the simulation's own rules have to see: each rule seen to fail."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, TWICE, Defect, Edit, seeds, tests

STEPS = "flows/subscription_steps.py"
NEAR = seeds(0, 20)
STRETCHES = tests(
    "simulation/test_crash_everywhere.py::test_a_crash_at_any_io_of_a_stretch_loses_nothing"
)

OF_SIMULATED = (
    Defect(
        "simulated: a delivery is answered before it is kept",
        LOST,
        (
            Edit(
                "flows/receive_webhook.py",
                "        door.publish(text)\n",
                "        _ = None if delivery.kind == 'backfill' else door.publish(text)\n",
            ),
        ),
        (seeds(35, 45),),
    ),
    Defect(
        "simulated: the door opens to any token",
        CALM,
        (
            Edit(
                "flows/receive_webhook.py",
                "    return bool(entry.keys) and any(matches)",
                "    return bool(entry.keys) or any(matches)",
            ),
        ),
        (NEAR,),
    ),
    Defect(
        "simulated: what cannot be used is thrown away",
        LOST,
        (
            Edit(
                "flows/receive_webhook.py",
                "    park(\n        door.stores,",
                "    (lambda *_: None)(\n        door.stores,",
            ),
        ),
        (NEAR,),
    ),
    Defect(
        "simulated: the token before is forgotten when it is changed",
        LOST,
        (Edit("flows/subscription.py", '"previous_token": former', '"previous_token": ""'),),
        (seeds(20, 40),),
    ),
    Defect(
        "simulated: somebody else's subscription is taken for ours",
        CALM,
        (
            Edit(
                "domain/subscriptions.py",
                "if remove_duplicates and standing.duplicates:",
                "if standing.duplicates:",
            ),
        ),
        (seeds(20, 25),),
    ),
    Defect(
        "simulated: what was repaired once is never repaired again",
        LOST,
        (Edit(STEPS, "memory.generation + 1", "memory.generation + 0"),),
        (seeds(0, 35),),
    ),
    Defect(
        "simulated: a repaired subscription is owed no replay",
        LOST,
        (Edit(STEPS, "damage=damage, owed=start,", "damage=damage, owed=None,"),),
        (seeds(0, 30),),
    ),
    Defect(
        "simulated: a whole subscription is written at every look",
        TWICE,
        (Edit("domain/subscriptions.py", "    if token_unsent:", "    if ours.token:"),),
        (NEAR,),
    ),
    Defect(
        "simulated: a replay that nobody heard the end of is asked for again on a guess",
        TWICE,
        (Edit(STEPS, "return Inconclusive(why)", "return NotFound()"),),
        (STRETCHES,),
    ),
    Defect(
        "simulated: the token before does not open any more",
        LOST,
        (Edit("domain/webhooks.py", '(word, f"previous_{word}")', "(word,)"),),
        (seeds(20, 40),),
    ),
    Defect(
        "simulated: a failed look counts what it did not keep as missed",
        TOLD,
        (
            Edit(
                "flows/catch_up.py",
                "        self._since = window.until\n",
                '        self._world.stores.telemetry.count("WebhookMissed", tally.missed, '
                "merchant=self._world.merchant)\n        self._since = window.until\n",
            ),
        ),
        (NEAR,),
    ),
    Defect(
        "simulated: a replay that was made is owed for ever, as another each time",
        TWICE,
        (
            Edit(STEPS, "owed=None if owed and start <= owed else owed,", "owed=owed,"),
            Edit(
                STEPS, "replayed_at=at,", "replayed_at=at,\n            replays=self.replays + 1,"
            ),
        ),
        (NEAR,),
    ),
    Defect(
        "simulated: a request for a status is carried out again without looking",
        TWICE,
        (
            Edit(
                "flows/act_on_return.py",
                "        if now is status:\n            return Found(status.value)\n",
                "        if now is status:\n            return NotFound()\n",
            ),
        ),
        (seeds(40, 35),),
    ),
    Defect(
        "simulated: a request that was cut off is told twice",
        TOLD,
        (
            Edit(
                "flows/act_on_return.py",
                "    if fact in _acts(world, return_id, request):\n        return\n",
                "",
            ),
        ),
        (seeds(0, 10), seeds(140, 15)),
    ),
    Defect(
        "simulated: a status is told as set and never sent",
        LOST,
        (
            Edit(
                "flows/act_on_return.py",
                "        world.portal.set_status(return_id, status, send_by)\n",
                "",
            ),
        ),
        (NEAR,),
    ),
    Defect(
        "simulated: what was seen to stays in the warehouse's list",
        TOLD,
        (
            Edit(
                "domain/timeline.py",
                "            return with_due(state, DueKind.WITHDRAWN, fact.shipment, None)\n",
                "            return {}\n",
            ),
        ),
        (seeds(75, 45),),
    ),
    Defect(
        "simulated: a backfill that was cut off is held for days",
        LOST,
        (Edit("flows/backfill_jobs.py", "LEASE_SECONDS = 180.0", "LEASE_SECONDS = 999_999.0"),),
        (seeds(15, 15), seeds(110, 10)),
    ),
    Defect(
        "simulated: a backfill that goes on leaves out the piece in hand",
        LOST,
        (
            Edit(
                "flows/backfill.py",
                'self._index = int(position.get("index", 0))',
                "self._index = 10",
            ),
        ),
        (seeds(50, 15),),
    ),
    Defect(
        "simulated: a backfill only counts what it finds",
        LOST,
        (
            Edit(
                "flows/backfill.py",
                "self._manner.way.publish(thin_event(",
                "(lambda _: None)(thin_event(",
            ),
        ),
        (seeds(10, 25),),
    ),
    Defect(
        "simulated: catching up believes that it sent what it only read",
        LOST,
        (
            Edit(
                "flows/catch_up.py",
                "self._way.publish(thin_event(",
                "(lambda _: None)(thin_event(",
            ),
        ),
        (seeds(5, 30),),
    ),
    Defect(
        "simulated: what is read again behind the cursor is counted again",
        TOLD,
        (
            Edit(
                "flows/catch_up.py",
                "is_new = found.updated_at >= window.since",
                "is_new = found.updated_at < window.until",
            ),
        ),
        (NEAR,),
    ),
    Defect(
        "simulated: a return is told as seen at the time of its message",
        TOLD,
        (
            Edit(
                "flows/announce_return.py",
                "            portal_updated_at=portal_return.updated_at,",
                "            portal_updated_at=event.occurred_at,",
            ),
        ),
        (NEAR,),
    ),
    Defect(
        "simulated: news within an hour of the last is none",
        LOST,
        (
            Edit(
                "flows/announce_return.py",
                "event.occurred_at > known or is_always",
                "event.occurred_at > known + timedelta(hours=1) or is_always",
            ),
        ),
        (NEAR,),
    ),
    Defect(
        "simulated: a closing hides the question that waits",
        TOLD,
        (
            Edit(
                "domain/state.py",
                "        return bool(self.parked_ids)\n",
                "        left = [s for s in self.shipments if s.parked]\n"
                "        left += [b for b in self.batches if b.outcome == 'parked']\n"
                "        return bool(self.parked or self.parked_beside or left)\n",
            ),
        ),
        (seeds(1000, 15),),
    ),
)

"""Deliberate defects: what runs tell of themselves, and what operators are told of it."""

from __future__ import annotations

from tests.mutations.model import TOLD, Check, Defect, Edit, tests

CURSORS = tests("contract/test_pulse.py")
FLOWS = tests("flow/test_freshness_of_flows.py")
OPS = tests("flow/test_ops_runs.py")
RULES = tests("unit/test_overview_rules.py")
CALLS = tests("unit/test_call_statistics.py")
TOPIC = tests("unit/test_topic.py")
TICKS = tests("template/test_ops_metrics.py")
TURNS = tests("unit/test_turns.py")
TIME = tests("flow/test_time_for_all.py")


def _defect(name: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    file, old, new = where
    return Defect(name, TOLD, (Edit(file, old, new),), checks)


OF_PULSE = (
    _defect(
        "summaries of many bad days are more than is kept, and today's is lost",
        (
            "adapters/dynamodb/overviews.py",
            "        if left < 0 and texts:\n",
            "        if left < 0 and not texts:\n",
        ),
        CURSORS,
    ),
    _defect(
        "a message that cannot be sent keeps the others from being handed out",
        (
            "flows/tick.py",
            "            done[merchant] = failed(verdict)\n",
            "            raise\n",
        ),
        tests("flow/test_damaged_merchant.py"),
    ),
    _defect(
        "nobody is told that what is stored is to be migrated",
        (
            "ops_runs.py",
            "        is_pending = not (is_empty or problem_of(stored) or is_migrated(stored))\n",
            "        is_pending = False\n",
        ),
        OPS,
    ),
    _defect(
        "an empty stack is to be migrated",
        (
            "ops_runs.py",
            "not (is_empty or problem_of(stored) or is_migrated(stored))",
            "not (problem_of(stored) or is_migrated(stored))",
        ),
        OPS,
    ),
    _defect(
        "a run that failed counts as a success",
        (
            "ports/stores.py",
            "        return self.ended and (self.is_partial or not self.failing)\n",
            "        return self.ended\n",
        ),
        CURSORS,
    ),
    _defect(
        "a run whose list was cut off is a success",
        (
            "flows/sync/run.py",
            "            self._told.failed(verdict)\n",
            "            self._told.found_new = True\n",
        ),
        FLOWS,
    ),
    _defect(
        "a run that was not due keeps a job fresh",
        ("flows/sync/run.py", "            lease.run.is_idle = not due\n", ""),
        FLOWS,
    ),
    _defect(
        "nothing due, nothing told: the job looks dead",
        ("flows/watch_returns.py", "        stores.cursors.beat(name)\n", ""),
        FLOWS,
    ),
    _defect(
        "what cannot be read looks fresh",
        (
            "flows/overview/look.py",
            "        freshness, keys = before.freshness, before.keys\n",
            "        freshness, keys = (), before.keys\n",
        ),
        OPS,
    ),
    _defect(
        "a job that was switched on is late for the time that it was off",
        (
            "domain/overview/overview.py",
            "        return max(now - max(known), timedelta(0)) if known else None\n",
            "        return max(now - min(known), timedelta(0)) if known else None\n",
        ),
        RULES,
        OPS,
    ),
    _defect(
        "a session that the hub renews is told as ending",
        (
            "domain/overview/keys.py",
            "(RENEWED_BY if key.renews else ENDS_WITHIN)",
            "ENDS_WITHIN",
        ),
        RULES,
    ),
    _defect(
        "people are told twice of a day",
        (
            "flows/overview/daily.py",
            '            word = "waiting" if isinstance(verdict, Retryable) else "unknown"\n',
            '            word = "waiting"\n',
        ),
        OPS,
    ),
    _defect(
        "a summary is sent before it is claimed",
        (
            "flows/overview/daily.py",
            '        claimed = self._with(kept, "claimed")\n',
            "        claimed: KeptSummaries | None = kept\n",
        ),
        OPS,
    ),
    _defect(
        "a fault of SNS counts as known not sent",
        (
            "adapters/queues/topic.py",
            "            if status >= 500 or not status:\n",
            "            if not status:\n",
        ),
        TOPIC,
    ),
    _defect(
        "an answer that was cut off counts as a good call",
        (
            "adapters/http/transport.py",
            "        failed = outcome.status >= 500 or not outcome.complete\n",
            "        failed = outcome.status >= 500\n",
        ),
        CALLS,
    ),
    _defect(
        "the slowest call is lost among many",
        (
            "adapters/http/statistics.py",
            "                kept[-1] = self.longest\n",
            "                pass\n",
        ),
        CALLS,
    ),
    _defect(
        "an invocation that ends by an exception tells no calls",
        (
            "bootstrap.py",
            "                yield Run(self)\n            finally:\n"
            "                self.calls.tell(self.telemetry)\n",
            "                yield Run(self)\n                self.calls.tell(self.telemetry)\n"
            "            finally:\n                pass\n",
        ),
        CALLS,
    ),
    _defect(
        "a tick counts as started once it is over",
        (
            "ticks.py",
            "            run.telemetry.count(STARTED, flow=function)\n"
            "            return tick(run)\n",
            "            done = tick(run)\n"
            "            run.telemetry.count(STARTED, flow=function)\n"
            "            return done\n",
        ),
        TICKS,
    ),
    _defect(
        "each tick begins with the next merchant, and the same ones are left out for hours",
        (
            "ticks.py",
            "    first = (number * GOLDEN % WHOLE) * len(merchants) // WHOLE\n",
            "    first = number % max(1, len(merchants))\n",
        ),
        TURNS,
    ),
    _defect(
        "a merchant's work is begun though there is no time for it",
        (
            "ticks.py",
            "if self.hub.clock.remaining() < self.least_seconds:",
            "if self.hub.clock.remaining() < 0:",
        ),
        TIME,
    ),
    _defect(
        "merchants that a tick did not come to are nowhere in its answer",
        (
            "ticks.py",
            "                return done | dict.fromkeys(turn[len(done) :], NO_TIME)\n",
            "                return done\n",
        ),
        TIME,
    ),
    _defect(
        "a plan for which there was no time looks whole",
        ("trial.py", "        elif message == LEFT_OVER:\n", '        elif message == "":\n'),
        TIME,
    ),
)

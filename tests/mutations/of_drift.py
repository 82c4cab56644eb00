"""Deliberate defects: looks for drift, what they make of what they see, and what they tell."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, Check, Defect, Edit, tests

FOLDING = tests("unit/test_drift_folding.py")
LOOK = tests("flow/test_drift_look.py")
RUNS = tests("flow/test_drift_runs.py")
REPORT = tests("unit/test_drift_report.py")
RETURNS = tests("flow/test_drift_returns.py")
ORDERS = tests("flow/test_drift_orders.py")
STORE = tests("contract/test_findings.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    file, old, new = where
    return Defect(name, breaks, (Edit(file, old, new),), checks)


OF_DRIFT = (
    _defect(
        "what moves counts once it was seen twice",
        TOLD,
        (
            "domain/drift/folding.py",
            "if difference.confirm and dict(difference.says) != dict(before.difference.says):",
            "if difference.confirm and difference.units != before.difference.units:",
        ),
        LOOK,
        FOLDING,
    ),
    _defect(
        "what is too old to be looked at is resolved by its age",
        LOST,
        (
            "flows/drift/look.py",
            "                self._edges |= dict.fromkeys(comparison.kinds, edge)\n",
            "                self._edges |= dict.fromkeys((), edge)\n",
        ),
        LOOK,
    ),
    _defect(
        "what the file has compared no more counts on",
        TOLD,
        (
            "flows/drift/look.py",
            "        off = self._kinds_off(applying)\n",
            "        off = frozenset[str]()\n",
        ),
        LOOK,
    ),
    _defect(
        "a kind that was not looked for is resolved",
        LOST,
        (
            "domain/drift/folding.py",
            "elif finding.difference.kind not in look.kinds or _is_beyond(finding, edges or {}):",
            "elif finding.difference.kind not in look.kinds and not finding.counts:",
        ),
        LOOK,
        FOLDING,
    ),
    _defect(
        "a comparison that was cut off counts as made to its end",
        LOST,
        (
            "flows/drift/look.py",
            "                if clock.remaining() < KEEP_SECONDS:\n"
            "                    self._failed[comparison.name] = NO_TIME\n"
            "                    return\n",
            "                if clock.remaining() < KEEP_SECONDS:\n                    break\n",
        ),
        LOOK,
    ),
    _defect(
        "a slow lint that failed takes the next look's time from stock",
        LOST,
        ("flows/drift/look.py", "(one.is_lint, one.name not in failed)", "one.name not in failed"),
        LOOK,
    ),
    _defect(
        "findings that larger ones displaced are told as resolved",
        LOST,
        ("domain/drift/folding.py", "if name in self._shown:", "if False:"),
        FOLDING,
    ),
    _defect(
        "the look is written before what it found",
        LOST,
        (
            "adapters/dynamodb/findings.py",
            "        rest = iter(changed)\n",
            "        rest = iter(changed)\n"
            "        self._client.put_item(TableName=self._table, Item=typed(\n"
            '            {"pk": _looks(merchant), "sk": as_text(look.at),\n'
            '             "look": as_json(look_written(look))}))\n',
        ),
        STORE,
    ),
    _defect(
        "a finding is taken away where it was before it is written where it goes",
        LOST,
        (
            "adapters/dynamodb/findings.py",
            "            self._write_all(put(_row(merchant, one)) for one in some)\n"
            "            self._write_all(gone(key) for one in some for key in "
            "_left_behind(merchant, one))\n",
            "            self._write_all(gone(key) for one in some for key in "
            "_left_behind(merchant, one))\n"
            "            self._write_all(put(_row(merchant, one)) for one in some)\n",
        ),
        STORE,
    ),
    _defect(
        "a partner's words are part of the page",
        TOLD,
        (
            "domain/drift/page.py",
            'return f"{escape(difference.subject)}<br>',
            'return f"{difference.subject}<br>',
        ),
        REPORT,
    ),
    _defect(
        "alarms are told only when a look is made",
        LOST,
        (
            "drift_runs.py",
            "            self._over_limit += is_over_limit(last, settings)\n",
            "            self._over_limit += is_due(last, settings, now) and "
            "is_over_limit(last, settings)\n",
        ),
        RUNS,
    ),
    _defect(
        "what waits for a person is drift",
        TOLD,
        (
            "flows/drift/waiting.py",
            "return state.is_parked or state.flagged",
            "return False",
        ),
        RETURNS,
    ),
    _defect(
        "a partner's key is more than one word of a command that people paste",
        TOLD,
        (
            "flows/drift/orders_erp.py",
            "despatches {shlex.quote(state.key)}",
            "despatches {state.key}",
        ),
        ORDERS,
    ),
    _defect(
        "a despatch that the hub did not see is none",
        LOST,
        (
            "flows/drift/orders_market.py",
            "        if not is_young(order.despatched_at or order.updated_at, world):\n",
            "        if False:\n",
        ),
        ORDERS,
    ),
)

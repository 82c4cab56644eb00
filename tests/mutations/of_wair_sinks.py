"""Deliberate defects: where stock intelligence is told, and what it answers."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, TWICE, Check, Defect, Edit, tests

API = tests("contract/test_wair_api.py")
TOKEN = tests("contract/test_wair_token.py")
BACK = tests("contract/test_wair_read_back.py")
SINK = tests("contract/test_wair_sink.py")
FILES = tests("contract/test_wair_files.py")
ADVICE = tests("contract/test_wair_advice.py")
NAMING = tests("unit/test_wair_naming.py")


def _defect(name: str, breaks: str, file: str, old: str, new: str, *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(file, old, new),), checks)


OF_WAIR_SINKS = (
    _defect(
        "rows that are told replace the whole set though the source was not read to its end",
        LOST,
        "adapters/wair/sink.py",
        "        if part.full and connection.data_set(name).full_load:\n",
        "        if connection.data_set(name).full_load:\n",
        API,
    ),
    _defect(
        "every part of a full load ends it",
        LOST,
        "adapters/wair/sink.py",
        '"true" if part.more else "false"',
        '"false"',
        API,
    ),
    _defect(
        "the tenant is left off where a token is sent",
        CALM,
        "adapters/wair/client.py",
        '            "X-Tenant": self.tenant,\n',
        '            "X-Tenant": "" if token else self.tenant,\n',
        API,
    ),
    _defect(
        "rows that may have been taken count as not told",
        TWICE,
        "adapters/wair/errors.py",
        "    if asked.is_read:\n        return Retryable(",
        "    if asked.is_read or reason:\n        return Retryable(",
        API,
    ),
    _defect(
        "rows that are answered with a fault count as told",
        LOST,
        "adapters/wair/errors.py",
        "if not asked.is_read and _reports_a_fault(outcome):",
        "if asked.is_read and _reports_a_fault(outcome):",
        SINK,
    ),
    _defect(
        "a token that ended is taken for a lost right",
        CALM,
        "adapters/wair/login.py",
        "            if self._kept.token and self._kept.token != used:\n"
        "                return self._kept.token\n"
        "            return self._renewed()\n",
        "            return used\n",
        TOKEN,
    ),
    _defect(
        "a refused login is tried with every call",
        CALM,
        "adapters/wair/login.py",
        "        if kept.refused == given.version and was_just:\n",
        "        if False:\n",
        TOKEN,
    ),
    _defect(
        "a list that was cut off by the server's own limit counts as whole",
        LOST,
        "adapters/wair/pages.py",
        "        if more is False or not rows:\n",
        "        if more is False or len(rows) < ROWS:\n",
        BACK,
    ),
    _defect(
        "a row without its quantity is read as a zero",
        TOLD,
        "adapters/wair/naming.py",
        "                if is_needed:\n                    raise",
        "                if is_needed and value == 7:\n                    raise",
        NAMING,
        BACK,
    ),
    _defect(
        "a manifest that is written first",
        LOST,
        "adapters/wair/file_sink.py",
        '        """See `Feed.begin`; there are no batches: the run\'s folder is one."""\n',
        '        """See `Feed.begin`; there are no batches: the run\'s folder is one."""\n'
        "        self.end(run, send_by)\n",
        FILES,
    ),
    _defect(
        "parts that another process wrote count as the whole set",
        LOST,
        "adapters/wair/file_sink.py",
        '                    "full": part.data_set not in partly,\n',
        '                    "full": part.full,\n',
        FILES,
    ),
    _defect(
        "a cell that is a formula to a spreadsheet",
        TOLD,
        "adapters/wair/csv_rows.py",
        "    return safe_cell(told) if isinstance(told, str) else told\n",
        "    return told\n",
        NAMING,
        SINK,
    ),
    _defect(
        "a proposal without a reference is kept, and comes again and again",
        TWICE,
        "adapters/wair/advice.py",
        "    if not (reference and sku and source and destination) or quantity is None:\n",
        "    if not (sku and source and destination) or quantity is None:\n",
        ADVICE,
    ),
)

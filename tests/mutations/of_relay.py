"""Deliberate defects: despatches told upstream."""

from __future__ import annotations

from tests.mutations.model import LOST, SHADOW, TOLD, TWICE, Check, Defect, Edit, tests

SOURCE = tests("flow/relay/test_despatches.py")
COUNTS = tests("flow/relay/test_despatch_counts.py")
TELLING = tests("flow/relay/test_tell_despatch.py")
REVISIONS = tests("flow/relay/test_revisions.py")
ANSWERS = tests("unit/test_relay_answers.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*where),), checks)


OF_RELAY = (
    _defect(
        "what left behind the orders that one run reads is never told",
        LOST,
        ("flows/relay/despatches.py", '    name = NAME\n    basis = ""\n', "    name = NAME\n"),
        SOURCE,
    ),
    _defect(
        "an older revision is told though a newer one was",
        TOLD,
        (
            "flows/relay/tell_despatch.py",
            "    for revision in range(1, asked.despatch.revision):\n",
            "    for revision in range(1, 1):\n",
        ),
        REVISIONS,
    ),
    _defect(
        "a revision is told though a newer one was planned meanwhile",
        TOLD,
        (
            "flows/relay/tell_despatch.py",
            "    if newest is not None and newest.revision > asked.despatch.revision:\n",
            "    if newest is not None and newest.revision < 0:\n",
        ),
        REVISIONS,
    ),
    _defect(
        "what has no clear answer is told again though the file says ask",
        TWICE,
        (
            "flows/relay/tell_despatch.py",
            '    if target.answer_lost == "ask":\n',
            '    if target.answer_lost == "never":\n',
        ),
        TELLING,
    ),
    _defect(
        "what is on the queue is told while the relay is in shadow",
        SHADOW,
        (
            "flows/relay/tell_despatch.py",
            "    if relay.mode is not Mode.LIVE:\n",
            "    if relay.mode is Mode.OFF:\n",
        ),
        TELLING,
    ),
    _defect(
        "an answer of 500 is taken for a refusal",
        LOST,
        (
            "adapters/relay/errors.py",
            "    if status in {408, 409} or not 400 <= status < 500:\n",
            "    if status in {408, 409}:\n",
        ),
        ANSWERS,
    ),
    _defect(
        "any 409 counts as told",
        LOST,
        (
            "adapters/relay/errors.py",
            "(status == 409 and _names(outcome, event_id))",
            "status == 409",
        ),
        ANSWERS,
    ),
    _defect(
        "parts that left later count as well",
        TOLD,
        (
            "domain/relay/counting.py",
            "part.is_shipped and _place(part) <= _place(order)",
            "part.is_shipped",
        ),
        COUNTS,
    ),
    _defect(
        "what changes back before it was told is never told",
        LOST,
        (
            "flows/relay/despatches.py",
            '        told=step.told | {"digest": ""},\n',
            "        told=step.told,\n",
        ),
        SOURCE,
    ),
    _defect(
        "what left before live_from is told",
        TWICE,
        (
            "flows/relay/despatches.py",
            "        self._require_of_now(order)\n",
            "",
        ),
        SOURCE,
    ),
    _defect(
        "a tracking address keeps the recipient's postcode",
        TOLD,
        (
            "domain/relay/despatch.py",
            "if not _is_personal(name, value)]",
            "if name]",
        ),
        ANSWERS,
    ),
)

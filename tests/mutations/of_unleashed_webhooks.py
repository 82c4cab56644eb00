"""Deliberate defects: Unleashed's webhooks, and polling beside them."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, TWICE, Check, Defect, Edit, tests

DOOR = tests("flow/unleashed/test_webhook_door.py")
RECORDS = tests("flow/unleashed/test_webhook_records.py")
MESSAGES = tests("flow/unleashed/test_webhook_messages.py")
VERBS = tests("unit/cli/test_unleashed_webhooks.py")
MAILBOX = "flows/sync/mailbox.py"


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*where),), checks)


OF_UNLEASHED_WEBHOOKS = (
    _defect(
        "a delivery of any age opens the door",
        TWICE,
        (
            "adapters/unleashed/webhooks.py",
            "abs(now.timestamp() - int(stamp)) > OLDEST_SECONDS",
            "now.timestamp() < 0",
        ),
        DOOR,
    ),
    _defect(
        "a delivery is noted as taken before it is on the queue",
        LOST,
        (
            "flows/receive_notice.py",
            "    publish(asked.model_dump_json(exclude_defaults=True))\n"
            "    deliveries.remember(merchant, notice.flow, notice.delivery, now)\n",
            "    deliveries.remember(merchant, notice.flow, notice.delivery, now)\n"
            "    publish(asked.model_dump_json(exclude_defaults=True))\n",
        ),
        DOOR,
    ),
    _defect(
        "a delivery that was taken is taken again",
        TWICE,
        (
            "flows/receive_notice.py",
            "    if deliveries.is_known(merchant, notice.delivery):\n",
            '    if deliveries.is_known(merchant, ""):\n',
        ),
        DOOR,
    ),
    _defect(
        "what is told of while another run is at work is forgotten",
        LOST,
        ("flows/sync/told.py", "        mailbox.put(key)\n        return", "        return"),
        RECORDS,
    ),
    _defect(
        "what waits in the mailbox waits for the flow's interval",
        LOST,
        (
            "flows/unleashed/due.py",
            "    return due or waiting_in(flow, world)\n",
            "    return due\n",
        ),
        MESSAGES,
    ),
    _defect(
        "what was told again while it was dealt with is taken out too",
        LOST,
        (MAILBOX, "if done.get(k) != at}", "if k not in done}"),
        RECORDS,
    ),
    _defect(
        "a record that does not show yet is taken for gone",
        LOST,
        (
            "flows/sync/told.py",
            "if key == self._key and not self._is_sure and not is_shown:",
            "if False and not is_shown:",
        ),
        RECORDS,
        MESSAGES,
    ),
    _defect(
        "a record of one webhook makes what came back before be forgotten",
        LOST,
        (
            "flows/sync/told.py",
            "after = replace(after, later=cursor.later).with_first(back)",
            "after = replace(after, later=back)",
        ),
        RECORDS,
    ),
    _defect(
        "deliveries count for polling",
        TOLD,
        ("flows/unleashed/beside.py", "if cursor.at else cursor.read\n", "if cursor.at else now\n"),
        MESSAGES,
    ),
    _defect(
        "changes that polling found by itself are not counted",
        TOLD,
        ("flows/unleashed/beside.py", "            self._found += 1\n", "            pass\n"),
        RECORDS,
    ),
    _defect(
        "a lost delivery is called a silent webhook",
        CALM,
        ("flows/unleashed/beside.py", "    if not was.delivered:\n", "    if was.missed:\n"),
        RECORDS,
    ),
    _defect(
        "the key of a subscription takes the place of the others",
        LOST,
        (
            "flows/unleashed/subscribe.py",
            'filter(None, (content.get(FIELD, "").strip(), made.key))',
            "filter(None, (made.key,))",
        ),
        VERBS,
    ),
    _defect(
        "a key that could not be stored is told as a subscription that was made",
        LOST,
        (
            "flows/unleashed/subscribe.py",
            "        raise _lost(it, made.id) from None\n",
            "        return made.id\n",
        ),
        VERBS,
    ),
)

"""Deliberate defects: what operators do, and batches of messages."""

from __future__ import annotations

from tests.mutations.model import (
    BATCHES,
    CALM,
    LETTERS,
    LOST,
    OPERATOR,
    SEEDS,
    STORES,
    TOLD,
    TWICE,
    Defect,
    Edit,
)

OF_OPERATORS = (
    Defect(
        "a dead letter is deleted before it is sent again",
        LOST,
        (
            Edit(
                "adapters/queues/dead_letters.py",
                "        first()\n        try:\n",
                "        try:\n",
            ),
            Edit(
                "adapters/queues/dead_letters.py",
                "        del self._handles[letter.message_id]\n",
                "        del self._handles[letter.message_id]\n        first()\n",
            ),
        ),
        (LETTERS,),
    ),
    Defect(
        "dead letters that were looked at stay hidden",
        LOST,
        (
            Edit(
                "adapters/queues/dead_letters.py",
                "            found.give_back()",
                "            found.missing",
            ),
        ),
        (LETTERS,),
    ),
    Defect(
        "a replay that was interrupted is told twice",
        TOLD,
        (
            Edit(
                "flows/operator.py",
                "if state.parked_ids.isdisjoint({item.parked_id}):",
                "if not state.version:",
            ),
        ),
        (OPERATOR,),
    ),
    Defect(
        "an item that somebody has dealt with is dealt with again",
        TWICE,
        (
            Edit(
                "adapters/dynamodb/parking.py",
                'condition = "#state = :open"',
                'condition = "#state <> :open OR #state = :open"',
            ),
        ),
        (STORES,),
    ),
)

OF_BATCHES = (
    Defect(
        "a batch's answer swallows a failure",
        LOST,
        (
            Edit(
                "adapters/queues/sqs.py",
                "for message_id in failed]}",
                "for message_id in failed[1:]]}",
            ),
        ),
        (BATCHES, SEEDS),
    ),
    Defect(
        "a fault of ours goes on as a fresh copy for ever",
        TOLD,
        (Edit("adapters/queues/sqs.py", ", copy=False)", ")"),),
        (BATCHES,),
    ),
    Defect(
        "one record's fault stops the rest of its batch",
        CALM,
        (
            Edit(
                "adapters/queues/sqs.py",
                "except Exception as error:",
                "except OSError as error:",
            ),
        ),
        (BATCHES,),
    ),
    Defect(
        "a record is begun that cannot end in time",
        TWICE,
        (
            Edit(
                "adapters/queues/sqs.py",
                "if clock.remaining() < worst_case:",
                "if clock.remaining() < 0:",
            ),
        ),
        (BATCHES,),
    ),
)

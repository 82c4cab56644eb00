"""Dead-letter queues: what a queue gave up, read without losing any of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from returns_hub.adapters.aws import verdict_of
from returns_hub.adapters.queues.sqs import Queue
from returns_hub.ports.dead_letters import HOLD_SECONDS, Letter

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

PAGE = 10
"""Messages; SQS gives and takes no more at once."""
WAIT_SECONDS = 1
"""A receive that waits asks all of SQS's servers; one that does not may find nothing where there
is something."""
ROUNDS_WITHOUT_NEWS = 3
SEND_DELAY = 2
"""Seconds; the act is on the return's timeline before the flow begins to write there too."""


class DeadLetterQueue:
    """One dead-letter queue, and the queue that its messages come from.

    Args:
        client: Of SQS.
        name: What operators call the queue that the messages come from.
        url: Of the dead-letter queue.
        source: The queue that the messages come from.
        contract: Reads a body as that queue's function does; raises Permanent when it is none.
    """

    def __init__(
        self,
        client: SQSClient,
        name: str,
        url: str,
        source: Queue,
        contract: Callable[[str], object],
    ) -> None:
        self._client = client
        self._url = url
        self.name = name
        self.source = source
        self.contract = contract

    def count(self) -> int:
        """See `ports.dead_letters.DeadLetters.count`."""
        try:
            answer = self._client.get_queue_attributes(
                QueueUrl=self._url,
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                ],
            )
        except (ClientError, BotoCoreError) as error:
            raise verdict_of(error, "sqs") from error
        return sum(int(value) for value in answer["Attributes"].values())

    @contextmanager
    def round(self, hold: int = HOLD_SECONDS) -> Iterator[Round]:
        """See `ports.dead_letters.DeadLetters.round`."""
        found = Round(self._client, self._url, self, hold)
        try:
            yield found
        finally:
            found.give_back()


class Round:
    """One way through a dead-letter queue. Iterate over it; each message comes once."""

    def __init__(self, client: SQSClient, url: str, queue: DeadLetterQueue, hold: int) -> None:
        self._client = client
        self._url = url
        self._queue = queue
        self._hold = hold
        self._handles: dict[str, str] = {}
        self._seen: set[str] = set()
        self._expected = 0
        self._ended = False

    def __iter__(self) -> Iterator[Letter]:
        """The messages, in no particular order.

        Raises:
            Retryable: SQS cannot be asked now.
        """
        self._expected = self._queue.count()
        without_news = 0
        while without_news < ROUNDS_WITHOUT_NEWS:
            messages = self._receive()
            if not messages:
                self._ended = True
                return
            for message in messages:
                self._handles[message["MessageId"]] = message["ReceiptHandle"]
            # When the way is longer than messages are held, the first ones come again.
            new = [message for message in messages if message["MessageId"] not in self._seen]
            without_news = 0 if new else without_news + 1
            for message in new:
                self._seen.add(message["MessageId"])
            for message in new:
                yield self._letter(message)

    @property
    def missing(self) -> int:
        """How many messages the queue counts beyond those that came; SQS counts approximately."""
        return max(0, self._expected - len(self._seen))

    @property
    def is_whole(self) -> bool:
        """Whether nothing suggests that there are more messages than came."""
        return self._ended and not self.missing

    def take_out(self, letter: Letter, first: Callable[[], None]) -> None:
        """Do `first`, and only then delete the message.

        Ended in between, the message stays, and both are done again by whoever finds it.
        """
        first()
        try:
            self._client.delete_message(
                QueueUrl=self._url, ReceiptHandle=self._handles[letter.message_id]
            )
        except (ClientError, BotoCoreError) as error:
            raise verdict_of(error, "sqs") from error
        del self._handles[letter.message_id]

    def send_again(self, letter: Letter, body: str, told: Callable[[], None]) -> None:
        """Send a message to where it came from, tell it, and only then delete it here.

        Sent twice is harmless: the ledger and the timeline keep what was done from being done
        again, so a message that was sent and not deleted can be sent once more.
        """

        def first() -> None:
            self._queue.source.send(body, SEND_DELAY)
            told()

        self.take_out(letter, first)

    def give_back(self) -> None:
        """Let others see what is still held; what fails here comes back after the hold."""
        held = list(self._handles.values())
        self._handles.clear()
        for start in range(0, len(held), PAGE):
            with suppress(ClientError, BotoCoreError):
                self._client.change_message_visibility_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                        for number, handle in enumerate(held[start : start + PAGE])
                    ],
                )

    def _receive(self) -> list[MessageTypeDef]:
        try:
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=PAGE,
                VisibilityTimeout=self._hold,
                WaitTimeSeconds=WAIT_SECONDS,
                MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            )
        except (ClientError, BotoCoreError) as error:
            raise verdict_of(error, "sqs") from error
        return answer.get("Messages", [])

    def _letter(self, message: MessageTypeDef) -> Letter:
        attributes = message["Attributes"]
        return Letter(
            queue=self._queue.name,
            message_id=message["MessageId"],
            body=message["Body"],
            sent_at=datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC),
            receives=int(attributes["ApproximateReceiveCount"]),
        )

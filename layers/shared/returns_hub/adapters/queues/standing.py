"""How a queue of the stack's own stands, by its attributes; SQS tells about how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from returns_hub.adapters.aws import verdict_of
from returns_hub.domain.overview.overview import QueueStanding

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")
IN_WORK = "ApproximateNumberOfMessagesNotVisible"


def queue_standing(client: SQSClient, name: str, url: str, dead_url: str) -> QueueStanding:
    """One queue and its dead letters; 2 requests. Its age only CloudWatch knows.

    Raises:
        Retryable: SQS cannot be asked now.
        Misconfigured: It refuses to tell.
    """
    own, dead = _counts(client, url), _counts(client, dead_url)
    return QueueStanding(
        name=name,
        waiting=sum(own[word] for word in WAITING),
        in_work=own[IN_WORK],
        # One that somebody looks at is hidden for a moment, and is a dead letter all the same.
        dead=sum(dead.values()),
    )


def _counts(client: SQSClient, url: str) -> dict[str, int]:
    names: list[Any] = [*WAITING, IN_WORK]
    try:
        answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)
    except (ClientError, BotoCoreError) as error:
        raise verdict_of(error, "sqs") from error
    told = answer.get("Attributes", {})
    return {word: int(told.get(word, "0")) for word in names}

"""SQS, Secrets Manager, S3 and EventBridge in a trial: reads are real, writes go into the book."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

from returns_hub.adapters.trial.book import Book

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

WAITING = "ApproximateNumberOfMessages"


class TrialQueues:
    """The calls of SQS's client that flows make. What is sent counts as waiting."""

    def __init__(self, behind: SQSClient, book: Book) -> None:
        self._behind: Any = behind
        self._book = book

    def send_message(
        self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0, **_: Any
    ) -> dict[str, Any]:
        """SendMessage."""
        self._book.message(QueueUrl, MessageBody, DelaySeconds)
        return {"MessageId": f"trial-{len(self._book.messages)}"}

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: Any) -> dict[str, Any]:
        """GetQueueAttributes."""
        answer = self._behind.get_queue_attributes(QueueUrl=QueueUrl, AttributeNames=AttributeNames)
        found = dict(answer["Attributes"])
        if WAITING in found:
            ours = sum(message.to == QueueUrl for message in self._book.messages)
            found[WAITING] = str(int(found[WAITING]) + ours)
        return {**answer, "Attributes": found}

    def change_message_visibility(self, **_: Any) -> dict[str, Any]:
        """ChangeMessageVisibility: the message is none of SQS's."""
        return {}


class TrialSecrets:
    """The calls of Secrets Manager's client."""

    def __init__(self, behind: SecretsManagerClient, book: Book) -> None:
        self._behind: Any = behind
        self._book = book
        self._now: dict[str, str] = {}

    @property
    def exceptions(self) -> Any:
        """Errors as the client names them."""
        return self._behind.exceptions

    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:
        """GetSecretValue."""
        if SecretId in self._now:
            return {"SecretString": self._now[SecretId], "VersionId": "trial"}
        answer: dict[str, Any] = self._behind.get_secret_value(SecretId=SecretId)
        return answer

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> dict[str, Any]:
        """PutSecretValue."""
        self.get_secret_value(SecretId=SecretId)  # raises when there is none, as the real one
        return self._keep(SecretId, SecretString)

    def create_secret(self, *, Name: str, SecretString: str, **_: Any) -> dict[str, Any]:
        """CreateSecret."""
        return self._keep(Name, SecretString)

    def _keep(self, name: str, text: str) -> dict[str, Any]:
        self._now[name] = text
        self._book.secrets.append(name)
        return {"VersionId": "trial"}


class TrialFiles:
    """The calls of S3's client."""

    def __init__(self, behind: S3Client, book: Book) -> None:
        self._behind: Any = behind
        self._book = book
        self._now: dict[str, bytes] = {}

    @property
    def exceptions(self) -> Any:
        """Errors as the client names them."""
        return self._behind.exceptions

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:
        """PutObject."""
        self._now[Key] = Body
        self._book.files[Key] = len(Body)
        return {"bucket": Bucket}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        """GetObject."""
        if Key in self._now:
            return {"Body": BytesIO(self._now[Key])}
        answer: dict[str, Any] = self._behind.get_object(Bucket=Bucket, Key=Key)
        return answer

    def list_objects_v2(self, *, Bucket: str, Prefix: str, **more: Any) -> dict[str, Any]:
        """ListObjectsV2; what the trial wrote comes with the last page."""
        answer: dict[str, Any] = self._behind.list_objects_v2(Bucket=Bucket, Prefix=Prefix, **more)
        if answer.get("NextContinuationToken"):
            return answer
        names = {row["Key"] for row in answer.get("Contents", [])}
        names |= {name for name in self._now if name.startswith(Prefix)}
        return {**answer, "Contents": [{"Key": name} for name in sorted(names)]}


class TrialBus:
    """The calls of EventBridge's client."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        """PutEvents."""
        for entry in Entries:
            self._book.message(f"bus/{entry.get('EventBusName', '')}", json.dumps(entry))
        number = len(self._book.messages)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": f"trial-{number}"} for _ in Entries]}

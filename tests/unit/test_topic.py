"""What SNS says, or does not say, about a message that must not come twice."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from returns_hub.adapters.aws import ONCE, clients
from returns_hub.adapters.queues.topic import SnsTopic
from returns_hub.errors import Misconfigured, Retryable, UnknownOutcome, Verdict

ARN = "arn:aws:sns:eu-west-1:1:alarms"


class Sns:
    """SNS, as far as it is used."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble
        self.told: list[dict[str, str]] = []

    def publish(self, **message: str) -> Any:
        if self.trouble is not None:
            raise self.trouble
        self.told.append(message)


def refused(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Publish")


def test_a_message_goes_to_the_topic_within_its_limits() -> None:
    sns = Sns()
    SnsTopic(lambda: sns, ARN).publish("s" * 200, "é" * 200_000)
    (told,) = sns.told
    assert (told["TopicArn"], len(told["Subject"])) == (ARN, 100)
    assert len(told["Message"].encode()) <= 200_000


@pytest.mark.parametrize(
    ("trouble", "verdict"),
    [
        (refused("Throttled", 429), Retryable),
        (refused("AuthorizationError", 403), Misconfigured),
        (refused("NotFound", 404), Misconfigured),
        (refused("InternalError", 500), UnknownOutcome),
        (ConnectTimeoutError(endpoint_url="x"), Retryable),
        (ReadTimeoutError(endpoint_url="x"), UnknownOutcome),
    ],
)
def test_only_what_is_known_not_sent_may_be_sent_again(
    trouble: Exception, verdict: type[Verdict]
) -> None:
    with pytest.raises(verdict) as raised:
        SnsTopic(lambda: Sns(trouble), ARN).publish("s", "t")
    assert type(raised.value) is verdict


def test_the_client_repeats_nothing_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    made = clients().sns
    assert made is not None
    assert made().meta.config.retries["total_max_attempts"] == 1
    assert ONCE.read_timeout == 5  # type: ignore[attr-defined]

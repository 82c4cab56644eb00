"""What errors of AWS mean that are not about the request itself."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from returns_hub.adapters.aws import verdict_of
from returns_hub.errors import Misconfigured, Retryable


def answered(code: str) -> ClientError:
    told = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(told, "SendMessage")  # type: ignore[arg-type]  # as far as it is read


@pytest.mark.parametrize("code", ["KMS.ThrottlingException", "KmsThrottled", "ThrottlingException"])
def test_a_key_that_is_asked_too_often_is_asked_again(code: str) -> None:
    verdict = verdict_of(answered(code), "sqs")
    assert isinstance(verdict, Retryable)
    assert not isinstance(verdict, Misconfigured)
    assert verdict.code == "aws.sqs.busy"


def test_a_row_that_is_in_a_transaction_of_others_is_written_later() -> None:
    verdict = verdict_of(answered("TransactionConflictException"), "dynamodb")
    assert isinstance(verdict, Retryable)
    assert not isinstance(verdict, Misconfigured)
    assert verdict.code == "aws.dynamodb.busy"


@pytest.mark.parametrize(
    "code",
    [
        "KMS.AccessDeniedException",
        "KMS.DisabledException",
        "KMS.InvalidStateException",
        "KMS.NotFoundException",
        "AccessDeniedException",
        "DecryptionFailure",
    ],
)
def test_a_key_that_is_closed_waits_for_a_person(code: str) -> None:
    verdict = verdict_of(answered(code), "sqs")
    assert isinstance(verdict, Misconfigured)
    assert code in str(verdict)

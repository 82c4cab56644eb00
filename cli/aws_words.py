"""What AWS, or the way to it, refuses: what was wrong, and what to do."""

from __future__ import annotations

import os

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)

EXPIRED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthFailure",
    }
)
REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
GONE = frozenset({"ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue"})
GONE_TOO = frozenset({"QueueDoesNotExist", "NoSuchBucket"})


def aws_in_words(
    error: ClientError | BotoCoreError,
    profile: str | None = None,
    *,
    option: str = "--profile NAME",
) -> str:
    """What was wrong, and what to do, in a sentence or two; without an end mark.

    Args:
        error: What was raised.
        profile: The AWS profile that was used, where one was named.
        option: How the command that was called takes one.
    """
    named = profile or os.environ.get("AWS_PROFILE", "")
    sign_in = f"aws sso login{f' --profile {named}' if named else ''}"
    if isinstance(error, ProfileNotFound | ConfigNotFound):
        return f"{_plain(error)}; aws configure list-profiles shows those that there are"
    if isinstance(error, NoRegionError):
        return "no AWS region is named: give --region, or set AWS_REGION"
    if isinstance(error, SSOError | TokenRetrievalError):
        return f"the sign-in to AWS is over; sign in again: {sign_in}"
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return f"there are no AWS credentials: sign in ({sign_in}), or name a profile: {option}"
    if isinstance(error, NoConnection | HTTPClientError):
        return f"AWS does not answer ({_plain(error)}); is there a network, and the region right?"
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in EXPIRED:
            return f"AWS takes these credentials no more ({code}); sign in again: {sign_in}"
        if code in REFUSED:
            return f"these credentials may not do that: {_plain(error)}"
        if code in GONE | GONE_TOO:
            return f"the stack lacks what this needs; deploy this release ({_plain(error)})"
    return _plain(error)


def _plain(error: Exception) -> str:
    return " ".join(str(error).split())[:400]

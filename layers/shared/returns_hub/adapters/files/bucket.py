"""Files in the stack's own bucket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from returns_hub.adapters.aws import verdict_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class BucketFiles:
    """`ports.files.Files`: S3 puts an object whole or not at all."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def write(self, name: str, content: Iterable[bytes], content_type: str) -> None:
        """See `Files.write`."""
        body = b"".join(content)
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=name, Body=body, ContentType=content_type
            )
        except (ClientError, BotoCoreError) as error:
            raise verdict_of(error, "S3") from None

    def read(self, name: str) -> bytes | None:
        """See `Files.read`."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None
        except (ClientError, BotoCoreError) as error:
            raise verdict_of(error, "S3") from None

    def names(self, folder: str) -> Iterator[str]:
        """See `Files.names`."""
        start: dict[str, str] = {}
        while True:
            try:
                page = self._client.list_objects_v2(
                    Bucket=self._bucket,
                    Prefix=f"{folder}/",
                    **start,  # type: ignore[arg-type]
                )
            except (ClientError, BotoCoreError) as error:
                raise verdict_of(error, "S3") from None
            for row in page.get("Contents", []):
                yield row["Key"]
            if not page.get("NextContinuationToken"):
                return
            start = {"ContinuationToken": page["NextContinuationToken"]}

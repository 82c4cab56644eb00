"""Feeds as files, in a bucket: with what the function's policy allows, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from returns_hub.adapters.files.bucket import BucketFiles
from returns_hub.domain.wair.settings import WairConnection
from returns_hub.errors import Misconfigured
from returns_hub.ports.feed import Part
from tests.simulation.environment import SETTINGS
from tests.simulation.permissions import watched
from tests.support.feed_worlds import wair_block
from tests.support.wair import ITEM, ROWS, RUN, WairBench

BUCKET = "files"


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketFiles]:
    """A bucket that wair_sync asks."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    policy = watched("WairSyncFunction", SETTINGS.secret_prefix)

    def hold(params: dict[str, Any], model: Any, **_: Any) -> None:
        in_stack = params | {"Bucket": "FilesBucket"}
        policy.require_call("s3", model.name, in_stack)

    with mock_aws():
        client = boto3.client("s3", region_name="eu-west-1")
        where: Any = {"LocationConstraint": "eu-west-1"}
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
        client.meta.events.register("provide-client-params.s3.*", hold)
        with policy.at_work():
            yield BucketFiles(client, BUCKET)


@pytest.mark.parametrize("sink", ["file_json", "file_csv"])
def test_a_run_with_what_another_process_wrote_in_it(files: BucketFiles, sink: str) -> None:
    bench = WairBench(sink=sink)
    bench.files = files  # type: ignore[assignment]
    bench.feed = bench.sink()
    bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    again = bench.sink()
    again.tell(RUN, Part("items", [ITEM]), bench.send_by)
    again.end(RUN, bench.send_by)
    names = [name.rpartition("/")[2] for name in files.names("feeds/example")]
    suffix = sink.removeprefix("file_")
    assert names == [f"items-001.{suffix}", "manifest.json", f"stock-001.{suffix}"]
    assert "is empty" not in again.check_access()
    assert files.read("feeds/example/none") is None


def test_a_bucket_that_is_not_there_is_an_operators(files: BucketFiles) -> None:
    files._bucket = "another"
    with pytest.raises(Misconfigured):
        files.write("feeds/x", [b""], "text/csv")
    with pytest.raises(Misconfigured):
        list(files.names("feeds"))
    with pytest.raises(Misconfigured):
        files.read("feeds/x")


@pytest.mark.parametrize("folder", ["reports", "feeds-2", "feedsx/a", "feeds/", "feeds//a"])
def test_a_folder_that_the_function_may_not_write_is_refused(folder: str) -> None:
    with pytest.raises(ValueError, match="folder"):
        WairConnection.model_validate(wair_block(folder=folder))


def test_folders_below_are_allowed() -> None:
    assert WairConnection.model_validate(wair_block(folder="feeds/wair")).folder == "feeds/wair"

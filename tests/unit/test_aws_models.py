"""The short models that a door's AWS clients are made of: botocore's own, with fewer words."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.loaders import JSONFileLoader, Loader

from returns_hub.adapters import aws
from tools.aws_models import made, without_words, write

LOAD_FILE = JSONFileLoader.load_file
"""As it is before the suite has it remember what it read, which mocks of AWS add to."""
REGIONS = ("eu-west-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "xx-new-9")


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(JSONFileLoader, "load_file", LOAD_FILE)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that botocore reads."""
    files: list[Path] = []
    load = Loader.load_data_with_path

    def load_data_with_path(self: Loader, name: str) -> Any:
        found = load(self, name)
        files.append(Path(found[1]))
        return found

    monkeypatch.setattr(Loader, "load_data_with_path", load_data_with_path)
    return files


def test_they_are_what_is_made_of_the_locked_botocore() -> None:
    files = [path for path in aws.OUR_MODELS.rglob("*") if path.is_file()]
    kept = {
        path.relative_to(aws.OUR_MODELS).as_posix(): path.read_text(encoding="utf-8")
        for path in files
    }
    assert kept == dict(made()), "run: python -m tools.aws_models"


def test_only_words_are_left_out() -> None:
    content = {"documentation": "words", "members": {"documentation": {"shape": "Text"}}}
    assert without_words(content) == {"members": {"documentation": {"shape": "Text"}}}


def test_a_doors_clients_read_nothing_else(read: list[Path]) -> None:
    made_ = aws.clients()
    made_.make_now("secrets", "sqs")
    assert len(set(read)) == 9
    assert all(path.is_relative_to(aws.OUR_MODELS) for path in read)


@pytest.mark.parametrize("service", aws.SERVICES)
@pytest.mark.parametrize("region", REGIONS)
def test_a_client_of_them_is_botocores_own(service: str, region: str) -> None:
    ours = aws._Sessions().client(service, region_name=region)
    whole: Any = botocore.session.get_session().create_client
    theirs = whole(service, region_name=region)
    assert ours.meta.endpoint_url == theirs.meta.endpoint_url
    assert ours.meta.method_to_api_mapping == theirs.meta.method_to_api_mapping
    model = ours.meta.service_model
    assert model.operation_names == theirs.meta.service_model.operation_names
    assert model.shape_names == theirs.meta.service_model.shape_names


def test_a_file_that_they_do_not_have_is_botocores_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, read: list[Path]
) -> None:
    """The runtime's botocore moves on, and may ask for more than today's."""
    write(tmp_path / "models")
    shutil.rmtree(tmp_path / "models" / "sqs")
    (tmp_path / "models" / "dynamodb" / "2012-08-10" / "endpoint-rule-set-1.json").unlink()
    monkeypatch.setattr(aws, "OUR_MODELS", tmp_path / "models")
    made_ = aws.clients()
    made_.make_now("secrets", "sqs")
    assert made_.dynamodb.meta.endpoint_url == "https://dynamodb.eu-west-1.amazonaws.com"
    assert made_.sqs.meta.endpoint_url == "https://sqs.eu-west-1.amazonaws.com"
    assert any("botocore/data" in path.as_posix() for path in read)


def test_other_services_are_botocores_own() -> None:
    events = aws.clients().events
    assert events is not None
    assert events().meta.endpoint_url == "https://events.eu-west-1.amazonaws.com"

"""What botocore reads of the AWS services that every door uses, without what no door needs.

Usage: python -m tools.aws_models

botocore's own copies hold every service's endpoints and all of the services' documentation, and to
find one it looks through the folders of some 440 services. These copies are made of the locked
botocore: models and rules of `SERVICES` without their documentation, the endpoints of those alone.
Nothing else is changed, and no operation is left out. See docs/decisions/0035.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

from returns_hub.adapters.aws import OUR_MODELS, SERVICES

KINDS = ("service-2", "endpoint-rule-set-1")
WHOLE = ("partitions", "sdk-default-configuration")
WORDS = frozenset({"documentation", "documentationUrl"})


def made() -> Iterator[tuple[str, str]]:
    """Each file's name under `OUR_MODELS`, and its content."""
    loader = Loader()
    for service in SERVICES:
        version = loader.determine_latest_version(service, "service-2")
        for kind in KINDS:
            content = loader.load_service_model(service, kind, version)
            yield f"{service}/{version}/{kind}.json", _text(without_words(content))
    for name in WHOLE:
        yield f"{name}.json", _text(loader.load_data(name))
    yield "endpoints.json", _text(endpoints(loader.load_data("endpoints")))


def without_words(content: Any) -> Any:
    """A model without its documentation; a member of that name is no text, and stays."""
    if isinstance(content, dict):
        return {
            name: without_words(value)
            for name, value in content.items()
            if not (name in WORDS and isinstance(value, str))
        }
    return [without_words(value) for value in content] if isinstance(content, list) else content


def endpoints(content: Any) -> Any:
    """All partitions and regions, and of their services those of `SERVICES`."""
    partitions = [
        {**one, "services": {name: at for name, at in one["services"].items() if name in SERVICES}}
        for one in content["partitions"]
    ]
    return {**content, "partitions": partitions}


def _text(content: Any) -> str:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False) + "\n"


def write(folder: Path = OUR_MODELS) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in made():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()

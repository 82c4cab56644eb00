"""The document itself: the pinned one, and every correction of it still needed."""

from __future__ import annotations

import hashlib
import re

import pytest
from openapi_core import OpenAPI

from local.simulators.redo.simulator import BASE, WRITABLE
from returns_hub.domain.returns import Compensation, ReturnStatus
from tests.official.document import (
    CORRECTIONS,
    Correction,
    NotNeeded,
    as_published,
    corrected,
)
from tests.official.exercises import STATUSES
from tools import redo_schema


def test_the_document_is_the_pinned_one() -> None:
    path = redo_schema.cached()
    assert path is not None
    assert hashlib.sha256(path.read_bytes()).hexdigest() == redo_schema.PIN.sha256


def test_the_corrected_document_is_valid_openapi() -> None:
    OpenAPI.from_dict(corrected(as_published()))


@pytest.mark.parametrize("correction", CORRECTIONS, ids=lambda c: ".".join(c.where[1:])[-60:])
def test_a_correction_is_still_needed_and_says_why(correction: Correction) -> None:
    once = corrected(as_published(), [correction])
    assert once != as_published()
    assert len(correction.why) > 20
    with pytest.raises(NotNeeded, match=re.escape(correction.where[-1])):
        corrected(once, [correction])


def test_the_statuses_are_the_documents() -> None:
    schemas = as_published()["components"]["schemas"]
    assert set(schemas["return-status.schema"]["enum"]) == set(STATUSES)
    assert set(STATUSES) == {str(word) for word in ReturnStatus} - {"unknown"}
    assert set(schemas["return-status-update.schema"]["enum"]) == set(WRITABLE)


def test_the_compensations_are_the_documents() -> None:
    properties = as_published()["components"]["schemas"]["return-read.schema"]["properties"]
    words = properties["compensationMethods"]["items"]["enum"]
    assert set(words) == {str(word) for word in Compensation}


def test_the_simulator_stands_where_the_document_says() -> None:
    assert [server["url"].endswith(f".com{BASE}") for server in as_published()["servers"]] == [True]

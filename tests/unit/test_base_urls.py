"""Every address that a merchant's file may name is reached over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from ssl import TLSVersion
from typing import Annotated, Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from urllib3.util.ssl_ import create_urllib3_context

from returns_hub.domain.file_types import BaseUrl
from returns_hub.domain.merchant import Merchant


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in a type, however deep in unions and lists."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def addresses() -> dict[str, FieldInfo]:
    """Every field of the file whose name says that it is an address."""
    found: dict[str, FieldInfo] = {}
    seen: set[Any] = set()
    ahead: list[Any] = [Merchant]
    while ahead:
        model = ahead.pop()
        if model in seen:
            continue
        seen.add(model)
        for name, field in model.model_fields.items():
            if name == "url" or name.endswith("_url"):
                found[f"{model.__name__}.{name}"] = field
            ahead += models_in(field.annotation)
    return found


FOUND = addresses()


def test_the_addresses_are_found() -> None:
    assert {"RedoConnection.base_url", "RelayTarget.url", "WairConnection.base_url"} <= FOUND.keys()
    assert len(FOUND) >= 10


@pytest.mark.parametrize("name", sorted(FOUND))
@pytest.mark.parametrize(
    "address",
    [
        "http://partner.example.test",
        "http://127.0.0.1.example.test",
        "http://localhost@partner.example.test",
        "HTTP://partner.example.test/x",
        "ftp://127.0.0.1",
        "//partner.example.test",
        "partner.example.test",
        "https://user:password@partner.example.test",
    ],
)
def test_no_address_of_a_partner_is_plain_http(name: str, address: str) -> None:
    field = FOUND[name]
    kind: Any = field.annotation
    for check in field.metadata:
        kind = Annotated[kind, check]
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    assert adapter.validate_python("https://partner.example.test") == "https://partner.example.test"
    with pytest.raises(ValidationError):
        adapter.validate_python(address)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:8080"])
def test_this_machine_needs_no_tls(host: str) -> None:
    assert TypeAdapter(BaseUrl).validate_python(f"http://{host}/x/") == f"http://{host}/x"


def test_no_partner_is_asked_by_less_than_tls_1_2() -> None:
    assert create_urllib3_context().minimum_version >= TLSVersion.TLSv1_2

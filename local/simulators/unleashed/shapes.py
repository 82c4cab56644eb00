"""What Unleashed's objects look like: how bodies are read by that, and records written.

A record is a dict with Unleashed's keys and our values: Decimal, aware UTC times, the Guid of what
is referred to. Keys that begin with an underscore are the simulator's own and never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from local.simulators.unleashed.replies import GUID, NOBODY, Refused, body_time, wrong

if TYPE_CHECKING:
    from local.simulators.unleashed.company import Company

Record = dict[str, Any]
Kind = Literal[
    "text", "number", "whole", "flag", "date", "guid", "ref", "lines", "batches", "serials", "plain"
]


@dataclass(frozen=True)
class Field:
    """A key.

    Attributes:
        most: The most characters of a text; 0 for any number.
        required: Whether a new object, and a whole one, needs it.
        own: Unleashed's own: a body may have it, and it does nothing.
        of: Of a reference: the resource.
        lines: Of lines: their shape.
        default: What there is where nothing was said.
    """

    name: str
    kind: Kind = "text"
    most: int = 0
    required: bool = False
    own: bool = False
    of: str = ""
    lines: Shape | None = None
    default: Any = None


@dataclass(frozen=True)
class Shape:
    """An object's keys."""

    fields: tuple[Field, ...]

    def named(self, name: str) -> Field:
        """The field of the name."""
        return next(known for known in self.fields if known.name == name)


@dataclass(frozen=True)
class View:
    """What a reading asked for besides the record."""

    serial_batch: bool = False
    brief: bool = True


def texts(most: int, *names: str) -> tuple[Field, ...]:
    """Texts of the same length."""
    return tuple(Field(name, most=most) for name in names)


def numbers(*names: str) -> tuple[Field, ...]:
    """Numbers that may be left out."""
    return tuple(Field(name, "number") for name in names)


def own(*names: str, kind: Kind = "plain") -> tuple[Field, ...]:
    """Unleashed's own."""
    return tuple(Field(name, kind, own=True) for name in names)


STAMPS = own("CreatedBy", "CreatedOn", "LastModifiedBy", "LastModifiedOn")
DELIVERY = (
    *texts(
        500,
        "DeliveryName",
        "DeliveryStreetAddress",
        "DeliveryStreetAddress2",
        "DeliverySuburb",
        "DeliveryCity",
        "DeliveryRegion",
        "DeliveryCountry",
    ),
    *texts(50, "DeliveryPostCode"),
)


def read(
    shape: Shape, body: Mapping[str, Any], company: Company, *, partial: bool = False
) -> Record:
    """A body as a record: what it leaves out is blank, or with `partial` is left out.

    Raises:
        Refused: A key is missing, unknown, or has a value of the wrong kind.
    """
    given = _by_field(shape, body, company)
    record: Record = {}
    for known in shape.fields:
        if known.own:
            continue
        value = given.get(known.name)
        if partial and known.name not in given:
            continue
        if value is None or (value == "" and known.kind != "text"):
            if known.required and not partial:
                raise wrong(f"{known.name} is required.")
            record[known.name] = known.default
        else:
            record[known.name] = _value(known, value, company)
        if known.required and record[known.name] in ("", []):
            raise wrong(f"{known.name} is required.")
    return record


def _by_field(shape: Shape, body: Mapping[str, Any], company: Company) -> dict[str, Any]:
    settings = company.settings
    names = {known.name: known.name for known in shape.fields}
    aliases = {"Salesperson": "SalesPerson", settings.transfer_number_key: "TransferOrderNumber"}
    names |= {alias: name for alias, name in aliases.items() if name in names}
    if settings.keys == "camel":
        names |= {name[:1].lower() + name[1:]: known for name, known in names.items()}
    unknown = sorted(set(body) - set(names))
    if unknown:
        company.unknown_keys.update(unknown)
        if settings.unknown_keys == "refuse":
            raise wrong(f"There is no key {', '.join(unknown)}.")
    return {names[key]: value for key, value in body.items() if key in names}


def _value(known: Field, value: Any, company: Company) -> Any:
    name, ms_taken = known.name, company.settings.dates_taken == "both"
    match known.kind:
        case "text":
            return _text(known, value)
        case "number":
            return number_of(name, value)
        case "whole" | "flag":
            return _exactly(known, value)
        case "date":
            return body_time(name, value, ms_taken=ms_taken)
        case "guid":
            return guid_of(name, value)
        case "ref":
            return company.referred(known.of, name, value)
        case "lines":
            assert known.lines is not None  # noqa: S101 - lines have a shape
            return [read(known.lines, row, company) for row in _objects(name, value)]
        case "batches":
            return [_batch(name, _capital(row), ms_taken=ms_taken) for row in _objects(name, value)]
        case "serials":
            return [_identifier(row) for row in _objects(name, value)]
        case "plain":
            return value


def _exactly(known: Field, value: Any) -> Any:
    kind = bool if known.kind == "flag" else int
    if type(value) is not kind:
        words = {"flag": "true or false", "whole": "a whole number"}
        raise wrong(f"{known.name} is not {words[known.kind]}.")
    return value


def _identifier(row: Mapping[str, Any]) -> str:
    return _text(Field("Identifier", most=50), _capital(row).get("Identifier"))


def _capital(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key[:1].upper() + key[1:]: value for key, value in row.items()}


def _text(known: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise wrong(f"{known.name} is not a text.")
    if known.most and len(value) > known.most:
        raise wrong(f"{known.name} has more than {known.most} characters.")
    return value


def number_of(name: str, value: Any) -> Decimal:
    """A number of a body.

    Raises:
        Refused: It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong(f"{name} is not a number.")
    return Decimal(value)


def guid_of(name: str, value: Any) -> str:
    """A Guid, in small letters.

    Raises:
        Refused: It is none.
    """
    if not isinstance(value, str) or not GUID.fullmatch(value.lower()):
        raise wrong(f"{name} is not a Guid.")
    return value.lower()


def _objects(name: str, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise wrong(f"{name} is not a list of objects.")
    return value


def _batch(name: str, row: Mapping[str, Any], *, ms_taken: bool) -> Record:
    unknown = set(row) - {"Guid", "Number", "Quantity", "ExpiryDate", "LastModifiedOn", "CreatedOn"}
    if unknown:
        raise wrong(f"There is no key {', '.join(sorted(unknown))} in {name}.")
    expiry = row.get("ExpiryDate")
    return {
        "Number": _text(Field("Number", most=50), row.get("Number")),
        "Quantity": number_of("Quantity", row.get("Quantity")),
        "ExpiryDate": body_time("ExpiryDate", expiry, ms_taken=ms_taken) if expiry else None,
    }


def shown(shape: Shape, record: Record, company: Company, view: View) -> dict[str, Any]:
    """A record as it is written, with every key of its shape."""
    written: dict[str, Any] = {}
    for known in shape.fields:
        value = record.get(known.name)
        match known.kind:
            case "ref" if value is not None:
                value = company.reference(known.of, value)
            case "lines":
                assert known.lines is not None  # noqa: S101 - lines have a shape
                value = [shown(known.lines, row, company, view) for row in value or []]
            case "batches":
                value = _batches_shown(value) if view.serial_batch else None
            case "serials":
                value = [{"Guid": NOBODY, "Identifier": text} for text in value or []]
                value = value if value and view.serial_batch else None
            case _:
                pass
        written[known.name] = value
    return written


def _batches_shown(batches: Iterable[Record] | None) -> list[Record] | None:
    """None rather than an empty list, as it was seen."""
    return [{"Guid": NOBODY, **batch} for batch in batches or []] or None


def decimals(content: Any) -> Any:
    """The same with decimals instead of floats, as a body is read."""
    if isinstance(content, float):
        return Decimal(str(content))
    if isinstance(content, Mapping):
        return {key: decimals(value) for key, value in content.items()}
    if isinstance(content, list):
        return [decimals(value) for value in content]
    return content


def same_guid(path: str, body: Mapping[str, Any]) -> None:
    """The body's Guid, where there is one, is the path's.

    Raises:
        Refused: It is another.
    """
    inside = body.get("Guid", body.get("guid"))
    if inside is not None and guid_of("Guid", inside) != path:
        raise Refused(400, "The Guid of the body is not the one of the path.")

"""Changes of whole objects: Unleashed blanks what an update leaves out.

Source: several clients quote the documents so: fields that are left out are overwritten with
blanks, so read, change, write back. So what is written is the object as it was read, unknown fields
and all, with the fields that are meant. It is read again just before: where anybody changed it
since the plan was made, nothing is written. Unleashed has no locking of its own, so that a change
within the moment between that read and the write is lost; the time of it is one request.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from returns_hub.adapters.unleashed.client import SERIAL_BATCH, UnleashedClient
from returns_hub.adapters.unleashed.dates import in_iso, is_date, moment_of
from returns_hub.adapters.unleashed.errors import NotThere
from returns_hub.adapters.unleashed.reading import (
    Raw,
    guid_of,
    key_in,
    modified_of,
    rows_of,
    value_of,
)
from returns_hub.errors import Permanent, Retryable

Fields = Mapping[str, Any]
LineFields = Mapping[str, Mapping[str, Fields]]
"""By the name of a list, by the Guid of a line: the fields that change."""
WrittenDates = Literal["as_read", "iso"]
"""Clients post ISO dates; whether Unleashed takes back the form that it gave is told nowhere."""
NO_LINES: LineFields = {}


def put_whole(
    client: UnleashedClient,
    path: str,
    *,
    template: str,
    method: Literal["PUT", "POST"] = "PUT",
    planned_on: Raw,
    fields: Fields,
    lines: LineFields = NO_LINES,
    serial_batch: bool = False,
    dates: WrittenDates = "iso",
    send_by: datetime,
) -> Any:
    """Change named fields of an object; what Unleashed answered.

    Args:
        client: Whose account.
        path: Of the object.
        template: The path without ids.
        method: POST for products and customers, which have no PUT.
        planned_on: The object as it was when the change was decided.
        fields: What changes.
        lines: What changes on its lines.
        serial_batch: Read and write with batches and serial numbers. Without it they are missing
            from what is read, and what is written back has none.
        dates: How dates that do not change are written back; see `WrittenDates`.
        send_by: It must not leave later.

    Raises:
        Retryable: `unleashed.changed_meanwhile`: it is another by now, nothing was written.
        Permanent: The object or a line is gone.
        What `UnleashedClient.write` raises.
    """
    query = SERIAL_BATCH if serial_batch else ()
    try:
        fresh = client.one(path, query, template=template)
    except NotThere:
        raise Permanent(
            "unleashed.not_found", f"it is not in Unleashed any more ({template})"
        ) from None
    require_unchanged(planned_on, fresh)
    body = changed(fresh, fields, lines, dates=dates)
    return client.write(method, path, template=template, body=body, query=query, send_by=send_by)


def require_unchanged(planned_on: Raw, fresh: Raw) -> None:
    """Raise unless an object is still what a change was decided on.

    Raises:
        Retryable: It was changed meanwhile, or nothing tells that it was not.
    """
    before, now = modified_of(planned_on), modified_of(fresh)
    is_same = before == now if before and now else dict(planned_on) == dict(fresh)
    if not is_same or guid_of(planned_on) != guid_of(fresh):
        raise Retryable(
            "unleashed.changed_meanwhile",
            "it was changed in Unleashed since this was decided; nothing was written",
            after=1,
        )


def changed(
    raw: Raw, fields: Fields, lines: LineFields = NO_LINES, *, dates: WrittenDates = "iso"
) -> dict[str, Any]:
    """An object as read with named fields changed; everything else stays as it is.

    A name that the object spells in another case is changed there, and not added a second time.

    Raises:
        Permanent: A line is not there.
    """
    body = dict(raw) if dates == "as_read" else _with_iso_dates(raw)
    for name, rows in lines.items():
        key = key_in(raw, name) or name
        body[key] = _changed_lines(body, key, rows)
    return _with(body, fields)


def holds(raw: Raw, fields: Fields, lines: LineFields = NO_LINES) -> bool:
    """Whether an object holds what was meant to be written; for looking up what became of a write.

    Numbers count by their value, dates by their moment, null as an empty text, and of an object
    within only the names that were written.
    """
    if not _same(fields, raw):
        return False
    for name, rows in lines.items():
        by_guid = {guid_of(row): row for row in rows_of(raw, name)}
        if not all(_same(part, by_guid.get(guid.lower())) for guid, part in rows.items()):
            return False
    return True


def _changed_lines(body: Raw, key: str, rows: Mapping[str, Fields]) -> list[dict[str, Any]]:
    wanted = {guid.lower(): part for guid, part in rows.items()}
    found = rows_of(body, key)
    if wanted.keys() - {guid_of(row) for row in found}:
        raise Permanent("unleashed.no_such_line", f"a line of {key} is not there any more")
    return [_with(dict(row), wanted.get(guid_of(row), {})) for row in found]


def _with(body: dict[str, Any], fields: Fields) -> dict[str, Any]:
    for name, value in fields.items():
        body[key_in(body, name) or name] = value
    return body


def _with_iso_dates(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_iso_dates(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_with_iso_dates(entry) for entry in value]
    if is_date(value):
        return in_iso(value) if moment_of(value) else None
    return value


def _same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, Mapping):
        if isinstance(found, str):
            # A carrier comes back as its name, for some.
            return _same(value_of(wanted, "Name"), found)
        return isinstance(found, Mapping) and all(
            _same(part, value_of(found, name)) for name, part in wanted.items()
        )
    if isinstance(wanted, list | tuple):
        return isinstance(found, list) and _same_rows(list(wanted), list(found))
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(wanted, int | Decimal):
        return isinstance(found, int | Decimal) and wanted == found
    if wanted in {None, ""} or found in ({}, None, ""):
        return wanted in {None, ""} and found in ({}, None, "", [])
    if wanted == found:
        return True
    return is_date(found) and _moment(wanted) == moment_of(found)


def _same_rows(wanted: list[Any], found: list[Any]) -> bool:
    if len(wanted) != len(found):
        return False
    for one in wanted:
        match = next((at for at, other in enumerate(found) if _same(one, other)), None)
        if match is None:
            return False
        found.pop(match)
    return True


def _moment(value: Any) -> datetime | None:
    try:
        return moment_of(value)
    except ValueError:
        return None

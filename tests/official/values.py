"""Values made from the document's schemas: what Redo may answer, today and tomorrow.

`hypothesis-jsonschema` would do this, but its newest release (0.23.1, 2024) fails on the Hypothesis
that is used here, and reads schemas up to draft 7 only. Just the words of a schema that this
document uses are known here; another one is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from tests.official.contract import Contract, Schema

Values = st.SearchStrategy[Any]
ABOUT = {"title", "description", "example", "examples", "default", "nullable", "readonly"}
KNOWN = {
    *ABOUT,
    *("type", "enum", "const", "oneOf", "properties", "required", "additionalProperties", "items"),
    *("format", "pattern", "contentEncoding", "minimum", "maximum", "exclusiveMinimum"),
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NEW_WORDS = st.sampled_from(["", "awaiting_owl", "OPEN", "Ünknown", "x" * 300])
OFFSETS = st.sampled_from([UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-9.5))])
MOMENTS = st.builds(
    lambda moment, zone, z: _written(moment.replace(tzinfo=zone), as_z=z),
    st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)),  # noqa: DTZ001 - the zone comes later
    OFFSETS,
    st.booleans(),
)


@dataclass(frozen=True)
class Maker:
    """Makes values.

    Args:
        contract: Where `$ref` leads.
        is_tomorrow: Also words that an enumeration has not, properties that a schema has not, and
            null where a property may be left out.
    """

    contract: Contract
    is_tomorrow: bool = False

    def values(self, node: Schema) -> Values:
        """Values that a schema takes, or would take tomorrow.

        Raises:
            ValueError: The schema uses a word that is not known here.
        """
        schema = self.contract.resolved(node)
        if unknown := schema.keys() - KNOWN:
            raise ValueError(f"the schema uses {sorted(unknown)}")
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            words = st.sampled_from(schema["enum"])
            return words | NEW_WORDS if self.is_tomorrow else words
        if "oneOf" in schema:
            return st.one_of([self.values(one) for one in schema["oneOf"]])
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kinds, list):
            return st.one_of([self._of(kind, schema) for kind in kinds])
        return self._of(kinds, schema)

    def _of(self, kind: str, schema: Schema) -> Values:
        match kind:
            case "object":
                return self._objects(schema)
            case "array":
                return st.lists(self.values(schema["items"]), max_size=3)
            case "string":
                return _strings(schema)
            case "integer":
                return st.integers(schema.get("minimum", -(10**9)), schema.get("maximum", 10**12))
            case "number":
                # Hundredths: a number of more digits than a store keeps is refused, and should be.
                least = 100 * schema.get("minimum", schema.get("exclusiveMinimum", -(10**7)))
                least += "exclusiveMinimum" in schema
                return st.integers(least, 10**9).map(lambda hundredths: hundredths / 100)
            case "boolean":
                return st.booleans()
            case "null":
                return st.none()
        raise ValueError(f"the schema has a type {kind!r}")

    def _objects(self, schema: Schema) -> Values:
        made = {name: self.values(one) for name, one in schema.get("properties", {}).items()}
        needed = {name: made[name] for name in schema.get("required", ())}
        optional = {name: one for name, one in made.items() if name not in needed}
        if self.is_tomorrow:
            optional = {name: one | st.none() for name, one in optional.items()}
            if schema.get("additionalProperties") is not False:
                optional["aNewProperty"] = st.sampled_from([None, 1, "x", [], {"id": "y"}])
        return st.fixed_dictionaries(needed, optional=optional)


def _strings(schema: Schema) -> Values:
    match schema.get("format", schema.get("pattern")):
        case "date-time":
            return MOMENTS
        case "email":
            return st.just("pat@example.test")
        case "uri" | "uri-reference" | "^https://":
            return st.just("https://example.test/a")
        case "password" | None:
            examples = st.sampled_from([str(one) for one in schema.get("examples", ())] or [""])
            return examples | TEXTS
    raise ValueError(f"the schema has a format {schema.get('format')!r}")


def _written(moment: datetime, *, as_z: bool) -> str:
    """RFC 3339, in UTC with a Z or with its own offset."""
    if as_z:
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return moment.isoformat()

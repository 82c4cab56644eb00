"""SEARCH expressions, as far as the hub's dashboard uses them: a schema and exact terms.

Source: "CloudWatch search expression syntax" of its user guide. Terms are `Name="value"` or a
`"value"` alone, joined by nothing, AND, or NOT before one. What else CloudWatch knows (parts
of words, OR, parentheses) raises `NotHonoured`, so that no graph shows other lines than there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from local.cloudwatch.metrics import Metric

MOST_SERIES = 500
"""As many as a graph of CloudWatch shows."""
LONGEST = 1024
_SCHEMA = re.compile(r"\s*(?:\{(?P<schema>(?:\"[^\"]*\"|[^}\"])*)\}\s*,?)?(?P<terms>.*)", re.DOTALL)
_NAME = re.compile(r"\s*(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>(?:AWS/)?\w*))\s*(?:,|$)", re.ASCII)
"""A name of a schema. With other than letters and digits it has to be quoted; AWS's own namespaces
are written without, in its guide too."""
_TERM = re.compile(
    r"\s*(?:(?P<word>AND|NOT)\b|(?:(?P<name>[\w.:/-]+)\s*=\s*)?\"(?P<value>(?:[^\"\\]|\\.)*)\")"
)


class NotHonoured(ValueError):  # noqa: N818 - told to the user in these words
    """CloudWatch may know this; the local world does not."""


@dataclass(frozen=True)
class _Term:
    name: str
    value: str
    is_excluded: bool

    def fits(self, metric: Metric) -> bool:
        known = {
            "MetricName": metric.name,
            "Namespace": metric.namespace,
            **dict(metric.dimensions),
        }
        if self.name:
            return (known.get(self.name) == self.value) is not self.is_excluded
        words = {*known.values(), *(name for name, _ in metric.dimensions)}
        return (self.value in words) is not self.is_excluded


@dataclass(frozen=True)
class Search:
    """A search. `schema` is a namespace and names of dimensions; None when there is none."""

    schema: tuple[str, ...] | None
    terms: tuple[_Term, ...]

    def find(self, metrics: Callable[[], list[Metric]]) -> list[Metric]:
        """The metrics that it finds. A schema names all dimensions of a metric, in any order."""
        return [metric for metric in metrics() if self._fits(metric)][:MOST_SERIES]

    def _fits(self, metric: Metric) -> bool:
        if self.schema is not None:
            namespace, *dimensions = self.schema
            names = sorted(name for name, _ in metric.dimensions)
            if metric.namespace != namespace or names != sorted(dimensions):
                return False
        return all(term.fits(metric) for term in self.terms)


def parsed_search(text: str) -> Search:
    """The first argument of SEARCH.

    Raises:
        NotHonoured: It is longer than CloudWatch takes, empty, or has what is not honoured here.
    """
    if len(text) > LONGEST:
        raise NotHonoured(f"a search of more than {LONGEST} characters is refused by CloudWatch")
    found = _SCHEMA.fullmatch(text)
    schema = None
    if found and found["schema"] is not None:
        schema = _names(found["schema"])
    terms = tuple(_terms(found["terms"] if found else text))
    if schema is None and not terms:
        raise NotHonoured("a search needs a schema or a term")
    return Search(schema, terms)


def _names(schema: str) -> tuple[str, ...]:
    names: list[str] = []
    place = 0
    while True:
        found = _NAME.match(schema, place)
        if not found:
            raise NotHonoured(
                f"in the schema {{{schema}}} a name with other than letters and digits needs "
                f'double quotes: "{schema[place:].strip()[:60]}"'
            )
        names.append(found["bare"] if found["quoted"] is None else found["quoted"])
        if not names[-1]:
            raise NotHonoured(f"the schema {{{schema}}} has an empty name")
        if not found[0].endswith(","):
            return tuple(names)
        place = found.end()


def _terms(text: str) -> list[_Term]:
    terms: list[_Term] = []
    place, is_excluded = 0, False
    while text[place:].strip():
        found = _TERM.match(text, place)
        if not found:
            raise NotHonoured(
                f'in a search only exact terms such as MetricName="X" are honoured here, joined by '
                f"AND or NOT: {text[place:].strip()[:60]}"
            )
        place = found.end()
        if found["word"]:
            is_excluded = found["word"] == "NOT"
            continue
        value = re.sub(r"\\(.)", r"\1", found["value"])
        terms.append(_Term(found["name"] or "", value, is_excluded))
        is_excluded = False
    return terms

"""The report as one page that needs nothing else: no script, nothing fetched, light and dark.

Every text is escaped, and the page forbids itself to load anything, so that a partner's words are
never more than words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from html import escape
from itertools import groupby

from returns_hub.domain.drift.findings import Finding
from returns_hub.domain.drift.report import Report, Total, age_of

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --new: #b42318; --ok: #067647; }
@media (prefers-color-scheme: dark) { :root { --new: #f97066; --ok: #47cd89; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem; max-width: 76rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p.when { margin: .2rem 0 1rem; opacity: .75; }
ul.totals { display: flex; flex-wrap: wrap; gap: .75rem; list-style: none; padding: 0; }
ul.totals li { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .9rem; }
ul.totals b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .45rem .6rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; opacity: .75; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0 .6rem; margin: 0; }
dt { opacity: .7; } dd { margin: 0; }
code { background: var(--soft); border-radius: .25rem; padding: .1rem .3rem;
  font-size: .9em; overflow-wrap: anywhere; }
.new { color: var(--new); font-weight: 600; } .resolved { color: var(--ok); }
.note { border-left: 4px solid var(--new); background: var(--soft); padding: .6rem .9rem; }
small { opacity: .75; }
@media (max-width: 46rem) {
  body { padding: .9rem; }
  thead { display: none; }
  tr { display: block; border: 1px solid var(--line); border-radius: .5rem; margin: 0 0 .7rem; }
  td, td.number { display: block; border: 0; text-align: left; padding: .25rem .7rem; }
  td::before { content: attr(data-label); display: block; font-size: .8em; opacity: .7; }
}
@media print { ul.totals li, tr { break-inside: avoid; } }
"""


MOST_SHOWN = 1000
"""Findings of an area that a page shows: more of them make no browser and no reader happy."""


def as_page(report: Report) -> str:
    """The report, for people."""
    return "\n".join(_page(report)) + "\n"


def _page(report: Report) -> Iterator[str]:
    who = escape(report.merchant)
    yield "<!doctype html>"
    yield '<html lang="en">'
    yield '<head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield (
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )
    yield f"<title>Drift of {who}</title><style>{STYLE}</style></head>"
    yield f"<body><main><h1>Drift of {who}</h1>"
    yield f'<p class="when">Looked at {_moment(report.look.at)}</p>'
    yield from _totals(report)
    yield from _not_compared(report.look.failed)
    yield from _kinds(report.kinds)
    yield from _areas(report)
    yield from _resolved(report)
    yield "</main></body></html>"


def _totals(report: Report) -> Iterator[str]:
    total = report.total
    facts = [("differences", f"{total.findings:,}"), ("units", f"{total.units:,}")]
    facts += [("worth", worth) for worth in _worths(total.value)]
    facts += [("new", f"{total.new:,}"), ("recurring", f"{total.recurring:,}")]
    facts += [("resolved lately", f"{total.resolved:,}")]
    facts += [(f"{name} (no difference)", f"{n:,}") for name, n in report.look.apart.items()]
    cells = "".join(f"<li><b>{escape(n)}</b>{escape(what)}</li>" for what, n in facts)
    yield f'<ul class="totals">{cells}</ul>'
    if report.over_limit:
        yield '<p class="note">More than the limit that the merchant\'s file sets.</p>'
    if not total.findings:
        yield "<p>Nothing differs, as far as was compared.</p>"


def _not_compared(failed: Mapping[str, str]) -> Iterator[str]:
    if not failed:
        return
    yield '<div class="note"><p>Not compared this time; what was found before still counts:</p><ul>'
    for name, why in failed.items():
        yield f"<li>{escape(name)}: {escape(why)}</li>"
    yield "</ul></div>"


def _kinds(kinds: Iterable[Total]) -> Iterator[str]:
    rows = [kind for kind in kinds if kind.findings or kind.resolved or kind.beyond]
    if not rows:
        return
    names = ("kind", "differences", "units", "worth", "new", "recurring", "resolved")
    yield "<h2>By kind</h2>"
    yield from _head(names, numbers=names[1:])
    for kind in rows:
        cells = (
            kind.name,
            f"{kind.findings:,}",
            f"{kind.units:,}",
            ", ".join(_worths(kind.value)) or "-",
            f"{kind.new:,}",
            f"{kind.recurring:,}",
            f"{kind.resolved:,}",
        )
        told = zip(names, cells, strict=True)
        yield _row(*(_cell(name, escape(cell), number=name != "kind") for name, cell in told))
    yield "</tbody></table>"
    for kind in rows:
        if kind.beyond:
            yield (
                f"<p><small>{escape(kind.name)}: {kind.beyond:,} more, smaller ones, are not shown "
                "one by one.</small></p>"
            )


def _areas(report: Report) -> Iterator[str]:
    for area, found in groupby(report.findings, key=lambda finding: finding.difference.area):
        yield f"<h2>{escape(area.capitalize())}</h2>"
        yield from _head(FINDING, numbers=("units",))
        rows = list(found)
        for finding in rows[:MOST_SHOWN]:
            yield _finding(finding, report.look.at)
        yield "</tbody></table>"
        if len(rows) > MOST_SHOWN:
            yield f"<p><small>and {len(rows) - MOST_SHOWN:,} more; the CSV has all</small></p>"


def _resolved(report: Report) -> Iterator[str]:
    if not report.resolved:
        return
    names = ("what", "resolved", "had lasted")
    yield "<h2>Resolved lately</h2>"
    yield from _head(names)
    for finding in report.resolved:
        ended = finding.resolved_at or finding.last_seen
        yield _row(
            _cell("what", _what(finding)),
            _cell("resolved", f'<span class="resolved">{_moment(ended)}</span>'),
            _cell("had lasted", in_words(age_of(finding, ended))),
        )
    yield "</tbody></table>"


FINDING = ("what", "the systems say", "units", "worth", "age", "likely cause", "what mends it")


def _finding(finding: Finding, at: datetime) -> str:
    difference = finding.difference
    says = "".join(
        f"<dt>{escape(system)}</dt><dd>{'nothing' if said is None else escape(str(said))}</dd>"
        for system, said in difference.says.items()
    )
    worth = _worth(difference.value, difference.currency) if difference.value is not None else "-"
    standing = escape(finding.standing.value)
    came_back = f", came back {how_often(finding.returned)}" if finding.returned else ""
    age = (
        f"{in_words(age_of(finding, at))}<br>"
        f'<small class="{standing}">{standing}{came_back}</small>'
    )
    mend = f"<code>{escape(difference.mend)}</code>" if difference.mend else "-"
    cells = (
        _what(finding),
        f"<dl>{says}</dl>",
        f"{difference.units:,}",
        escape(worth),
        age,
        escape(difference.cause) or "-",
        mend,
    )
    told = zip(FINDING, cells, strict=True)
    return _row(*(_cell(name, cell, number=name == "units") for name, cell in told))


def _what(finding: Finding) -> str:
    difference = finding.difference
    return f"{escape(difference.subject)}<br><small>{escape(difference.kind)}</small>"


def _head(names: Iterable[str], numbers: Iterable[str] = ()) -> Iterator[str]:
    of_numbers = set(numbers)
    cells = "".join(
        f'<th scope="col"{" class=number" if name in of_numbers else ""}>{escape(name)}</th>'
        for name in names
    )
    yield f"<table><thead><tr>{cells}</tr></thead><tbody>"


def _row(*cells: str) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def _cell(label: str, content: str, *, number: bool = False) -> str:
    kind = ' class="number"' if number else ""
    return f'<td{kind} data-label="{escape(label)}">{content}</td>'


def _worths(value: Mapping[str, Decimal]) -> list[str]:
    return [_worth(worth, currency) for currency, worth in sorted(value.items())]


def _worth(worth: Decimal, currency: str) -> str:
    return f"{worth:,.2f} {currency}".strip()


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def in_words(age: timedelta) -> str:
    """An age as people say it: 40 min, 5 h, 3 days."""
    hours = int(age.total_seconds() // 3600)
    if hours < 1:
        return f"{int(age.total_seconds() // 60)} min"
    return f"{hours} h" if hours < 72 else f"{hours // 24} days"


def how_often(number: int) -> str:
    """Once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")

"""docs/permissions.md: what each function may do, what for, and on what it was seen to do it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from local.iam.policies import functions, policy_of, resources
from local.iam.rules import Statement
from local.stack import ROOT
from tests.privilege.comparison import Grant, Listed, read_list
from tests.privilege.record import Seen

PAGE = ROOT / "docs" / "permissions.md"
PURPOSES = Path(__file__).with_name("purposes.toml")
BEGINS = "<!-- From here on written by: python -m tests.privilege table -->\n"
HEAD = "| statement | may do | on | what for | seen |\n|---|---|---|---|---|\n"


@dataclass(frozen=True)
class Row:
    """A statement as the page has it, without what was seen."""

    function: str
    statement: str
    actions: str
    resources: str
    purpose: str

    @property
    def text(self) -> str:
        """Its cells."""
        return f"| {self.statement} | {self.actions} | {self.resources} | {self.purpose} |"


@cache
def purposes() -> dict[str, str]:
    """What a statement is for, by its Sid; ``Function.Sid`` where one function's differs."""
    found: dict[str, str] = tomllib.loads(PURPOSES.read_text(encoding="utf-8"))["purposes"]
    return found


def rows() -> Iterator[tuple[Row, Statement]]:
    """Every statement of template.yaml."""
    for function in functions(resources()):
        for statement in policy_of(function).statements:
            yield _row(function, statement), statement


def _row(function: str, statement: Statement) -> Row:
    about = ", ".join(f"`{_plain(one)}`" for one in statement.resources)
    if statement.besides:
        about = f"all but {about}"
    for operator, key, values in statement.conditions:
        about += f" where {key} {operator} {', '.join(f'`{value}`' for value in values)}"
    actions = ", ".join(f"`{action}`" for action in statement.actions)
    known = purposes()
    purpose = known.get(f"{function}.{statement.sid}") or known.get(statement.sid, "")
    forbids = "" if statement.allows else "**denied**: "
    sid = statement.sid + (f" ({statement.shared})" if statement.shared else "")
    return Row(function, sid, f"{forbids}{actions}", about, purpose)


def _plain(resource: str) -> str:
    return resource.replace(".Arn", "").replace("${AWS::StackName}/", "").replace("|", "/")


def seen_of(function: str, statement: Statement, seen: Seen, listed: list[Listed]) -> str:
    """Where it was used; for a pattern on what; and what no test can use, with why."""
    if not statement.allows:
        return "-"
    where, names = set(), set()
    for use, places in seen.uses.items():
        if _covers(function, statement, use.who, use.action, use.resource):
            where |= places
            names |= {_name(use.resource)} if any("*" in r for r in statement.resources) else set()
    unused: dict[str, list[str]] = {}
    sometimes = set()
    for one in listed:
        is_of_it = one.action in statement.actions and one.resource in statement.resources
        if one.function == function and is_of_it:
            unused.setdefault(one.why, []).append(one.action)
            sometimes |= {one.why} if one.sometimes else set()
    whys = [
        (f"{', '.join(sorted(actions))} not in every run: {why}")
        if why in sometimes
        else f"not {', '.join(sorted(actions))}: {why}"
        for why, actions in sorted(unused.items())
    ]
    told = [", ".join(sorted(where)) or "never", *whys]
    return "; ".join(told) + (f": {', '.join(f'`{n}`' for n in sorted(names))}" if names else "")


def _covers(function: str, statement: Statement, who: str, action: str, resource: str) -> bool:
    from tests.privilege.record import Use

    use = Use(who, action, resource)
    return who == function and any(
        Grant(function, statement.sid, one, about).covers(use)
        for one in statement.actions
        for about in statement.resources
    )


def _name(resource: str) -> str:
    """``redo`` of a secret, ``feeds/*`` of a bucket, the index of a table."""
    if resource.startswith("secret:"):
        return resource.rpartition("/")[2].removesuffix("-??????")
    return resource.partition(".Arn/")[2].removeprefix("index/") or resource


def write(seen: Seen) -> None:
    """Write the page's tables anew."""
    listed = read_list()
    text = PAGE.read_text(encoding="utf-8").partition(BEGINS)[0] + BEGINS
    last = ""
    for row, statement in rows():
        if row.function != last:
            text += f"\n## {row.function}\n\n{HEAD}"
            last = row.function
        text += f"{row.text} {seen_of(row.function, statement, seen, listed)} |\n"
    PAGE.write_text(text, encoding="utf-8")


def kept() -> dict[tuple[str, str], tuple[str, str]]:
    """The page's rows: (function, statement) -> the cells before what was seen, and that."""
    found, function = {}, ""
    for line in PAGE.read_text(encoding="utf-8").partition(BEGINS)[2].splitlines():
        if line.startswith("## "):
            function = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| statement"):
            cells, _, seen = line.removesuffix(" |").rpartition(" | ")
            found[function, cells.split(" | ")[0].removeprefix("| ")] = (f"{cells} |", seen)
    return found


def missing_names(seen: Seen) -> list[str]:
    """Names of what a pattern was used on that the page does not have yet.

    They are told and refuse nothing: the pattern allows them, and some of them, such as whose
    session key ended first, differ from run to run.
    """
    page, found = kept(), []
    for row, statement in rows():
        if not any("*" in one for one in statement.resources):
            continue
        told = set(re.findall(r"`([^`]+)`", page.get((row.function, row.statement), ("", ""))[1]))
        used = {
            _name(use.resource)
            for use in seen.uses
            if _covers(row.function, statement, use.who, use.action, use.resource)
        }
        found += [
            f"(page)    {row.function} / {row.statement} is used on {name}, which "
            f"docs/{PAGE.name} does not have; to write it anew: python -m tests.privilege table"
            for name in sorted(used - told)
        ]
    return found

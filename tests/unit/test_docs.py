"""What the pages of this repository lead to is there: pages, sections, files, targets of make."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import pytest

from local.stack import ROOT

FENCE = re.compile(r"^( *)(```|~~~).*?^ *\2", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`[^`\n]+`")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:")
SHELL = re.compile(r"```(?:sh|bash|console)?\n(.*?)```", re.DOTALL)
MAKE = re.compile(r"\bmake ((?:[A-Z_]+=\S+ )*[a-z][a-z-]*)")
# What a page says of a place in the repository, in a span of code: with a folder, and an ending.
PLACE = re.compile(
    r"`((?:bench|cli|config|docs|functions|layers|local|requirements|samples|tests|tools)"
    r"/[a-z0-9_./-]+\.(?:md|py|toml|ya?ml|json|in|txt|sh))`"
)


@cache
def pages() -> list[Path]:
    """Every page of the repository. Hidden folders are not entered: tests that run beside this one
    make and remove files there."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [each for each in folders if not each.startswith(".")]
        found += [Path(folder, each) for each in files if each.endswith(".md")]
    return sorted(found)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors_in(text: str) -> set[str]:
    found: dict[str, int] = {}
    for heading in HEADING.findall(FENCE.sub("", text)):
        found[anchor(heading)] = found.get(anchor(heading), 0) + 1
    return {
        one if number == 0 else f"{one}-{number}"
        for one, times in found.items()
        for number in range(times)
    }


@cache
def anchors_of(page: Path) -> set[str]:
    return anchors_in(page.read_text(encoding="utf-8"))


def dead_links(page: Path, text: str) -> list[str]:
    """The relative links of a page's text that lead nowhere."""
    dead = []
    for link in LINK.findall(SPAN.sub("", FENCE.sub("", text))):
        if ELSEWHERE.match(link):
            continue
        file, _, section = link.partition("#")
        target = (page.parent / file).resolve()
        if not file:
            known = section in anchors_in(text)
        elif section and target.suffix == ".md":
            known = target.exists() and section in anchors_of(target)
        else:
            known = target.exists()
        if not known:
            dead.append(link)
    return dead


@cache
def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def wrong_targets(text: str) -> list[str]:
    """What a page tells people to `make` and the Makefile does not, in blocks and in spans."""
    code = [*SHELL.findall(text), *SPAN.findall(FENCE.sub("", text))]
    said = [
        line for part in code for line in part.splitlines() if re.search(r"(^|[`$;&] ?)make ", line)
    ]
    return [
        word
        for line in said
        for words in MAKE.findall(line.split("#")[0])
        if (word := words.split()[-1]) not in targets()
    ]


@pytest.mark.parametrize("page", pages(), ids=name)
def test_a_page_leads_to_what_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert dead_links(page, text) == []
    assert wrong_targets(text) == []
    assert [place for place in PLACE.findall(text) if not (ROOT / place).exists()] == []


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("[a](nowhere.md)", ["nowhere.md"]),
        ("[a](#none)\n# Some", ["#none"]),
        ("[a](architecture.md#no-such-section)", ["architecture.md#no-such-section"]),
        ("[a](architecture.md#the-rooms) [b](#some-more) [c](https://x.test/y)\n# Some *more*", []),
        ("`[a](nowhere.md)`\n```md\n[a](nowhere.md)\n```", []),
    ],
)
def test_a_dead_link_is_seen(text: str, dead: list[str]) -> None:
    assert dead_links(ROOT / "docs" / "page.md", text) == dead


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("`make tset`", ["tset"]),
        ("```sh\nmake nothing ARGS=x  # make it\n```", ["nothing"]),
        ("`make` and `make test ARGS=x`, make it", []),
    ],
)
def test_a_target_that_make_does_not_know_is_seen(text: str, wrong: list[str]) -> None:
    assert wrong_targets(text) == wrong


def test_the_decisions_are_listed_in_their_order_each_once() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(
        r"^- \[(\d{4})\]\((\S+)\) (.+)$", (folder / "README.md").read_text(), re.MULTILINE
    )
    files = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [file for _, file, _ in listed] == files
    assert all(file.startswith(f"{number}-") for number, file, _ in listed)
    assert len({number for number, _, _ in listed}) == len(files)


def test_every_page_is_led_to_by_another() -> None:
    led_to = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in pages()
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if not ELSEWHERE.match(link)
    }
    assert [name(page) for page in pages() if page.parent != ROOT and page not in led_to] == []

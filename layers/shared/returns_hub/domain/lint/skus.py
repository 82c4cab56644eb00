"""What can be wrong with one SKU, and when two SKUs are one for people and spreadsheets.

What partners do with it: Mintsoft's look-up does not tell capitals apart (docs/partners.md), its
search and Miinto's feed drop blanks around a SKU, and a spreadsheet turns 0012 into 12 and
100000000000 into 1E+11. Which characters every partner takes no source tells: `lint.allowed`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

from returns_hub.domain.base import short_hash
from returns_hub.domain.drift.settings import LintSettings

BLANK = "lint.sku_blank"
WHITE_SPACE = "lint.sku_white_space"
INVISIBLE = "lint.sku_invisible"
CHARACTERS = "lint.sku_characters"
TOO_LONG = "lint.sku_too_long"
SCIENTIFIC = "lint.sku_scientific"

EXPONENT = re.compile(r"\d(?:[.,]\d+)?[Ee][+-]\d{1,3}", re.ASCII)
"""As a spreadsheet writes a long number; a sign makes the difference to a SKU such as 5E10."""
DASHES = "\u2212\u00ad\u2043"
"""Minus, soft hyphen and hyphen bullet look like dashes, and are not of the class Pd."""
MOST_FOLDS = 6
"""What one pass took away can bring letters together that are one character of their own."""
LONGEST_SHOWN = 80
MOST_SHOWN = 6
"""So many different characters are named."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a SKU: a kind, and what is there, for people."""

    kind: str
    said: str


class SkuRules:
    """The rules of `lint:` about one SKU, ready to be asked often."""

    def __init__(self, settings: LintSettings) -> None:
        self._longest = settings.longest_sku
        self._allowed = re.compile(settings.allowed)
        self._takes: dict[str, bool] = {}
        self._ignored = re.compile("|".join(map(_glob, settings.ignore)) or r"(?!)")

    def is_ignored(self, sku: str) -> bool:
        """Whether the file says that this SKU, or the subject of a finding, is left alone."""
        return self._ignored.match(sku.strip()) is not None

    def problems(self, written: str) -> Iterator[Problem]:
        """What is wrong with a SKU as a system has it, blanks included."""
        if is_blank(written):
            yield Problem(BLANK, "no SKU" if not written else f"only {_named(written)}")
            return
        sku = written.strip()
        if sku != written:
            yield Problem(WHITE_SPACE, _around(written))
        hidden = {c for c in sku if _is_invisible(c)}
        if hidden:
            yield Problem(INVISIBLE, f"holds {_named(hidden)}")
        if len(sku) > self._longest:
            yield Problem(TOO_LONG, f"{len(sku)} characters; the most is {self._longest}")
        if EXPONENT.fullmatch(sku):
            yield Problem(SCIENTIFIC, "looks like a number that a spreadsheet rounded")
            return
        strange = {c for c in set(sku) - hidden if not self._is_taken(c)}
        if strange:
            yield Problem(CHARACTERS, f"holds {_named(strange)}")

    def _is_taken(self, character: str) -> bool:
        known = self._takes.get(character)
        if known is None:
            known = self._allowed.fullmatch(character) is not None
            self._takes[character] = known
        return known


def is_blank(written: str) -> bool:
    """Whether nothing of it can be seen."""
    return all(c.isspace() or _is_invisible(c) for c in written)


def folded(sku: str) -> str:
    """What two SKUs have in common that people take for one.

    Letters' case, white space, what cannot be seen, look-alike dashes and Unicode's compatible
    forms do not count.
    """
    if sku.isascii() and sku.isprintable():
        return "".join(sku.split()).casefold()
    plain = sku
    for _ in range(MOST_FOLDS):
        before, plain = plain, _folded_once(plain)
        if plain == before:
            break
    return plain


def _folded_once(text: str) -> str:
    dashed = "".join("-" if _is_dash(c) else c for c in text)
    plain = unicodedata.normalize("NFKC", dashed).casefold()
    return "".join(c for c in plain if not c.isspace() and not _is_invisible(c))


def same_number(sku: str) -> str:
    """The folded SKU, of digits alone without the zeros in front, which a spreadsheet drops."""
    plain = folded(sku)
    return plain.lstrip("0") or "0" if plain.isascii() and plain.isdigit() else plain


def shown(sku: str) -> str:
    """The SKU for people and terminals, shortened; what cannot be seen is written as its code.

    Two that differ are shown differently.
    """
    seen = "".join(_visible(c) for c in sku)
    if sku != sku.strip():
        seen = f"'{seen}'"
    if len(seen) <= LONGEST_SHOWN:
        return seen
    return f"{seen[: LONGEST_SHOWN - 11]}…{short_hash(sku, 10)}"


def _visible(character: str) -> str:
    if character == " " or (character.isprintable() and not _is_invisible(character)):
        return character
    return f"<{_code(character)}>"


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _named(characters: str | set[str]) -> str:
    """Characters in words: as they are, or by their code."""
    different = sorted(set(characters))
    told = " ".join(
        _code(c) if c.isspace() or not c.isprintable() or _is_invisible(c) else c
        for c in different[:MOST_SHOWN]
    )
    return f"{told} …" if len(different) > MOST_SHOWN else told


def _around(written: str) -> str:
    before = len(written) - len(written.lstrip())
    behind = len(written) - len(written.rstrip())
    told = [
        f"{count} {where}" for count, where in ((before, "before"), (behind, "behind")) if count
    ]
    return f"white space: {', '.join(told)}"


@lru_cache(maxsize=2048)
def _is_invisible(character: str) -> bool:
    """Control, format and unassigned characters, and every blank but the plain one."""
    kind = unicodedata.category(character)
    return kind[0] == "C" or (kind[0] == "Z" and character != " ") or character == "\ufffd"


@lru_cache(maxsize=2048)
def _is_dash(character: str) -> bool:
    return character in DASHES or unicodedata.category(character) == "Pd"


def _glob(pattern: str) -> str:
    """The pattern as a regular expression; only * stands for anything."""
    return translate(pattern.strip().replace("[", "[[]").replace("?", "[?]"))

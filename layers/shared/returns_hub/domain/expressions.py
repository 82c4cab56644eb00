"""Regular expressions of a merchant's file: why one cannot be used, in a sentence."""

from __future__ import annotations

import re


def pattern_problem(pattern: str) -> str:
    """Why an expression over an order's texts cannot be used, in a sentence; empty when it can."""
    problem = expression_problem(pattern)
    if problem:
        return problem
    compiled = re.compile(pattern)
    if compiled.groups != 1:
        return f"needs exactly one group, the value that travels; it has {compiled.groups}"
    if compiled.search("") is not None:
        return "fits an empty text too: it would take anything for a recommendation"
    return ""


def sku_pattern_problem(pattern: str) -> str:
    """Why an expression over SKUs cannot be used, in a sentence; empty when it can."""
    problem = expression_problem(pattern)
    if problem:
        return problem
    if "item" not in re.compile(pattern).groupindex:
        return "needs a group item, as in (?P<item>.+?)"
    return ""


def expression_problem(pattern: str) -> str:
    """Why a regular expression of a merchant's file is not searched for, in a sentence."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"is no regular expression: {error}"
    if _repeats_a_repetition(pattern):
        return "repeats a group that repeats, as in (a+)+, which can take for ever to search"
    return ""


def _repeats_a_repetition(pattern: str) -> bool:
    """Whether a group that holds ``*``, ``+`` or ``{`` is itself followed by one of them."""
    plain = re.sub(r"\\.", "_", pattern)
    plain = re.sub(r"\[\^?\]?[^\]]*\]", "_", plain)
    inside: list[bool] = [False]
    for place, letter in enumerate(plain):
        if letter == "(":
            inside.append(False)
        elif letter in "*+{":
            inside[-1] = True
        elif letter == ")" and len(inside) > 1:
            repeats = inside.pop()
            if repeats and plain[place + 1 : place + 2] in {"*", "+", "{"}:
                return True
            inside[-1] = inside[-1] or repeats
    return False

"""Advice on a decision table: what cannot be done, and what is probably not meant."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.domain.policy import PRESETS, Policy
from returns_hub.domain.policy_lint import Advice, lint
from returns_hub.domain.returns import PortalAbilities

ABLE = PortalAbilities(amount_counts="line")
WHOLE_ONLY = PortalAbilities(processes_lines=False, chooses_restock=False, rejects_lines=False)


def advice(
    abilities: PortalAbilities = ABLE, *, restock: bool = True, **content: Any
) -> tuple[Advice, ...]:
    return lint(Policy.model_validate(content), abilities, restock=restock)


def warned(*arguments: Any, **more: Any) -> dict[str, str]:
    return {a.where: a.text for a in advice(*arguments, **more) if not a.is_note}


@pytest.mark.parametrize("preset", list(PRESETS))
def test_no_preset_warns_where_the_portal_can_do_everything(preset: str) -> None:
    assert warned(preset=preset) == {}


def test_standard_tells_that_damaged_goods_go_back_on_sale_as_a_note() -> None:
    notes = {a.where for a in advice() if a.is_note}
    assert notes == {"lines.damaged", "lines.scrapped", "lines.unknown_condition"}
    assert advice(restock=False) == ()


@pytest.mark.parametrize(
    ("policy", "where", "word"),
    [
        ({"lines": {"damaged": "process"}, "preset": "strict"}, "lines.damaged", "back on sale"),
        ({"lines": {"scrapped": "process"}, "preset": "ask"}, "lines.scrapped", "scrapped goods"),
        ({"lines": {"short": "process"}}, "lines.short", "did not come"),
        ({"complete_when": "all_shipments"}, "complete_when", "never comes"),
        ({"hold_hours": 1, "wait_seconds": 3600}, "hold_hours", "nothing is ever held"),
        (
            {"matching": {"aliases": {"W-CAP": "CAP"}, "bundles": {"SET": {"W-CAP": 1}}}},
            "matching.bundles.SET",
            "name CAP as the part",
        ),
        ({"note_differences": False}, "note_differences", "nobody is told"),
    ],
)
def test_what_is_probably_not_meant_is_warned_of(
    policy: dict[str, Any], where: str, word: str
) -> None:
    found = warned(**policy)
    assert set(found) == {where}
    assert word in found[where]


def test_what_the_portal_cannot_do_is_warned_of() -> None:
    lines = {"short": "process_share", "damaged": "reject", "scrapped": "process_no_restock"}
    found = warned(WHOLE_ONLY, lines=lines)
    assert {where: text.split(";")[0] for where, text in found.items()} == {
        "lines.short": "process_share needs to know what an amount counts for "
        "(redo.adjustment_counts)",
        "lines.damaged": "the portal cannot reject single lines",
        "lines.scrapped": "the portal restocks by itself and cannot leave goods out",
    }
    (held,) = [a for a in advice(WHOLE_ONLY, restock=False) if a.where == "lines.missing"]
    assert held.is_note
    assert held.text.endswith("a line that is held (missing) keeps all of them waiting")
    assert set(warned(WHOLE_ONLY, lines={"missing": "hold"})) == {"lines.missing"}
    assert "lines.scrapped" not in warned(WHOLE_ONLY, restock=False, lines=lines)
    assert warned(ABLE, lines=lines) == {}


@pytest.mark.parametrize(
    ("policy", "where"),
    [
        ({"lines": {"missing": "hold"}}, "lines.missing"),
        ({"extras": {"wrong_sku": "flag"}}, "extras.wrong_sku"),
        ({"limits": {"most_money": 100, "currency": "GBP"}}, "limits.currency"),
        (
            {"matching": {"aliases": {"W-CAP": "CAP"}, "bundles": {"SET": {"CAP": 1}}}},
            "matching.aliases.W-CAP",
        ),
        (
            {"matching": {"aliases": {"W-SET": "SET"}, "bundles": {"SET": {"CAP": 1}}}},
            "matching.aliases.W-SET",
        ),
    ],
)
def test_what_is_harmless_is_a_note(policy: dict[str, Any], where: str) -> None:
    assert [a.where for a in advice(restock=False, **policy)] == [where]
    assert warned(restock=False, **policy) == {}


def test_warnings_come_before_notes() -> None:
    found = advice(lines={"short": "process", "missing": "hold"})
    assert [a.is_note for a in found] == sorted(a.is_note for a in found)
    assert found[0].where == "lines.short"

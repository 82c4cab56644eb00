"""Merchant files: every mistake told in an operator's words, at its line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from cli.main import hub
from cli.merchant_files import differences, read_merchant_file
from cli.schemas import merchant_schema
from returns_hub.domain.file_types import Mode
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.settings import MiintoShop
from tests.support.worlds import merchant_file

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = (ROOT / "config" / "example.yaml").read_text(encoding="utf-8")


def problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "m.yaml"
    path.write_text(text, encoding="utf-8")
    return [f"{p.line}: {p.where} {p.text}" for p in read_merchant_file(path).problems]


def test_the_example_is_valid_starts_in_shadow_and_warns_of_nothing(tmp_path: Path) -> None:
    reading = read_merchant_file(ROOT / "config" / "example.yaml")

    assert reading.merchant is not None
    assert reading.merchant.flows.create_external_returns.mode is Mode.SHADOW
    assert reading.merchant.flows.process_receipts.mode is Mode.SHADOW
    assert reading.problems == ()


def test_the_published_schema_is_current() -> None:
    kept = (ROOT / "config" / "merchant.schema.json").read_text(encoding="utf-8")
    assert kept == merchant_schema()


def test_the_schema_accepts_the_example() -> None:
    import json

    import jsonschema

    content = yaml.safe_load(EXAMPLE)
    jsonschema.validate(content, json.loads(merchant_schema()))


SAME_FOR_RMAS = {
    "miinto.rma.announce.": "flows.create_external_returns.",
    "miinto.rma.decide.": "flows.process_receipts.",
    "miinto.rma.clocks.": "flows.clocks.",
}
"""Keys that the page explains for the portal's returns alone: RMAs have them alike."""
OF_EVERY_FLOW = re.compile(
    r"^unleashed\.[a-z_]+\.(mode|every_minutes|overlap_minutes|first_look_back_hours)$"
)
"""Keys that the page explains once, for every flow of Unleashed."""


class Told(dict[str, str]):
    """Key -> default, as the page's tables have them."""

    def __missing__(self, path: str) -> str:
        for of_rmas, of_returns in SAME_FOR_RMAS.items():
            if path.startswith(of_rmas):
                return self[path.replace(of_rmas, of_returns, 1)]
        if OF_EVERY_FLOW.match(path):
            return self[OF_EVERY_FLOW.sub(r"unleashed.FLOW.\1", path)]
        raise KeyError(path)


def told_defaults() -> Told:
    rows = (ROOT / "docs" / "merchant-file.md").read_text(encoding="utf-8").splitlines()
    return Told(
        {c[1].strip(" `"): c[2].strip(" `") for row in rows if len(c := row.split("|")) > 3}
    )


@pytest.mark.parametrize(
    "portal",
    [
        {"redo": {"store_id": "x"}},
        {"redo": {"store_id": "x"}, "unleashed": {}},
        {"portal": "loop", "loop": {}},
        {"portal": "miinto", "miinto": {"feed": {"url": "https://feed.example.test"}}},
        {
            "redo": {"store_id": "x"},
            "wair": {"sink": "file_csv", "locations": [{"id": "A", "warehouses": [3]}]},
        },
    ],
    ids=["redo", "unleashed", "loop", "miinto", "wair"],
)
def test_every_default_is_told_as_it_is(portal: dict[str, Any]) -> None:
    """The table's second column, against the model."""
    told = told_defaults()
    content = {
        "merchant": "x",
        "name": "x",
        "mintsoft": {"client_id": 1, "reasons": {"default": 1}},
    } | portal
    is_needed = {"merchant", "name", "redo.store_id", "mintsoft.client_id", "miinto.feed.url"}
    words = {
        "None": "none",
        "{}": "empty",
        "[]": "empty",
        "": "empty",
        "True": "true",
        "False": "false",
    }
    for path, _, value in differences(None, Merchant.model_validate(content)):
        if path.startswith("wair.locations.") or path == "wair.sink":
            continue
        if path == "portal":
            assert told[path] == "redo"
        elif path in is_needed | {"mintsoft.reasons.default"}:
            assert told[path] == "\u2013", path
        elif path.startswith("miinto.tracking.body."):
            assert f'{path.rsplit(".", 1)[1]}: "{value}"' in text_of_the_page(), path
        else:
            listed = value.replace("'", "") if value.startswith("['") else value
            assert told[path] == words.get(value, listed.removesuffix(".0")), path


def test_every_key_of_a_shop_is_told_with_its_default() -> None:
    told = told_defaults()
    words = {"None": "none", "True": "true", "PydanticUndefined": "\u2013"}
    for name, field in MiintoShop.model_fields.items():
        assert told[f"miinto.shops.N.{name}"] == words[str(field.default)], name


def text_of_the_page() -> str:
    return (ROOT / "docs" / "merchant-file.md").read_text(encoding="utf-8")


def test_every_key_is_explained() -> None:
    text = (ROOT / "docs" / "merchant-file.md").read_text(encoding="utf-8")
    keys = {path for path, _, _ in differences(None, Merchant.model_validate(merchant_file()))}
    maps = ("by_location.", "reasons.map.")
    for key in keys:
        if not any(part in f"{key}." for part in maps):
            assert f"`{key}`" in text, key


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  client_id: 12", "  clientid: 12", "did you mean client_id?"),
        ("    restock: true", "    restok: true", "did you mean restock?"),
        ("name: Example Fashion", "nmae: Example Fashion", "did you mean name?"),
        ("  client_id: 12", "  client_id: twelve", "mintsoft.client_id"),
        ("  client_id: 12", "  client_id: 0", "greater than or equal to 1"),
        ("    mode: shadow #", "    mode: lvie #", "'off', 'shadow' or 'live'"),
        ("    mode: shadow #", "    mode: live #", "live_from is needed"),
        ("merchant: example", "merchant: Example!", "merchant"),
        ("    default: 1", "    defualt: 1", "did you mean default?"),
        ("  store_id: 64e5", "  base_url: http://evil.example.test\n  store_id: 64e5", "https"),
        ("  store_id: 64e5", "  base_url: https://u:p@x.test\n  store_id: 64e5", "no user"),
        ("      loc_corby: 3", "      loc_corby: Corby", "by_location.loc_corby"),
        ("    types: [return]", "    types: [retrun]", "'return', 'claim' or 'warranty'"),
        ("    types: [return]", "    types: return", "must be a list"),
        ("  client_id: 12", "  client_id: yes", "must be a whole number (it is 'yes')"),
        ("  client_id: 12", "  client_id:", "must be a whole number"),
        ("    restock: true", "    restock: perhaps", "must be true or false"),
        ("redo:\n", "redo: 5\nx:\n", "must be keys and values"),
        ("merchant: example", "merchant: Example!", "lower-case letters"),
        ("name: Ex", "live_from: 2026-13-41\nname: Ex", "must be a time with its offset"),
        ("name: Ex", "live_from: 2026-12-01\nname: Ex", "with its offset"),
        ("name: Ex", "[a, b]: 5\nname: Ex", "a key that is not a text"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in EXAMPLE
    text = EXAMPLE.replace(old, new, 1)
    found = problems(tmp_path, text)

    assert any(said in problem for problem in found), found
    line = int(found[0].split(":")[0])
    assert 1 <= line <= text.count("\n")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = EXAMPLE.replace("client_id", "clientid").replace("restock", "restok")
    found = problems(tmp_path, text)

    assert len(found) >= 3
    assert [int(p.split(":")[0]) for p in found] == sorted(int(p.split(":")[0]) for p in found)


def test_a_live_flow_without_its_date_is_told_beside_other_mistakes(tmp_path: Path) -> None:
    text = EXAMPLE.replace("    mode: shadow #", "    mode: live #", 1)
    found = problems(tmp_path, text.replace("restock", "restok"))

    assert len(found) == 2
    assert "flows.create_external_returns.mode is live" in found[0]
    line = int(found[0].split(":")[0])
    assert "mode: live" in text.splitlines()[line - 1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  secret: redo #", "  secret: Sk_hunter2 #"),
        ("  store_id: 64e5", "  base_url: https://u:hunter2@x.test\n  store_id: 64e5"),
    ],
)
def test_a_credential_in_the_wrong_place_is_not_repeated(
    tmp_path: Path, old: str, new: str
) -> None:
    assert old in EXAMPLE
    (found,) = problems(tmp_path, EXAMPLE.replace(old, new, 1))

    assert "hunter2" not in found


def test_keys_and_modes_mean_what_is_written(tmp_path: Path) -> None:
    text = EXAMPLE.replace("loc_corby: 3", "0012345: 3").replace("damaged: 2", "no: 2")
    text = text.replace("loc_london: 4", "64000: 4").replace("faulty: 2", "true: 2")
    path = tmp_path / "m.yaml"
    path.write_text(text.replace("mode: shadow #", "mode: off #", 1), encoding="utf-8")
    merchant = read_merchant_file(path).merchant

    assert merchant is not None
    assert merchant.mintsoft.warehouses.by_location == {"0012345": 3, "64000": 4}
    assert merchant.mintsoft.reasons.map == {"no": 2, "true": 2}
    assert merchant.flows.create_external_returns.mode is Mode.OFF


def test_partners_that_share_a_secret_are_warned_of(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, EXAMPLE.replace("secret: mintsoft", "secret: redo"))
    assert "each partner needs one of its own" in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "list of keys and values"),
        ("- a\n- b", "list of keys and values"),
        ("a: [", "is not YAML"),
        ("a: &x 1\nb: *x", "anchors and aliases"),
        ("merchant: a\nmerchant: b", "merchant stands twice"),
        ("redo:\n  secret: a\n  secret: b", "redo.secret stands twice"),
        ("x: !!python/object:os.system {}", "is not YAML"),
        ("a: " + "[" * 5000, "is not YAML"),
        ("a: " + "x" * 300_000, "a few kilobytes"),
    ],
)
def test_what_is_no_merchant_file_is_told_so(tmp_path: Path, text: str, said: str) -> None:
    (found,) = problems(tmp_path, text)[:1]
    assert said in found


def test_a_placeholder_reason_saves_and_warns(tmp_path: Path) -> None:
    found = problems(tmp_path, EXAMPLE.replace("    default: 1", "    default: 0"))

    assert len(found) == 1
    assert "placeholder" in found[0]


LOOP_EXAMPLE = (ROOT / "config" / "example-loop.yaml").read_text(encoding="utf-8")


def test_the_example_with_loop_is_valid_starts_in_shadow_and_warns_of_nothing() -> None:
    reading = read_merchant_file(ROOT / "config" / "example-loop.yaml")

    assert reading.problems == ()
    assert reading.merchant is not None
    assert reading.merchant.portal_name == "Loop"
    assert reading.merchant.flows.create_external_returns.mode is Mode.SHADOW


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("portal: loop", "portal: redo", "portal: redo needs redo: with its store_id"),
        ("\nloop:\n", "\nredo:\n  store_id: x\nlop:\n", "did you mean loop?"),
        ("portal: loop", "portal: lop", "'redo', 'loop' or 'miinto'"),
        ("  host: loop", "  host: redo\n  base_url: https://api.loopreturns.com/x", "other one's"),
        ("  host: loop", "  base_url: https://loop-api.getredo.com/api/v1", "the other one's"),
        ("  host: loop", "  address_returns_by: redo_return_id", "is for host: redo only"),
        ("  host: loop", "  base_url: http://evil.example.test", "https"),
        ("  host: loop", "  portal_restock: no", "did you mean portal_restocks?"),
        ("  secret: loop", "  secret: mintsoft", "Loop's secret too"),
        ("  secret: loop", "  secret: Sk_hunter2", "never its value"),
    ],
)
def test_a_mistake_about_the_portal_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in LOOP_EXAMPLE
    found = problems(tmp_path, LOOP_EXAMPLE.replace(old, new, 1))

    assert any(said in problem for problem in found), found
    assert "hunter2" not in str(found)


def test_a_file_without_its_portal_says_what_is_needed(tmp_path: Path) -> None:
    text = LOOP_EXAMPLE.split("\nloop:\n")[0] + "\nmintsoft:\n  client_id: 1\n"
    found = problems(tmp_path, text + "  reasons: {default: 1}\n")
    assert len(found) == 1
    assert "portal: loop needs loop:" in found[0]


def test_redos_host_has_its_own_address() -> None:
    content = merchant_file(portal="loop", loop={"host": "redo"})
    merchant = Merchant.model_validate(content)
    assert merchant.portal_connection.base_url == "https://loop-api.getredo.com/api/v1"
    assert merchant.portal_name == "Redo"


def test_a_file_applied_before_there_was_a_choice_is_redos() -> None:
    merchant = Merchant.model_validate(merchant_file())
    assert (merchant.portal, merchant.portal_name) == ("redo", "Redo")
    assert merchant.portal_connection is merchant.redo


def test_a_missing_file_is_told_in_words() -> None:
    result = CliRunner().invoke(hub, ["config", "validate", "nowhere.yaml"])

    assert result.exit_code == 1
    assert "No such file" in result.output


def test_differences_name_each_key() -> None:
    content: dict[str, Any] = merchant_file()
    old = Merchant.model_validate(content)
    content["mintsoft"] = content["mintsoft"] | {"client_id": 13}
    rows = differences(old, Merchant.model_validate(content))

    assert rows == [("mintsoft.client_id", "12", "13")]


def test_advice_on_the_decision_table_is_a_warning_at_its_line(tmp_path: Path) -> None:
    text = EXAMPLE.replace(
        "      preset: standard",
        "      preset: pay-what-arrived\n"
        "      lines:\n"
        "        damaged: process\n"
        "      matching:\n"
        "        aliases: {W.CAP: CAP}\n"
        "        bundles: {SET: {W.CAP: 1}}\n"
        "      # ",
    )
    first = text.splitlines().index("        damaged: process") + 1

    found = problems(tmp_path, text)

    policy = "flows.process_receipts.policy"
    assert [line.split(" ", 2)[:2] for line in found] == [
        [f"{first - 1}:", f"{policy}.lines.short"],
        [f"{first}:", f"{policy}.lines.damaged"],
        [f"{first + 3}:", f"{policy}.matching.bundles.SET"],
    ]
    assert "redo.adjustment_counts" in found[0]
    assert read_merchant_file(tmp_path / "m.yaml").merchant is not None

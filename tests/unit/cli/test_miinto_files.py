"""The block `miinto` of a merchant's file: its example, its mistakes, its secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cli.merchant_advice import warnings_of
from cli.merchant_files import differences, read_merchant_file
from cli.plain_yaml import Plain
from cli.schemas import merchant_schema
from cli.secret_verbs import names_of
from returns_hub.domain.file_types import Mode
from returns_hub.domain.merchant import Merchant
from tests.support.worlds import merchant_file

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "config" / "example-miinto.yaml"
EXAMPLE = FILE.read_text(encoding="utf-8")


def modes(content: Any) -> list[str]:
    """Every `mode` anywhere in a file's content."""
    if not isinstance(content, dict):
        return []
    own = [str(value) for key, value in content.items() if key == "mode"]
    return own + [mode for value in content.values() for mode in modes(value)]


def test_the_example_is_valid_writes_nothing_and_warns_of_nothing() -> None:
    reading = read_merchant_file(FILE)

    assert reading.problems == ()
    assert reading.merchant is not None
    assert reading.merchant.miinto is not None
    assert Mode.LIVE.value not in modes(reading.merchant.model_dump(mode="json"))
    assert not reading.merchant.miinto.transfers.rule.automatic
    assert reading.merchant.miinto.rma.decide.policy.confirm.processing == "always"
    assert [shop.slug for shop in reading.merchant.miinto.shops] == ["045-1234", "031-778"]
    jsonschema.validate(yaml.load(EXAMPLE, Loader=Plain), json.loads(merchant_schema()))  # noqa: S506


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("      warehouse: 4", "      warehuose: 4", "did you mean warehouse?"),
        ("      warehouse: 4\n", "", "miinto.shops.1.warehouse is missing"),
        ("id: 1-m!i!s-031-778", "id: 1-m!i!s-045-1234", "two shops have the id"),
        ("id: 1-m!i!s-031-778", "id: 1 m/i", "miinto.shops.1.id"),
        ("country: NL", "country: Netherlands", "miinto.shops.1.country"),
        ("  test_mode: false", "  version: 2.6", "put it in quotes"),
        ("  secret: miinto #", "  secret: Pa55-hunter2! #", "never its value"),
        ("  level: orders_and_stock", "  level: stock", "'orders_and_stock' or 'stock_only'"),
        ("price_threshold: 0.97", "price_threshold: 97", "less than or equal to 2"),
        ("    price_is: unknown", "    price_is: unkown", "'unknown', 'unit' or 'line'"),
        ("automatic: false", "automatic: sometimes", "must be true or false"),
        ("    mode: shadow #", "    mode: live #", "live_from is needed"),
        ("url: https://feeds.", "url: http://feeds.", "https"),
        ("\nredo:\n", "\nportal: miinto\nmiitno:\n", "did you mean miinto?"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in EXAMPLE
    path = tmp_path / "m.yaml"
    path.write_text(EXAMPLE.replace(old, new, 1), encoding="utf-8")
    found = [f"{p.line}: {p.where} {p.text}" for p in read_merchant_file(path).problems]

    assert any(said in problem for problem in found), found
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("block", "where"),
    [
        ({"secret": "mintsoft"}, "miinto.secret"),
        ({"secret": "redo"}, "miinto.secret"),
        ({"level": "stock_only", "orders": {"mode": "shadow"}}, "miinto.level"),
        ({"transfers": {"mode": "live"}}, "miinto.orders.mode"),
        ({"rma": {"decide": {"mode": "live"}}}, "miinto.rma.announce.mode"),
        ({"tracking": {"mode": "live"}}, "miinto.tracking.mode"),
        ({"stock": {"mode": "shadow"}}, "miinto.stock.mode"),
        (
            {
                "transfers": {"mode": "live", "rule": {"automatic": True}},
                "orders": {"mode": "live"},
            },
            "miinto.transfers.rule.automatic",
        ),
    ],
)
def test_what_is_probably_not_wanted_is_a_warning(block: Any, where: str) -> None:
    found = warnings_of(Merchant.model_validate(merchant_file(miinto=block)))
    assert [problem.where for problem in found] == [where]


def test_halves_that_stock_only_ignores_are_told_once() -> None:
    block = {"level": "stock_only", "transfers": {"mode": "live"}}
    found = warnings_of(Merchant.model_validate(merchant_file(miinto=block)))
    assert [problem.where for problem in found] == ["miinto.level"]
    assert "transfers do nothing" in found[0].text


def test_a_file_of_rmas_alone_needs_the_block() -> None:
    content = {**merchant_file(), "portal": "miinto", "redo": None}
    with pytest.raises(ValueError, match="portal: miinto needs miinto:"):
        Merchant.model_validate(content)


def test_a_change_of_one_shop_is_one_row() -> None:
    reading = read_merchant_file(FILE)
    assert reading.merchant is not None
    content = reading.merchant.model_dump(mode="json")
    content["miinto"]["shops"][1]["warehouse"] = 5

    rows = differences(reading.merchant, Merchant.model_validate(content))

    assert rows == [("miinto.shops.1.warehouse", "4", "5")]


def test_the_login_and_the_feeds_login_are_secrets_that_a_person_sets() -> None:
    feed = {"url": "https://feeds.example.test/f.tsv", "secret": "miinto-feed"}
    beside = names_of(Merchant.model_validate(merchant_file(miinto={"feed": feed})))
    alone = names_of(
        Merchant.model_validate({**merchant_file(), "portal": "miinto", "miinto": {}, "redo": None})
    )

    assert beside["miinto"] == (("identifier", "secret"),)
    assert beside["miinto-feed"] == (("user", "password"),)
    assert beside["redo"] == (("api_token",),)
    assert sorted(alone) == ["miinto", "mintsoft"]
    assert "miinto-channel" not in beside

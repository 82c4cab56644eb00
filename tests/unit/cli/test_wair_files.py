"""The block `wair` of a merchant's file: its example and its mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from cli.merchant_files import read_merchant_file
from cli.plain_yaml import Plain
from cli.schemas import merchant_schema
from local.merchant_samples import MERCHANTS
from local.partners import PartnerSimulators
from local.rehearsal import as_here
from local.simulators.mintsoft.simulator import MintsoftSimulator
from local.simulators.redo.simulator import RedoSimulator
from returns_hub.domain.file_types import Mode
from returns_hub.domain.wair.settings import DATA_SETS

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "config" / "example-wair.yaml"
EXAMPLE = FILE.read_text(encoding="utf-8")


def test_the_example_is_valid_names_every_set_and_writes_nothing() -> None:
    reading = read_merchant_file(FILE)

    assert (reading.errors, reading.problems) == ((), ())
    assert reading.merchant is not None
    assert reading.merchant.wair is not None
    assert set(reading.merchant.wair.modes) == {Mode.SHADOW}
    assert set(reading.merchant.wair.data_sets) == set(DATA_SETS)
    jsonschema.validate(yaml.load(EXAMPLE, Loader=Plain), json.loads(merchant_schema()))  # noqa: S506


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  tenant: example #", "  # tenant: example #", "needs the tenant"),
        ("  base_url: https", "  # base_url: https", "needs a base_url"),
        ("warehouses: [5]", "warehouses: [4]", "warehouse 4 is of two locations"),
        ("      full_load: true", "      omit: [sku]", "sku cannot be left out"),
        ("      full_load: true", "      fields: {units: q}", "a row has no units; it has id"),
    ],
)
def test_a_mistake_is_told_in_the_fields_words(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert EXAMPLE.count(old) == 1
    path = tmp_path / "example.yaml"
    path.write_text(EXAMPLE.replace(old, new), encoding="utf-8")
    assert said in " ".join(problem.text for problem in read_merchant_file(path).errors)


def test_a_walk_on_this_machine_tells_nobody_anything(tmp_path: Path) -> None:
    live = EXAMPLE.replace("shadow", "live").replace("# live_from", "live_from")
    path = tmp_path / "example.yaml"
    path.write_text(live, encoding="utf-8")
    merchant = read_merchant_file(path).merchant
    assert merchant is not None
    assert merchant.despatch_relay.mode is Mode.LIVE
    partners = PartnerSimulators(
        RedoSimulator(), MintsoftSimulator(), "http://127.0.0.1:5", "http://127.0.0.1:6", {}
    )
    walked = as_here(merchant, partners)
    assert walked.wair is None
    assert walked.despatch_relay.mode is Mode.OFF


def test_the_local_stacks_merchant_is_told_at_the_simulator() -> None:
    text = (MERCHANTS / "example.yaml").read_text(encoding="utf-8")
    assert '"{wair}/api/v1"' in text

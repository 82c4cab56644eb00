"""`make run`, small and whole; and that its judge sees what it is there to see."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.processes import AlreadyRunning, RunLock
from local.run.check import judge
from local.run.publish import samples
from local.stack import ROOT


def test_the_real_thing_on_a_few_returns(tmp_path: Path) -> None:
    options = ["--returns", "9", "--brief", "--partner-delay", "0", "--state", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "local.run", *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'layers' / 'shared'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=480,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts = json.loads(done.stdout.splitlines()[-1])
    # How many differences one adjustment holds depends on when the stock sync looks.
    assert counts.pop("adjustments") >= 2
    # Unleashed tells of an order once for each of its own steps, and of some together.
    assert counts.pop("webhooks_taken") >= 5
    # How often the feed runs depends on the machine.
    assert counts.pop("feed_batches") >= 2
    assert "stock.unleashed" in (tmp_path / "drift.html").read_text(encoding="utf-8")
    assert counts == {
        "approved": 9,
        "external_returns": 11,
        "processed": 9,
        "flagged": 0,
        "skipped": 0,
        "parked": 0,
        "miinto_orders": 3,
        "rmas_accepted": 1,
        "rmas_declined": 1,
        "rma_requests": 1,
        "products_kept": 13,
        "customers_read": 3,
        "unleashed_orders": 3,
        "unleashed_shipments": 2,
        "despatches_told": 4,
        "asns": 2,
        "receipts": 2,
        "assemblies": 1,
        "transfers": 1,
        "orders_exported": 1,
        "credit_notes": 1,
        "stock_rows": 14,
        "reserved_rows": 3,
        "feed_products": 14,
        "advice_kept": 4,
        "despatches_relayed": 11,
        "orders_cancelled": 2,
        "bundle_questions": 1,
        "drift_kinds": 61,
        "drift_planted": 80,
        "drift_found": 80,
        "drift_beyond": 0,
        "drift_by_design": 9,
        "duplicates": 0,
        "lost": 0,
    }


@pytest.mark.parametrize("arguments", [["--returns", "0"], ["--speed", "x"], ["--nonsense"]])
def test_wrong_options_are_told_in_words(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local.run", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'layers' / 'shared'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "usage" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_run_is_told_of_the_first(tmp_path: Any) -> None:
    with RunLock(tmp_path), pytest.raises(AlreadyRunning, match=str(os.getpid())):
        RunLock(tmp_path).__enter__()
    with RunLock(tmp_path):
        pass


SAMPLES = samples(2, datetime.now(UTC))
NAMES = [sample.return_id for sample in SAMPLES]


def books() -> tuple[dict[str, Any], dict[str, Any]]:
    """Two returns, announced, processed and told of once each."""
    records = [
        {
            "id": number,
            "rows": [{"comments": f"Redo return {name} [RH-{number:020x}]"}],
        }
        for number, name in enumerate(NAMES, start=41)
    ]
    redo: dict[str, Any] = {
        "submissions": {f"{name}/i": 1 for name in NAMES},
        "payments": {f"{name}/i": 1 for name in NAMES},
        "statuses": {},
        "comments": {name: [{"message": "x"}] for name in NAMES},
    }
    return redo, {"external_returns": records}


def test_a_clean_run_is_judged_clean() -> None:
    judgement = judge(SAMPLES, *books(), {})

    assert not judgement.duplicates
    assert not judgement.unexpected
    assert judgement.summary()["processed"] == 2


def test_every_kind_of_duplicate_is_seen() -> None:
    redo, mintsoft = books()
    again = copy.deepcopy(mintsoft["external_returns"][0]) | {"id": 99}
    mintsoft["external_returns"].append(again)
    redo["payments"][f"{NAMES[0]}/i"] = 2
    redo["submissions"][f"{NAMES[0]}/i"] = 2
    redo["comments"][NAMES[1]].append({"message": "x"})

    assert len(judge(SAMPLES, redo, mintsoft, {}).duplicates) == 4


def test_a_return_that_ended_nowhere_is_lost() -> None:
    redo, mintsoft = books()
    del redo["submissions"][f"{NAMES[0]}/i"]
    judgement = judge(SAMPLES, redo, mintsoft, {NAMES[0]: "announced"})

    assert judgement.lost == 1
    assert judgement.unexpected


def test_the_hubs_word_does_not_count_where_the_books_can_tell() -> None:
    redo, mintsoft = books()
    judgement = judge(SAMPLES, redo, mintsoft, dict.fromkeys(NAMES, "parked"))

    assert set(judgement.endings.values()) == {"processed"}

"""What a deliberate defect is, the promises it can break, and the checks that can catch it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
HUB = "layers/shared/returns_hub"


@dataclass(frozen=True)
class Edit:
    """One change to one file: relative to `HUB`, below a room of its own, or the template."""

    file: str
    old: str
    new: str

    @property
    def path(self) -> str:
        """The file, relative to the repository."""
        is_named = self.file.startswith(("cli/", "local/", "tools/", "template.yaml"))
        return self.file if is_named else f"{HUB}/{self.file}"

    def applied_to(self, text: str) -> str:
        """The file's text with the change.

        Raises:
            ValueError: The old text is not there exactly once.
        """
        count = text.count(self.old)
        if count != 1:
            raise ValueError(f"{self.path}: {count} times instead of once: {self.old!r}")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Check:
    """A command that has to fail: pytest, or a stretch of the simulation's seeds."""

    kind: Literal["pytest", "simulation"]
    arguments: tuple[str, ...]

    @property
    def in_words(self) -> str:
        """The check in a few words."""
        if self.kind == "pytest":
            return " ".join(self.arguments)
        return f"simulation {' '.join(self.arguments)}"


@dataclass(frozen=True)
class Defect:
    """A defect, the promise that it breaks, and what should catch it, the cheapest first."""

    name: str
    breaks: str
    edits: tuple[Edit, ...]
    checks: tuple[Check, ...]


def tests(*arguments: str) -> Check:
    """Tests by their paths below ``tests``."""
    return Check("pytest", tuple(f"tests/{argument}" for argument in arguments))


def seeds(first: int, runs: int) -> Check:
    """Seeds of the simulation, lived through one after the other."""
    return Check(
        "simulation",
        ("--seed", str(first), "--runs", str(runs), "--jobs", "1", "--world", "returns"),
    )


OPERATION = tests("unit/test_operation.py")
ANSWERS = tests("unit/test_partner_answers.py")
CREDENTIALS = tests("unit/test_credentials.py")
LISTS = tests("unit/test_lists.py")
MESSAGES = tests("unit/test_messages.py")
OFFICIAL = tests("official")
BATCHES = tests("unit/test_sqs.py")
ANNOUNCE = tests(
    "flow/test_announce.py",
    "flow/test_announce_again.py",
    "flow/test_announce_at_the_switch.py",
    "flow/test_announce_products.py",
)
SETTLE = tests("flow/test_settle.py", "flow/test_find_receipts.py")
DECISIONS = tests("unit/test_decisions.py", "unit/test_matching.py")
POLICIES = tests("flow/test_policies.py")
STORES = tests(
    "contract/test_ledger.py",
    "contract/test_timelines.py",
    "contract/test_cursors.py",
    "contract/test_small_stores.py",
)
WIRE = tests("component/test_on_the_wire.py")
CRASHES = tests("simulation/test_crash_everywhere.py")
OPERATOR = tests("flow/test_operator.py")
LETTERS = tests("unit/test_dead_letters.py")
GATES = tests("contract/test_gates.py")
PRESSURE = tests("simulation/test_pressure.py")
CLOSINGS = tests("flow/test_withdraw.py")
REOPENINGS = tests("flow/test_reopen.py")
CLOCKS = tests("flow/test_clocks.py")
CHECKING = tests("flow/test_check_processing.py")
WATCH = tests("flow/test_watch.py")
SANDBOX = tests("unit/test_redo_sandbox.py", "flow/test_make_test_return.py")
CHECKS = tests("unit/cli/test_checks_of_partners.py", "unit/cli/test_checks_of_the_hub.py")
WALK = tests("unit/cli/test_end_to_end.py")
RECENT = tests("flow/test_loop_recent.py")
SLICE = tests("simulation/test_seeds.py")
SEEDS = seeds(0, 200)

TWICE = "nothing twice"
LOST = "nothing lost"
TOLD = "every difference explained"
SHADOW = "try it before it writes"
CALM = "one's trouble is its own"

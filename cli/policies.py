"""Policies on trial: the live one with changes, tried on what the hub decided before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from cli.file_problems import Problem, in_one_line
from cli.merchant_files import problems_of, read_merchant_file
from cli.plain_yaml import Plain, Unreadable, refuse_what_is_not_plain
from cli.terminal import REFUSED, clean
from cli.worlds import CommandError
from returns_hub.domain.facts import Event
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.policy import Policy
from returns_hub.domain.policy_trial import Change, Trial, try_policy
from returns_hub.domain.returns import PortalAbilities
from returns_hub.ports import ReturnsStore

LONGEST_KEY = 3
"""Parts of a key of the policy: ``matching.aliases.SKU``."""


def as_rmas(merchant: Merchant) -> Merchant:
    """The file as the flows about RMAs of Miinto see it.

    Raises:
        CommandError: It has no marketplace.
    """
    if merchant.miinto is None:
        raise CommandError(clean(f"the file of {merchant.merchant} has no miinto: block"), REFUSED)
    return merchant.model_copy(update={"portal": "miinto", "flows": merchant.miinto.rma_flows})


def candidate(
    live: Merchant,
    file: Path | None,
    preset: str | None,
    changes: Sequence[str],
    *,
    of_rmas: bool = False,
) -> Merchant:
    """The merchant's file with the policy to try: a whole file, or the live one with changes.

    With `of_rmas` it is the policy for RMAs, and the file as `as_rmas` gives it.

    Raises:
        CommandError: The file, or a change, is not valid.
    """
    if of_rmas:
        as_rmas(live)
    merchant = live
    if file is not None:
        reading = read_merchant_file(file)
        if reading.merchant is None:
            _refuse(f"{file} is not valid", reading.errors)
        else:
            merchant = reading.merchant
        if merchant.merchant != live.merchant:
            raise CommandError(
                clean(f"{file} is of merchant {merchant.merchant}, not of {live.merchant}"), REFUSED
            )
    if of_rmas:
        as_rmas(merchant)
    content = merchant.model_dump(mode="json")
    flow = content["miinto"]["rma"]["decide"] if of_rmas else content["flows"]["process_receipts"]
    policy = flow["policy"]
    if preset is not None:
        policy["preset"] = preset
    for change in changes:
        _set(policy, change)
    try:
        tried = Merchant.model_validate(content)
        return as_rmas(tried) if of_rmas else tried
    except ValidationError as error:
        _refuse("the policy is not valid", problems_of(error))
        raise


def _refuse(what: str, problems: Iterable[Problem]) -> None:
    told = "; ".join(f"{problem.where} {problem.text}" for problem in problems)
    raise CommandError(clean(f"{what}: {told}"), REFUSED)


def _set(policy: dict[str, Any], change: str) -> None:
    """Set one key, e.g. ``lines.short=ask``; nothing behind the sign unsets it."""
    key, sign, text = change.partition("=")
    *path, last = key.strip().split(".", LONGEST_KEY - 1)
    if not sign or not last:
        raise CommandError(clean(f"--set {change}: say KEY=VALUE, e.g. lines.short=ask"), REFUSED)
    inner = policy
    for name in path:
        inner = inner.setdefault(name, {})
        if not isinstance(inner, dict):
            raise CommandError(clean(f"--set {change}: {name} has no keys below it"), REFUSED)
    try:
        refuse_what_is_not_plain(text)
        inner[last] = yaml.load(text, Loader=Plain)  # noqa: S506 - a SafeLoader of ours
    except (yaml.YAMLError, Unreadable, ValueError, RecursionError, OverflowError) as error:
        why = in_one_line(error.text if isinstance(error, Unreadable) else str(error))
        raise CommandError(clean(f"--set {key}: it is no value: {why}"), REFUSED) from None


# -- past returns -------------------------------------------------------------------------------


def newest_first(
    returns: ReturnsStore,
    merchant: str,
    since: datetime | None,
    progress: Callable[[int], None],
) -> Iterator[str]:
    """Ids of a merchant's returns, those that changed last first."""
    rows: list[tuple[datetime, str]] = []
    for page in returns.walk(merchant, since):
        rows += [(at, return_id) for return_id, at in page]
        progress(len(rows))
    for _, return_id in sorted(rows, reverse=True):
        yield return_id


@dataclass
class Outcome:
    """What trying a policy on past returns came to.

    Args:
        same: Returns about which every decision would be the same.
        untestable: Returns with decisions whose case was not kept, by earlier releases.
        changed: (return id, the first decision that would be another one).
    """

    same: int = 0
    untestable: int = 0
    changed: list[tuple[str, Change]] = field(default_factory=list)

    @property
    def tested(self) -> int:
        """Returns on which the policy was tried."""
        return self.same + len(self.changed)

    @property
    def release_changed(self) -> list[tuple[str, Change]]:
        """Changes that are not the policy's: it is the one that decided then."""
        return [(name, change) for name, change in self.changed if change.same_policy]

    def add(self, return_id: str, trial: Trial) -> None:
        """Count one return in."""
        if trial.change is not None:
            self.changed.append((return_id, trial.change))
        elif trial.tried:
            self.same += 1
        if trial.untestable:
            self.untestable += 1

    def kinds(self) -> list[Kind]:
        """Changes of the same kind together, the most frequent first."""
        kinds: dict[tuple[str, str], Kind] = {}
        for _, change in self.changed:
            kind = kinds.setdefault((change.then, change.would), Kind(change.then, change.would))
            kind.add(change)
        return sorted(kinds.values(), key=lambda kind: -kind.returns)


@dataclass
class Kind:
    """Returns that would change alike: from one action to another.

    Args:
        worth: What these returns are worth to their customers, by currency.
        worth_unknown: How many of them the portal told no worth of.
    """

    then: str
    would: str
    returns: int = 0
    worth: dict[str, Decimal] = field(default_factory=dict)
    worth_unknown: int = 0

    def add(self, change: Change) -> None:
        """Count one in."""
        self.returns += 1
        if change.value is None or change.currency is None:
            self.worth_unknown += 1
        else:
            before = self.worth.get(change.currency, Decimal(0))
            self.worth[change.currency] = before + change.value


def try_on(
    ids: Iterable[str],
    timeline: Callable[[str], Sequence[Event]],
    merchant: Merchant,
    abilities: PortalAbilities,
    most: int,
) -> Outcome:
    """Try a file's policy on the first `most` of these returns that something was decided about.

    Returns of another portal than the file's, as RMAs are, have a policy of their own.
    """
    policy: Policy = merchant.flows.process_receipts.policy
    outcome = Outcome()
    decided = 0
    for return_id in ids:
        if merchant.of_return(return_id).portal != merchant.portal:
            continue
        trial = try_policy(timeline(return_id), policy, abilities)
        decided += bool(trial.tried or trial.untestable)
        outcome.add(return_id, trial)
        if decided >= most:
            break
    return outcome

"""What of template.yaml the tool has to know before AWS sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools.deploy.talk import USAGE, Stopped


class _Loader(yaml.CSafeLoader):
    """CloudFormation's short forms as ``{"Ref": …}`` and the like."""


def _short_form(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_form)


@cache
def _parsed(text: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506 - safe, with short forms
    return content


class TemplateFacts:
    """The template, with parameters set."""

    def __init__(self, path: Path) -> None:
        self._content = _parsed(path.read_text(encoding="utf-8"))

    @property
    def description(self) -> str:
        """By it a hub is known among an account's stacks."""
        return str(self._content.get("Description", ""))

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """Each parameter's declaration."""
        found: dict[str, Mapping[str, Any]] = self._content.get("Parameters", {})
        return found

    def values(self, given: Mapping[str, str]) -> dict[str, str]:
        """Every parameter's value."""
        defaults = {n: str(p.get("Default", "")) for n, p in self.parameters.items()}
        return {**defaults, **given}

    def require_valid(self, given: Mapping[str, str]) -> None:
        """Hold values against what the template allows.

        Raises:
            Stopped: A name that it does not have, or a value that it does not take.
        """
        for name, value in given.items():
            declared = self.parameters.get(name)
            if declared is None:
                known = ", ".join(self.parameters)
                raise Stopped(f"the template has no parameter {name}; it has: {known}", USAGE)
            wrong = _wrong(value, declared)
            if wrong:
                raise Stopped(f"{name}: {value!r} {wrong} ({declared['Description']})", USAGE)

    def _events(self, kind: str) -> list[Mapping[str, Any]]:
        return [
            event["Properties"]
            for resource in self._content["Resources"].values()
            for event in resource.get("Properties", {}).get("Events", {}).values()
            if event["Type"] == kind
        ]

    def concurrency(self, given: Mapping[str, str]) -> int:
        """Most environments that its queues run at the same time."""
        values = self.values(given)
        limits = [event["ScalingConfig"]["MaximumConcurrency"] for event in self._events("SQS")]
        return sum(int(values[one["Ref"]] if isinstance(one, dict) else one) for one in limits)

    def queue_events(self) -> int:
        """How many queues Lambda asks for messages."""
        return len(self._events("SQS"))

    def ticks_a_month(self) -> int:
        """How often schedules start a function in 30 days."""
        minutes = {"minute": 1, "hour": 60, "day": 1440}
        total = 0
        for event in self._events("Schedule"):
            every, unit = re.fullmatch(r"rate\((\d+) (\w+?)s?\)", event["Schedule"]).groups()  # type: ignore[union-attr]  # a test reads them all
            total += 30 * 1440 // (int(every) * minutes[unit])
        return total

    def count(self, kind: str) -> int:
        """How many resources of a type are made whatever the parameters are."""
        every = self._content["Resources"].values()
        return len([one for one in every if one["Type"] == kind and "Condition" not in one])

    def secret_names(self, stack: str, given: Mapping[str, str]) -> list[str]:
        """Names of the secrets that the stack makes."""
        values = {**self.values(given), "AWS::StackName": stack}
        return [
            re.sub(r"\$\{([\w:]+)\}", lambda one: values[one[1]], name)
            for resource in self._content["Resources"].values()
            if resource["Type"] == "AWS::SecretsManager::Secret"
            and isinstance(
                name := resource["Properties"].get("Name", {}).get("Fn::Sub"),
                str,
            )
        ]


def _wrong(value: str, declared: Mapping[str, Any]) -> str:
    allowed = declared.get("AllowedValues")
    if allowed is not None and value not in map(str, allowed):
        return f"is none of {', '.join(map(str, allowed))}"
    pattern = declared.get("AllowedPattern")
    if pattern is not None and not re.search(pattern, value):
        return f"is not of the form {pattern}"
    if declared.get("Type") == "Number":
        if not re.fullmatch(r"\d+", value):
            return "is no whole number"
        least, most = declared.get("MinValue"), declared.get("MaxValue")
        if (least is not None and int(value) < least) or (most is not None and int(value) > most):
            return f"is not between {least} and {most}"
    return ""

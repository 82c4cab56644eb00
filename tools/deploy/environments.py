"""Which environment is deployed, and with which parameters: samconfig.toml, and what was answered.

`samconfig.toml` is the house's (tracked); answers are of one account and stand in
``.deploy/<environment>.toml`` (not tracked). Who deploys from elsewhere needs no answers:
parameters that nobody gives stay as they are in the stack.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.deploy.talk import USAGE, Stopped

OVERRIDE = re.compile(r"""(\w+)=("[^"]*"|\S*)(?:\s+|$)""")
OURS = frozenset({"Release", "ReleaseBefore"})
"""Parameters that the tool sets by itself."""


@dataclass(frozen=True)
class Environment:
    """One section of samconfig.toml."""

    name: str
    stack: str
    parameters: Mapping[str, str]
    region: str = ""


@dataclass(frozen=True)
class Answers:
    """What was answered the first time; `account` and `region` are held against what is used."""

    account: str = ""
    region: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def environment_of(samconfig: Path, name: str) -> Environment:
    """An environment by its name.

    Raises:
        Stopped: There is none of that name, or it says nothing of a stack.
    """
    try:
        content = tomllib.loads(samconfig.read_text(encoding="utf-8"))
    except OSError as error:
        raise Stopped(f"{samconfig.name} cannot be read: {error.strerror}", USAGE) from None
    except tomllib.TOMLDecodeError as error:
        raise Stopped(f"{samconfig.name} is no TOML: {error}", USAGE) from None
    known = [key for key in content if key != "version" and "deploy" in content[key]]
    if name not in known:
        raise Stopped(
            f"there is no environment {name!r} in {samconfig.name}; there are: {', '.join(known)}",
            USAGE,
        )
    section = content[name]["deploy"].get("parameters", {})
    if not section.get("stack_name"):
        raise Stopped(f"{samconfig.name}: {name} names no stack_name", USAGE)
    return Environment(
        name=name,
        stack=str(section["stack_name"]),
        parameters=overrides_in(section.get("parameter_overrides", "")),
        region=str(section.get("region", "")),
    )


def overrides_in(told: str | list[str]) -> dict[str, str]:
    """Parameters of ``A=b C="d e"``, as the SAM CLI reads them."""
    text = told if isinstance(told, str) else " ".join(told)
    return {key: value.strip('"') for key, value in OVERRIDE.findall(text)}


def overrides_of(parameters: Mapping[str, str]) -> str:
    """The same, the other way round."""
    return " ".join(f'{name}="{value}"' for name, value in sorted(parameters.items()))


def given(settings: Iterable[str]) -> dict[str, str]:
    """What ``--set Name=value`` says.

    Raises:
        Stopped: One has no name, or sets what the tool sets.
    """
    found = {}
    for one in settings:
        name, is_one, value = one.partition("=")
        if not is_one or not name:
            raise Stopped(f"--set {one}: say --set Parameter=value", USAGE)
        if name in OURS:
            raise Stopped(f"--set {one}: {name} is set by this tool", USAGE)
        if '"' in value:
            raise Stopped(f"--set {one}: a value has no quotation mark", USAGE)
        found[name] = value
    return found


def answers_path(root: Path, name: str) -> Path:
    """Where an environment's answers are kept."""
    return root / ".deploy" / f"{name}.toml"


def answers_of(root: Path, name: str) -> Answers | None:
    """What was answered, or None where nothing was.

    Raises:
        Stopped: The file is damaged.
    """
    path = answers_path(root, name)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Stopped(f"{path} cannot be read ({error}); mend or delete it", USAGE) from None
    parameters = content.get("parameters", {})
    if not isinstance(parameters, dict):
        raise Stopped(f"{path}: parameters is no table; mend or delete it", USAGE)
    return Answers(
        account=str(content.get("account", "")),
        region=str(content.get("region", "")),
        parameters={str(key): str(value) for key, value in parameters.items()},
    )


def keep_answers(root: Path, name: str, answers: Answers) -> Path:
    """Write them down; no secret is among them."""
    path = answers_path(root, name)
    path.parent.mkdir(exist_ok=True)
    lines = [
        "# What `make deploy` was told; it asks again for what is missing here.",
        f"account = {json.dumps(answers.account)}",
        f"region = {json.dumps(answers.region)}",
        "",
        "[parameters]",
        *(f"{key} = {json.dumps(value)}" for key, value in sorted(answers.parameters.items())),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path

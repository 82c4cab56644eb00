"""Policies for people: what the verbs that look, and those that act, were seen to ask of AWS."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from cli.declared import READS
from local.iam.held import RECORD
from local.iam.policies import functions, resources
from local.iam.rules import Asked, without_names
from local.stack import ROOT
from tests.privilege.record import Seen, Use

Kind = Literal["read", "act"]
FAKED = Path(__file__).with_name("faked.toml")
FOLDER = ROOT / "config" / "iam"
STACK = "returns-hub"
"""The stack that the example policies are for."""
WRITE_AGAIN = "python -m tests.privilege operators"


@dataclass(frozen=True)
class Right:
    """An action on a resource, as an IAM policy has it."""

    action: str
    resource: str


def path_of(kind: Kind) -> Path:
    """Where a policy is kept."""
    return FOLDER / f"operator-{kind}.json"


def kind_of(verb: str) -> Kind:
    """Whether a verb only looks, or acts."""
    return "read" if verb in READS else "act"


def rights_of(use: Use | Asked) -> Iterator[Right]:
    """What has to be allowed for it. A verb that works on one queue works on all of its kind."""
    for arn in _arns(without_names(use.resource), use.action):
        yield Right(use.action, arn)


def _arns(resource: str, action: str) -> list[str]:
    if resource == "stack":
        return [f"arn:aws:cloudformation:*:*:stack/{STACK}/*"]
    if resource == "log groups":
        return [f"arn:aws:logs:*:*:log-group:{STACK}-*"]
    if resource == "functions":
        return [f"arn:aws:lambda:*:*:function:{STACK}-*"]
    if resource == "tables":
        return [f"arn:aws:dynamodb:*:*:table/{STACK}-*"]
    if resource.startswith("secret:"):
        is_session = not action.endswith("GetSecretValue") and "-session" in resource
        return [f"arn:aws:secretsmanager:*:*:secret:{STACK}/*{'-session*' if is_session else ''}"]
    name, _, below = resource.partition(".Arn")
    if name.endswith("Table"):
        return [f"arn:aws:dynamodb:*:*:table/{STACK}-{name}-*{below}"]
    if name.endswith("Bucket"):
        return [f"arn:aws:s3:::{STACK}-{name.lower()}-*{below}"]
    if name.endswith("Queue"):
        return [f"arn:aws:sqs:*:*:{STACK}-{one}-*" for one in _queues_like(name)]
    return [resource]


@cache
def _queues_like(name: str) -> tuple[str, ...]:
    """All queues that a function takes from, or all of their dead-letter queues."""
    queues = {n: r for n, r in resources().items() if r["Type"] == "AWS::SQS::Queue"}
    of_functions = [n for n in queues if n in _sources()]
    dead = [
        queues[n]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"].removesuffix(".Arn")
        for n in of_functions
    ]
    return next((tuple(kind) for kind in (of_functions, dead) if name in kind), (name,))


def _sources() -> set[str]:
    """Queues that have a function behind them."""
    events = [
        event["Properties"].get("Queue", "").removesuffix(".Arn")
        for function in functions(resources())
        for event in resources()[function]["Properties"].get("Events", {}).values()
    ]
    return set(events)


def faked() -> list[Use]:
    """What is on no record; see ``faked.toml``."""
    content = tomllib.loads(FAKED.read_text(encoding="utf-8"))
    return [
        Use(verb, action, entry["resource"])
        for entry in content["faked"]
        for verb in entry["verbs"]
        for action in entry["actions"]
    ]


def rights(uses: Iterable[Use], kind: Kind) -> set[Right]:
    """Those of all verbs that look; or what verbs that act need beside those."""
    found: dict[Kind, set[Right]] = {"read": set(), "act": set()}
    for use in uses:
        found[kind_of(use.who)].update(rights_of(use))
    return found["read"] if kind == "read" else found["act"] - found["read"]


def kept(kind: Kind) -> set[Right]:
    """What the policy that is kept allows."""
    content = json.loads(path_of(kind).read_text(encoding="utf-8"))
    return {
        Right(action, resource)
        for statement in content["Statement"]
        if "Condition" not in statement
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


@cache
def _allowed(kind: Kind) -> frozenset[Right]:
    return frozenset(kept("read") | (kept("act") if kind == "act" else set()))


def require(verb: str, asked: Iterable[Asked]) -> None:
    """Refuse a verb that does more than the policy of its kind allows; while a run of the whole
    suite is recorded, its end says it of all verbs at once.

    Raises:
        AssertionError: It does; the words say what to do.
    """
    if os.environ.get(RECORD):
        return
    allowed = _allowed(kind_of(verb))
    for one in asked:
        for right in rights_of(one):
            assert right in allowed, (
                f"hub {verb} ({kind_of(verb)}) asks for {right.action} on {right.resource}, which "
                f"config/iam does not allow; add it there, or write it anew: {WRITE_AGAIN}"
            )


def compare(seen: Seen) -> list[str]:
    """Every difference between what verbs were seen to ask and the policies that are kept."""
    uses = [*seen.uses, *faked()]
    found = []
    for kind in ("read", "act"):
        wanted, allowed = rights(uses, kind), kept(kind)
        name = path_of(kind).name
        found += [f"TOO FEW   {name}: {r.action} on {r.resource} is used" for r in wanted - allowed]
        found += [f"TOO MANY  {name}: {r.action} on {r.resource}" for r in allowed - wanted]
    return [f"{line}; write it anew: {WRITE_AGAIN}" for line in sorted(found)]


def policy(uses: Iterable[Use], kind: Kind) -> dict[str, Any]:
    """The policy as IAM takes it: a statement for each set of actions and kind of resource."""
    actions: dict[str, set[str]] = {}
    for right in rights(uses, kind):
        actions.setdefault(right.resource, set()).add(right.action)
    statements: dict[tuple[str, ...], list[str]] = {}
    for resource, found in actions.items():
        statements.setdefault(tuple(sorted(found)), []).append(resource)
    content: list[dict[str, Any]] = [
        {"Sid": _sid(names), "Effect": "Allow", "Action": list(names), "Resource": sorted(found)}
        for names, found in sorted(statements.items())
    ]
    return {"Version": "2012-10-17", "Statement": [*content, *([KEY] if kind == "read" else [])]}


KEY = {
    "Sid": "TheStacksKeyByItsServicesAlone",
    "Effect": "Allow",
    "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
    "Resource": ["arn:aws:kms:*:*:key/*"],
    "Condition": {
        "StringEquals": {"aws:ResourceTag/aws:cloudformation:stack-name": STACK},
        "StringLike": {
            "kms:ViaService": [
                "dynamodb.*.amazonaws.com",
                "sqs.*.amazonaws.com",
                "secretsmanager.*.amazonaws.com",
                "s3.*.amazonaws.com",
            ]
        },
    },
}


def _sid(actions: Iterable[str]) -> str:
    parts = [name.partition(":") for name in actions]
    return "".join(f"{service.capitalize()}{call}" for service, _, call in parts)


def write(seen: Seen) -> None:
    """Write both policies."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    uses = [*seen.uses, *faked()]
    for kind in ("read", "act"):
        text = json.dumps(policy(uses, kind), indent=2)
        path_of(kind).write_text(f"{text}\n", encoding="utf-8")

"""What was used held against what is allowed, both ways; each difference says what to do."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from local.iam.rules import Policy, Statement
from tests.privilege.record import Seen, Use

LIST = Path(__file__).with_name("unused.toml")
BY_KEY = {
    "dynamodb": ("kms:Decrypt",),
    "sqs:SendMessage": ("kms:GenerateDataKey", "kms:Decrypt"),
    "sqs:ReceiveMessage": ("kms:Decrypt",),
    "secretsmanager:GetSecretValue": ("kms:Decrypt",),
    "secretsmanager:PutSecretValue": ("kms:GenerateDataKey", "kms:Decrypt"),
    "secretsmanager:CreateSecret": ("kms:GenerateDataKey", "kms:Decrypt"),
    "s3:PutObject": ("kms:GenerateDataKey",),
    "s3:GetObject": ("kms:Decrypt",),
}
"""What a service asks of the key in the caller's name, by service or action; no client of ours asks
KMS itself. DynamoDB: developerguide/encryption.usagenotes.html; SQS: sqs-key-management.html;
Secrets Manager: userguide/security-encryption.html; S3: userguide/UsingKMSEncryption.html"""


@dataclass(frozen=True)
class Grant:
    """One action on one resource that a statement allows. `shared` is the managed policy's name,
    which all functions that have it need together."""

    function: str
    sid: str
    action: str
    resource: str
    shared: str = ""

    def covers(self, use: Use) -> bool:
        """Whether this is what allows it."""
        if use.who != self.function and not self.shared:
            return False
        is_action = fnmatchcase(use.action, self.action)
        return is_action and (
            self.action.startswith("kms:") or fnmatchcase(use.resource, self.resource)
        )


@dataclass(frozen=True)
class Listed:
    """A grant that the suite cannot use, and why it is needed all the same."""

    function: str
    action: str
    resource: str
    why: str
    sometimes: bool = False


def grants_of(policies: Iterable[Policy]) -> list[Grant]:
    """Every grant of these policies, one of each that is shared."""
    found: dict[Grant, None] = {}
    for policy in policies:
        for statement in policy.statements:
            for grant in _grants(policy.function, statement):
                found[grant] = None
    return list(found)


def _grants(function: str, statement: Statement) -> Iterator[Grant]:
    if statement.allows:
        who = "" if statement.shared else function
        for action in statement.actions:
            for resource in statement.resources:
                yield Grant(who, statement.sid, action, resource, statement.shared)


def read_list(path: Path = LIST) -> list[Listed]:
    """The grants of ``unused.toml``."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Listed(
            function,
            action,
            entry["resource"],
            " ".join(entry["why"].split()),
            sometimes=entry.get("sometimes", False),
        )
        for entry in content.get("unused", [])
        for function in entry["functions"]
        for action in entry["actions"]
    ]


def with_keys(uses: Mapping[Use, set[str]]) -> dict[Use, set[str]]:
    """The uses, and those of the key that follow from them."""
    found = {use: set(where) for use, where in uses.items()}
    for use, where in uses.items():
        service = use.action.partition(":")[0]
        for action in BY_KEY.get(use.action, BY_KEY.get(service, ())):
            found.setdefault(Use(use.who, action, "by its service"), set()).update(where)
    return found


def compare(policies: Iterable[Policy], seen: Seen, listed: Iterable[Listed]) -> list[str]:
    """Every difference, as a line that says what to do; none when the policies are right."""
    grants = grants_of(policies)
    known = {(one.function, one.action, one.resource): one for one in listed}
    uses = with_keys(seen.uses)
    found = [
        f"REFUSED   {use.who}: {use.action} on {use.resource} was refused by the local stack"
        for use in seen.refused
    ]
    found += [
        f"TOO FEW   {use.who}: {use.action} on {use.resource} is used "
        f"({', '.join(sorted(where))}) and not allowed"
        for use, where in seen.uses.items()
        if not any(grant.covers(use) for grant in grants)
    ]
    never: dict[tuple[str, str, str], list[str]] = {}
    for grant in grants:
        whose = grant.shared or grant.function
        entry = known.pop((whose, grant.action, grant.resource), None)
        is_used = any(grant.covers(use) for use in uses)
        where = f"{whose} / {grant.sid}: {grant.action} on {grant.resource}"
        if not is_used and entry is None:
            never.setdefault((whose, grant.sid, grant.action), []).append(grant.resource)
        if is_used and entry is not None and not entry.sometimes:
            found.append(f"LISTED    {where} is used after all; take it off {LIST.name}")
        if entry is not None and not entry.why:
            found.append(f"LISTED    {where} has no reason in {LIST.name}; say why it is needed")
    found += [
        f"LISTED    {one.function}: {one.action} on {one.resource} is no grant of template.yaml; "
        f"take it off {LIST.name}"
        for one in known.values()
    ]
    found += [
        f"TOO MANY  {whose} / {sid}: {action} on {', '.join(resources)}"
        for (whose, sid, action), resources in never.items()
    ]
    return sorted(found)

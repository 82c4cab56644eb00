"""A change set in words, and what in it would lose data or an address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tools.deploy.aws import Aws, in_words

STATEFUL = {
    "AWS::DynamoDB::Table": "the new table starts empty (the old one is kept, and nothing reads "
    "it): what was done would be done again",
    "AWS::SQS::Queue": "the messages in it are lost, and its address changes",
    "AWS::SecretsManager::Secret": "the partner's credentials in it are lost",
    "AWS::S3::Bucket": "nothing reads the files in the old one any more",
    "AWS::KMS::Key": "what was encrypted with the old one cannot be read without it",
    "AWS::ApiGatewayV2::Api": "the address changes at which partners deliver their webhooks",
}
WORDS = {
    "AWS::DynamoDB::Table": ("table", "tables"),
    "AWS::SQS::Queue": ("queue", "queues"),
    "AWS::SecretsManager::Secret": ("secret", "secrets"),
    "AWS::S3::Bucket": ("bucket", "buckets"),
    "AWS::KMS::Key": ("key", "keys"),
    "AWS::ApiGatewayV2::Api": ("HTTP API", "HTTP APIs"),
    "AWS::Lambda::Function": ("function", "functions"),
    "AWS::Lambda::LayerVersion": ("layer", "layers"),
    "AWS::Lambda::Version": ("version of a function", "versions of functions"),
    "AWS::Lambda::Alias": ("alias", "aliases"),
    "AWS::CloudWatch::Alarm": ("alarm", "alarms"),
    "AWS::CloudWatch::Dashboard": ("dashboard", "dashboards"),
    "AWS::IAM::Role": ("role", "roles"),
    "AWS::Logs::LogGroup": ("log group", "log groups"),
    "AWS::Events::Rule": ("schedule", "schedules"),
}
FEW = 4
"""So many names are told; more are counted."""


@dataclass(frozen=True)
class Change:
    """One resource of a change set.

    `replaced` is ``True``, ``False`` or ``Conditional`` (CloudFormation cannot tell beforehand);
    `because` are the properties whose change replaces it, or may.
    """

    name: str
    kind: str
    action: str
    replaced: str = "False"
    because: tuple[str, ...] = ()

    @property
    def loses(self) -> str:
        """What would be lost, in words; empty for nothing."""
        lost = STATEFUL.get(self.kind, "")
        gone = self.action == "Remove" or (self.action == "Modify" and self.replaced != "False")
        return lost if gone else ""

    @property
    def fate(self) -> str:
        """What a loss would come from."""
        if self.action == "Remove":
            return "would be removed"
        by = f" (by {', '.join(self.because)})" if self.because else ""
        return f"{'would' if self.replaced == 'True' else 'may'} be replaced{by}"

    @property
    def what(self) -> str:
        """What happens to it."""
        if self.action == "Modify" and self.replaced != "False":
            return "replaced" if self.replaced == "True" else "perhaps replaced"
        return {"Add": "new", "Modify": "changed", "Remove": "removed"}.get(
            self.action, self.action.lower()
        )


def changes_of(aws: Aws, change_set: str) -> list[Change]:
    """Everything that a change set does."""
    client = aws.client("cloudformation")
    found: list[Change] = []
    more: dict[str, str] = {}
    while True:
        with in_words(aws.profile):
            told = client.describe_change_set(ChangeSetName=change_set, **more)
        found += [read(row["ResourceChange"]) for row in told.get("Changes", [])]
        if not told.get("NextToken"):
            return found
        more = {"NextToken": told["NextToken"]}


def read(row: Mapping[str, Any]) -> Change:
    """A row of DescribeChangeSet."""
    targets = [detail.get("Target", {}) for detail in row.get("Details", [])]
    return Change(
        name=str(row["LogicalResourceId"]),
        kind=str(row["ResourceType"]),
        action=str(row["Action"]),
        replaced=str(row.get("Replacement", "False")),
        because=tuple(
            sorted(
                {
                    str(target.get("Name") or target.get("Attribute", ""))
                    for target in targets
                    if target.get("RequiresRecreation", "Never") != "Never"
                }
            )
        ),
    )


def in_words_of(changes: Iterable[Change]) -> list[str]:
    """One line for what is new, changed, replaced and removed."""
    by_what: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in changes:
        by_what[one.what][one.kind].append(one.name)
    return [f"  {what:<17}{_counted(kinds)}" for what, kinds in sorted(by_what.items())]


def _counted(kinds: Mapping[str, list[str]]) -> str:
    parts = []
    for kind, names in sorted(kinds.items(), key=lambda one: -len(one[1])):
        one, many = WORDS.get(kind, (kind.removeprefix("AWS::"),) * 2)
        told = f" ({', '.join(sorted(names))})" if len(names) <= FEW else ""
        parts.append(f"{len(names)} {one if len(names) == 1 else many}{told}")
    return ", ".join(parts)


def guarded(changes: Iterable[Change], allowed: Iterable[str]) -> list[str]:
    """What would be lost and nobody allowed by name, a line each."""
    names = set(allowed)
    return [
        f"{one.name} {one.fate}: {one.loses}"
        for one in changes
        if one.loses and one.name not in names
    ]

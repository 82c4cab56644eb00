"""An AWS account that answers `tools.deploy` from what a test put into it, and a faked SAM CLI."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.stack import ROOT
from tools.deploy.deploying import Tool
from tools.deploy.follow import Clock

ACCOUNT = "111122223333"
REGION = "eu-west-1"
CHANGE_SET = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:changeSet/samcli-deploy1/abc"
UPLOADED = f"Changeset created successfully. {CHANGE_SET}"
SAM = """#!{python}
import json, pathlib, sys
here = pathlib.Path(__file__).parent
told = json.loads((here / "says.json").read_text())
with (here / "asked").open("a") as log:
    log.write(json.dumps(sys.argv[1:]) + chr(10))
code, text = told.get(sys.argv[1], [0, ""])
print(text)
sys.exit(code)
"""


def refused(code: str, text: str, operation: str = "Some") -> ClientError:
    """What boto3 raises."""
    return ClientError({"Error": {"Code": code, "Message": text}}, operation)


def change(name: str, kind: str, action: str = "Modify", replaced: str = "False") -> dict[str, Any]:
    """A row of a change set."""
    detail = {"Target": {"Name": "Name", "RequiresRecreation": "Always"}}
    row = {"LogicalResourceId": name, "ResourceType": kind, "Action": action, "Details": [detail]}
    return {"ResourceChange": row | ({"Replacement": replaced} if action == "Modify" else {})}


def failed(name: str, reason: str, status: str = "CREATE_FAILED") -> dict[str, str]:
    """A stack event."""
    return {
        "EventId": f"{name}-{status}-{reason}",
        "LogicalResourceId": name,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


@dataclass
class Account:
    """The account. `then` are the statuses that the stack takes after an act, a look each."""

    stacks: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, str]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    secrets: dict[str, dict[str, Any]] = field(default_factory=dict)
    template: dict[str, Any] = field(default_factory=dict)
    resources: list[dict[str, Any]] = field(default_factory=list)
    queue_messages: dict[str, int] = field(default_factory=dict)
    concurrency: int = 1000
    then: list[str] = field(default_factory=list)
    fails: dict[str, Exception] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    region: str = REGION
    profile: str = ""
    _acted: str = ""

    def put(self, name: str, status: str = "UPDATE_COMPLETE", **parameters: str) -> None:
        """A stack that is there."""
        self.stacks[name] = {
            "StackName": name,
            "StackStatus": status,
            "Description": "The returns hub - returns and stock across a brand's systems, "
            "in the owner's own account",
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            "Outputs": [{"OutputKey": "RedoWebhookUrl", "OutputValue": "https://x.example.test"}],
        }

    def done(self, operation: str) -> list[dict[str, Any]]:
        """What an operation was called with."""
        return [given for name, given in self.calls if name == operation]

    def client(self, service: str) -> Any:
        return _Client(self, service)

    # What follows answers as AWS does.

    def describe_stacks(self, StackName: str) -> Any:
        if self.then and StackName == self._acted:
            status = self.then.pop(0)
            self.stacks.setdefault(StackName, {"StackName": StackName})["StackStatus"] = status
        if StackName not in self.stacks or (
            self.stacks[StackName]["StackStatus"] == "DELETE_COMPLETE"
        ):
            raise refused("ValidationError", f"Stack with id {StackName} does not exist")
        return {"Stacks": [self.stacks[StackName]]}

    def describe_stack_events(self, StackName: str) -> Any:
        return {"StackEvents": self.events}

    def describe_change_set(self, ChangeSetName: str, NextToken: str = "") -> Any:
        half = len(self.changes) // 2
        if NextToken:
            return {"Changes": self.changes[half:]}
        return {"Changes": self.changes[:half], "NextToken": "more"}

    def execute_change_set(self, ChangeSetName: str, StackName: str) -> None:
        self._acted = StackName
        self.then = self.then or [
            "CREATE_COMPLETE" if StackName not in self.stacks else "UPDATE_COMPLETE"
        ]
        self.stacks.setdefault(
            StackName, {"StackName": StackName, "StackStatus": "CREATE_IN_PROGRESS"}
        )
        self.events.insert(0, failed(StackName, "User Initiated", "UPDATE_IN_PROGRESS"))

    def delete_change_set(self, ChangeSetName: str, StackName: str) -> None:
        pass

    def delete_stack(self, StackName: str) -> None:
        self._acted = StackName
        self.then = self.then or ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
        self.events.insert(0, failed(StackName, "User Initiated", "DELETE_IN_PROGRESS"))

    def get_template(self, StackName: str, TemplateStage: str) -> Any:
        return {"TemplateBody": json.dumps(self.template)}

    def get_caller_identity(self) -> Any:
        return {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/ana"}

    def get_account_settings(self) -> Any:
        return {"AccountLimit": {"UnreservedConcurrentExecutions": self.concurrency}}

    def describe_secret(self, SecretId: str) -> Any:
        if SecretId not in self.secrets:
            raise refused("ResourceNotFoundException", "no such secret")
        return self.secrets[SecretId]

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> Any:
        waiting = self.queue_messages.get(QueueUrl, 0)
        return {"Attributes": {"ApproximateNumberOfMessages": str(waiting)}}

    def create_topic(self, Name: str) -> Any:
        return {"TopicArn": f"arn:aws:sns:{self.region}:{ACCOUNT}:{Name}"}

    def subscribe(self, TopicArn: str, Protocol: str, Endpoint: str) -> None:
        pass

    def pages(self, operation: str) -> Iterator[Any]:
        """A paginator's."""
        if operation == "describe_stacks":
            yield from ({"Stacks": [stack]} for stack in list(self.stacks.values()))
        else:
            yield {"StackResourceSummaries": self.resources}


@dataclass(frozen=True)
class _Client:
    account: Account
    service: str

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**given: Any) -> Any:
            self.account.calls.append((operation, given))
            if operation in self.account.fails:
                raise self.account.fails[operation]
            return getattr(self.account, operation)(**given)

        return call

    def get_paginator(self, operation: str) -> Any:
        account = self.account

        class Pages:
            def paginate(self, **_: Any) -> Iterator[Any]:
                if operation in account.fails:
                    raise account.fails[operation]
                return account.pages(operation)

        return Pages()


@dataclass
class Person:
    """Whoever sits there: gives `answers` in their order, and agrees to everything or nothing."""

    answers: list[str] = field(default_factory=list)
    agrees: bool = True
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def say(self, text: str = "") -> None:
        self.said.append(text)

    def ask(self, question: str, default: str = "") -> str:
        self.asked.append(question)
        return self.answers.pop(0)

    def agreed(self, question: str) -> bool:
        self.asked.append(question)
        return self.agrees

    @property
    def heard(self) -> str:
        return "\n".join(self.said)


@dataclass
class DeployWorld:
    """A clone of the repository, an account, and a person."""

    root: Path
    account: Account
    person: Person

    def __post_init__(self) -> None:
        shutil.copy(ROOT / "template.yaml", self.root)
        shutil.copy(ROOT / "samconfig.toml", self.root)
        package = self.root / "layers" / "shared" / "returns_hub"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text('__version__ = "1.2.3"\n', encoding="utf-8")
        (self.root / "functions").mkdir()
        self._sam.mkdir(parents=True)
        program = self._sam / "sam"
        program.write_text(SAM.replace("{python}", sys.executable), encoding="utf-8")
        program.chmod(0o755)
        self.sam_says(deploy=(0, UPLOADED))

    @property
    def _sam(self) -> Path:
        return self.root / ".venvs" / "sam" / "bin"

    def sam_says(self, **verbs: tuple[int, str]) -> None:
        """What `sam build` and `sam deploy` end with and print."""
        (self._sam / "says.json").write_text(json.dumps(verbs), encoding="utf-8")

    def sam_was_asked(self, verb: str) -> list[list[str]]:
        """The command lines of a verb."""
        log = self._sam / "asked"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return [words for words in map(json.loads, lines) if words[0] == verb]

    def overrides(self) -> dict[str, str]:
        """The parameters of the last `sam deploy`."""
        from tools.deploy.environments import overrides_in

        words = self.sam_was_asked("deploy")[-1]
        return overrides_in(words[words.index("--parameter-overrides") + 1])

    @property
    def tool(self) -> Tool:
        ticks = iter(range(100_000))
        clock = Clock(now=lambda: float(next(ticks)), wait=lambda _: None)
        return Tool(
            root=self.root,
            source=self.root,
            talk=self.person,
            connect=lambda _: self.account,
            clock=clock,
        )

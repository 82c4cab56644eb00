"""The translated template: what of it the emulator makes, and what this stack does itself.

Functions, event source mappings and schedules are ours alone, so they are not given to the
emulator: each event would be handled twice. A type that neither side handles stops the start.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.intrinsics import resolved

ROOT = Path(__file__).resolve().parent.parent
EMULATOR_PYTHON = ROOT / ".venvs" / "emulator" / "bin" / "python"

BY_EMULATOR = frozenset(
    {
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
        "AWS::DynamoDB::Table",
        "AWS::SecretsManager::Secret",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Topic",
        "AWS::Logs::LogGroup",
        "AWS::KMS::Key",
        "AWS::KMS::Alias",
    }
)
BY_US = frozenset(
    {
        "AWS::Lambda::Function",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Version",
        "AWS::Lambda::Alias",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::Permission",
        "AWS::Events::Rule",
        "AWS::IAM::Role",
        "AWS::IAM::Policy",
        "AWS::IAM::ManagedPolicy",
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::Stage",
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
    }
)
NOT_EMULATED = {
    "AWS::DynamoDB::Table": ("PointInTimeRecoverySpecification", "SSESpecification"),
    "AWS::S3::Bucket": ("BucketEncryption",),
    "AWS::S3::BucketPolicy": ("PolicyDocument",),
    "AWS::SQS::QueuePolicy": ("PolicyDocument",),
    "AWS::KMS::Key": ("KeyPolicy",),
}
"""Properties that the emulator drops in silence, or keeps and heeds not; they are checked on the
template instead."""


ONLY_ON_AWS = {
    "AWS::CodeDeploy::Application": "nothing is rolled out gradually here: one version runs",
    "AWS::CodeDeploy::DeploymentGroup": "nothing is rolled out gradually here: one version runs",
}
"""Types that are left out here, and why nothing is missed; they are checked on the template."""


class LocalStackError(Exception):
    """The stack cannot be started; the message says why and what to do."""


@dataclass(frozen=True)
class FunctionSpec:
    """A function, with its environment resolved."""

    name: str
    code: Path
    handler: str
    timeout: float
    memory_mb: int
    concurrency: int | None
    environment: dict[str, str]


@dataclass(frozen=True)
class QueueSource:
    """An SQS event source mapping."""

    function: str
    queue: str
    batch_size: int
    maximum_concurrency: int | None
    reports_item_failures: bool


@dataclass(frozen=True)
class ScheduleSource:
    """A scheduled rule, and how failed invocations are repeated."""

    name: str
    function: str
    every_seconds: float
    retries: int


@dataclass(frozen=True)
class HttpRoute:
    """A route of an HTTP API, and the function behind it.

    `rate` and `burst` are the throttle of the API that it belongs to, requests a second.
    """

    api: str
    method: str
    path: str
    function: str
    timeout: float
    rate: float
    burst: int


def translated(template: Path, state: Path, *parameters: str) -> dict[str, Any]:
    """The template as plain CloudFormation; kept by its content, for translating takes time.

    Parameters (``Name=value``) are those that the transform itself reads, such as `Rollout`.
    """
    script = Path(__file__).with_name("translate.py")
    content = template.read_bytes() + script.read_bytes() + " ".join(parameters).encode()
    digest = hashlib.sha256(content).hexdigest()[:16]
    kept = state / f"translated-{digest}.json"
    if not kept.exists():
        done = subprocess.run(
            [str(EMULATOR_PYTHON), str(script), str(template), *parameters],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise LocalStackError(f"{template.name} cannot be translated:\n{done.stderr[-2000:]}")
        state.mkdir(parents=True, exist_ok=True)
        kept.write_text(done.stdout, encoding="utf-8")
    translation: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return translation


class Stack:
    """A translated template with its parameters set."""

    def __init__(
        self, translation: dict[str, Any], parameters: Mapping[str, str], *, stack_name: str
    ) -> None:
        self._sources: dict[str, Any] = translation["sources"]
        self._template: dict[str, Any] = translation["template"]
        defaults = {
            name: str(parameter.get("Default", ""))
            for name, parameter in self._template.get("Parameters", {}).items()
        }
        unknown = set(parameters) - set(defaults)
        if unknown:
            raise LocalStackError(f"the template has no parameter {min(unknown)}")
        self._values: dict[str, str] = {
            **defaults,
            **parameters,
            "AWS::StackName": stack_name,
            "AWS::Region": "eu-west-1",
            "AWS::AccountId": "000000000000",
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
        }
        self.stack_name = stack_name
        self.resources = {
            name: resource
            for name, resource in self._template["Resources"].items()
            if "Condition" not in resource or self._holds(resource["Condition"])
        }
        self._require_handled()
        self._values |= self._attributes_of_ours()

    def _attributes_of_ours(self) -> dict[str, str]:
        """What the others may refer to of the resources that are ours alone."""
        account = "arn:aws:{}:eu-west-1:000000000000:{}"
        found = {}
        for name, resource in self.resources.items():
            match resource["Type"]:
                case "AWS::Lambda::Function":
                    found[f"{name}.Arn"] = account.format("lambda", f"function:{name}")
                case "AWS::Lambda::Alias":
                    aliased = resource["Properties"]
                    behind = f"function:{aliased['FunctionName']['Ref']}:{aliased['Name']}"
                    found[name] = account.format("lambda", behind)
                case "AWS::Lambda::Version":
                    found[f"{name}.Version"] = "1"
                case "AWS::CloudWatch::Alarm":
                    named = resource["Properties"].get("AlarmName", f"{self.stack_name}-{name}")
                    found[name] = str(self.resolve(named))
                    found[f"{name}.Arn"] = account.format("cloudwatch", f"alarm:{found[name]}")
        return found

    def _require_handled(self) -> None:
        for name, resource in self.resources.items():
            kind = resource["Type"]
            if kind not in BY_EMULATOR | BY_US | ONLY_ON_AWS.keys():
                raise LocalStackError(
                    f"the local stack cannot honour {name} ({kind}); give it a condition on the "
                    "stage, or teach local/stack.py to handle it"
                )

    def _holds(self, condition: str) -> bool:
        return bool(self._condition(self._template["Conditions"][condition]))

    def _condition(self, content: Any) -> bool:
        match content:
            case {"Fn::Not": [inner]}:
                return not self._condition(inner)
            case {"Fn::Equals": [left, right]}:
                return bool(self.resolve(left) == self.resolve(right))
            case {"Condition": name}:
                return self._holds(name)
        raise LocalStackError(f"a condition that the local stack does not know: {content}")

    def for_emulator(self) -> dict[str, Any]:
        """The part of the template that the emulator makes, as a template of its own."""
        resources = {
            name: {k: v for k, v in resource.items() if k not in {"Condition", "DeletionPolicy"}}
            for name, resource in self.resources.items()
            if resource["Type"] in BY_EMULATOR
        }
        parameters = self._template.get("Parameters", {})
        return {"Parameters": parameters, "Resources": resources}

    def parameters_for_emulator(self) -> list[Any]:
        """Its parameters."""
        return [
            {"ParameterKey": name, "ParameterValue": self._values[name]}
            for name in self._template.get("Parameters", {})
        ]

    def made(self, physical: Mapping[str, str], attributes: Mapping[str, str]) -> None:
        """Take in what the emulator made: physical ids, and attributes as ``Name.Attribute``."""
        self._values |= dict(physical) | dict(attributes)

    def resolve(self, content: Any) -> Any:
        """A value with its references resolved."""
        return resolved(content, self._values, self._holds)

    def properties_of(self, kind: str) -> dict[str, dict[str, Any]]:
        """The resolved properties of every resource of a type, by logical id."""
        return {
            name: self.resolve(resource.get("Properties", {}))
            for name, resource in self._of_type(kind)
        }

    def functions(self) -> dict[str, FunctionSpec]:
        """Every function by its logical id."""
        found = {}
        for name, resource in self._of_type("AWS::Lambda::Function"):
            properties = self.resolve(resource["Properties"])
            variables = properties.get("Environment", {}).get("Variables", {})
            found[name] = FunctionSpec(
                name=name,
                code=ROOT / str(self._sources[name]),
                handler=properties["Handler"],
                timeout=float(properties.get("Timeout", 3)),
                memory_mb=int(properties.get("MemorySize", 128)),
                concurrency=properties.get("ReservedConcurrentExecutions"),
                environment={key: str(value) for key, value in variables.items()},
            )
        return found

    def queue_sources(self) -> list[QueueSource]:
        """Every SQS event source mapping.

        Raises:
            LocalStackError: One has a batching window.
        """
        found = []
        for _, resource in self._of_type("AWS::Lambda::EventSourceMapping"):
            properties = resource["Properties"]
            if properties.get("MaximumBatchingWindowInSeconds"):
                raise LocalStackError(
                    f"{properties['FunctionName']['Ref']} has MaximumBatchingWindowInSeconds, "
                    "which the local queues do not wait for"
                )
            concurrency = self.resolve(properties.get("ScalingConfig", {})).get(
                "MaximumConcurrency"
            )
            types = properties.get("FunctionResponseTypes", [])
            found.append(
                QueueSource(
                    function=self.function_behind(properties["FunctionName"]["Ref"]),
                    queue=properties["EventSourceArn"]["Fn::GetAtt"][0],
                    batch_size=int(properties.get("BatchSize", 10)),
                    maximum_concurrency=int(concurrency) if concurrency else None,
                    reports_item_failures="ReportBatchItemFailures" in types,
                )
            )
        return found

    def schedules(self) -> list[ScheduleSource]:
        """Every scheduled rule."""
        retries = {
            self.function_behind(self.resource_name(config["Properties"]["FunctionName"])): int(
                config["Properties"].get("MaximumRetryAttempts", 2)
            )
            for _, config in self._of_type("AWS::Lambda::EventInvokeConfig")
        }
        found = []
        for name, resource in self._of_type("AWS::Events::Rule"):
            properties = resource["Properties"]
            target = properties["Targets"][0]["Arn"]
            function = self.function_behind(target.get("Ref") or target["Fn::GetAtt"][0])
            found.append(
                ScheduleSource(
                    name=name,
                    function=function,
                    every_seconds=rate_seconds(properties["ScheduleExpression"]),
                    retries=retries.get(function, 2),
                )
            )
        return found

    def http_routes(self) -> list[HttpRoute]:
        """Every route of every HTTP API."""
        throttles = {
            self.resource_name(stage["Properties"]["ApiId"]): stage["Properties"].get(
                "DefaultRouteSettings", {}
            )
            for _, stage in self._of_type("AWS::ApiGatewayV2::Stage")
        }
        found = []
        for name, resource in self._of_type("AWS::ApiGatewayV2::Api"):
            throttle = throttles.get(name, {})
            for path, methods in resource["Properties"]["Body"]["paths"].items():
                for method, operation in methods.items():
                    integration = operation["x-amazon-apigateway-integration"]
                    if integration.get("payloadFormatVersion") != "2.0":
                        raise LocalStackError(f"{method} {path}: only payload format 2.0 is known")
                    found.append(
                        HttpRoute(
                            api=name,
                            method=method.upper(),
                            path=path,
                            function=self.function_behind(_named_by(integration["uri"])),
                            timeout=integration.get("timeoutInMillis", 30_000) / 1000,
                            rate=float(throttle.get("ThrottlingRateLimit", 10_000)),
                            burst=int(throttle.get("ThrottlingBurstLimit", 5_000)),
                        )
                    )
        return found

    def function_behind(self, name: str) -> str:
        """The logical id of a function: of itself, or of an alias that leads to it.

        One version runs here, so an alias is the function.
        """
        resource = self.resources[name]
        if resource["Type"] != "AWS::Lambda::Alias":
            return name
        return self.resource_name(resource["Properties"]["FunctionName"])

    @staticmethod
    def resource_name(reference: Any) -> str:
        """The logical id that a ``Ref`` names."""
        return str(reference["Ref"]) if isinstance(reference, dict) else str(reference)

    def ttl_attributes(self) -> dict[str, str]:
        """Tables whose rows expire: logical id -> attribute. The emulator needs telling."""
        found = {}
        for name, resource in self._of_type("AWS::DynamoDB::Table"):
            ttl = resource["Properties"].get("TimeToLiveSpecification")
            if ttl and ttl.get("Enabled"):
                found[name] = str(ttl["AttributeName"])
        return found

    def _of_type(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        return [(n, r) for n, r in self.resources.items() if r["Type"] == kind]


def _named_by(uri: Any) -> str:
    """The logical id of the function or alias that an integration calls."""
    found = re.search(r"functions/\$\{(\w+)(?:\.Arn)?\}", str(uri.get("Fn::Sub", "")))
    if not found:
        raise LocalStackError(f"an integration that the local stack does not know: {uri}")
    return found[1]


def rate_seconds(expression: str) -> float:
    """Seconds between two ticks of ``rate(5 minutes)``.

    Raises:
        LocalStackError: Another kind of schedule.
    """
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    if not found:
        raise LocalStackError(f"the local clock does not know the schedule {expression}")
    return int(found[1]) * {"minute": 60.0, "hour": 3600.0, "day": 86400.0}[found[2]]

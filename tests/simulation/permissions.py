"""What each function may do, and what it is told: both from template.yaml, as in the real stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from local.iam.held import record_of
from local.iam.policies import policy_of, resources, told
from local.iam.rules import Asked, Policy, Record, asked_of

__all__ = ["AccessDenied", "Permissions", "Watched", "permissions_of", "resources", "told"]


class AccessDenied(AssertionError):
    """The function did what its policy does not allow."""


@dataclass(frozen=True)
class Permissions:
    """One function's policy, held against what is asked by the tests' names of things."""

    policy: Policy

    @property
    def function(self) -> str:
        """Whose it is."""
        return self.policy.function

    def hold(self, asked: Asked) -> None:
        """Hold a request against the policy.

        Raises:
            AccessDenied: It is not allowed.
        """
        if not self.policy.allows(asked):
            raise AccessDenied(f"{self.function} may not {asked.action} on {asked.resource}")

    def require(self, action: str, resource: str, **context: str) -> None:
        """The same of an action on a resource."""
        self.hold(Asked(action, resource, tuple(context.items())))

    def require_call(self, service: str, call: str, parameters: Mapping[str, Any]) -> None:
        """The same of a call of an AWS client, named as in boto3."""
        for asked in asked_of(service, _camel(call), parameters, name_of):
            self.hold(asked)

    def require_table(self, call: str, parameters: Mapping[str, Any]) -> None:
        """The same of one to DynamoDB."""
        self.require_call("dynamodb", call, parameters)

    def require_secret(self, call: str, name: str) -> None:
        """The same of one to Secrets Manager."""
        self.require_call("secretsmanager", call, {"SecretId": name})

    def require_queue(self, call: str, name: str) -> None:
        """The same of one to SQS."""
        self.require_call("sqs", call, {"QueueUrl": name})

    def require_object(self, call: str, bucket: str, key: str) -> None:
        """The same of one to S3."""
        self.require_call("s3", call, {"Bucket": bucket, "Key": key})


@dataclass(frozen=True)
class Watched(Permissions):
    """A policy whose function is at work in a test: what the function does is on the record of the
    suite, and in `asked`.

    What a test asks of the function's stores by itself, outside of an invocation, is held against
    the policy and not on the record.
    """

    seen: str = "tests"
    asked: set[tuple[str, str]] = field(default_factory=set, compare=False)
    _at_work: list[str] = field(default_factory=list, compare=False)

    def hold(self, asked: Asked) -> None:
        """See `Permissions.hold`."""
        super().hold(asked)
        self.asked.add((asked.action, asked.resource))
        if self._at_work and (record := _record()) is not None:
            record.note(self.function, asked, self.seen)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """The function runs now."""
        self._at_work.append(self.function)
        try:
            yield
        finally:
            self._at_work.pop()

    def unused(self) -> set[tuple[str, str]]:
        """What is allowed and was never asked for; the key is asked by services, and not here."""
        return {
            (action, resource)
            for statement in self.policy.statements
            for action in statement.actions
            for resource in statement.resources
            if statement.allows
            and not action.startswith("kms:")
            and not self._was_asked(action, resource)
        }

    def _was_asked(self, action: str, pattern: str) -> bool:
        return any(one == action and fnmatchcase(what, pattern) for one, what in self.asked)


@cache
def _record() -> Record | None:
    path = record_of("functions")
    return Record(path) if path else None


@cache
def permissions_of(function: str, prefix: str) -> Permissions:
    """The policy of a function of the template, its secrets below this prefix."""
    return Permissions(policy_of(function, prefix))


def watched(function: str, prefix: str, seen: str = "tests") -> Watched:
    """The same of a function that is put to work in a test."""
    return Watched(policy_of(function, prefix), seen)


def name_of(name: str) -> str:
    """The template's name of a queue that tests call ``approved-returns``, or
    ``approved-returns-dead``; of all else its own."""
    if name != name.lower():
        return name
    plain = name.removesuffix("-dead")
    words = "".join(word.capitalize() for word in plain.split("-"))
    return f"{words}{'DeadLetterQueue' if plain != name else 'Queue'}"


def _camel(call: str) -> str:
    """``GetItem`` of ``get_item``, or of itself."""
    if call[0].isupper():
        return call
    return "".join(word.capitalize() for word in call.split("_"))

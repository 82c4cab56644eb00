"""Holds the functions of a local stack to their policies: what a world hands to its function host.

A call outside a function's policy fails in the function as it fails on AWS; see
`local/lambda_host/held.py`, which does it in the function's own process.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from local.iam.policies import policy_of
from local.stack import Stack

RECORD = "HUB_PRIVILEGE_RECORD"
"""Names the folder where processes note what they saw; nothing is noted without it."""
PERMISSIONS = "LOCAL_PERMISSIONS"
"""Names the file that tells a function process what it may do."""
NAMED = {
    "AWS::DynamoDB::Table",
    "AWS::SQS::Queue",
    "AWS::S3::Bucket",
}


def record_of(who: str) -> Path | None:
    """The file of what ``functions`` or ``verbs`` were seen to ask; None when nobody wants it."""
    folder = os.environ.get(RECORD)
    return Path(folder) / f"{who}.jsonl" if folder else None


def names_of(stack: Stack) -> dict[str, str]:
    """The template's names of what the emulator made."""
    found = {
        str(stack.resolve({"Ref": name})).rpartition("/")[2]: name
        for name, resource in stack.resources.items()
        if resource["Type"] in NAMED
    }
    parameters = {str(stack.resolve({"Ref": n})): n for n in ("RefundsBus", "AlarmTopicArn")}
    return found | {value: name for value, name in parameters.items() if value}


def held(stack: Stack, functions: Mapping[str, Any], state: Path) -> dict[str, str]:
    """The environment by which function processes hold themselves to their policies."""
    record = record_of("functions")
    content = {
        "names": names_of(stack),
        "record": str(record or ""),
        "policies": {
            name: [asdict(one) for one in policy_of(name, stack.stack_name).statements]
            for name in functions
        },
    }
    path = (state / "permissions.json").resolve()
    path.write_text(json.dumps(content), encoding="utf-8")
    return {PERMISSIONS: str(path)}

"""template.yaml to plain CloudFormation, as AWS would: run in the emulator's environment.

Usage: python translate.py template.yaml [Parameter=value …] > cloudformation.json
It stands alone, because that environment has none of our packages.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

MANAGED = {
    name: f"arn:aws:iam::aws:policy/service-role/{name}"
    for name in (
        "AWSLambdaBasicExecutionRole",
        "AWSLambdaSQSQueueExecutionRole",
        "AWSLambdaVPCAccessExecutionRole",
    )
}


class ManagedPolicies:
    """Stands in for a call to IAM."""

    def load(self) -> dict[str, str]:
        return MANAGED


def with_s3_uris(template: dict[str, Any]) -> dict[str, Any]:
    """The translator takes only code that is in S3; the local stack runs it from the work tree."""
    for resource in template["Resources"].values():
        for name in ("CodeUri", "ContentUri"):
            if name in resource.get("Properties", {}):
                resource["Properties"][name] = "s3://local/code.zip"
    return template


def main() -> None:
    template = yaml_parse(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sources = {
        name: resource["Properties"].get("CodeUri", resource["Properties"].get("ContentUri"))
        for name, resource in template["Resources"].items()
        if resource["Type"].startswith("AWS::Serverless::")
    }
    parameters = dict(given.split("=", 1) for given in sys.argv[2:])
    plain = transform(with_s3_uris(template), parameters, ManagedPolicies())
    json.dump({"sources": sources, "template": plain}, sys.stdout)


if __name__ == "__main__":
    main()

"""Starts AWS's runtime client in a process that is held to its function's policy.

Run by its path instead of ``python -m awslambdaric``, so that nothing of ours is on the function's
own path. Every AWS client of the process asks the policy first; what is not allowed is refused here
in the service's own words, and reaches no AWS. Nothing of the hub knows of it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

RULES = Path(__file__).resolve().parent.parent / "iam" / "rules.py"


def _loaded(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def hold(function: str, path: Path) -> None:
    """Hold this process to a function's policy, which the file has."""
    rules = _loaded(RULES, "local_iam_rules")
    content = json.loads(path.read_text(encoding="utf-8"))
    policy = rules.policy_from(function, content["policies"][function])
    names = content["names"]
    record = rules.Record(Path(content["record"])) if content["record"] else None
    client_class: Any = BaseClient
    carried_out = client_class._make_api_call

    def name_of(name: str) -> str:
        return str(names.get(name, name))

    def ask(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        service = client.meta.service_model.service_name
        for asked in rules.asked_of(service, operation, parameters, name_of):
            if not policy.allows(asked):
                words = f"{function} is not authorized to do {asked.action} on {asked.resource}"
                _tell(words)
                if record is not None:
                    record.note(function, asked, rules.REFUSED)
                code = rules.REFUSALS.get(service, "AccessDeniedException")
                status = {"HTTPStatusCode": 403 if service in rules.REFUSALS else 400}
                error: Any = {"Error": {"Code": code, "Message": words}, "ResponseMetadata": status}
                raise ClientError(error, operation)
            if record is not None:
                record.note(function, asked, "local stack")
        return carried_out(client, operation, parameters)

    client_class._make_api_call = ask


def _tell(words: str) -> None:
    """Into the function's log, because its code may make something else of the refusal."""
    sys.stderr.write(f"AccessDenied: {words}\n")


def main() -> None:
    """As ``python -m awslambdaric HANDLER`` in the function's folder."""
    sys.path[0] = str(Path.cwd())
    hold(os.environ["AWS_LAMBDA_FUNCTION_NAME"], Path(os.environ["LOCAL_PERMISSIONS"]))
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

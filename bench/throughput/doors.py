"""Doors of the rivals: their handler, as a function has it, with what it keeps in its container.

Each makes only what it needs, so that its memory is its own: no part of the hub beyond the planner,
which is the same for every way, and the reading of secrets.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import boto3
import requests
from requests.adapters import HTTPAdapter

from bench.rivals import Handler, Job, naive, powertools
from returns_hub.adapters.secrets.store import SecretStore
from returns_hub.domain.merchant import Merchant
from returns_hub.invocation import InvocationClock

AT_ONCE = 10


def naive_at_once(job: Job) -> Handler:
    """The loop, with a thread for each message of the batch."""
    one_by_one = naive(job)

    def handler(event: dict[str, Any], context: Any) -> Any:
        parts = [{"Records": [record]} for record in event["Records"]]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(lambda part: one_by_one(part, context), parts))
        return {"batchItemFailures": [row for one in answers for row in one["batchItemFailures"]]}

    return handler


WAYS = {"naive": naive, "naive_at_once": naive_at_once, "powertools": powertools}


def _job() -> Job:
    files = json.loads(os.environ["BENCH_FILES"])
    merchants = {name: Merchant.model_validate(file) for name, file in files.items()}
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", HTTPAdapter(pool_maxsize=AT_ONCE))
    aws = SimpleNamespace(
        dynamodb=boto3.client("dynamodb"),
        secrets=SecretStore(
            boto3.client("secretsmanager"), os.environ["SECRET_PREFIX"], InvocationClock()
        ),
    )
    return Job(cast(Any, aws), session, merchants.__getitem__)


handler = WAYS[os.environ["BENCH_WAY"]](_job())

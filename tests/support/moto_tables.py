"""The tables of template.yaml in moto. They are made once, by DynamoDB's own calls, and then put
there again as a copy: making them anew is most of what a small test on moto would cost."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from local.stack import ROOT, Stack, translated

_OF_CREATE_TABLE = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")


def tables_of_the_template(folder: Path) -> dict[str, Any]:
    """The properties of each table in template.yaml.

    Args:
        folder: Where the translated template may be written.
    """
    stack = Stack(translated(ROOT / "template.yaml", folder), {"Stage": "local"}, stack_name="test")
    return {
        name: resource["Properties"]
        for name, resource in stack.resources.items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }


def asked_of_create_table(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Of a table's properties, what CreateTable is asked in moto."""
    return {name: properties[name] for name in _OF_CREATE_TABLE if name in properties}


class MotoTables:
    """Empty tables for each test.

    Args:
        tables: As `tables_of_the_template` gives them.
    """

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._tables = tables
        self._made: dict[str, dict[str, Any]] = {}

    def put(self, client: Any) -> None:
        """Put them into the mock that a client of DynamoDB, which is inside `mock_aws`, reaches."""
        region = client.meta.region_name
        backend = dynamodb_backends[DEFAULT_ACCOUNT_ID][region]
        if region in self._made:
            backend.tables.update(copy.deepcopy(self._made[region]))
            return
        for name, properties in self._tables.items():
            client.create_table(TableName=name, **asked_of_create_table(properties))
        self._made[region] = copy.deepcopy(dict(backend.tables))

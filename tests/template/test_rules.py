"""template.yaml keeps every rule, and the rules' exceptions are all needed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template.rules import RULES, Rule, data, privileges
from tests.template.rules.parts import name_of, of_type


@pytest.fixture
def template(translation: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = translation["template"]
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_template_keeps(rule: Rule, template: dict[str, Any]) -> None:
    assert list(rule(template)) == []


def test_arm64_is_what_is_deployed_unless_somebody_says_otherwise(template: dict[str, Any]) -> None:
    assert template["Parameters"]["Architecture"]["Default"] == "arm64"


def test_no_exception_stands_for_nothing(template: dict[str, Any]) -> None:
    found = list(privileges.starred(template))
    for ending in privileges.WITH_A_STAR:
        assert any(text.endswith(ending) for _, _, text in found), ending
    for place in privileges.OF_THE_KEY:
        assert place in {(name, statement["Sid"]) for name, statement, _ in found}, place
    attached = {
        name_of(managed) or managed
        for role in of_type(template, "AWS::IAM::Role").values()
        for managed in role["ManagedPolicyArns"]
    }
    assert attached == set(privileges.MANAGED)
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert kinds == data.HOLDS_NONE | data.ENCRYPTED_BY.keys()
    told = {
        variable
        for function in of_type(template, "AWS::Lambda::Function").values()
        for variable in function["Environment"]["Variables"]
    }
    assert told >= data.NO_SECRETS

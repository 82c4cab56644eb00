"""Everything that the template has run can be planned."""

from __future__ import annotations

from typing import Any

from cli.worlds import MORE_OUTPUTS, OUTPUTS
from returns_hub.plan_runs import DOORS, JOBS, OWN_QUEUE
from returns_hub.settings import Settings
from tests.simulation.permissions import resources, told

WRITES_NO_PARTNER = frozenset({"ops_metrics"})
"""Functions with a schedule that only look at the hub itself."""


TRIED_BY_NOBODY = frozenset({"AuditTable"})
"""Tables that no run reads or writes: what people did is recorded by those who ask for a plan."""
OF_THE_DASHBOARD = frozenset({"ACTS_PER_MINUTE", "ALARM_TOPIC_ARN", "OPS_ACTS_ARN", "SUMMARY_HOUR"})
"""What only functions are told that no plan is made of."""


def functions() -> dict[str, Any]:
    """Functions by their folder's name."""
    return {
        str(found["Properties"]["CodeUri"]).strip("/").rsplit("/", 1)[-1]: found["Properties"]
        for found in resources().values()
        if found["Type"] == "AWS::Serverless::Function"
    }


def events(kind: str) -> dict[str, list[Any]]:
    """By function: what has it run."""
    return {
        name: [one for one in found.get("Events", {}).values() if one["Type"] in kind]
        for name, found in functions().items()
    }


def test_every_function_with_a_schedule_has_a_plan() -> None:
    scheduled = {name for name, found in events("ScheduleV2").items() if found}
    assert scheduled - WRITES_NO_PARTNER == set(JOBS)


def test_every_queue_of_work_has_a_door_for_plans() -> None:
    read = {
        _queue(one["Properties"]["Queue"]): name
        for name, found in events("SQS").items()
        for one in found
    }
    assert {queue.replace("-", "") for queue in DOORS} == set(read)
    for job, queue in OWN_QUEUE.items():
        assert read[queue.replace("-", "")] == job


def test_tables_have_keys_as_a_trial_takes_them_to_have() -> None:
    for name, found in resources().items():
        if found["Type"] != "AWS::DynamoDB::Table" or name in TRIED_BY_NOBODY:
            continue
        keys = [row["AttributeName"] for row in found["Properties"]["KeySchema"]]
        assert keys in (["pk"], ["pk", "sk"]), name
        for index in found["Properties"].get("GlobalSecondaryIndexes", []):
            of_index = [row["AttributeName"] for row in index["KeySchema"]]
            word = of_index[0].removesuffix("pk")
            assert of_index == [f"{word}pk", f"{word}sk"], index["IndexName"]


def test_the_command_is_told_all_that_functions_are() -> None:
    """Else a plan of the command's would go another way than the function."""
    given = {
        variable
        for name, found in resources().items()
        if found["Type"] == "AWS::Serverless::Function"
        for variable in told(name)
    }
    wanted = {name.upper() for name in Settings.model_fields} & given
    known = {*OUTPUTS.values(), *MORE_OUTPUTS.values(), "SECRET_PREFIX", *OF_THE_DASHBOARD}
    assert wanted - known == set()


def _queue(address: Any) -> str:
    """``approvedreturns`` of the address of ApprovedReturnsQueue."""
    text = address if isinstance(address, str) else "".join(map(str, address.values()))
    return text.split(".")[0].removesuffix("Queue").strip("['").casefold()

"""What is said when what was used differs from what is allowed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from local.iam.held import RECORD
from local.iam.rules import REFUSED, Asked, Policy, Record, Statement
from tests.privilege import comparison, operators, record, table
from tests.privilege.__main__ import judge
from tests.privilege.comparison import Listed, compare
from tests.privilege.record import NotWhole, Seen, Use

READ = Statement("Read", ("dynamodb:GetItem", "dynamodb:Query"), ("ATable.Arn",))
KEY = Statement("Key", ("kms:Decrypt", "kms:GenerateDataKey"), ("Key.Arn",), shared="UseKey")
GET = Use("F", "dynamodb:GetItem", "ATable.Arn")
QUERY = Use("F", "dynamodb:Query", "ATable.Arn")
LISTED = Listed("F", "dynamodb:Query", "ATable.Arn", "for a day that no test has")


def policy(*statements: Statement, function: str = "F") -> Policy:
    return Policy(function, statements)


def seen(*uses: Use) -> Seen:
    return Seen({use: {"tests"} for use in uses})


def test_what_is_used_and_allowed_differs_in_nothing() -> None:
    assert compare([policy(READ)], seen(GET, QUERY), []) == []
    assert compare([policy(READ)], seen(GET), [LISTED]) == []


@pytest.mark.parametrize(
    ("uses", "listed", "line"),
    [
        ([GET], [], "TOO MANY  F / Read: dynamodb:Query on ATable.Arn"),
        ([GET, QUERY], [LISTED], "LISTED    F / Read: dynamodb:Query on ATable.Arn is used after"),
        ([GET, QUERY, Use("G", *("dynamodb:Query", "ATable.Arn"))], [], "TOO FEW   G: dynamodb:Q"),
        ([GET, QUERY, Use("F", "dynamodb:Query", "ATable.Arn/index/x")], [], "TOO FEW   F: dynam"),
        ([GET, QUERY], [Listed("F", "sqs:SendMessage", "Q.Arn", "x")], "LISTED    F: sqs:SendMes"),
        ([GET], [Listed("F", "dynamodb:Query", "ATable.Arn", "")], "LISTED    F / Read: dynamodb:"),
    ],
)
def test_each_difference_is_told(uses: list[Use], listed: list[Listed], line: str) -> None:
    (told,) = compare([policy(READ)], seen(*uses), listed)
    assert told.startswith(line)


@pytest.mark.parametrize("uses", [(GET,), (GET, QUERY)])
def test_what_runs_differ_in_is_right_either_way(uses: tuple[Use, ...]) -> None:
    assert compare([policy(READ)], seen(*uses), [replace(LISTED, sometimes=True)]) == []


def test_what_the_local_stack_refused_is_told_whatever_is_allowed_now() -> None:
    found = Seen({GET: {"tests"}, QUERY: {"tests"}}, {QUERY})
    (told,) = compare([policy(READ)], found, [])
    assert told.startswith("REFUSED   F: dynamodb:Query")


def test_a_shared_policy_is_needed_by_all_that_have_it_together() -> None:
    both = [policy(READ, KEY), policy(KEY, function="G")]
    (told,) = compare(both, seen(GET, QUERY), [])
    assert told == "TOO MANY  UseKey / Key: kms:GenerateDataKey on Key.Arn"
    sends = Statement("Send", ("sqs:SendMessage",), ("Q.Arn",))
    both = [policy(READ, KEY), policy(sends, KEY, function="G")]
    assert compare(both, seen(GET, QUERY, Use("G", "sqs:SendMessage", "Q.Arn")), []) == []


def test_a_name_that_the_page_does_not_have_is_told_and_refuses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for share in record.SHARES:
        monkeypatch.setenv(RECORD, str(tmp_path))
        monkeypatch.setenv(record.SHARE, share)
        record.session_ended(0)
    named = Use("F", "secretsmanager:GetSecretValue", "secret:${AWS::StackName}/*/new-??????")
    reads = Statement("ReadSecrets", (named.action,), ("secret:${AWS::StackName}/*",))
    its = Record(tmp_path / "functions.jsonl")
    its.note("F", Asked(named.action, "secret:hub/example/new-AbC123"), "tests")
    row = table.Row("F", reads.sid, "", "", "")
    monkeypatch.setattr("tests.privilege.__main__.functions", lambda _: ["F"])
    monkeypatch.setattr("tests.privilege.__main__.policy_of", lambda _: policy(reads))
    monkeypatch.setattr(table, "rows", lambda: iter([(row, reads)]))
    monkeypatch.setattr(comparison, "read_list", list[Listed])
    monkeypatch.setattr(operators, "compare", lambda _: list[str]())
    assert judge(tmp_path) == 0
    assert "(page)    F / ReadSecrets is used on new, which" in capsys.readouterr().out


# -- the record -----------------------------------------------------------------------------------


def test_a_record_is_read_as_it_was_written_and_a_torn_line_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "functions.jsonl"
    for _ in range(2):
        its = Record(path)
        for _ in range(3):
            its.note("F", Asked("dynamodb:GetItem", "ATable.Arn"), "simulation")
    its.note("F", Asked("s3:PutObject", "ABucket.Arn/feeds/example/1.csv"), "local stack")
    its.note("F", Asked("secretsmanager:GetSecretValue", "secret:hub/example/redo-AbC123"), "tests")
    its.note("F", Asked("dynamodb:Query", "ATable.Arn"), REFUSED)
    with path.open("a", encoding="utf-8") as file:
        file.write('["F", "dynamodb:Del')
    assert len(path.read_text(encoding="utf-8").splitlines()) == 6
    found = record.read("functions", tmp_path)
    assert found.uses == {
        GET: {"simulation"},
        Use("F", "s3:PutObject", "ABucket.Arn/feeds/*"): {"local stack"},
        Use("F", "secretsmanager:GetSecretValue", "secret:${AWS::StackName}/*/redo-??????"): {
            "tests"
        },
    }
    assert found.refused == {QUERY}


@pytest.mark.parametrize(
    ("ended", "missing"),
    [
        ([], "alone is missing"),
        ([["alone", 0]], "on-the-stack is missing"),
        ([["alone", 0], ["on-the-stack", 1]], "tests failed"),
        ([["alone", 2], ["on-the-stack", 0]], "tests failed"),
    ],
)
def test_a_part_of_the_suite_is_not_judged(
    tmp_path: Path, ended: list[list[object]], missing: str
) -> None:
    lines = "".join(json.dumps(one) + "\n" for one in ended)
    (tmp_path / "ended.jsonl").write_text(lines, encoding="utf-8")
    with pytest.raises(NotWhole, match=missing):
        record.require_whole(tmp_path)


def test_shares_are_noted_only_while_a_run_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(record.SHARE, "alone")
    monkeypatch.delenv(RECORD, raising=False)
    record.session_ended(0)
    monkeypatch.setenv(RECORD, str(tmp_path))
    record.session_ended(0)
    monkeypatch.setenv(record.SHARE, "on-the-stack")
    record.session_ended(0)
    record.require_whole(tmp_path)

"""Deliberate defects: what a deployment would lose, and who would not notice."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, Check, Defect, Edit, tests

BEFORE = tests("unit/deploy/test_before.py")
CHANGES = tests("unit/deploy/test_changes.py")
RELEASES = tests("unit/deploy/test_releases.py")
DOWN = tests("unit/deploy/test_undeploy.py")
ALARMS = tests("template/test_alarms.py")
ROLLOUT = tests("template/test_rollout.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    file, old, new = where
    return Defect(name, breaks, (Edit(file, old, new),), checks)


OF_DEPLOYING = (
    _defect(
        "what may be replaced is deployed like what is not",
        LOST,
        (
            "tools/deploy/changes.py",
            '(self.action == "Modify" and self.replaced != "False")\n        return lost',
            '(self.action == "Modify" and self.replaced == "True")\n        return lost',
        ),
        CHANGES,
    ),
    _defect(
        "one resource that was allowed allows all",
        LOST,
        (
            "tools/deploy/changes.py",
            "one.loses and one.name not in names",
            "one.loses and not names",
        ),
        CHANGES,
    ),
    _defect(
        "the second page of a change set is not read",
        LOST,
        (
            "tools/deploy/changes.py",
            '        if not told.get("NextToken"):\n            return found\n',
            "        if found:\n            return found\n",
        ),
        CHANGES,
    ),
    _defect(
        "a dry run of a stack that is there deletes it",
        LOST,
        (
            "tools/deploy/deploying.py",
            '        if state.is_fresh and state_of(aws, stack).status == "REVIEW_IN_PROGRESS":\n',
            "        if state_of(aws, stack):\n",
        ),
        CHANGES,
    ),
    _defect(
        "any word typed takes the stack down",
        LOST,
        ("tools/deploy/undeploying.py", "    if typed != stack:\n", "    if not typed:\n"),
        DOWN,
    ),
    _defect(
        "another account than the first time is deployed to",
        LOST,
        (
            "tools/deploy/deploying.py",
            "    if expected and expected != who.account:\n",
            "    if wanted.account and wanted.account != who.account:\n",
        ),
        BEFORE,
    ),
    _defect(
        "a parameter that changed is no other release, so that the alias stays",
        TOLD,
        (
            "tools/deploy/releases.py",
            '        digest.update(f"{name}={value}\\0".encode())\n',
            '        digest.update(f"{name}\\0".encode())\n',
        ),
        RELEASES,
    ),
    _defect(
        "a deployment of parameters alone forgets what a rollback goes back to",
        TOLD,
        (
            "tools/deploy/releases.py",
            "    if running is None or running.source == now.source:\n",
            "    if running is None:\n",
        ),
        RELEASES,
    ),
    _defect(
        "a hub of the same stage beside this one is not told of",
        TOLD,
        (
            "tools/deploy/account.py",
            'if other.parameters.get("Stage") == stage]',
            "if other.name == stage]",
        ),
        BEFORE,
    ),
    _defect(
        "a hub of another stage is told of as if it shared the metrics",
        TOLD,
        (
            "tools/deploy/account.py",
            'if other.parameters.get("Stage") == stage]',
            'if other.parameters.get("Stage")]',
        ),
        BEFORE,
    ),
    _defect(
        "the stages of one account count as one",
        TOLD,
        (
            "observability.py",
            '    return os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or NAMESPACE\n',
            "    return NAMESPACE\n",
        ),
        tests("unit/test_observability.py"),
    ),
    _defect(
        "an alarm watches the metrics of every stage",
        TOLD,
        (
            "template.yaml",
            "      Namespace: !Sub ReturnsHub/${Stage}\n      MetricName: CursorsStale\n",
            "      Namespace: ReturnsHub\n      MetricName: CursorsStale\n",
        ),
        ALARMS,
    ),
    _defect(
        "a changed layer publishes no version",
        TOLD,
        ("template.yaml", "      PublishLambdaVersion: true\n", ""),
        ROLLOUT,
    ),
)

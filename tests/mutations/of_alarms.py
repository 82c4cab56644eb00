"""Deliberate defects: alarms that stay silent, and figures that say something else."""

from __future__ import annotations

from tests.mutations.model import ANNOUNCE, CALM, TOLD, Defect, Edit, tests

TEMPLATE = "template.yaml"
RULES = tests("template/test_alarms.py")
DASHBOARD = tests("template/test_dashboard.py")

OF_ALARMS = (
    Defect(
        "alarms: a job's alarm watches a function that is none",
        TOLD,
        (Edit(TEMPLATE, "{Name: flow, Value: poll_mintsoft}", "{Name: flow, Value: poll_mint}"),),
        (RULES,),
    ),
    Defect(
        "alarms: a dead-letter alarm watches the queue itself",
        TOLD,
        (
            Edit(
                TEMPLATE,
                "{Name: QueueName, Value: !GetAtt DespatchesDeadLetterQueue.QueueName}",
                "{Name: QueueName, Value: !GetAtt DespatchesQueue.QueueName}",
            ),
        ),
        (RULES,),
    ),
    Defect(
        "alarms: nobody hears that nobody reads a queue",
        TOLD,
        (
            Edit(
                TEMPLATE,
                "{Name: QueueName, Value: !GetAtt OrderChangesQueue.QueueName}",
                "{Name: QueueName, Value: !GetAtt DriftReportQueue.QueueName}",
            ),
        ),
        (RULES,),
    ),
    Defect(
        "alarms: a message that waits for a partner counts as one that nobody reads",
        CALM,
        (Edit("adapters/queues/sqs.py", "COPY_FROM_RECEIVE = 10", "COPY_FROM_RECEIVE = 15"),),
        (RULES,),
    ),
    Defect(
        "alarms: an alarm leads to a section that is not there",
        TOLD,
        (Edit(TEMPLATE, "docs/runbook.md#key-ending", "docs/runbook.md#key-ends"),),
        (RULES,),
    ),
    Defect(
        "alarms: every run of a return counts it as new",
        TOLD,
        (Edit("flows/plan_return.py", "not state.shipments and not shadow", "not shadow"),),
        (ANNOUNCE,),
    ),
    Defect(
        "alarms: a publisher of the owner's own counts as a silent webhook",
        CALM,
        (Edit("flows/catch_up.py", "if _is_told_by_webhook(self._world):", "if missed:"),),
        (tests("flow/test_catch_up.py"),),
    ),
    Defect(
        "alarms: the dashboard's cost takes a function for one of half its memory",
        TOLD,
        (Edit(TEMPLATE, "[0.25 * quarters, 0.5 * halves", "[0.5 * quarters, 0.5 * halves"),),
        (DASHBOARD,),
    ),
)

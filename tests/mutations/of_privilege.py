"""Deliberate defects: what functions and people may do, and how it is known."""

from __future__ import annotations

from tests.mutations.model import TOLD, Defect, Edit, tests

TEMPLATE = "template.yaml"
RULES, HELD = "local/iam/rules.py", "local/lambda_host/held.py"
POLICIES = tests("privilege/test_policies.py")
COMPARISON = tests("privilege/test_comparison.py")
AT_WORK = tests("privilege/test_at_work.py")
IN_PROCESS = tests("component/test_held_functions.py")

OF_PRIVILEGE = (
    Defect(
        "privilege: a denial is passed over when something allows",
        TOLD,
        (Edit(RULES, "bool(about) and all(one.allows", "bool(about) and any(one.allows"),),
        (POLICIES,),
    ),
    Defect(
        "privilege: a condition whose key is not told is taken for met",
        TOLD,
        (Edit(RULES, 'return operator.endswith("IfExists")', "return True"),),
        (POLICIES,),
    ),
    Defect(
        "privilege: of a transaction only its puts need a right",
        TOLD,
        (Edit(RULES, '"Delete": "DeleteItem",', '"Delete": "PutItem",'),),
        (IN_PROCESS,),
    ),
    Defect(
        "privilege: what is refused is carried out all the same",
        TOLD,
        (
            Edit(
                HELD, "                raise ClientError(error, operation)", "                pass"
            ),
        ),
        (IN_PROCESS,),
    ),
    Defect(
        "privilege: a function may take from any queue",
        TOLD,
        (Edit(TEMPLATE, "NotResource: !GetAtt DespatchesQueue.Arn", "NotResource: '*'"),),
        (POLICIES,),
    ),
    Defect(
        "privilege: the relay may not look at how many despatches wait",
        TOLD,
        (
            Edit(
                TEMPLATE,
                """sqs:GetQueueAttributes]
              Resource: !GetAtt DespatchesQueue.Arn""",
                """sqs:GetQueueUrl]
              Resource: !GetAtt DespatchesQueue.Arn""",
            ),
        ),
        (AT_WORK,),
    ),
    Defect(
        "privilege: a store's refund may not be written onto its return's timeline",
        TOLD,
        (
            Edit(
                TEMPLATE,
                """            - Sid: WasItOurs
              Effect: Allow
              Action: [dynamodb:GetItem, dynamodb:PutItem]""",
                """            - Sid: WasItOurs
              Effect: Allow
              Action: [dynamodb:GetItem]""",
            ),
        ),
        (AT_WORK,),
    ),
    Defect(
        "privilege: a record keeps each merchant's name",
        TOLD,
        (Edit(RULES, "${{AWS::StackName}}/*/{name}-??????", "{resource}"),),
        (COMPARISON,),
    ),
)

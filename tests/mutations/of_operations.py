"""Deliberate defects: the ledger, the one way that writes are done, and the other stores."""

from __future__ import annotations

from tests.mutations.model import (
    ANNOUNCE,
    CRASHES,
    LOST,
    OPERATION,
    SEEDS,
    STORES,
    TOLD,
    TWICE,
    Defect,
    Edit,
)

OF_AN_OPERATION = (
    Defect(
        "a write is confirmed before it is sent",
        LOST,
        (
            Edit(
                "flows/operation.py",
                "        partner_id = send(send_by)\n",
                "        _settle(ledger, claim, OperationState.CONFIRMED)\n"
                "        return Done(send(send_by), 'sent')\n",
            ),
        ),
        (OPERATION, ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "a claim that was taken over sends without a look-up",
        TWICE,
        (
            Edit(
                "flows/operation.py",
                "if claim.claimed_from is ClaimedFrom.UNSETTLED:",
                "if claim.fence < 0:",
            ),
        ),
        (OPERATION, ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "a look-up that cannot tell is taken for not found",
        TWICE,
        (Edit("flows/operation.py", "case NotFound():", "case NotFound() | Inconclusive():"),),
        (OPERATION, ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "an unknown outcome is released as known not done",
        TWICE,
        (
            Edit(
                "flows/operation.py",
                "except Retryable as verdict:",
                "except (Retryable, UnknownOutcome) as verdict:",
            ),
        ),
        (OPERATION, ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "a refusal is released and sent again",
        TWICE,
        (
            Edit(
                "flows/operation.py",
                "claim, OperationState.REJECTED, code",
                "claim, OperationState.RELEASED, code",
            ),
        ),
        (OPERATION, ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "an outcome that nobody can know never goes to a person",
        TOLD,
        (
            Edit(
                "flows/operation.py",
                "seconds=operation.give_up_seconds",
                "days=operation.give_up_seconds",
            ),
        ),
        (OPERATION, ANNOUNCE),
    ),
    Defect(
        "whoever lost its claim believes its own word",
        TWICE,
        (
            Edit(
                "flows/operation.py",
                "    except Conflict:\n",
                "    except Conflict:\n        return\n",
            ),
        ),
        (OPERATION, CRASHES, SEEDS),
    ),
    Defect(
        "the lease leaves no time for what was sent to be seen",
        TWICE,
        (
            Edit(
                "domain/operations.py",
                "self.request_seconds + self.settle_seconds + CLOCKS_DIFFER_SECONDS",
                "self.request_seconds + CLOCKS_DIFFER_SECONDS",
            ),
        ),
        (OPERATION, STORES, SEEDS),
    ),
    Defect(
        "a write may leave until the very end of its lease",
        TWICE,
        (
            Edit(
                "domain/operations.py",
                "timedelta(seconds=self.unseen_seconds)",
                "timedelta(seconds=CLOCKS_DIFFER_SECONDS)",
            ),
        ),
        (OPERATION, STORES, SEEDS),
    ),
)

OF_THE_LEDGER = (
    Defect(
        "a claim is given to anybody who asks",
        TWICE,
        (
            Edit(
                "adapters/dynamodb/ledger.py",
                '"attribute_not_exists(pk) OR #state',
                '"attribute_not_exists(pk) OR attribute_exists(pk) OR #state',
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "a claim is taken over while its lease holds",
        TWICE,
        (Edit("adapters/dynamodb/ledger.py", "lease_until < :now", "lease_until <> :now"),),
        (STORES, SEEDS),
    ),
    Defect(
        "a claim is settled without its fence",
        TWICE,
        (Edit("adapters/dynamodb/ledger.py", '"fence = :fence AND', '"fence >= :fence AND'),),
        (STORES, SEEDS),
    ),
    Defect(
        "our own claim, its answer lost, is taken for another's",
        LOST,
        (Edit("adapters/dynamodb/ledger.py", "== claim_id:", '== "":'),),
        (STORES,),
    ),
    Defect(
        "a take-over whose answer was lost counts as a first claim",
        TWICE,
        (
            Edit(
                "adapters/dynamodb/ledger.py",
                "ClaimedFrom.NOTHING if first else ClaimedFrom.UNSETTLED",
                "ClaimedFrom.NOTHING",
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "what was refused and is sent anew keeps the clock of its first try",
        TOLD,
        (
            Edit(
                "adapters/dynamodb/ledger.py",
                "if state is not OperationState.CONFIRMED:",
                "if state is OperationState.RELEASED:",
            ),
        ),
        (STORES,),
    ),
    Defect(
        "a released claim keeps the clock of its first try",
        TOLD,
        (
            Edit(
                "adapters/dynamodb/ledger.py",
                'update += " REMOVE first_claimed_at"',
                'update += ""',
            ),
        ),
        (STORES,),
    ),
)

OF_THE_OTHER_STORES = (
    Defect(
        "a timeline is appended without its version",
        TWICE,
        (
            Edit("adapters/dynamodb/returns.py", '"version = :version"', '"version >= :version"'),
            Edit(
                "adapters/dynamodb/returns.py",
                'put["ConditionExpression"] = "attribute_not_exists(pk)"',
                'put["ConditionExpression"] = "attribute_not_exists(nothing)"',
            ),
            Edit(
                "adapters/dynamodb/returns.py",
                '"ConditionExpression": "attribute_not_exists(pk)",',
                '"ConditionExpression": "attribute_not_exists(nothing)",',
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "a timeline that is there already is appended without its version",
        TWICE,
        (
            Edit("adapters/dynamodb/returns.py", '"version = :version"', '"version >= :version"'),
            Edit(
                "adapters/dynamodb/returns.py",
                '"ConditionExpression": "attribute_not_exists(pk)",',
                '"ConditionExpression": "attribute_not_exists(nothing)",',
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "a transaction that was applied twice is not known as our own",
        LOST,
        (
            Edit(
                "adapters/dynamodb/returns.py",
                'if stored.get("write_id") != write_id:',
                "if stored:",
            ),
        ),
        (STORES,),
    ),
    Defect(
        "of what a query finds only one page is read",
        LOST,
        (
            Edit(
                "adapters/dynamodb/table.py",
                'if "LastEvaluatedKey" not in page:',
                "if page:",
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "an external return counts as closed while more may come",
        LOST,
        (
            Edit(
                "adapters/dynamodb/returns.py",
                "open_after[settled] = outcome in STILL_OPEN",
                "open_after[settled] = False",
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "a tick ignores the lease of another",
        TWICE,
        (
            Edit(
                "adapters/dynamodb/control.py",
                "OR lease_until < :now ",
                "OR lease_until <> :now ",
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "the cursor is moved without its fence",
        LOST,
        (Edit("adapters/dynamodb/control.py", '"fence = :fence"', '"fence >= :fence"'),),
        (STORES, SEEDS),
    ),
)

"""Deliberate defects: the portal's subscription, its token, its replays; the table of invoices."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, SHADOW, TOLD, TWICE, Defect, Edit, tests

SUBSCRIPTION = tests("flow/subscription")
VERBS = tests("unit/cli/test_redo_verbs.py")

OF_WEBHOOKS = (
    Defect(
        "a repaired subscription is owed no replay",
        LOST,
        (
            Edit(
                "flows/subscription_steps.py",
                "damage=damage, owed=start,",
                "damage=damage, owed=None,",
            ),
        ),
        (SUBSCRIPTION,),
    ),
    Defect(
        "a replay is owed only once the repair is done",
        LOST,
        (
            Edit(
                "flows/subscription_steps.py",
                "return keep(webhook, lease, new)",
                "return new",
            ),
        ),
        (SUBSCRIPTION,),
    ),
    Defect(
        "a replay that nobody heard the end of is asked for again on a guess",
        TWICE,
        (Edit("flows/subscription_steps.py", "return Inconclusive(why)", "return NotFound()"),),
        (SUBSCRIPTION,),
    ),
    Defect(
        "what was repaired once is never repaired again",
        LOST,
        (Edit("flows/subscription_steps.py", "memory.generation + 1", "memory.generation + 0"),),
        (SUBSCRIPTION,),
    ),
    Defect(
        "the damage of today has the replay of yesterday",
        LOST,
        (
            Edit(
                "flows/subscription_steps.py",
                "not_replayed=None, replays=memory.replays + 1)",
                "not_replayed=None, replays=memory.replays)",
            ),
        ),
        (SUBSCRIPTION,),
    ),
    Defect(
        "the deliveries of a replay under way are forgotten when the subscription is lost",
        LOST,
        (
            Edit(
                "flows/subscription_steps.py",
                "        memory.replay_under_way,\n",
                "",
            ),
        ),
        (SUBSCRIPTION,),
    ),
    Defect(
        "a subscription of somebody else at our address is deleted unasked",
        CALM,
        (
            Edit(
                "domain/subscriptions.py",
                "if remove_duplicates and standing.duplicates:",
                "if standing.duplicates:",
            ),
        ),
        (SUBSCRIPTION,),
    ),
    Defect(
        "the former token is forgotten while it is changed",
        LOST,
        (Edit("flows/subscription.py", '"previous_token": former}', '"previous_token": ""}'),),
        (SUBSCRIPTION,),
    ),
    Defect(
        "a token that the portal does not show counts as changed there",
        LOST,
        (
            Edit(
                "flows/subscription_steps.py",
                "or not shows_token(wanted, found):",
                "or not found.id:",
            ),
        ),
        (SUBSCRIPTION,),
    ),
    Defect(
        "a refusal quotes the token",
        TOLD,
        (
            Edit(
                "adapters/redo/errors.py",
                'told = told.replace(text, "…")',
                'told = told.replace(text, text + " ")',
            ),
        ),
        (SUBSCRIPTION,),
    ),
    Defect(
        "a subscription that was lost is repaired in silence",
        TOLD,
        (
            Edit(
                "flows/subscription_steps.py", "telemetry.count(REPAIRED)", "telemetry.count(BUSY)"
            ),
        ),
        (SUBSCRIPTION,),
    ),
    Defect(
        "a cell of an invoice runs in a spreadsheet",
        SHADOW,
        (Edit("domain/invoices.py", 'return f"\'{text}"', 'return f"{text}"'),),
        (VERBS,),
    ),
    Defect(
        "a page of an error becomes a table of invoices",
        TOLD,
        (Edit("adapters/redo/invoices.py", "if kind != CSV:", "if not kind:"),),
        (VERBS,),
    ),
)

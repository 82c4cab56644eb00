"""Deliberate defects: the dashboard's widgets and what is done from them."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, SHADOW, TOLD, TWICE, Check, Defect, Edit, tests

HTML = tests("unit/test_widget_html.py")
WIDGETS = tests("unit/test_widgets.py")
ACTS = tests("flow/test_dashboard_acts.py")
PREVIEW = tests("flow/test_preview.py")
STORES = tests("contract/test_dashboard_stores.py")
ON_A_HUB = tests("unit/test_widgets_on_a_hub.py")


def _defect(name: str, breaks: str, edit: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*edit),), checks)


OF_WIDGETS = (
    _defect(
        "a text of a widget is markup",
        CALM,
        (
            "widgets/html.py",
            "    return Html(html.escape(_clean(words)))",
            "    return Html(words)",
        ),
        HTML,
    ),
    _defect(
        "an action's content can end its element",
        CALM,
        ("widgets/html.py", """    for letter in "<>&":""", """    for letter in "":"""),
        HTML,
    ),
    _defect(
        "a text that a person wrote is shown as it is",
        CALM,
        ("domain/privacy.py", "    return PRIVATE_TEXT.sub(REDACTED, text)", "    return text"),
        HTML,
        WIDGETS,
    ),
    _defect(
        "a payload's fields are shown whatever they hold",
        CALM,
        (
            "domain/privacy.py",
            "    return SHOWN_TEXT.fullmatch(text) is not None and masked(text) == text",
            "    return True",
        ),
        HTML,
    ),
    _defect(
        "what was parked again since is acted on",
        LOST,
        (
            "flows/overview/dashboard_acts.py",
            "    if asked.seen != str(item.times or 1):",
            "    if not asked.seen:",
        ),
        ACTS,
    ),
    _defect(
        "a list that changed is acted on",
        LOST,
        (
            "flows/overview/dashboard_acts.py",
            "    if asked.seen != seen_of(page.rows) or len(page.rows) != asked.count:",
            "    if not page.rows:",
        ),
        ACTS,
    ),
    _defect(
        "two acts are done at the same time",
        TWICE,
        (
            "flows/overview/dashboard_acts.py",
            "    if lease is None:\n",
            "    if lease is None and not desk.request:\n",
        ),
        ACTS,
    ),
    _defect(
        "an act is recorded only when it is done",
        TOLD,
        (
            "flows/overview/dashboard_acts.py",
            "        desk.audit.record(begun)\n    except Conflict",
            "        pass\n    except Conflict",
        ),
        ACTS,
    ),
    _defect(
        "a refused act is let through",
        CALM,
        ("flows/overview/dashboard_acts.py", "    if wait:\n", "    if wait > 3600:\n"),
        ACTS,
    ),
    _defect(
        "the budget of acts is each taker's own",
        CALM,
        (
            "adapters/dynamodb/act_budget.py",
            "taken_until > :now AND taken_until <= :latest",
            "taken_until > :now",
        ),
        STORES,
    ),
    _defect(
        "a page of parked work ends with what it looked at",
        LOST,
        (
            "adapters/dynamodb/parking.py",
            """            rows, after = rows[:limit], rows[limit - 1]["sk"]""",
            "            rows = rows[:limit]",
        ),
        STORES,
    ),
    _defect(
        "a write without an answer is told to be sent",
        SHADOW,
        (
            "flows/overview/preview.py",
            '    if item.code == UNKNOWN_OUTCOME:\n        words = f"{name}: if its lines',
            '    if not item.code:\n        words = f"{name}: if its lines',
        ),
        PREVIEW,
    ),
    _defect(
        "a preview looks for the return of a merchant that nobody knows",
        TOLD,
        (
            "flows/overview/preview.py",
            "item.merchant == UNKNOWN_MERCHANT",
            'item.merchant == ""',
        ),
        PREVIEW,
    ),
    _defect(
        "an unknown part of the picture counts as quiet",
        TOLD,
        ("widgets/summary.py", "    elif not is_whole:\n", "    elif not overviews:\n"),
        WIDGETS,
    ),
    _defect(
        "a story's button is about what the form says",
        TOLD,
        (
            "widgets/asked.py",
            """        if "search" in self.params:\n""",
            "        if self.form:\n",
        ),
        WIDGETS,
    ),
)

"""Deliberate defects: who did what is on record, and the morning look tells what is wrong."""

from __future__ import annotations

from tests.mutations.model import LOST, SHADOW, TOLD, Defect, Edit, tests

TRAIL = tests("contract/test_audit.py")
ACTING = tests("unit/cli/test_acting.py")
VERB = tests("unit/cli/test_audit_verbs.py")
STATUS = tests("unit/cli/test_status.py")
TAIL = tests("unit/cli/test_tail.py")
COST = tests("unit/cli/test_cost.py")
STORY = tests("unit/cli/test_timeline.py")

OF_AUDIT = (
    Defect(
        "audit: the end of an act is written over another end",
        LOST,
        (
            Edit(
                "adapters/dynamodb/audit.py",
                'condition += " OR outcome = :asked"',
                'condition += " OR outcome <> :asked OR outcome = :asked"',
            ),
        ),
        (TRAIL,),
    ),
    Defect(
        "audit: an act of the year's last month is not found from the next year on",
        LOST,
        (
            Edit(
                "adapters/dynamodb/audit.py",
                "(year, month + 1) if month < 12 else (year + 1, 1)",
                "(year, month + 1) if month < 12 else (year + 2, 1)",
            ),
        ),
        (TRAIL, VERB),
    ),
    Defect(
        "audit: months that are yet to come are asked for",
        TOLD,
        (
            Edit(
                "adapters/dynamodb/audit.py",
                "min(until, self._clock.now() + CLOCKS_APART)",
                "min(until, self._clock.now() + 200 * CLOCKS_APART)",
            ),
        ),
        (TRAIL,),
    ),
    Defect(
        "audit: an act is done though it could not be recorded",
        TOLD,
        (Edit("cli/acting.py", "raise CommandError(clean(reason), code) from None", "pass"),),
        (ACTING,),
    ),
    Defect(
        "audit: a dry run is recorded as an act",
        SHADOW,
        (Edit("cli/acting.py", 'ctx.params.get("dry_run") or not', "not"),),
        (ACTING,),
    ),
    Defect(
        "audit: a text that nobody declared is recorded as it was given",
        TOLD,
        (Edit("cli/acting.py", "if param.name in TOLD and param.name not in hides:", "if True:"),),
        (ACTING,),
    ),
    Defect(
        "audit: an act that failed is told to be done",
        TOLD,
        (
            Edit(
                "cli/acting.py",
                "            self._end(*_ending(ended, heard.line))",
                '            self._end("done", heard.line)',
            ),
        ),
        (ACTING,),
    ),
    Defect(
        "audit: a cell of the export is a formula",
        TOLD,
        (Edit("cli/audit_rows.py", "return safe_cell(clean(", "return str(clean("),),
        (VERB,),
    ),
    Defect(
        "status: a job that is late is shown as in time",
        TOLD,
        (
            Edit(
                "domain/overview/overview.py",
                "return age is not None and age > least",
                "return age is not None and age > 4 * least",
            ),
        ),
        (STATUS,),
    ),
    Defect(
        "status: dead letters leave all quiet",
        TOLD,
        (Edit("cli/status/verb.py", "if dead or any(problems.values()):", "if False:"),),
        (STATUS,),
    ),
    Defect(
        "tail: lines of a merchant's work do not say whose they are",
        TOLD,
        (
            Edit(
                "bootstrap.py",
                "stores=replace(self.stores(), telemetry=telemetry),",
                "stores=self.stores(),",
            ),
        ),
        (tests("unit/cli/test_on_a_hub.py"),),
    ),
    Defect(
        "tail: a line that came late is not told",
        LOST,
        (
            Edit(
                "cli/logs/sources.py",
                "max(self._since, self._newest[name] - LATE)",
                "max(self._since, self._newest[name])",
            ),
        ),
        (TAIL,),
    ),
    Defect(
        "tail: what a library logged is shown unredacted",
        TOLD,
        (
            Edit(
                "cli/logs/lines.py",
                "return LogLine(at, function, level, str(redact(text)), \"\", {})",
                "return LogLine(at, function, level, text, \"\", {})",
            ),
        ),
        (TAIL,),
    ),
    Defect(
        "cost: what the indexes of a table take is left out",
        TOLD,
        (Edit("cli/cost/measure.py", 'for index in ("", *indexes):', 'for index in ("",):'),),
        (COST,),
    ),
    Defect(
        "cost: the returns of every stage are counted as this one's",
        TOLD,
        (
            Edit(
                "cli/cost/measure.py",
                "one.namespace for one in settings.values() if one.namespace",
                "one.namespace for one in settings.values() if not one",
            ),
        ),
        (COST,),
    ),
    Defect(
        "cost: returns that nobody counted are told as none",
        TOLD,
        (Edit("cli/cost/measure.py", " if is_counted else None", ""),),
        (COST,),
    ),
    Defect(
        "tail: figures of merchants stand among what was said",
        TOLD,
        (
            Edit(
                "cli/logs/lines.py",
                ' or ("service" in content and "level" not in content)',
                "",
            ),
        ),
        (TAIL,),
    ),
    Defect(
        "metrics of each merchant are billed though they are switched off",
        TOLD,
        (
            Edit(
                "observability.py",
                ' or os.environ.get("METRICS_BY_MERCHANT") != "no"',
                ' or os.environ.get("METRICS_BY_MERCHANT") != "off"',
            ),
        ),
        (tests("unit/test_observability.py"),),
    ),
    Defect(
        "timeline: a person's act that failed is not told",
        TOLD,
        (Edit("cli/look_verbs.py", 'if act.outcome != "done")', 'if act.outcome == "asked")'),),
        (STORY,),
    ),
)  # fmt: skip

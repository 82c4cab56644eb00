"""Deliberate defects: what is stored by other releases, and rows that are damaged."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, TWICE, Check, Defect, Edit, tests

MODELS = tests("unit/test_aws_models.py")
PARTS = tests("unit/test_merchant_parts.py")
DAMAGED = tests("flow/test_damaged_merchant.py")
UNKNOWN = tests("flow/test_unknown_store.py")
VERSIONS = tests("unit/test_store_version.py")
MIGRATION = tests("upgrade/test_migration.py")
AFTER = tests("upgrade/test_release_after.py", "contract/test_rows_of_the_release_after.py")
TERMS = tests("unit/test_search_terms.py")
COMMAND = tests("unit/cli/test_migrate.py")
MERCHANTS = "adapters/dynamodb/merchants.py"
ROWS_READ = "adapters/dynamodb/merchant_rows.py"
VERSION = "domain/store_version.py"
REFOLD = "flows/migrations/refold_returns.py"


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*where),), checks)


OF_UPGRADES = (
    _defect(
        "one merchant's row without its time ends every tick",
        CALM,
        (ROWS_READ, "    except KeyError as missing:", "    except IndexError as missing:"),
        DAMAGED,
    ),
    _defect(
        "a botocore that asks for more than today's stops every door",
        CALM,
        (
            "adapters/aws.py",
            "            except (DataNotFoundError, UnknownServiceError):\n",
            "            except FileNotFoundError:\n",
        ),
        MODELS,
    ),
    _defect(
        "a webhook's door works with rows that it does not know",
        TWICE,
        (
            "adapters/dynamodb/merchant_parts.py",
            "        self._require_known_store()\n",
            "        self._row(merchant)\n",
        ),
        PARTS,
    ),
    _defect(
        "a row that lost its number is applied over an old version",
        LOST,
        (
            MERCHANTS,
            'return next((int(row["sk"].removeprefix("v#")) for row in kept), 0)',
            "return 0",
        ),
        DAMAGED,
    ),
    _defect(
        "a release two behind works with rows that it does not know",
        TWICE,
        (VERSION, "if stored.newest > release + 1:", "if stored.newest > release + 2:"),
        VERSIONS,
    ),
    _defect(
        "a container that may not work has asked, and goes on",
        TWICE,
        (
            ROWS_READ,
            "        if why := problem_of(self.store.read() or StoreVersion()):",
            "        self._knows_store = True\n"
            "        if why := problem_of(self.store.read() or StoreVersion()):",
        ),
        UNKNOWN,
    ),
    _defect(
        "a field that the release after added stops the return",
        LOST,
        (
            "adapters/dynamodb/kept_models.py",
            'model.model_validate_json(text, extra="ignore")',
            "model.model_validate_json(text)",
        ),
        AFTER,
    ),
    _defect(
        "an event of the release after is not read",
        TOLD,
        (
            "domain/facts.py",
            '_event.validate_json(text, extra="ignore")',
            "_event.validate_json(text)",
        ),
        AFTER,
    ),
    _defect(
        "a migration writes over what a function did meanwhile",
        LOST,
        (
            "adapters/dynamodb/migrating_returns.py",
            '"ConditionExpression": "#state = :state",',
            '"ConditionExpression": "attribute_exists(pk) OR #state = :state",',
        ),
        MIGRATION,
    ),
    _defect(
        "a return whose write was refused is passed over",
        LOST,
        (REFOLD, "now = world.rows.stored(now.merchant, now.return_id)", "return False"),
        MIGRATION,
    ),
    _defect(
        "a fold that says something else takes the stored state's place",
        TWICE,
        (
            "domain/refolding.py",
            "    if state is None or not is_fold:",
            "    if state is None:",
        ),
        MIGRATION,
    ),
    _defect(
        "after going back nothing is migrated again",
        TOLD,
        (VERSION, "done=self.done.intersection(known),", "done=self.done,"),
        VERSIONS,
        MIGRATION,
    ),
    _defect(
        "a return that was done is not found by what an earlier release knew of it",
        TOLD,
        (
            "domain/overview/search_terms.py",
            'if "step" not in before.model_fields_set:',
            "if before.step is None and after.step is not None:",
        ),
        TERMS,
    ),
    _defect(
        "hub migrate status says that all is well while a migration is pending",
        TOLD,
        (
            "cli/migrate_verbs.py",
            "    if not found.is_current:\n        sys.exit",
            "    if found.problem:\n        sys.exit",
        ),
        COMMAND,
    ),
)

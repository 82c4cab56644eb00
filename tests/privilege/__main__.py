"""Least privilege: judge a run of the whole suite, write the tables and policies for people.

python -m tests.privilege judge       what was used held against what is allowed, both ways
python -m tests.privilege table       docs/permissions.md, of template.yaml and the record
python -m tests.privilege operators   config/iam/*.json, of the record
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from local.iam.policies import functions, policy_of, resources
from tests.privilege import comparison, operators, table
from tests.privilege.record import FOLDER, NotWhole, read, require_whole

ADVICE = """that differs, as above
  REFUSED, TOO FEW  look why it asks; if it has to, allow it in template.yaml
  TOO MANY          take it out of template.yaml; or test what needs it; or, where no test can make
                    the case, list it in tests/privilege/unused.toml with the code that needs it
  LISTED            take it off tests/privilege/unused.toml, or say why
  after that        python -m tests.privilege table, python -m tests.privilege operators
"""


def judge(folder: Path) -> int:
    """Say every difference; 0 when there is none."""
    try:
        require_whole(folder)
    except NotWhole as missing:
        sys.stderr.write(f"least privilege was not judged: {missing}\n")
        return 1
    seen = read("functions", folder)
    policies = [policy_of(function) for function in functions(resources())]
    found = comparison.compare(policies, seen, comparison.read_list())
    found += operators.compare(read("verbs", folder))
    end = ADVICE if found else "policies allow what the suite used, and no more\n"
    about = f"least privilege: {len(policies)} functions, {len(seen.uses)} uses; "
    lines = [*found, *table.missing_names(seen)]
    sys.stdout.write("".join(f"{line}\n" for line in lines) + about + end)
    return 1 if found else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=["judge", "table", "operators"])
    parser.add_argument("--record", type=Path, default=FOLDER, help="the folder of the record")
    given = parser.parse_args()
    match given.what:
        case "judge":
            return judge(given.record)
        case "table":
            table.write(read("functions", given.record))
        case _:
            operators.write(read("verbs", given.record))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""template.yaml, as it is written and as it is deployed, under cfn-lint and checkov.

Usage: python -m tools.check_template (make check-template). It needs no network. What checkov
finds is mended, or explained in tools/checkov.yaml: a finding without an explanation fails, and so
does an explanation that fits no finding any more.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.stack import ROOT, translated

EXPLAINED = ROOT / "tools" / "checkov.yaml"
CFN_LINT = ROOT / ".venvs" / "sam" / "bin" / "cfn-lint"
CHECKOV = ROOT / ".venvs" / "checkov" / "bin" / "checkov"
REGION = "eu-west-1"
OFFLINE = {
    "BC_SKIP_MAPPING": "TRUE",
    "CKV_SKIP_PACKAGE_UPDATE_CHECK": "TRUE",
    "LOG_LEVEL": "ERROR",
}


@dataclass(frozen=True)
class Finding:
    """A check that a resource fails. `resource` is its name alone."""

    check: str
    says: str
    resource: str


@dataclass(frozen=True)
class Explanation:
    """Why findings of one check stand: of all resources of a type, or of one by its name."""

    check: str
    says: str
    of: str
    reason: str

    def fits(self, finding: Finding, kinds: Mapping[str, str]) -> bool:
        """Whether it is about this one; `kinds` has each resource's type."""
        named = {finding.resource, kinds.get(finding.resource)}
        return self.check == finding.check and self.of in named


def explanations(path: Path = EXPLAINED) -> tuple[Explanation, ...]:
    """What is explained.

    Raises:
        ValueError: One has not exactly `says`, `of` and `reason`, each with words in it.
    """
    found = []
    for check, told in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        texts = {name: str(text).strip() for name, text in told.items() if text}
        if texts.keys() != {"says", "of", "reason"} or not all(texts.values()):
            raise ValueError(f"{path.name}: {check} needs says, of and reason")
        found.append(Explanation(check=check, **texts))
    return tuple(found)


def kinds_of(template: Mapping[str, Any]) -> dict[str, str]:
    """The type of each resource of the deployed template."""
    return {name: resource["Type"] for name, resource in template["Resources"].items()}


def objections(
    findings: Iterable[Finding], explained: Iterable[Explanation], kinds: Mapping[str, str]
) -> list[str]:
    """What is found and not explained, and what is explained and not found."""
    found, known = set(findings), tuple(explained)
    told = [
        f"{one.resource}: {one.says} ({one.check}): mend it, or explain it in {EXPLAINED.name}"
        for one in sorted(found, key=lambda one: (one.check, one.resource))
        if not any(explanation.fits(one, kinds) for explanation in known)
    ]
    told += [
        f"{EXPLAINED.name}: {explanation.check} of {explanation.of} fits no finding: take it out"
        for explanation in known
        if not any(explanation.fits(one, kinds) for one in found)
    ]
    return told


def found_by_checkov(*templates: Path) -> list[Finding]:
    """What it finds, by its own checks alone.

    Raises:
        RuntimeError: It did not look at all of them.
    """
    files = [word for template in templates for word in ("-f", str(template))]
    done = subprocess.run(
        [str(CHECKOV), *files, "--framework", "cloudformation", "--skip-download", "-o", "json"],
        env={**os.environ, **OFFLINE},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        told = json.loads(done.stdout)
        results, summary = told["results"], told["summary"]
    except (ValueError, KeyError, TypeError):
        raise RuntimeError(f"checkov did not work:\n{done.stderr[-2000:]}") from None
    seen = {row["file_path"].rpartition("/")[2] for row in results["passed_checks"]}
    missed = {template.name for template in templates} - seen
    if missed or summary["parsing_errors"] or results.get("parsing_errors"):
        raise RuntimeError(f"checkov could not read {', '.join(sorted(missed)) or 'a template'}")
    return [
        Finding(row["check_id"], row["check_name"], row["resource"].rpartition(".")[2])
        for row in results["failed_checks"]
    ]


def found_by_cfn_lint(*templates: Path) -> str:
    """What it says; empty when it says nothing."""
    done = subprocess.run(
        [str(CFN_LINT), "-r", REGION, "--", *map(str, templates)],
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip() or ("" if done.returncode == 0 else "it failed")


def main() -> int:
    """0 when both have nothing to say that is not explained."""
    for program in (CFN_LINT, CHECKOV):
        if not program.exists():
            print(f"{program.name} is missing: make setup-check", file=sys.stderr)
            return 2
    with tempfile.TemporaryDirectory() as folder:
        written, deployed = ROOT / "template.yaml", Path(folder) / "translated.json"
        plain = translated(written, Path(folder))["template"]
        deployed.write_text(json.dumps(plain, indent=1), encoding="utf-8")
        linted = found_by_cfn_lint(written, deployed)
        findings = found_by_checkov(written, deployed)
    kinds, explained = kinds_of(plain), explanations()
    told = [linted] if linted else []
    told += objections(findings, explained, kinds)
    print("\n".join(told) or f"{len(kinds)} resources: nothing that is not explained")
    for explanation in explained:
        count = len({one for one in findings if explanation.fits(one, kinds)})
        print(f"  explained: {explanation.says} ({explanation.check}, {count} resources)")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())

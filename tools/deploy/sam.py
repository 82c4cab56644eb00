"""The SAM CLI's part: building, and uploading as a change set that is not executed yet."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.deploy.aws import Aws, denial_in
from tools.deploy.environments import Environment, overrides_of
from tools.deploy.talk import AWS_REFUSES, STOPPED, Stopped

CHANGE_SET = re.compile(r"arn:\S+:changeSet/\S+")
SAYS_NOTHING_NEW = ("No changes to deploy", "is up to date")
SIGN_IN_AGAIN = ("ExpiredToken", "InvalidClientTokenId", "security token", "Unable to locate cred")
LAST_LINES = 12


@dataclass(frozen=True)
class Sam:
    """The SAM CLI of `tools` (where setup put it), for the application in `source`."""

    tools: Path
    source: Path
    samconfig: Path

    @property
    def program(self) -> Path:
        """Where it is."""
        return self.tools / ".venvs" / "sam" / "bin" / "sam"

    def require(self) -> None:
        """Stop where it is not installed.

        Raises:
            Stopped: It is not.
        """
        if not self.program.exists():
            raise Stopped("the SAM CLI is not installed here: python3.11 tools/setup.py sam")

    def build(self, environment: Environment, parameters: Mapping[str, str]) -> None:
        """Build the application.

        Raises:
            Stopped: It cannot be built; the SAM CLI's last words are in the text.
        """
        architecture = parameters.get("Architecture", "arm64")
        done = self._run(
            {"LAYER_ARCHITECTURE": architecture},
            *("build", "--cached", "--config-file", str(self.samconfig)),
            *("--config-env", environment.name),
            *("--parameter-overrides", overrides_of(parameters)),
        )
        if done.returncode != 0:
            raise Stopped(f"the application cannot be built:\n{_last_words(done)}")

    def change_set(
        self, aws: Aws, environment: Environment, parameters: Mapping[str, str]
    ) -> str | None:
        """Upload what was built; the change set's ARN, or None where nothing changes.

        Raises:
            Stopped: AWS, or the SAM CLI, refused.
        """
        done = self._run(
            {"AWS_REGION": aws.region, "AWS_DEFAULT_REGION": aws.region},
            *("deploy", "--config-file", str(self.samconfig), "--config-env", environment.name),
            *("--stack-name", environment.stack, "--region", aws.region),
            *(("--profile", aws.profile) if aws.profile else ()),
            *("--no-execute-changeset", "--no-confirm-changeset", "--no-fail-on-empty-changeset"),
            *("--no-progressbar", "--parameter-overrides", overrides_of(parameters)),
        )
        said = done.stdout + done.stderr
        if done.returncode != 0:
            raise _refused(done)
        found = CHANGE_SET.search(said)
        if found:
            return found[0]
        if any(words in said for words in SAYS_NOTHING_NEW):
            return None
        raise Stopped(f"the SAM CLI names no change set; its last words:\n{_last_words(done)}")

    def _run(self, more: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "SAM_CLI_TELEMETRY": "0",
            "HUB_UV": str(self.tools / ".venvs" / "uv" / "bin" / "uv"),
            **more,
        }
        return subprocess.run(
            [str(self.program), *arguments],
            cwd=self.source,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


def _refused(done: subprocess.CompletedProcess[str]) -> Stopped:
    said = done.stdout + done.stderr
    denied = denial_in(said)
    if denied:
        return Stopped(denied, AWS_REFUSES)
    if any(words in said for words in SIGN_IN_AGAIN):
        return Stopped("AWS takes these credentials no more; sign in again", AWS_REFUSES)
    return Stopped(f"the change set cannot be made:\n{_last_words(done)}", STOPPED)


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    if any(line.startswith("Traceback") for line in said):
        said = said[-1:]
    return "\n".join(f"  {line.strip()[:300]}" for line in said[-LAST_LINES:])

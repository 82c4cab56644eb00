"""Names of releases, and the way back to the one before."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from tests.support.deploy_world import DeployWorld
from tools.deploy.deploying import Wanted, deploy
from tools.deploy.going_back import roll_back
from tools.deploy.releases import before, git_state, release_in, release_of
from tools.deploy.talk import Stopped

PROD = "returns-hub"
WANTED = Wanted("prod", parameters={"FirstMerchant": "acme"})
RUNNING = "aaaaaaaaaa-1.0.0-0123456789ab"
OLDER = "bbbbbbbbbb-0.9.0-ba9876543210"


def git(world: DeployWorld, *words: str) -> str:
    names = ("-c", "user.name=T", "-c", "user.email=t@example.test", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *names, *words],  # noqa: S607 - the git of whoever runs the tests
        cwd=world.root,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def cloned(world: DeployWorld) -> DeployWorld:
    """The clone has two commits; the later one has another memory size."""
    (world.root / ".gitignore").write_text(".venvs\n.deploy\n", encoding="utf-8")
    git(world, "init", "-q", "-b", "main")
    git(world, "add", ".")
    git(world, "commit", "-q", "-m", "one")
    template = world.root / "template.yaml"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("MemorySize: 512", "MemorySize: 640"), encoding="utf-8")
    git(world, "commit", "-q", "-a", "-m", "two")
    return world


def test_a_release_names_its_digest_version_and_commit(cloned: DeployWorld) -> None:
    state = git_state(cloned.root)
    release = release_of(cloned.root, state, {"LogLevel": "INFO"})
    assert release_in(release.text) == release
    assert release.version == "1.2.3"
    assert git(cloned, "rev-parse", "HEAD").startswith(release.commit)
    assert not release.changed
    assert release_of(cloned.root, state, {"LogLevel": "INFO"}) == release
    assert release_of(cloned.root, state, {"LogLevel": "DEBUG"}).text[:10] != release.text[:10]


def test_every_release_is_taken_by_the_template(cloned: DeployWorld) -> None:
    from tools.deploy.template_facts import TemplateFacts

    template = TemplateFacts(cloned.root / "template.yaml")
    clean = release_of(cloned.root, git_state(cloned.root), {})
    (cloned.root / "functions" / "new.py").write_text("", encoding="utf-8")
    changed = release_of(cloned.root, git_state(cloned.root), {})
    assert changed.text.endswith("-changed")
    assert changed.text[:10] != clean.text[:10]
    for release in (clean, changed):
        template.require_valid({"Release": release.text, "ReleaseBefore": release.text})


def test_without_git_a_release_is_named_all_the_same(world: DeployWorld) -> None:
    release = release_of(world.root, git_state(world.root), {})
    assert release.text.endswith("-0000000-changed")
    assert "a rollback to this will not be possible" in git_state(world.root).in_words


@pytest.mark.parametrize(
    ("in_stack", "expected"),
    [
        ({}, ""),
        ({"Release": RUNNING, "ReleaseBefore": OLDER}, RUNNING),
        ({"Release": "cccccccccc-1.1.0-ffffffffffff", "ReleaseBefore": OLDER}, OLDER),
        ({"Release": "by hand", "ReleaseBefore": OLDER}, OLDER),
    ],
)
def test_before_is_what_had_other_files(in_stack: dict[str, str], expected: str) -> None:
    """A deployment that only sets a parameter is no release to come back from."""
    now = release_in("dddddddddd-1.1.0-ffffffffffff")
    assert now is not None
    assert before(now, in_stack) == expected


def test_what_is_not_committed_is_deployed_to_dev_alone(cloned: DeployWorld) -> None:
    (cloned.root / "functions" / "new.py").write_text("", encoding="utf-8")
    cloned.account.put(PROD, FirstMerchant="acme")
    with pytest.raises(Stopped, match="--allow-changed-files"):
        deploy(cloned.tool, WANTED)
    assert "with 1 file that is not committed" in cloned.person.heard
    deploy(cloned.tool, replace(WANTED, allow_changed_files=True))
    assert cloned.overrides()["Release"].endswith("-changed")
    cloned.account.put("returns-hub-dev", FirstMerchant="acme")
    deploy(cloned.tool, replace(WANTED, environment="dev"))


def test_the_release_before_is_deployed_from_its_own_files_at_once(cloned: DeployWorld) -> None:
    first = git(cloned, "rev-parse", "--short=12", "HEAD~1")
    running = release_of(cloned.root, git_state(cloned.root), {})
    cloned.account.put(PROD, Release=running.text, ReleaseBefore=f"bbbbbbbbbb-1.2.3-{first}")
    roll_back(cloned.tool, Wanted("prod"))
    chosen = cloned.overrides()
    assert chosen["Rollout"] == "AllAtOnce"
    assert f"-1.2.3-{first}" in chosen["Release"]
    assert chosen["ReleaseBefore"] == running.text
    assert not list((cloned.root / ".deploy").glob("release-*"))
    assert git(cloned, "worktree", "list").count("\n") == 0
    assert "MemorySize: 640" in (cloned.root / "template.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({}, "does not tell what ran before"),
        ({"ReleaseBefore": f"{OLDER}-changed"}, "files that were never committed"),
        ({"ReleaseBefore": OLDER}, "this clone has no commit ba9876543210; fetch it"),
    ],
)
def test_what_cannot_be_gone_back_to_is_told(
    cloned: DeployWorld, parameters: dict[str, str], says: str
) -> None:
    cloned.account.put(PROD, **parameters)
    with pytest.raises(Stopped, match=says):
        roll_back(cloned.tool, Wanted("prod"))
    assert not cloned.sam_was_asked("build")


def test_there_is_nothing_to_go_back_from_without_a_stack(cloned: DeployWorld) -> None:
    with pytest.raises(Stopped, match="nothing to go back from"):
        roll_back(cloned.tool, Wanted("prod"))


def test_one_goes_back_to_a_commit_by_its_name_too(cloned: DeployWorld) -> None:
    cloned.account.put(PROD)
    git(cloned, "tag", "v1.2.2", "HEAD~1")
    roll_back(cloned.tool, Wanted("prod"), to="v1.2.2")
    assert git(cloned, "rev-parse", "--short=12", "v1.2.2") in cloned.overrides()["Release"]

"""The bill of materials: of the lock that the build installs by, and as CycloneDX says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import sbom
from tools.licences import LicenceError, is_allowed
from tools.sbom import Pinned, SbomError, bill, pinned, validate, written

ONE = "0" * 64
TWO = "a" * 64
IDNA = f"idna==3.20 \\\n    --hash=sha256:{ONE} \\\n    --hash=sha256:{TWO}\n"


def packages() -> tuple[Pinned, ...]:
    return pinned(sbom.LOCK.read_text(encoding="utf-8"))


def test_a_lock_is_read_with_its_hashes_and_markers() -> None:
    other = f"Typing_Extensions==4.1 ; python_full_version < '3.12' \\\n    --hash=sha256:{ONE}\n"
    assert pinned(IDNA + other) == (
        Pinned("idna", "3.20", (ONE, TWO)),
        Pinned("typing-extensions", "4.1", (ONE,)),
    )


@pytest.mark.parametrize(
    "line", ["idna", "idna>=3", "idna==3.20", "-e .", f"idna @ x --hash=sha256:{ONE}"]
)
def test_a_lock_without_pins_and_hashes_makes_no_bill(line: str) -> None:
    with pytest.raises(SbomError, match="no pin with hashes"):
        pinned(f"{line}\n")


def test_it_is_the_same_every_time_and_of_the_whole_lock() -> None:
    text = written(bill(packages()))
    assert text == written(bill(packages()))
    made = json.loads(text)
    assert not {"serialNumber"} & made.keys()
    assert "timestamp" not in made["metadata"]
    known = {one["name"]: one for one in made["components"]}
    assert known.keys() == {one.name for one in packages()} | {"boto3"}
    for package in packages():
        (reference,) = known[package.name]["externalReferences"]
        assert [one["content"] for one in reference["hashes"]] == list(package.hashes)
        assert known[package.name]["version"] == package.version
    assert "version" not in known["boto3"]


def test_everything_that_ships_is_needed_by_something_that_ships() -> None:
    needs = {one["ref"]: one["dependsOn"] for one in bill(packages())["dependencies"]}
    reached, ahead = set[str](), [sbom.HUB]
    while ahead:
        ref = ahead.pop()
        if ref not in reached:
            reached.add(ref)
            ahead += needs[ref]
    assert reached == needs.keys() == {sbom.HUB, sbom.BOTO3, *(one.purl for one in packages())}


def test_every_licence_is_one_that_is_allowed() -> None:
    sbom.require_allowed(packages())
    told = {one.name: sbom.published(one) for one in packages()}
    assert told["requests"].licence == "Apache-2.0"
    assert not told["requests"].parts


def test_what_is_compiled_into_a_package_is_in_the_bill() -> None:
    (core,) = (one for one in bill(packages())["components"] if one["name"] == "pydantic-core")
    crates = {one["name"]: one for one in core["components"]}
    assert "pyo3" in crates
    assert crates["pyo3"]["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
    assert crates["pyo3"]["purl"].startswith("pkg:cargo/pyo3@")


@pytest.mark.parametrize(
    ("licence", "is_fine"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND Apache-2.0", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT AND Zlib", False),
        ("(GPL-3.0-only OR MIT) AND Apache-2.0", True),
        ("(GPL-3.0-only OR MIT) AND Zlib", False),
        ("Apache-2.0 WITH LLVM-exception", False),
        ("Apache-2.0 WITH LLVM-exception OR MIT", True),
    ],
)
def test_a_licence_is_allowed_when_it_can_be_met(licence: str, is_fine: bool) -> None:
    assert is_allowed(licence, ("MIT", "Apache-2.0")) is is_fine


@pytest.mark.parametrize("licence", ["", "(MIT", "MIT)", "MIT OR", "AND MIT", "MIT MIT"])
def test_what_is_no_licence_is_not_guessed(licence: str) -> None:
    with pytest.raises(LicenceError, match="no licence expression"):
        is_allowed(licence, ("MIT",))


def test_a_package_of_another_version_than_the_lock_makes_no_bill() -> None:
    with pytest.raises(SbomError, match=r"and locked as 1\.0: make lock"):
        bill([Pinned("idna", "1.0", (ONE,))])
    with pytest.raises(SbomError, match="not installed here"):
        bill([Pinned("nobodys-package", "1.0", (ONE,))])


def test_it_is_what_cyclonedx_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "made" / "sbom.json"
    serial = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"
    assert sbom.main([str(path), "--at", "2026-01-31T12:00:00Z", "--serial", serial]) == 0
    assert f"{len(packages())} packages" in capsys.readouterr().out
    made = json.loads(path.read_text(encoding="utf-8"))
    assert (made["serialNumber"], made["metadata"]["timestamp"]) == (
        serial,
        "2026-01-31T12:00:00Z",
    )
    made["components"][0]["licences"] = []
    with pytest.raises(SbomError, match="licences"):
        validate(json.dumps(made))


def test_a_licence_that_is_not_allowed_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sbom, "allowed_licences", lambda: ("MIT",))
    monkeypatch.setattr(sbom, "validate", lambda _: None)
    assert sbom.main([str(tmp_path / "sbom.json")]) == 1
    assert "requests" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())

"""The lock files name a version of everything that pyproject.toml asks for."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]]
DEVELOPMENT = [
    *PROJECT["dependency-groups"]["bench"],
    *(each for each in PROJECT["dependency-groups"]["dev"] if isinstance(each, str)),
]


def locked(lock: str) -> dict[str, Version]:
    pins = (line.split() for line in (ROOT / lock).read_text().splitlines() if "==" in line)
    pairs = (words[0].split("==") for words in pins if words[0][0].isalpha())
    return {name: Version(version) for name, version in pairs}


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        (lock, wanted)
        for lock in ("requirements.lock", "requirements-dev.lock")
        for wanted in RUNTIME
    ]
    + [("requirements-dev.lock", wanted) for wanted in DEVELOPMENT],
)
def test_lock_satisfies(lock: str, wanted: str) -> None:
    requirement = Requirement(wanted)
    assert requirement.specifier.contains(locked(lock)[requirement.name.lower()])


def test_development_adds_to_the_runtime_and_changes_nothing_in_it() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_lock_names_no_place_to_fetch_from(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text

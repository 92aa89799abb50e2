"""The directory file: what it says is taken as it stands, and what no event can say is refused."""

import json
from pathlib import Path

import pytest
import yaml

from config.directory import read_directory
from config.errors import ConfigurationError
from tests.long_ids import LONGEST, id_of

_LONG = id_of(LONGEST + 1, wide=True)
_TOO_LONG = "has an id longer than 1,000 bytes, as no event has"
_WITH_NUL = "has an id with the character NUL, as no event has"


@pytest.fixture(params=["directory.json", "directory.yaml"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def write(file: Path, content: object) -> None:
    is_json = file.suffix == ".json"
    file.write_text(json.dumps(content) if is_json else yaml.safe_dump(content, sort_keys=False))


def test_the_longest_ids_and_any_devices_are_taken(file: Path) -> None:
    user, team = id_of(LONGEST), id_of(LONGEST, wide=True)
    entry = {"devices": [_LONG], "muted": [f"{user}:{team}"]}
    write(file, {"groups": {team: [user]}, "users": {user: entry}})
    found = read_directory(file)
    assert found.groups == {team: {user}}
    assert found.entry(user).devices == (_LONG,)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"groups": {"crew": [], _LONG: []}}, f"group 2 {_TOO_LONG}"),
        ({"groups": {"crew": ["ann", _LONG]}}, f"a member of group 1 {_TOO_LONG}"),
        ({"users": {_LONG: {}}}, f"user 1 {_TOO_LONG}"),
        ({"groups": {"cr\0ew": []}}, f"group 1 {_WITH_NUL}"),
        ({"groups": {"crew": ["a\0"]}}, f"a member of group 1 {_WITH_NUL}"),
        ({"users": {"ann": {}, "\0": {}}}, f"user 2 {_WITH_NUL}"),
    ],
)
def test_an_id_that_no_event_can_have_is_refused_with_its_place(
    file: Path, content: object, words: str
) -> None:
    write(file, content)
    with pytest.raises(ConfigurationError) as refused:
        read_directory(file)
    assert str(refused.value) == f"push.directory: {file}: {words}"

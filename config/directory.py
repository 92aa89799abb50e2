"""Reads the directory file: groups, members, devices and preferences, in YAML or JSON."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import yaml

from config.errors import ConfigurationError
from schemas.directory import Directory
from schemas.ids import LONGEST_ID, is_too_long


def read_directory(path: Path | None) -> Directory:
    """Read the file that `push.directory` names; without one the directory is empty.

    Raises:
        ConfigurationError: The file is missing or is not a directory, or no event can have an id
            that stands in it; says where it is wrong.
    """
    if path is None:
        return Directory()
    try:
        found = _read(path)
    except OSError as error:
        raise ConfigurationError(f"push.directory: cannot read {path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise ConfigurationError(f"push.directory: {path}{place} is not YAML") from error
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"push.directory: {path}: {error}") from error
    for place, name in _ids(found):
        if is_too_long(name):
            words = f"{place} has an id longer than {LONGEST_ID:,} bytes, as no event has"
            raise ConfigurationError(f"push.directory: {path}: {words}")
        if "\0" in name:
            words = f"{place} has an id with the character NUL, as no event has"
            raise ConfigurationError(f"push.directory: {path}: {words}")
    return found


def _read(path: Path) -> Directory:
    text = path.read_bytes()
    if path.suffix == ".json":
        return msgspec.json.decode(text, type=Directory)
    return msgspec.convert(yaml.load(text, Loader=_Loader) or {}, type=Directory)


def _ids(found: Directory) -> Iterator[tuple[str, str]]:
    """Every id, and where it stands: it goes into the keys of tables as those of events do."""
    for number, (group_id, members) in enumerate(found.groups.items(), 1):
        yield f"group {number}", group_id
        for user_id in members:
            yield f"a member of group {number}", user_id
    for number, user_id in enumerate(found.users, 1):
        yield f"user {number}", user_id


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C loader where it is there: a large directory takes minutes with the other one."""

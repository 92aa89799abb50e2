"""Reads the directory file: groups, members, devices and preferences, in YAML or JSON."""

from pathlib import Path

import msgspec
import yaml

from config.errors import ConfigurationError
from schemas.directory import Directory


def read_directory(path: Path | None) -> Directory:
    """Read the file that `push.directory` names; without one the directory is empty.

    Raises:
        ConfigurationError: The file is missing or is not a directory; says where it is wrong.
    """
    if path is None:
        return Directory()
    try:
        text = path.read_bytes()
        if path.suffix == ".json":
            return msgspec.json.decode(text, type=Directory)
        return msgspec.convert(yaml.load(text, Loader=_Loader) or {}, type=Directory)
    except OSError as error:
        raise ConfigurationError(f"push.directory: cannot read {path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise ConfigurationError(f"push.directory: {path}{place} is not YAML") from error
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"push.directory: {path}: {error}") from error


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C loader where it is there: a large directory takes minutes with the other one."""

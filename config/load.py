"""YAML file and environment in, settings out; every mistake in them is told at once.

pydantic-settings does not fit: it drops sections it does not know without a word.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.environment import read_environment
from config.errors import ConfigurationError
from config.keys import CONFIG_VARIABLE, FIELDS, PROPERTIES, Mistake, Written, dotted, section_of
from config.keys import Path as KeyPath
from config.settings import Settings
from config.yaml_file import read_yaml

_DEFAULT_FILE = Path("config/config.dev.yaml")
_QUOTED = 60
"""How many characters of a wrong value are repeated in an error."""


@dataclass(frozen=True)
class Loaded:
    """The settings in force and where they come from."""

    settings: Settings
    file: Path
    origins: Mapping[KeyPath, str]
    """A file and its line or a variable, for each setting that is not left at its default."""


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings: the environment over the YAML file over the defaults.

    Args:
        environ: Stands for the environment of this process.

    Raises:
        ConfigurationError: Something is not understood; the text names each mistake and its place.
    """
    return load(environ).settings


def load(environ: Mapping[str, str] | None = None) -> Loaded:
    """Read the settings as `load_settings` does, and keep where each stands."""
    environ = os.environ if environ is None else environ
    file = _config_file(environ)
    read = [*read_yaml(file), *read_environment(environ)]
    written = {item.path: item for item in read if isinstance(item, Written)}
    mistakes = [item for item in read if isinstance(item, Mistake)]
    origins = {path: item.origin for path, item in written.items()}
    try:
        settings = Settings.model_validate(_nested(written.values()))
    except ValidationError as error:
        # Its text quotes values; only what _mistake takes from it may be seen.
        mistakes += [_mistake(detail, origins) for detail in error.errors(include_url=False)]
    else:
        if not mistakes:
            return Loaded(settings, file, origins)
    raise ConfigurationError(_text(mistakes))


def _config_file(environ: Mapping[str, str]) -> Path:
    if named := environ.get(CONFIG_VARIABLE):
        if not Path(named).is_file():
            raise ConfigurationError(f"{CONFIG_VARIABLE}: there is no file {named}")
        return Path(named)
    packaged = Path(__file__).with_name(_DEFAULT_FILE.name)
    return _DEFAULT_FILE if _DEFAULT_FILE.is_file() else packaged


def _nested(written: Iterable[Written]) -> dict[str, Any]:
    root: dict[str, Any] = {}  # Any: sections in sections, of any depth
    for path, value, _ in written:
        section = root
        for name in path[:-1]:
            section = section.setdefault(name, {})
        section[path[-1]] = value
    return root


def _mistake(detail: ErrorDetails, origins: Mapping[KeyPath, str]) -> Mistake:
    path = _path(detail["loc"])
    field = FIELDS.get(path)
    text = _words(detail["msg"])
    if field and section_of(field):  # a rule about several keys, which it names itself
        beneath = {key: origins[key] for key in origins if key[: len(path)] == path}
        named = [origin for key, origin in beneath.items() if dotted(key) in text]
        return Mistake(" and ".join(dict.fromkeys(named)), text)
    given = detail["input"]
    if field and field.repr and isinstance(given, str | int | float):
        text += f", not {str(given)[:_QUOTED]!r}"
    return Mistake(origins[path], f"{dotted(path)} {text}")


def _path(location: tuple[int | str, ...]) -> KeyPath:
    """The setting in pydantic's location, which may go on into a list or a type."""
    names = tuple(str(part) for part in location)
    if names[: len(PROPERTIES)] == PROPERTIES:
        return names[: len(PROPERTIES) + 1]
    return next(names[:size] for size in range(len(names), 0, -1) if names[:size] in FIELDS)


def _words(message: str) -> str:
    """Pydantic's message as the rest of a sentence that begins with the key."""
    if message.startswith("Value error, "):
        return message.removeprefix("Value error, ")
    return re.sub(", (unable to|got) .*", "", re.sub("^[A-Z][a-z]+ should ", "must ", message))


def _text(mistakes: list[Mistake]) -> str:
    lines = [f"{origin}: {text}" for origin, text in mistakes]
    if len(lines) == 1:
        return lines[0]
    return "\n  ".join([f"the configuration has {len(lines)} mistakes:", *lines])

"""Environment variables in, what they set out."""

import json
from collections.abc import Iterator, Mapping
from typing import get_args, get_origin

from config.keys import (
    CONFIG_VARIABLE,
    ENVIRONMENT_PREFIX,
    FIELDS,
    PROPERTIES,
    Mistake,
    Path,
    Written,
    dotted,
    nearest,
    section_of,
    variable,
)


def read_environment(environ: Mapping[str, str]) -> list[Written | Mistake]:
    """Read the variables that begin with `CHAT_`; one that names no setting is a mistake."""
    names = sorted(name for name in environ if name.startswith(ENVIRONMENT_PREFIX))
    return [
        read
        for name in names
        if name != CONFIG_VARIABLE
        for read in _read_variable(name, environ[name])
    ]


def _read_variable(name: str, text: str) -> Iterator[Written | Mistake]:
    path = tuple(name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__"))
    field = FIELDS.get(path)
    if path == PROPERTIES:
        yield from _read_properties(name, text)
    elif path[:-1] == PROPERTIES:
        # No name in librdkafka holds an underscore, so nothing is lost.
        yield Written((*PROPERTIES, path[-1].replace("_", ".")), text, name)
    elif field is None:
        yield Mistake(name, f"sets nothing known; the nearest is {variable(nearest(path))}")
    elif section := section_of(field):
        keys = ", ".join(variable((*path, key)) for key in section.model_fields)
        yield Mistake(name, f"{dotted(path)} is a section; its settings are {keys}")
    else:
        yield Written(path, _value(path, text), name)


def _read_properties(name: str, text: str) -> Iterator[Written | Mistake]:
    found = _json(text)
    if not isinstance(found, dict):
        yield Mistake(name, f'{dotted(PROPERTIES)} must be a JSON object: {{"ssl.ca.location": …}}')
        return
    for key, value in found.items():
        yield Written((*PROPERTIES, key), value, name)


def _value(path: Path, text: str) -> object:
    """The text, as the setting's type needs it; the settings check it."""
    kind = FIELDS[path].annotation
    if get_origin(kind) is list:
        if text.lstrip().startswith("["):
            return _json(text)
        return [entry.strip() for entry in text.split(",") if entry.strip()]
    if not text and type(None) in get_args(kind):
        return None  # how a compose file says: not set
    return text


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None

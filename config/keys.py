"""The names of the settings: dotted keys, environment variables, and the nearest of them."""

import difflib
from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.settings import Settings

Path = tuple[str, ...]
"""A key in its parts; the name of a librdkafka property, dots and all, is one part."""

ENVIRONMENT_PREFIX = "CHAT_"
CONFIG_VARIABLE = "CHAT_CONFIG"

PROPERTIES: Path = ("kafka", "properties")
"""The one setting that is a mapping: each of its entries is set by itself."""


class Written(NamedTuple):
    """A value as somebody wrote it, not yet checked."""

    path: Path
    value: object
    origin: str
    """Where: a file and its line, or the name of a variable."""


class Mistake(NamedTuple):
    """What is wrong with something written."""

    origin: str
    text: str


def dotted(path: Path) -> str:
    """The key as documents and errors write it."""
    return ".".join(path)


def variable(path: Path) -> str:
    """The environment variable that sets the key."""
    return ENVIRONMENT_PREFIX + "__".join(part.upper() for part in path)


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The section that a field stands for; none if it holds a value."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _walk(model: type[BaseModel], above: Path) -> Iterator[tuple[Path, FieldInfo]]:
    for name, field in model.model_fields.items():
        path = (*above, name)
        yield path, field
        if section := section_of(field):
            yield from _walk(section, path)


FIELDS: dict[Path, FieldInfo] = dict(_walk(Settings, ()))
"""Sections and settings by path, in the order of the models."""


def nearest(path: Path) -> Path:
    """The known key whose name resembles this one most."""
    names = {dotted(known): known for known in FIELDS}
    (name,) = difflib.get_close_matches(dotted(path), names, n=1, cutoff=0.0)
    return names[name]

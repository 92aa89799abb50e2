"""The models in, the reference of the settings in Markdown out."""

import inspect
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from config.durations import format_duration
from config.keys import FIELDS, dotted, section_of

_INTRODUCTION = """\
# Settings

Written by `chatflow config reference`; do not edit.

The settings are read once, at start: defaults, over them the YAML file named by `CHAT_CONFIG`
(without it `config/config.dev.yaml`), over it the environment. A key's variable is `CHAT_`, then
its parts in capitals joined by two underscores: `stats.window_length` is
`CHAT_STATS__WINDOW_LENGTH`. A list is JSON or separated by commas.
A name that is not in these tables is an error, in the file and in a variable that begins with
`CHAT_`. `chatflow config check` says whether all is well, `chatflow config show` what is in force.

A duration is `30 s`, `500ms`, `10 min`, `1h30m`, ISO 8601 (`PT30S`) or a number of seconds.
"""

_TYPES = {
    bool: "`true`, `false`",
    int: "whole number",
    float: "number",
    str: "text",
    timedelta: "duration",
    list: "list",
    dict: "mapping",
    Path: "path",
    SecretStr: "text, kept secret",
}
_BOUNDS = {Ge: "≥", Gt: ">", Le: "≤"}


def render_reference() -> str:
    """Write the table of every section, in the order of the models."""
    return "\n".join([_INTRODUCTION, *_lines()])


def _lines() -> Iterator[str]:
    for path, field in FIELDS.items():
        section = section_of(field)
        if section is None:
            continue
        yield f"## {dotted(path)}\n\n{inspect.getdoc(section)}\n"
        yield "| key | default | accepts | meaning |\n|---|---|---|---|"
        for name, value in section.model_fields.items():
            if section_of(value) is None:
                yield _row(dotted((*path, name)), value)
        yield ""


def _row(key: str, field: FieldInfo) -> str:
    meaning = " ".join((field.description or "").split())
    return f"| `{key}` | {_default(field)} | {_accepts(field)} | {meaning} |"


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None:
        return ""
    if isinstance(value, timedelta):
        return format_duration(value)
    return f"`{value if isinstance(value, str | Path) else json.dumps(value)}`"


def _accepts(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if get_origin(kind) in (Union, UnionType):  # of a value and nothing
        kind = get_args(kind)[0]
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(kind))
    bounds = [
        f"{sign} {getattr(bound, sort.__name__.lower())}"
        for bound in field.metadata
        for sort, sign in _BOUNDS.items()
        if isinstance(bound, sort)
    ]
    return " ".join([_TYPES[get_origin(kind) or kind], " and ".join(bounds)]).strip()

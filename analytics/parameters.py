"""The parameters of a query, `$name`, told apart from what only looks like one."""

import re
from collections.abc import Iterator

_PARTS = re.compile(
    r"""
    [eE]'(?:[^'\\]|\\.|'')*'            # text with escapes
    | '(?:[^']|'')*'                    # text
    | "(?:[^"]|"")*"                    # a name
    | --[^\n]*                          # a comment to the end of the line
    | /\*.*?\*/                         # a comment
    | (?<![\w$])\$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$    # text between dollars
    | (?<![\w$])\$(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)
_POSTGRES_TYPES = {"start": "timestamptz", "end": "timestamptz", "timezone": "text"}


def named_parameters(sql: str) -> frozenset[str]:
    """The names after `$`, outside of texts, quoted names and comments."""
    return frozenset(part["name"] for part in _PARTS.finditer(sql) if part["name"])


def for_postgres(sql: str) -> str:
    """The same with psycopg's named parameters, each with its type; `%` stays what it is."""
    return "".join(_postgres_parts(sql))


def _postgres_parts(sql: str) -> Iterator[str]:
    end = 0
    for part in _PARTS.finditer(sql):
        yield sql[end : part.start()].replace("%", "%%")
        if name := part["name"]:
            yield f"(%({name})s::{_POSTGRES_TYPES[name]})"
        else:
            yield part[0].replace("%", "%%")
        end = part.end()
    yield sql[end:].replace("%", "%%")

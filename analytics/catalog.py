"""All queries there are: those of this release and, over them, those of a folder."""

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from analytics.header import parse_query, parse_sql
from analytics.query import Query
from config.errors import ConfigurationError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_POSTGRES = ".postgres.sql"

Catalog = Mapping[str, Query]
"""Queries by name, in the order of their names."""


def load_catalog(folder: Path | None) -> Catalog:
    """Read every query; one of the folder replaces one of this release that has its name.

    Raises:
        ConfigurationError: The folder or a file cannot be read, or a file is no query.
    """
    packaged = _queries(_sql_files(files("analytics")), "analytics")
    own = {} if folder is None else _queries(_own_files(folder), str(folder))
    return dict(sorted((packaged | own).items()))


def chosen(catalog: Catalog, names: Sequence[str]) -> list[Query]:
    """The queries of these names, each once; all of them if there are none.

    Raises:
        ConfigurationError: There is no query of a name.
    """
    if unknown := [name for name in names if name not in catalog]:
        raise ConfigurationError(
            f"there is no query {unknown[0]}; `chatflow analytics list` names those there are"
        )
    return [catalog[name] for name in dict.fromkeys(names or catalog)]


def _own_files(folder: Path) -> list[Traversable]:
    try:
        return _sql_files(folder)
    except OSError as error:
        raise ConfigurationError(
            f"analytics.queries: the folder {folder} cannot be read: {error.strerror}"
        ) from error


def _sql_files(folder: Traversable) -> list[Traversable]:
    return sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")),
        key=lambda file: file.name,
    )


def _queries(found: Iterable[Traversable], folder: str) -> dict[str, Query]:
    texts = {file.name: _text(file, f"{folder}/{file.name}") for file in found}
    queries: dict[str, Query] = {}
    for file_name, text in texts.items():
        if file_name.endswith(_POSTGRES):
            continue
        name, origin = file_name.removesuffix(".sql"), f"{folder}/{file_name}"
        if not _NAME.fullmatch(name):
            raise ConfigurationError(
                f"{origin}: a query is named with small letters, digits and underscores"
            )
        query = parse_query(name, text, origin)
        if postgres := texts.get(name + _POSTGRES):
            sql = parse_sql(postgres, f"{folder}/{name}{_POSTGRES}")
            query = msgspec.structs.replace(query, postgres_sql=sql)
        queries[name] = query
    for orphan in texts.keys() - {name + end for name in queries for end in (".sql", _POSTGRES)}:
        raise ConfigurationError(f"{folder}/{orphan}: there is no {orphan.partition('.')[0]}.sql")
    return queries


def _text(file: Traversable, origin: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{origin} cannot be read as UTF-8 text") from error

"""The forms of single values that settings share or that take a few words to refuse."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator

POSTGRES = ("postgresql://", "postgres://")
"""How the URL of a Postgres database begins."""
_HOST = r"(?:\[[^]/?#@]*\]|[^]\[/?#@:,]*)(?::[0-9]*)?"
_POSTGRES_URL = re.compile(
    rf"postgres(?:ql)?://(?:[^/?#@]*@)?{_HOST}(?:,{_HOST})*(?:/[^/?#@]*)?(?:\?[^#]*)?"
)
_FILE_URL = re.compile(r"duckdb:///(?!:memory:).*[^/]")


def _store_url(url: str) -> str:
    if url.startswith(POSTGRES) and not _POSTGRES_URL.fullmatch(url):
        raise ValueError(
            "must be postgresql://user:password@host:port/database, with the characters"
            " / @ : ? # % of user and password percent-encoded"
        )
    if not url.startswith(POSTGRES) and not _FILE_URL.fullmatch(url):
        raise ValueError(
            "must be duckdb:///relative.duckdb or duckdb:////absolute.duckdb, a file,"
            " or postgresql://user@host/database"
        )
    return url


def _database_url(url: str) -> str:
    postgres = re.fullmatch(r"postgres(ql)?://\S+", url)
    if not postgres and not _FILE_URL.fullmatch(url):
        raise ValueError("must be duckdb:/// with the path of a file, or a postgresql:// URL")
    return url


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError("must be a time zone such as UTC or Europe/Berlin") from error
    return name


def _http_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port or a host in brackets that cannot be one
        usable = False
    if not usable:
        raise ValueError("must be an http:// or https:// URL with a host")
    return url


def _topic_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,249}", name):
        raise ValueError("must be a topic name: up to 249 letters, digits, '.', '_' or '-'")
    return name


def _topic_suffix(suffix: str) -> str:
    # Nothing at all would send dead letters back into the topic they came from.
    if not re.fullmatch(r"[A-Za-z0-9._-]+", suffix):
        raise ValueError("must be letters, digits, '.', '_' or '-', at least one")
    return suffix


def _broker(address: str) -> str:
    if not re.fullmatch(r"[^\s,]+", address):
        raise ValueError("must be host:port, one broker an entry")
    return address


def _in_capitals(level: object) -> object:
    return level.upper() if isinstance(level, str) else level


def _digits_as_text(value: object) -> object:
    """Let YAML's `acks: 1` stand for `acks: "1"`."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


StoreUrl = Annotated[str, AfterValidator(_store_url)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
TopicName = Annotated[str, AfterValidator(_topic_name)]
TopicSuffix = Annotated[str, AfterValidator(_topic_suffix)]
Broker = Annotated[str, AfterValidator(_broker)]
Acks = Annotated[Literal["all", "-1", "0", "1"], BeforeValidator(_digits_as_text)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_in_capitals)]

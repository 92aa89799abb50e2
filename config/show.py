"""Settings in, the YAML that would set them out, without what is secret."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, SecretStr

from config.durations import format_duration
from config.keys import PROPERTIES
from config.keys import Path as KeyPath
from config.librdkafka import is_credential
from config.settings import Settings

MASK = "********"


def show(settings: Settings, origins: Mapping[KeyPath, str] | None = None) -> str:
    """Write every setting as YAML, credentials as asterisks.

    Args:
        settings: What to write.
        origins: Where settings come from; noted as a comment beside them.
    """
    return "\n".join(_lines((), settings, origins or {})) + "\n"


def _lines(path: KeyPath, value: object, origins: Mapping[KeyPath, str]) -> Iterator[str]:
    indent = "  " * (len(path) - 1)
    if isinstance(value, BaseModel) or (isinstance(value, dict) and value):
        if path:
            yield f"{indent}{path[-1]}:"
        for name, inner in dict(value).items():
            yield from _lines((*path, name), inner, origins)
        return
    note = f"  # {origins[path]}" if path in origins else ""
    # JSON is YAML, and leaves no doubt about what is text.
    text = json.dumps(_visible(path, value), ensure_ascii=False)
    yield f"{indent}{path[-1]}: {text}{note}"


def _visible(path: KeyPath, value: object) -> object:
    if isinstance(value, SecretStr) or (path[:-1] == PROPERTIES and is_credential(path[-1])):
        return MASK
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, Path):
        return str(value)
    return mask_url(value) if isinstance(value, str) else value


def mask_url(text: str) -> str:
    """Hide what a URL may carry to log in: user and password, the query, and of HTTP the path."""
    without_user = re.sub(r"(?<=://)[^/?#]*@", f"{MASK}@", text)
    without_path = re.sub(r"(?<=^http)(s?://[^/?#]*/)[^?#]+", rf"\1{MASK}", without_user)
    return re.sub(r"(://[^?#]*[?#]).*", rf"\1{MASK}", without_path)

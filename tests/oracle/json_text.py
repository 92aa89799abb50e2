"""Strict JSON with the standard library: UTF-8, no NaN, fractions exact."""

import json
from decimal import Decimal
from typing import Any, NoReturn


class NotJsonError(ValueError):
    """The bytes are no JSON text."""


def read_json(data: bytes) -> Any:  # Any: whatever JSON holds
    """The value in these bytes.

    Raises:
        NotJsonError: They are not UTF-8, or not JSON.
    """
    try:
        value = json.loads(data.decode(), parse_float=Decimal, parse_constant=_refuse)
        if b"\\u" in data:
            json.dumps(
                value, ensure_ascii=False, default=str
            ).encode()  # half of a surrogate pair is no text
        return _without_nul(value) if b"\\u0000" in data else value
    except (ValueError, RecursionError) as error:
        raise NotJsonError("not JSON") from error


def _without_nul(value: Any) -> Any:  # Any: whatever JSON holds
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list):
        return [_without_nul(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_nul(each) for name, each in value.items()}
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"JSON has no {constant}")

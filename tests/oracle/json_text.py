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
        return value
    except (ValueError, RecursionError) as error:
        raise NotJsonError("not JSON") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"JSON has no {constant}")

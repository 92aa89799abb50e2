"""Log lines as JSON objects, one a line."""

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from typing_extensions import override

_COORDINATES = ("topic", "partition", "offset")
"""Given as `extra` by who logs, where the line is about a partition or a record."""


class JsonFormatter(logging.Formatter):
    """`ts`, `level`, `logger` and `message`; where there are any, coordinates and an exception.

    Of an exception stand there its type (`error`) and where it came from (`trace`), but never its
    text, which may quote what a record holds.
    """

    def __init__(self, process: int | None = None) -> None:
        """`process` is the number of this process in a cluster; None alone."""
        super().__init__()
        self._process = process

    @override
    def format(self, record: logging.LogRecord) -> str:
        found: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if self._process is not None:
            found["process"] = self._process
        known = vars(record)
        found |= {key: known[key] for key in _COORDINATES if known.get(key) is not None}
        if record.exc_info and record.exc_info[0] is not None:
            found["error"] = record.exc_info[0].__name__
            found["trace"] = _frames(record.exc_info[2])
        return json.dumps(found, ensure_ascii=False)


def _frames(trace: TracebackType | None) -> list[str]:
    """Where an exception passed, innermost last."""
    return [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(trace)
    ]

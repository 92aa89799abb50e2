"""Log lines as JSON objects, one a line."""

import json
import logging
from datetime import UTC, datetime

from typing_extensions import override


class JsonFormatter(logging.Formatter):
    """`at`, `level`, `logger`, `message`, and `error` with the type of an exception."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        found = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            found["error"] = record.exc_info[0].__name__
        return json.dumps(found, ensure_ascii=False)

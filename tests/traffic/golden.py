"""The golden records: what the chat server's own producer wrote, one for each kind of event."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).resolve().parent.parent / "golden" / "golden-records.txt"


class Golden(NamedTuple):
    """One record's value, and its fields."""

    value: bytes
    fields: Mapping[str, object]

    @property
    def timestamp_ms(self) -> int:
        """The event's time in milliseconds."""
        timestamp = self.fields["timestamp"]
        assert isinstance(timestamp, int)
        return timestamp * 1000

    @property
    def payload(self) -> bytes:
        """The protobuf message."""
        data = self.fields["message_data"]
        assert isinstance(data, str)
        return base64.b64decode(data)


def golden(generation: str, words: str) -> Golden:
    """The record of a generation (A, B, C) whose heading has these words."""
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    headings = (at for at, line in enumerate(lines) if line.startswith(f"# {generation} "))
    value = lines[next(at for at in headings if words in lines[at]) + 1]
    return Golden(value.encode(), json.loads(value))

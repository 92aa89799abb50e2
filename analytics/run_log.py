"""What ran, a JSON object a line, so that a machine can watch it."""

import fcntl
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

NAME = "runs.jsonl"
"""The file, in the folder of the outputs."""

Status = Literal["ok", "failed", "stopped"]


class Run(msgspec.Struct, frozen=True, omit_defaults=True):
    """One run of one query. Holds nothing of what the tables hold."""

    at: datetime
    """When it began, UTC."""
    query: str
    start: datetime
    end: datetime
    timezone: str
    status: Status
    seconds: float
    rows: int | None = None
    on_copy: bool = False
    """Whether it read a copy of the DuckDB file."""
    error: str | None = None
    """The class of the error."""


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Run).decode


def append(output_dir: Path, run: Run) -> None:
    """Add a line; lines of several processes do not mix."""
    output_dir.mkdir(parents=True, exist_ok=True)
    with (output_dir / NAME).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(_encode(run) + b"\n")


def drop_before(output_dir: Path, oldest: datetime) -> int:
    """Leave out the runs that began earlier, and lines that are none; returns how many."""
    try:
        file = (output_dir / NAME).open("r+b")
    except FileNotFoundError:
        return 0
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = file.readlines()
        kept = [line for line in lines if _is_kept(line, oldest)]
        if len(kept) < len(lines):
            file.seek(0)
            file.writelines(kept)
            file.truncate()
    return len(lines) - len(kept)


def _is_kept(line: bytes, oldest: datetime) -> bool:
    try:
        return _decode(line).at >= oldest
    except msgspec.DecodeError:
        return False

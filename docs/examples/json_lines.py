"""Rows appended to a file, one JSON object a line."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from config.errors import ChatflowError
from schemas.events import TopicPartition
from schemas.rows import Rows
from sinks.epoch import above_mark, mark_rows
from sinks.memory import Memory

MARK = "json_lines"
"""Name of the sink's mark and of its only part."""


class JsonLinesError(ChatflowError):
    """The file cannot be opened or written."""


class JsonLinesSink(FixedPartitionedSink[Rows, None]):
    """Append rows that carry progress to one file; their instants stay milliseconds.

    Exactly-once, with kill -9 at any point, as long as `MARK` is among the marks that the source
    goes on from: lines are on the disk before the store hears how far they go, and each names its
    record, so that a replay appends only what is missing.

    Raises:
        JsonLinesError: The file cannot be opened or written.
    """

    def __init__(self, path: Path, memory: Memory) -> None:
        self._path = path
        self._memory = memory

    @override
    def list_parts(self) -> list[str]:
        return [MARK]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_File":
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a+b")
        except OSError as error:
            raise _unusable(self._path, error) from error
        return _File(self._path, file, self._memory)


class _File(StatefulSinkPartition[Rows, None]):
    def __init__(self, path: Path, file: BinaryIO, memory: Memory) -> None:
        self._path = path
        self._file = file
        self._memory = memory
        self._marks = dict(memory.marks(MARK))
        self._progress: dict[TopicPartition, int] = {}
        for source, offset in _records(file):
            self._marks[source] = max(offset + 1, self._marks.get(source, 0))

    @override
    def write_batch(self, values: list[Rows]) -> None:
        for rows in values:
            assert rows.progress is not None, "rows of record batches carry progress"
            source, next_offset = rows.progress.source, rows.progress.next_offset
            if source not in self._marks:
                self._begin(source, rows, next_offset)
            if new := above_mark(rows, self._marks):
                self._append(new)
            self._progress[source] = max(next_offset, self._marks[source])

    @override
    def snapshot(self) -> None:
        """Put the lines of the epoch on the disk; then, and only then, move the mark."""
        os.fsync(self._file.fileno())
        self._leave(self._progress)
        self._progress = {}

    @override
    def close(self) -> None:
        with contextlib.suppress(OSError):  # it also runs after errors, and must not raise
            self._file.close()

    def _append(self, rows: Rows) -> None:
        """Hand lines to the system; here, because the engine takes errors of `snapshot` badly."""
        try:
            self._file.writelines(_lines(rows))
            self._file.flush()
        except OSError as error:
            raise _unusable(self._path, error) from error

    def _begin(self, source: TopicPartition, rows: Rows, next_offset: int) -> None:
        """A partition never seen: from now on no restart may begin behind it."""
        offsets = rows.columns[rows.table.names.index("kafka_offset")]
        self._marks[source] = offsets[0] if offsets else next_offset
        self._leave({source: self._marks[source]})

    def _leave(self, marks: dict[TopicPartition, int]) -> None:
        self._memory.leave(mark_rows(MARK, marks.items()))


class _Record(msgspec.Struct):
    kafka_topic: str
    kafka_partition: int
    kafka_offset: int


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Record).decode


def _lines(rows: Rows) -> Iterator[bytes]:
    for row in zip(*rows.columns, strict=True):
        yield _encode(dict(zip(rows.table.names, row, strict=True))) + b"\n"


def _records(file: BinaryIO) -> Iterator[tuple[TopicPartition, int]]:
    """The record of each line; a line that a crash left unfinished is cut off."""
    end = file.seek(0)
    for line in file:
        if not line.endswith(b"\n"):
            break
        found = _decode(line)
        yield TopicPartition(found.kafka_topic, found.kafka_partition), found.kafka_offset
        end += len(line)
    file.truncate(end)


def _unusable(path: Path, error: OSError) -> JsonLinesError:
    return JsonLinesError(f"cannot write to the file {path}: {error.strerror}")

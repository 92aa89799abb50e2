"""Bytewax's way to the peers' database: batches by table, each a transaction."""

from typing import Any

from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from benchmarks.flows.rows_file import RowsFile

Row = tuple[str, dict[str, Any]]
"""A table and a row for it."""


class RowsSink(FixedPartitionedSink[list[Row], None]):
    """Write collected rows; at least once, as Bytewax's sinks resume at an epoch."""

    @override
    def list_parts(self) -> list[str]:
        return ["duckdb"]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_Part":
        return _Part()


class _Part(StatefulSinkPartition[list[Row], None]):
    def __init__(self) -> None:
        self._file = RowsFile()

    @override
    def write_batch(self, values: list[list[Row]]) -> None:
        for rows in values:
            self._file.insert(rows[0][0], [row for _, row in rows])

    @override
    def snapshot(self) -> None:
        return None

    @override
    def close(self) -> None:
        self._file.close()

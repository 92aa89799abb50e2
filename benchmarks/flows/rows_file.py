"""The peers' database: one DuckDB file, a table for each kind of row."""

import os
from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

VARIABLE = "BENCH_STORE"
"""Names the file."""
_PLACE = "kafka_topic TEXT, kafka_partition INTEGER, kafka_offset BIGINT"
_TABLES = {
    "messages": f"{_PLACE}, message_id TEXT, event_type TEXT, conversation_id TEXT, from_user TEXT,"
    " to_user TEXT, group_id TEXT, content TEXT, content_type INTEGER, message_type INTEGER,"
    " file_name TEXT, file_size BIGINT, created_at BIGINT, recorded_at BIGINT",
    "user_events": f"{_PLACE}, event_type TEXT, user_id TEXT, session_id TEXT, worker_id INTEGER,"
    " created_at BIGINT, recorded_at BIGINT",
    "dead_letters": f"{_PLACE}, reason TEXT, payload BLOB, recorded_at BIGINT",
    "push_decisions": f"{_PLACE}, message_id TEXT, user_id TEXT, decision TEXT, reason TEXT",
    "message_stats": "window_start BIGINT, event_type TEXT, content_type INTEGER, group_id TEXT,"
    " messages BIGINT, bytes BIGINT,"
    " PRIMARY KEY (window_start, event_type, content_type, group_id)",
}
_KEYED = frozenset({"message_stats"})


class RowsFile:
    """Open for as long as the process lives, as the libraries' own examples do it."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(os.environ[VARIABLE])
        for name, columns in _TABLES.items():
            self._connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")

    def insert(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows, or replace those with the same key; one transaction."""
        self._connection.register("rows", pa.Table.from_pylist(list(rows)))
        insert = "INSERT OR REPLACE" if table in _KEYED else "INSERT"
        self._connection.execute(f"{insert} INTO {table} BY NAME SELECT * FROM rows")
        self._connection.unregister("rows")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

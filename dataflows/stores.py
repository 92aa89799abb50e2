"""Which store the settings name."""

from datetime import timedelta

from config.settings import Settings
from dataflows.workers import ALONE, Workers
from sinks.duckdb import DuckDBStore
from sinks.store import Store


def new_store(settings: Settings, workers: Workers = ALONE) -> Store:
    """The store that the settings name, not yet opened."""
    tolerance = settings.source.future_tolerance // timedelta(milliseconds=1)
    window_length = settings.stats.window_length // timedelta(milliseconds=1)
    lock_timeout = settings.store.lock_timeout.total_seconds()
    if settings.store.is_postgres:
        # Here, because its driver takes a while to load, and a file needs none.
        from sinks.postgres import PostgresStore

        return PostgresStore(
            settings.store.url,
            lock_timeout=lock_timeout,
            tolerance=tolerance,
            window_length=window_length,
            partition_by=settings.store.partition_by,
            process=workers.process,
            processes=workers.processes,
        )
    return DuckDBStore(
        settings.store.path,
        lock_timeout=lock_timeout,
        chunk_rows=settings.store.write_batch_rows,
        tolerance=tolerance,
        window_length=window_length,
    )

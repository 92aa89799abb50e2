"""Settings of the store."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from config.durations import Duration
from config.forms import POSTGRES, StoreUrl
from config.section import Section


class StoreSettings(Section):
    """Where rows are stored."""

    url: StoreUrl = Field(default="duckdb:///var/chat.duckdb", repr=False)
    """`duckdb:///relative.duckdb`, `duckdb:////absolute.duckdb` or `postgresql://user@host/database`.

    Changes the stored state: another file or database starts with no rows and no marks.
    """

    lock_timeout: Duration = timedelta(minutes=5)
    """How long to wait for who holds the database, or for Postgres to be back, before failing."""

    write_batch_rows: int = Field(default=50_000, ge=1)
    """Rows handed to DuckDB at a time, of messages and user events or of another table."""

    partition_by: Literal["month", "day"] = "month"
    """Span of one partition of `messages` and `user_events` in Postgres, and unit of retention.

    `day` suits more than some ten million messages a day.
    """

    retention: Duration | None = None
    """Age from which on `chatflow store maintain` lets rows go; without it all are kept for ever.

    At least 1 d; only whole spans of `store.partition_by` go.
    """

    @field_validator("retention")
    @classmethod
    def _is_a_day_at_least(cls, retention: timedelta | None) -> timedelta | None:
        # A day is how far back pushes without an outcome are looked for.
        if retention is not None and retention < timedelta(days=1):
            raise ValueError("must be at least 1 d")
        return retention

    @property
    def is_postgres(self) -> bool:
        """Whether rows go to a Postgres database."""
        return self.url.startswith(POSTGRES)

    @property
    def path(self) -> Path:
        """The DuckDB file; a relative one is relative to the current directory."""
        return Path(self.url.removeprefix("duckdb:///"))

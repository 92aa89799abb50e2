"""`chatflow store`: the database beside the flow."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from config.load import load_settings
from config.store import StoreSettings
from sinks.upkeep import Rules, StoreStatus, Upkeep

app = typer.Typer(no_args_is_help=True, help="Look after the database, while the flow runs or not.")

_PATIENCE = 30.0
"""Seconds to wait for whoever holds it."""


@app.command()
def migrate() -> None:
    """Bring the tables to this release's schema; a flow does the same when it starts."""
    version = _upkeep(load_settings().store).migrate()
    typer.echo(f"the database has schema version {version}")


@app.command()
def status() -> None:
    """Print schema, last commit, tables and marks."""
    settings = load_settings().store
    for line in _lines(_upkeep(settings).status(), _newest(settings)):
        typer.echo(line)


@app.command()
def maintain(
    checkpoint: Annotated[
        bool,
        typer.Option(
            "--checkpoint", help="DuckDB: give the space of deleted rows back to the file now."
        ),
    ] = False,
) -> None:
    """Make partitions ahead and let go of what `store.retention` does not keep; once a day.

    Partitions are Postgres's. In both databases the flow may go on meanwhile.
    """
    settings = load_settings().store
    rules = Rules(settings.partition_by, settings.retention)
    done = _upkeep(settings, checkpoint=checkpoint).maintain(rules, datetime.now(UTC))
    for line in done or ["nothing was due"]:
        typer.echo(line)


def _upkeep(settings: StoreSettings, *, checkpoint: bool = False) -> Upkeep:
    # Here, because databases take a while to load, and help needs none.
    from sinks.duckdb_upkeep import DuckDBUpkeep
    from sinks.postgres_upkeep import PostgresUpkeep

    if settings.is_postgres:
        return PostgresUpkeep(settings.url, _PATIENCE)
    return DuckDBUpkeep(settings.path, _PATIENCE, checkpoint=checkpoint)


def _newest(settings: StoreSettings) -> int:
    from sinks.migrate import migrations

    return migrations("postgres" if settings.is_postgres else "duckdb")[-1].number


def _lines(found: StoreStatus, newest: int) -> Iterator[str]:
    yield f"database  {found.place}"
    yield f"schema    version {found.version}, this release's is {newest}"
    last = f", the last one at {_instant(found.committed_at)}" if found.committed_at else ""
    yield f"commits   {found.commits}{last}"
    yield f"size      {_size(found.bytes)}"
    yield ""
    yield f"{'table':<18}{'rows' if found.is_exact else 'rows, about':>14}{'size':>12}"
    for table in found.tables:
        size = "" if table.bytes is None else _size(table.bytes)
        yield f"{table.name:<18}{table.rows:>14,}{size:>12}".rstrip()
    yield ""
    yield f"{'mark':<14}{'partition':<36}{'goes on at':>14}"
    for (sink, source), offset in found.marks.items():
        yield f"{sink:<14}{f'{source.topic} [{source.partition}]':<36}{offset:>14,}"


def _instant(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%SZ}"


def _size(count: int) -> str:
    size, units = float(count), iter(("B", "KiB", "MiB", "GiB"))
    unit = next(units)
    for larger in units:
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"

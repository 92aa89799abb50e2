"""`chatflow analytics`: queries as files, run now, on a schedule or for ever."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from typer import Option

from analytics.catalog import chosen, load_catalog
from analytics.query import FORMATS, Query
from cli.interrupt import interruptible
from cli.spans import EndOption, StartOption, ZoneOption, given_formats, given_span, with_analytics
from config.analytics import AnalyticsSettings
from config.durations import format_duration
from config.errors import ChatflowError
from config.load import load_settings
from config.settings import Settings

if TYPE_CHECKING:
    from analytics.runner import Job, Outcome

app = typer.Typer(no_args_is_help=True, help="Run queries on a schedule.")

FolderOption = Annotated[
    Path | None,
    Option("--output-dir", help="Where results go.", show_default="analytics.output_dir"),
]
CatchUpOption = Annotated[
    int, Option("--catch-up", min=1, max=10_000, help="How many of the last periods are due.")
]


class AnalyticsError(ChatflowError):
    """Some of what was asked for did not run; each was told before."""


@app.command("list")
def list_queries() -> None:
    """Name the queries, how often they are due and when the newest output ends."""
    from analytics.output_folder import OutputFolder

    settings = load_settings().analytics
    folder = OutputFolder(settings.output_dir, settings.timezone)
    catalog = load_catalog(settings.queries)
    width = max(map(len, catalog), default=0)
    for query in catalog.values():
        newest = folder.newest(query)
        until = f"until {newest:%Y-%m-%d %H:%M}Z" if newest else "no output yet"
        every, span = _days_or_less(query.every), _days_or_less(query.span)
        typer.echo(f"{query.name:<{width}}  {every:>6}  {span:>6}  {until:<22}  {query.title}")


@app.command()
def run(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...")] = None,
    due: Annotated[
        bool, Option("--due", help="Run what has no output yet for the last full period.")
    ] = False,
    catch_up: CatchUpOption = 1,
    start: StartOption = None,
    end: EndOption = None,
    timezone: ZoneOption = None,
    form: Annotated[
        list[str] | None,
        Option("--format", help=f"{', '.join(FORMATS)}; may be repeated.", show_default="its own"),
    ] = None,
    output_dir: FolderOption = None,
    snapshot: Annotated[
        bool, Option("--snapshot", help="Copy a DuckDB file before the first query.")
    ] = False,
) -> None:
    """Run queries once: those named, all of them, or those that are due.

    Without --start and --end a query covers its own span before the end of its last full period.
    The same span is written to the same files again. Exit status 1: one failed, the others ran.
    """
    from analytics.runner import due as jobs_due

    settings = with_analytics(load_settings(), timezone=timezone, output_dir=output_dir)
    queries = chosen(load_catalog(settings.analytics.queries), names or [])
    now = datetime.now(UTC)
    if due and (start or end or timezone or form):
        raise typer.BadParameter("takes neither a span nor a format", param_hint="--due")
    if due:
        wanted = {query.name: query for query in queries}
        jobs = jobs_due(wanted, settings.analytics, now, catch_up)
    else:
        jobs = _jobs(queries, settings.analytics, (start, end), form, now)
    _run(jobs, settings, copied=snapshot)


@app.command()
def loop(catch_up: CatchUpOption = 1, output_dir: FolderOption = None) -> None:
    """Run what is due as soon as it is, until SIGTERM or Ctrl-C; exit status 0.

    A query under way is broken off then and leaves nothing: the next start runs it.
    """
    from analytics.loop import run_for_ever

    settings = with_analytics(load_settings(), output_dir=output_dir)
    catalog = load_catalog(settings.analytics.queries)
    typer.echo(f"{len(catalog)} queries, results in {settings.analytics.output_dir}")
    with interruptible() as stop:
        run_for_ever(catalog, settings, catch_up, stop, _tell)
    typer.echo("stopped by a signal")


@app.command()
def prune(output_dir: FolderOption = None) -> None:
    """Remove outputs that are older than their query keeps them, and nothing else."""
    from analytics.prune import prune as prune_outputs

    settings = with_analytics(load_settings(), output_dir=output_dir).analytics
    catalog = load_catalog(settings.queries)
    removed = 0
    for file in prune_outputs(catalog, settings, datetime.now(UTC)):
        typer.echo(f"removed  {file}")
        removed += 1
    typer.echo(f"{removed} outputs removed from {settings.output_dir}")


def _days_or_less(length: timedelta) -> str:
    return f"{length.days} d" if not length % timedelta(days=1) else format_duration(length)


def _jobs(
    queries: Sequence[Query],
    settings: AnalyticsSettings,
    limits: tuple[str | None, str | None],
    formats: Sequence[str] | None,
    now: datetime,
) -> "list[Job]":
    from analytics.runner import Job

    zone, full = ZoneInfo(settings.timezone), now - settings.settle
    return [
        Job(query, given_span(query, *limits, full, zone), given_formats(formats, query))
        for query in queries
    ]


def _run(jobs: "Sequence[Job]", settings: Settings, *, copied: bool) -> None:
    from analytics.runner import run_jobs

    if not jobs:
        typer.echo("nothing is due")
        return
    with interruptible() as stop:
        all_ran = run_jobs(jobs, settings, stop, _tell, copied=copied)
        if stop():
            raise AnalyticsError("stopped by a signal; what was written is whole")
    if not all_ran:
        raise AnalyticsError("some queries failed; the lines above say why")


def _tell(outcome: "Outcome") -> None:
    job, run = outcome.job, outcome.run
    if outcome.error is not None:
        typer.echo(f"{job.query.name}: {outcome.error}", err=True)
        return
    where = " (from a copy)" if run.on_copy else ""
    typer.echo(
        f"{job.query.name}: {run.rows:,} rows of {job.span.words} in {run.seconds:.1f} s{where}:"
        f" {_files(outcome.files)}"
    )


def _files(files: Sequence[Path]) -> str:
    if not files:
        return "nothing written"
    return f"{files[0]}" + "".join(f", {file.suffix}" for file in files[1:])

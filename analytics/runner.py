"""Runs queries one after the other and writes what they find; one that fails stops no other."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from analytics.catalog import Catalog
from analytics.database import reading
from analytics.deadline import Stop
from analytics.errors import StoppedError
from analytics.output_folder import OutputFolder
from analytics.outputs import write
from analytics.query import Format, Query
from analytics.reading import Reading
from analytics.run_log import Run, append
from analytics.span import Span, default_span, full_ends
from analytics.workspace import workspace
from config.analytics import AnalyticsSettings
from config.errors import ChatflowError
from config.settings import Settings


class Job(NamedTuple):
    """A query to be run over a span, and what its result is written as."""

    query: Query
    span: Span
    formats: tuple[Format, ...]


class Outcome(NamedTuple):
    """What became of a job."""

    job: Job
    run: Run
    files: Sequence[Path] = ()
    """What was written."""
    error: ChatflowError | None = None


def due(catalog: Catalog, settings: AnalyticsSettings, now: datetime, periods: int) -> list[Job]:
    """What has no output yet for one of its last full periods; the oldest period first.

    A period is full `settings.settle` after its end. What would be older than its query keeps it
    is not due any more.
    """
    zone = ZoneInfo(settings.timezone)
    folder = OutputFolder(settings.output_dir, settings.timezone)
    jobs = [
        Job(query, default_span(query, end, zone), query.output)
        for query in catalog.values()
        for end in full_ends(query.every, now - settings.settle, zone, periods)
        if now - end <= query.keep
    ]
    missing = [job for job in jobs if not folder.has(job.query, job.span)]
    return sorted(missing, key=lambda job: (job.span.end, job.query.name))


def run_jobs(
    jobs: Sequence[Job],
    settings: Settings,
    stop: Stop,
    tell: Callable[[Outcome], None],
    *,
    copied: bool = False,
) -> bool:
    """Run them in this order, until a signal comes.

    Args:
        jobs: What to run.
        settings: Where to read and to write.
        stop: Whether a signal came; the query under way is then broken off and leaves nothing.
        tell: Told each outcome as soon as it is known.
        copied: Whether to read a copy of a DuckDB file from the beginning.

    Returns:
        Whether none failed.

    Raises:
        ChatflowError: The database or the folder of the outputs cannot be used at all.
    """
    output_dir = settings.analytics.output_dir
    failed = 0
    with workspace(output_dir) as folder, reading(settings, folder, stop, copied=copied) as source:
        for outcome in _outcomes(jobs, settings.analytics, source, folder):
            append(output_dir, outcome.run)
            tell(outcome)
            if outcome.run.status == "stopped" or stop():
                break
            failed += outcome.error is not None
    return not failed


def _outcomes(
    jobs: Sequence[Job], settings: AnalyticsSettings, source: Reading, workspace: Path
) -> Iterator[Outcome]:
    folder = OutputFolder(settings.output_dir, settings.timezone)
    for job in jobs:
        at, began = datetime.now(UTC), time.monotonic()
        rows: int | None = None
        files: list[Path] = []
        error: ChatflowError | None = None
        try:
            table = source.ask(job.query, job.span)
            rows = table.num_rows
            for form in job.formats:
                files.append(folder.file(job.query, job.span, form))
                write(job.query, job.span, table, form, files[-1], workspace)
        except ChatflowError as problem:
            error, files = problem, []
        seconds = round(time.monotonic() - began, 3)
        yield Outcome(job, _run(job, at, seconds, rows, error, source.on_copy), files, error)


def _run(
    job: Job,
    at: datetime,
    seconds: float,
    rows: int | None,
    error: ChatflowError | None,
    on_copy: bool,
) -> Run:
    stopped = isinstance(error, StoppedError)
    return Run(
        at,
        job.query.name,
        job.span.start,
        job.span.end,
        job.span.zone.key,
        "stopped" if stopped else "failed" if error else "ok",
        seconds,
        rows,
        on_copy,
        type(error).__name__ if error else None,
    )

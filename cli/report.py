"""`chatflow report`: all queries on one page."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from typer import Option

from cli.interrupt import interruptible
from cli.spans import EndOption, StartOption, ZoneOption, checked, instant, with_analytics
from config.errors import ChatflowError
from config.load import load_settings

_DAYS = timedelta(days=7)


class ReportError(ChatflowError):
    """The page is written, but lacks something, or cannot be written."""


def report(
    start: StartOption = None,
    end: EndOption = None,
    timezone: ZoneOption = None,
    output: Annotated[
        Path | None,
        Option(help="The page.", show_default="report.html in analytics.output_dir"),
    ] = None,
) -> None:
    """Write one HTML page with a chart of every query; it needs nothing else, and no network.

    Without --start and --end it covers the last seven days until now. All charts count the same
    rows: a DuckDB file is copied first, so that the flow waits only for the copy.
    """
    # Here, because it loads what draws: `chatflow --help` should not wait for that.
    from analytics.catalog import load_catalog
    from analytics.report import make_report
    from analytics.span import Span, before

    settings = with_analytics(load_settings(), timezone=timezone)
    analytics = settings.analytics
    zone, now = ZoneInfo(analytics.timezone), datetime.now(UTC)
    until = instant(end, "--end", zone) if end else now.replace(microsecond=0)
    since = instant(start, "--start", zone) if start else before(until, _DAYS, zone)
    span = checked(Span(since, until, zone))
    queries = list(load_catalog(analytics.queries).values())
    with interruptible() as stop:
        page = make_report(queries, settings, span, now, stop)
    file = output or analytics.output_dir / "report.html"
    _write(file, page.html)
    for name, error in page.failed:
        typer.echo(f"{name}: {error}", err=True)
    typer.echo(f"{len(queries)} queries, {span.words} ({zone.key}): {file}")
    if page.failed:
        raise ReportError("some queries failed; the page says so in their place")


def _write(file: Path, text: str) -> None:
    """The page appears when it is whole, also where an older one stands."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(file)
    except OSError as error:
        raise ReportError(f"cannot write {file}: {error.strerror}") from error

"""Removes outputs that nobody keeps any more."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from analytics.catalog import Catalog
from analytics.output_folder import OutputFolder
from analytics.outputs import OutputError
from analytics.run_log import drop_before
from analytics.workspace import sweep
from config.analytics import AnalyticsSettings


def prune(catalog: Catalog, settings: AnalyticsSettings, now: datetime) -> Iterator[Path]:
    """Remove what is older than its query keeps it, and yield each file that is gone.

    Also what a process that was killed has left, and the lines of the run log that are older than
    everything that is kept.

    Raises:
        OutputError: A file cannot be removed.
    """
    folder = OutputFolder(settings.output_dir, settings.timezone)
    sweep(settings.output_dir)
    for file in folder.older(catalog, now):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"cannot remove {file}: {error.strerror}") from error
        yield file
    if catalog:
        drop_before(settings.output_dir, now - max(query.keep for query in catalog.values()))

"""Runs what is due, again and again, until a signal comes."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from analytics.catalog import Catalog
from analytics.deadline import Stop
from analytics.runner import Job, Outcome, due, run_jobs
from config.errors import ChatflowError
from config.settings import Settings

log = logging.getLogger(__name__)

_ROUND = 5.0
"""Seconds between two looks at what is due."""
_LOOK = 0.1
_FIRST_PAUSE = timedelta(minutes=1)
"""Before what failed is tried again; twice as long each time, at most one of its periods."""


class Pauses:
    """Which queries wait because they failed; instants are passed in."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}
        self._lengths: dict[str, timedelta] = {}

    def ready(self, job: Job, now: datetime) -> bool:
        """Whether it may be tried."""
        return now >= self._until.get(job.query.name, now)

    def note(self, outcome: Outcome, now: datetime) -> None:
        """Begin a pause after a failure, end it after a success."""
        query = outcome.job.query
        if outcome.error is None:
            self._lengths.pop(query.name, None)
            self._until.pop(query.name, None)
            return
        last = self._lengths.get(query.name)
        pause = min(_FIRST_PAUSE if last is None else 2 * last, query.every)
        self._lengths[query.name], self._until[query.name] = pause, now + pause


def run_for_ever(
    catalog: Catalog,
    settings: Settings,
    periods: int,
    stop: Stop,
    tell: Callable[[Outcome], None],
) -> None:
    """Run what is due as soon as it is; ends when `stop` says so.

    A database that cannot be read is told in the log, and asked again after a minute.
    """
    pauses = Pauses()

    def note(outcome: Outcome) -> None:
        pauses.note(outcome, datetime.now(UTC))
        tell(outcome)

    while not stop():
        now = datetime.now(UTC)
        waiting = due(catalog, settings.analytics, now, periods)
        jobs = [job for job in waiting if pauses.ready(job, now)]
        try:
            if jobs:
                run_jobs(jobs, settings, stop, note)
            _sleep(_ROUND, stop)
        except ChatflowError as error:
            log.warning("%s", error)
            _sleep(_FIRST_PAUSE.total_seconds(), stop)


def _sleep(seconds: float, stop: Stop) -> None:
    until = time.monotonic() + seconds
    while not stop() and time.monotonic() < until:
        time.sleep(_LOOK)

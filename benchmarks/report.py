"""What a program tells the suite about its run, left in a file; needs the standard library only."""

import atexit
import json
import os
import time

VARIABLE = "BENCH_REPORT"
"""Names the file; without it nothing is written."""


class Report:
    """Gathers what is told and writes it when the process ends."""

    def __init__(self) -> None:
        self.totals: dict[str, int] = {}
        """What a program counted that stores nothing, and what it says besides."""
        self.commits: list[float] = []
        """Seconds from the end of each epoch until it was durable."""
        self._first_event_at: float | None = None
        self._start_cpu_seconds: float | None = None
        atexit.register(self._write)

    def first_event(self) -> None:
        """The first event is about to be processed; later calls change nothing."""
        if self._first_event_at is None:
            self._first_event_at = time.time()
            self._start_cpu_seconds = time.process_time()

    def _write(self) -> None:
        if file := os.environ.get(VARIABLE):
            told = {
                "first_event_at": self._first_event_at,
                "start_cpu_seconds": self._start_cpu_seconds,
                "totals": self.totals,
                "commits": self.commits,
            }
            with open(file, "w") as out:
                json.dump(told, out)

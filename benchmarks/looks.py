"""Looks into the database of a running flow again and again, as a dashboard would."""

import contextlib
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sinks.lease import open_for_reading

_LOOK_EVERY = 0.2
"""Seconds between two looks."""
_NEW = """
SELECT source, epoch_ms(recorded_at), count(*), max(kafka_offset)
FROM messages
    JOIN (SELECT unnest($sources) AS source, unnest($seen) AS seen)
        ON source = kafka_topic || kafka_partition AND kafka_offset > seen
WHERE recorded_at >= $since
GROUP BY ALL
"""


class Looks:
    """A thread that looks for new rows of `messages`; `stop` ends it."""

    def __init__(self, store: Path, sources: Sequence[str], counted_from: int) -> None:
        """Begin to look.

        Args:
            store: The file.
            sources: Topic and partition, one after the other, of all that are to be seen.
            counted_from: Of what the broker took before (ms since 1970) no latency is taken down.
        """
        self.latencies: list[int] = []
        """Milliseconds, of each row, from the record's timestamp to the look that found it."""
        self._store = store
        self._counted_from = counted_from
        began = time.time_ns() // 1_000_000
        self._seen = dict.fromkeys(sources, -1)
        self._newest = dict.fromkeys(sources, began)
        """Times that the broker gave: they never go back in a partition."""
        self._failure: Exception | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more; raises what a look ran into."""
        self._stopping.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._look_again_and_again()
        except Exception as error:
            self._failure = error

    def _look_again_and_again(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY):
            since = datetime.fromtimestamp(min(self._newest.values()) / 1000, UTC)
            known = {"sources": list(self._seen), "seen": list(self._seen.values())}
            with contextlib.closing(open_for_reading(self._store)) as database:
                found = database.execute(_NEW, {**known, "since": since}).fetchall()
            now = time.time_ns() // 1_000_000
            for source, recorded_at, count, offset in found:
                if recorded_at >= self._counted_from:
                    self.latencies += [now - recorded_at] * count
                self._seen[source] = max(offset, self._seen[source])
                self._newest[source] = max(recorded_at, self._newest[source])

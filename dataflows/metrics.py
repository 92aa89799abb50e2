"""Counts what the flow tells of its work, a batch at a time, for Prometheus to collect."""

import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram
from typing_extensions import override

from dataflows import instruments as name
from dataflows.standing import FlowStanding
from native.fetched import bytes_of
from native.tally import tally
from schemas.events import Progress, RecordBatch
from schemas.push import Outcome
from schemas.repeated import Repeated
from schemas.rows import Rows, Table
from schemas.tables import (
    DEAD_LETTERS,
    MESSAGE_STATS,
    MESSAGES,
    PRESENCE_CHANGES,
    PUSH_DECISIONS,
    USER_EVENTS,
)
from sinks.epoch import Revisions, StoreItem, WindowKey
from sinks.observer import Observer

_KNOWN_TYPES = frozenset(name.EVENT_TYPES)
_DECISION_FOR = {reason: decision for decision, reason in name.DECISIONS}


class Metrics(Observer):
    """Adds up; what stands at an instant is with `standing`, for whoever asks.

    Every label's values are there from the beginning, at 0, so that the first dead letter of its
    kind is a rise and not a new line.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        topics: Iterable[str],
        standing: FlowStanding,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._standing = standing
        self._clock = clock
        self._commit_began = 0.0
        self._revised: set[WindowKey] = set()
        self._count_what_arrives(registry, list(topics))
        self._count_what_follows(registry)
        self._count_what_is_stored(registry)

    def _count_what_arrives(self, registry: CollectorRegistry, topics: Sequence[str]) -> None:
        self._records = _counter(registry, name.RECORDS, topics)
        self._bytes = _counter(registry, name.BYTES, topics)
        self._events = _counter(registry, name.EVENTS, [*name.EVENT_TYPES, name.OTHER])
        letters = [(topic, reason) for topic in topics for reason in name.REASONS]
        self._letters = _counter(registry, name.DEAD_LETTERS, letters)

    def _count_what_follows(self, registry: CollectorRegistry) -> None:
        self._windows = _counter(registry, name.WINDOWS)
        self._revisions = _counter(registry, name.REVISED)
        self._changes = _counter(registry, name.CHANGES, name.STATUSES)
        self._decisions = _counter(registry, name.DECIDED, name.DECISIONS)
        deliveries = _counter(registry, name.DELIVERIES, name.OUTCOMES)
        attempts = _histogram(registry, name.ATTEMPT_SECONDS, name.ATTEMPT_BUCKETS)
        self._deliveries = {outcome: deliveries.labels(outcome) for outcome in Outcome}
        self._attempts = {result: attempts.labels(result) for result in name.ATTEMPTS}

    def _count_what_is_stored(self, registry: CollectorRegistry) -> None:
        self._rows = _counter(registry, name.SINK_ROWS, name.TABLE_NAMES)
        self._row_seconds = _counter(registry, name.SINK_SECONDS, name.TABLE_NAMES)
        self._lock_wait = _counter(registry, name.LOCK_WAIT)
        self._commits = _histogram(registry, name.COMMIT_SECONDS, name.COMMIT_BUCKETS)

    @override
    def read(self, batches: Sequence[RecordBatch]) -> None:
        self._standing.beat()
        for batch in batches:
            if batch.records:
                topic = batch.source.topic
                self._records.labels(topic).inc(len(batch.records))
                self._bytes.labels(topic).inc(bytes_of(batch.records))

    @override
    def stored(self, item: StoreItem) -> None:
        if isinstance(item, Progress):
            self._standing.progress(item)
        elif isinstance(item, Revisions):
            self._revised.update(item.windows)
            self._standing.late_messages += item.messages
        elif count := _COUNTS.get(item.table.name):
            count(self, item)

    @override
    def people(self, shard: int, online: int, known: int, late: int) -> None:
        self._standing.shards[shard] = (online, known, late)

    @override
    def epoch_ended(self) -> None:
        self._standing.epoch_ended()
        self._revisions.inc(len(self._revised))
        self._revised = set()

    @override
    def wrote(self, table: str, rows: int, seconds: float) -> None:
        self._rows.labels(table).inc(rows)
        self._row_seconds.labels(table).inc(seconds)

    @override
    def commit_began(self) -> None:
        self._commit_began = self._clock()
        self._standing.commit_began()

    @override
    def committed(self) -> None:
        self._commits.observe(self._clock() - self._commit_began)
        self._standing.committed()

    @override
    def waited(self, seconds: float) -> None:
        self._lock_wait.inc(seconds)
        self._standing.waits()

    @override
    def attempted(self, result: str, seconds: float) -> None:
        self._attempts[result].observe(seconds)

    @override
    def delivered(self, outcome: Outcome) -> None:
        self._deliveries[outcome].inc()

    def count_events(self, rows: Rows) -> None:
        """By type."""
        types = tally(_column(rows, "event_type"))
        for event_type, count in types.items():
            known = event_type if event_type in _KNOWN_TYPES else name.OTHER
            self._events.labels(known).inc(count)

    def count_letters(self, rows: Rows) -> None:
        """By topic and reason."""
        topics, reasons = _column(rows, "kafka_topic"), _column(rows, "reason")
        for labels, count in Tally(zip(topics, reasons, strict=True)).items():
            self._letters.labels(*labels).inc(count)

    def count_windows(self, rows: Rows) -> None:
        """As they close."""
        self._windows.inc(len(set(_column(rows, "window_start"))))

    def count_changes(self, rows: Rows) -> None:
        """By status."""
        for status, count in tally(_column(rows, "status")).items():
            self._changes.labels(status).inc(count)

    def count_decisions(self, rows: Rows) -> None:
        """By reason."""
        reasons = _column(rows, "reason")
        assert isinstance(reasons, Repeated), "recipients of a message share an entry"
        found: dict[str, int] = {}
        for reason, count in zip(reasons.values, reasons.counts, strict=True):
            found[reason] = found.get(reason, 0) + count
        for reason, count in found.items():
            self._decisions.labels(_DECISION_FOR[reason], reason).inc(count)


def _column(rows: Rows, wanted: str) -> Sequence[str]:
    return rows.columns[_place(rows.table, wanted)]


def _place(table: Table, wanted: str) -> int:
    return table.names.index(wanted)


def _counter(
    registry: CollectorRegistry,
    metric: name.Metric,
    values: Iterable[str | tuple[str, ...]] = (),
) -> Counter:
    found = Counter(metric.name, metric.meaning, metric.labels, registry=registry)
    for value in values:
        found.labels(*([value] if isinstance(value, str) else value))
    return found


def _histogram(
    registry: CollectorRegistry, metric: name.Metric, buckets: Sequence[float]
) -> Histogram:
    return Histogram(metric.name, metric.meaning, metric.labels, registry=registry, buckets=buckets)


_COUNTS: dict[str, Callable[[Metrics, Rows], None]] = {
    MESSAGES.name: Metrics.count_events,
    USER_EVENTS.name: Metrics.count_events,
    DEAD_LETTERS.name: Metrics.count_letters,
    MESSAGE_STATS.name: Metrics.count_windows,
    PRESENCE_CHANGES.name: Metrics.count_changes,
    PUSH_DECISIONS.name: Metrics.count_decisions,
}

"""What is true at the instant somebody asks, as metrics."""

import platform
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from dataflows import instruments as name
from dataflows.standing import FlowStanding
from schemas.events import TopicPartition

Family = GaugeMetricFamily | CounterMetricFamily
Labelled = Iterable[tuple[tuple[str, ...], float]]


@dataclass(frozen=True)
class Surroundings:
    """Whom to ask besides the flow itself."""

    ends: Callable[[], Mapping[TopicPartition, int | None]]
    """Where the partitions that are read end; None where nobody says."""
    pending: Callable[[], int]
    """How many pushes have no outcome."""
    database: Path | None
    """The store's file; None where it is none of this machine's."""


class Gauges(Collector):
    """Asked by whoever collects, in a thread of theirs; costs the flow nothing in between."""

    def __init__(
        self, standing: FlowStanding, ready: Callable[[], bool], *, keeps_state: bool = True
    ) -> None:
        """`keeps_state` is whether this process knows of what is stored, decided and online.

        Of another one nothing is told of it: a gauge at 0 would be a lie, and a lag without end.
        """
        self._standing = standing
        self._ready = ready
        self._keeps_state = keeps_state
        self.surroundings: Surroundings | None = None
        """None while the flow starts."""

    @override
    def collect(self) -> Iterator[Family]:
        yield _family(name.BUILD, [(_build(), 1)])
        yield _family(name.READY, _one(self._ready()))
        yield _family(name.LOOP_IDLE, _one(self._standing.idle_for))
        if self._keeps_state:
            yield from self._of_state()

    def _of_state(self) -> Iterator[Family]:
        yield from self._of_flow()
        yield from self._of_people()
        if (found := self.surroundings) is not None:
            yield _family(name.LAG, self._lags(found.ends()))
            yield _family(name.PENDING, _one(found.pending()))
            if found.database is not None:
                yield from _of_file(found.database)

    def _of_flow(self) -> Iterator[Family]:
        standing = self._standing
        yield _family(name.EPOCH_AGE, _one(standing.epoch_age))
        yield _family(name.COMMITTING, _one(standing.committing_for))
        yield _family(name.COMMITTED_AT, _one(standing.committed_at))
        yield _family(name.DELAY, _one(standing.watermark_delay))
        delays = standing.partition_delays().items()
        yield _family(name.PARTITION_DELAY, [(_labels(source), s) for source, s in delays])

    def _of_people(self) -> Iterator[Family]:
        shards = list(self._standing.shards.values())
        online, known, late = (sum(numbers) for numbers in zip((0, 0, 0), *shards, strict=True))
        yield _family(name.ONLINE_USERS, _one(online))
        yield _family(name.KNOWN_USERS, _one(known))
        both = [(("stats",), self._standing.late_messages), (("presence",), late)]
        yield _family(name.LATE, both)

    def _lags(self, ends: Mapping[TopicPartition, int | None]) -> Labelled:
        durable = self._standing.durable
        for source, end in ends.items():
            if end is not None and (stored := durable.get(source)) is not None:
                yield _labels(source), max(0, end - stored)


def _of_file(database: Path) -> Iterator[Family]:
    try:
        size, free = database.stat().st_size, shutil.disk_usage(database.parent).free
    except OSError:  # removed or not readable: the flow itself will say so
        return
    yield _family(name.STORE_SIZE, _one(size))
    yield _family(name.STORE_FREE, _one(free))


def _build() -> tuple[str, ...]:
    return _version("chatflow"), platform.python_version(), _version("bytewax")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _labels(source: TopicPartition) -> tuple[str, ...]:
    return source.topic, str(source.partition)


def _one(value: float) -> Labelled:
    return [((), value)]


def _family(metric: name.Metric, values: Labelled) -> Family:
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    found: Family = kind(metric.name, metric.meaning, labels=metric.labels)
    for labels, value in values:
        found.add_metric(labels, value)
    return found

"""What watches this process's flow, as the settings say: a monitor, or nobody."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from config.settings import Settings
from dataflows.workers import Workers
from schemas.events import TopicPartition
from sinks.observer import UNOBSERVED, Observer


class Watching(Protocol):
    """What `Monitor` and `NoMonitor` have in common."""

    @property
    def observer(self) -> Observer:
        """Whom the flow tells of its work."""

    def watch(
        self,
        ends: Callable[[], Mapping[TopicPartition, int | None]],
        pending: Callable[[], int],
        database: Path | None,
    ) -> None:
        """Say where to ask besides, once everything is open; see `Surroundings`."""


class NoMonitor:
    """Watches nothing and listens nowhere."""

    observer = UNOBSERVED

    def watch(
        self,
        ends: Callable[[], Mapping[TopicPartition, int | None]],
        pending: Callable[[], int],
        database: Path | None,
    ) -> None:
        """Nothing."""


def monitor_of(settings: Settings, stopping: Callable[[], bool], workers: Workers) -> Watching:
    """Begin to answer for metrics and health, if the settings want it.

    Raises:
        StatusServerError: The port is taken, or the address is not one of this machine's.
    """
    if not settings.metrics.enabled:
        return NoMonitor()
    # Here, so that a flow that nobody watches does not pay for the client of Prometheus.
    from dataflows.monitor import Monitor

    topics, keeps_state = settings.kafka.topics.names, workers.is_first
    monitor = Monitor(settings.metrics, topics, stopping, keeps_state=keeps_state)
    monitor.listen(workers.earlier_on_this_host)
    return monitor

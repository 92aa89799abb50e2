"""Metrics, health and the server that tells them: put together, for the process of a flow."""

import logging
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client import disable_created_metrics as leave_out_created_series
from prometheus_client.exposition import choose_encoder

from config.settings import MetricsSettings
from dataflows.gauges import Gauges, Surroundings
from dataflows.health import Health
from dataflows.metrics import Metrics
from dataflows.standing import FlowStanding
from dataflows.status_server import Answer, StatusServer
from schemas.events import TopicPartition

log = logging.getLogger(__name__)

_WORDS = "text/plain; charset=utf-8"


class Monitor:
    """Watches one flow: an observer for it to tell, and a registry for others to ask."""

    def __init__(
        self,
        settings: MetricsSettings,
        topics: Iterable[str],
        stopping: Callable[[], bool],
        *,
        keeps_state: bool = True,
    ) -> None:
        """See `Health` and `Gauges`."""
        self._settings = settings
        self.registry = CollectorRegistry()
        self.standing = FlowStanding()
        self.health = Health(self.standing, settings.stuck_after.total_seconds(), stopping)
        self.gauges = Gauges(
            self.standing, lambda: not self.health.troubles_of_work(), keeps_state=keeps_state
        )
        self.observer = Metrics(self.registry, topics, self.standing)
        self.registry.register(self.gauges)
        GCCollector(registry=self.registry)
        ProcessCollector(registry=self.registry)

    def listen(self, above: int) -> StatusServer:
        """Begin to answer, so many ports above the one of the settings.

        Raises:
            StatusServerError: The port is taken, or the address is not one of this machine's.
        """
        # They would double what Prometheus keeps.
        leave_out_created_series()  # type: ignore[no-untyped-call]  # the client's
        port = self._settings.port
        server = StatusServer(
            self._settings.host,
            port + above if port else 0,
            {"/metrics": self._metrics, "/healthz": self._life, "/readyz": self._work},
        )
        log.info("metrics and health are at %s", server.url)
        return server

    def watch(
        self,
        ends: Callable[[], Mapping[TopicPartition, int | None]],
        pending: Callable[[], int],
        database: Path | None,
    ) -> None:
        """Everything is open now: say where to ask about it; see `Surroundings`."""
        self.gauges.surroundings = Surroundings(ends, pending, database)
        self.health.ends = ends

    def _metrics(self, accept: str) -> Answer:
        encode, content_type = choose_encoder(accept)
        return Answer(HTTPStatus.OK, content_type, encode(self.registry))

    def _life(self, accept: str) -> Answer:
        return _verdict(self.health.troubles_of_life())

    def _work(self, accept: str) -> Answer:
        return _verdict(self.health.troubles_of_work())


def _verdict(troubles: list[str]) -> Answer:
    status = HTTPStatus.SERVICE_UNAVAILABLE if troubles else HTTPStatus.OK
    return Answer(status, _WORDS, "".join(f"{line}\n" for line in troubles or ["ok"]).encode())

"""Simulated chat in real time, beside whatever else the process does."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from config.kafka import KafkaSettings
from traffic.plan import Plan
from traffic.producer import ChatProducer
from traffic.run import Summary, run


class LiveTraffic:
    """A plan on its way into Kafka, paced, inside a `with` block.

    It runs on a thread: the simulator makes 40,000 events a second, so that a demo's few hundred
    leave the interpreter idle.
    """

    def __init__(self, kafka: KafkaSettings, plan: Plan) -> None:
        self._kafka = kafka
        self._plan = plan
        self._stop = threading.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="traffic")

    def __enter__(self) -> Self:
        self._run: Future[Summary] = self._thread.submit(self._send)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.shutdown()

    @property
    def done(self) -> bool:
        """Whether all of the plan is sent, or it failed."""
        return self._run.done()

    def finish(self) -> Summary:
        """Send nothing more; returns what was sent and confirmed.

        Raises:
            DeliveryError: Kafka did not confirm some of it.
        """
        self._stop.set()
        return self._run.result()

    def _send(self) -> Summary:
        with ChatProducer(self._kafka) as producer:
            return run(self._plan, producer, pace=True, stop=self._stop.is_set)

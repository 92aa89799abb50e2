"""What is said of brokers in trouble: seldom, and by the flow rather than by its clients."""

import logging
import time
from collections.abc import Callable

from confluent_kafka import KafkaError

from config.kafka import Properties

log = logging.getLogger(__name__)

_SAY_AGAIN = 30.0
"""Seconds between two lines about brokers in trouble."""


class Seldom:
    """Whether it is time to say something: once, and again when it lasts."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._said_at: float | None = None

    def __call__(self) -> bool:
        """Whether it is time; if so, it is taken as said."""
        now = self._now()
        if self._said_at is not None and now - self._said_at < _SAY_AGAIN:
            return False
        self._said_at = now
        return True


class Complaints:
    """Says that the brokers are in trouble, seldom.

    A client reports each broken connection on its own, several times a second and for every
    partition; it reads on by itself when they are back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._is_due = Seldom(now)

    def __call__(self, error: KafkaError) -> None:
        """Take a client's error, as its `error_cb`."""
        if self._is_due():
            log.warning("Kafka: %s; reading on when the brokers are back", error.str())


def quiet(properties: Properties) -> Properties:
    """Failures are told once, by what fails, and not by the client's own lines on stderr."""
    return {"log_level": 2, **properties}

"""A chat of people who are away, the flow that pushes to them by webhook, and what it noted."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from config.kafka import KafkaSettings
from schemas.message_pb2 import Message
from sinks.lease import StoreError, open_for_reading
from tests.expectation import TOPICS
from tests.flow_process import FlowProcess, FlowSettings
from tests.http_server import PushServer, Reply, answer
from traffic.embedded import EmbeddedBroker
from traffic.producer import ChatProducer

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
_PATIENCE = 90.0
_QUICK = {
    "CHAT_PRESENCE__ALLOWED_LATENESS": "0",
    "CHAT_SOURCE__IDLE_TIMEOUT": "0.2",
    "CHAT_PUSH__PROVIDER": "webhook",
    "CHAT_PUSH__WEBHOOK__SECRET": SECRET,
    "CHAT_PUSH__WEBHOOK__MAX_BACKOFF": "0.2",
    "CHAT_PUSH__MAX_AGE": "1h",
}
"""The flow decides at once, and asks a provider that fails soon again."""


Serve = Callable[..., PushServer]
"""Starts a server that replies as told, on a port of its own or the one given."""


class Mended:
    """A way of answering that is at fault until `mend`, and right from then on."""

    def __init__(self, fault: Reply) -> None:
        self._fault = fault
        self.mended = threading.Event()

    def __call__(self, exchange: Any) -> None:  # Any: as replies are typed
        (answer(200) if self.mended.is_set() else self._fault)(exchange)

    def mend(self) -> None:
        self.mended.set()


@dataclass(frozen=True)
class PushPlace:
    """The flow of one test."""

    flow: FlowSettings
    broker: EmbeddedBroker

    @classmethod
    def of(cls, broker: EmbeddedBroker, folder: Path) -> "PushPlace":
        for topic in TOPICS:
            broker.create_topic(topic + ".dlq")
        flow = FlowSettings(broker.bootstrap_servers, folder, "push", _QUICK, stop_at_end=False)
        return cls(flow, broker)

    def told(self, **variables: str) -> "PushPlace":
        """The same with more variables."""
        return replace(self, flow=self.flow.with_environment(**variables))

    def pushing_to(self, url: str) -> "PushPlace":
        """The same, with this webhook."""
        return self.told(CHAT_PUSH__WEBHOOK__URL=url)

    def send(self, count: int, name: str = "m") -> set[str]:
        """Send as many messages from ann to bob, who is never online; their ids."""
        ids = [f"{name}-{number}" for number in range(count)]
        kafka = KafkaSettings(brokers=[self.broker.bootstrap_servers])
        with ChatProducer(kafka) as producer:
            for each in ids:
                message = Message(
                    from_user="ann", to="bob", content="hi", contentType=1, messageId=each
                )
                producer.send_chat_message("bob", message)
        return set(ids)

    @contextmanager
    def running(self) -> Iterator[FlowProcess]:
        """The flow's process, from start to kill."""
        with FlowProcess(self.flow) as process:
            yield process

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the store says beside the flow; nothing while there is no table."""
        if not self.flow.store.exists():
            return []
        try:
            with open_for_reading(self.flow.store) as database:
                return database.execute(sql).fetchall()
        except (duckdb.CatalogException, StoreError):  # the first migration is under way
            return []

    def decided(self) -> list[str]:
        """The ids of messages that a push was to be sent for, as often as it was decided."""
        sql = "SELECT message_id FROM push_decisions WHERE decision = 'sent'"
        return [name for (name,) in self.rows(sql)]

    def outcomes(self) -> dict[str, list[tuple[str, str, int]]]:
        """By message: each of its outcomes, with its detail and the attempts."""
        found: dict[str, list[tuple[str, str, int]]] = {}
        sql = "SELECT message_id, outcome, detail, attempts FROM push_deliveries"
        for name, *rest in self.rows(sql):
            found.setdefault(name, []).append((rest[0], rest[1], rest[2]))
        return found


def until(met: Callable[[], bool], process: FlowProcess) -> None:
    """Wait for what must come while the process runs."""
    deadline = time.monotonic() + _PATIENCE
    while not met():
        assert process.is_running, process.wait().words
        assert time.monotonic() < deadline, "what must come did not"
        time.sleep(0.05)


def keys_by_message(server: PushServer) -> dict[str, set[str]]:
    """By message: the idempotency keys under which the provider was told of it."""
    found: dict[str, set[str]] = {}
    for received in list(server.received):
        name = received.json["message_id"]
        found.setdefault(name, set()).add(received.headers["webhook-id"])
    return found

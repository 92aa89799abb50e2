"""A Kafka broker inside this process: librdkafka's own mock cluster, for demos and tests.

It speaks the protocol on 127.0.0.1, so other processes and other clients can use it. It keeps
records in memory only and drops the oldest of a partition beyond 5 MiB or 100,000 records; a batch
counts as it arrived, so compressed producers fit more. It cannot create topics on request (a name
that nobody created here appears with 4 partitions when it is first written to).
"""

import contextlib
from collections.abc import Iterable
from ctypes import c_char_p, c_int, c_int32, c_void_p
from types import SimpleNamespace, TracebackType
from typing import Self

from confluent_kafka import KafkaException

from config.errors import ChatflowError
from native.librdkafka import PRODUCER, librdkafka_function, new_client


class EmbeddedBroker:
    """One broker with the given topics, alive inside a `with` block.

    Consumer groups form at once (no initial rebalance delay). The broker runs on a thread of
    librdkafka, outside the interpreter's lock; everything in it is gone when the block ends.

    Raises:
        ChatflowError: The installed librdkafka has no mock cluster.
    """

    def __init__(self, topics: Iterable[str] = (), *, partitions: int = 3) -> None:
        self._topics = tuple(topics)
        self._partitions = partitions
        self._cluster: int | None = None
        self._undo = contextlib.ExitStack()
        self._library = _library()

    @property
    def bootstrap_servers(self) -> str:
        """The address for clients: `127.0.0.1:<port>`."""
        assert self._cluster is not None, "the broker lives inside its `with` block"
        address: bytes = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster)
        return address.decode()

    def create_topic(self, name: str, *, partitions: int | None = None) -> None:
        """Add a topic; by default with as many partitions as the others."""
        assert self._cluster is not None, "the broker lives inside its `with` block"
        refused = self._library.rd_kafka_mock_topic_create(
            self._cluster, name.encode(), partitions or self._partitions, 1
        )
        if refused:
            raise ChatflowError(f"the embedded broker cannot create the topic {name!r}")

    def __enter__(self) -> Self:
        library = self._library
        with contextlib.ExitStack() as undo:
            host = _silent_host()
            undo.callback(library.rd_kafka_destroy, host)
            self._cluster = library.rd_kafka_mock_cluster_new(host, 1)
            if not self._cluster:
                raise ChatflowError("the embedded broker cannot listen on 127.0.0.1")
            undo.callback(library.rd_kafka_mock_cluster_destroy, self._cluster)
            library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, 0)
            for topic in self._topics:
                self.create_topic(topic)
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cluster = None
        self._undo.close()


def _library() -> SimpleNamespace:
    """The mock cluster of the librdkafka that confluent_kafka itself is linked to."""
    signatures: dict[str, tuple[object, ...]] = {
        "rd_kafka_destroy": (None, c_void_p),
        "rd_kafka_mock_cluster_new": (c_void_p, c_void_p, c_int),
        "rd_kafka_mock_cluster_destroy": (None, c_void_p),
        "rd_kafka_mock_cluster_bootstraps": (c_char_p, c_void_p),
        "rd_kafka_mock_topic_create": (c_int, c_void_p, c_char_p, c_int, c_int),
        "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, c_void_p, c_int32),
    }
    try:
        found = {name: librdkafka_function(name, *types) for name, types in signatures.items()}
    except AttributeError as error:
        raise ChatflowError(
            f"the installed librdkafka has no embedded broker ({error}); install confluent-kafka"
            " from its wheel, or use a real broker"
        ) from error
    return SimpleNamespace(**found)


def _silent_host() -> int:
    """A librdkafka client that only carries the cluster, and never writes to stderr."""

    def silence(configuration: int) -> None:
        log = librdkafka_function("rd_kafka_conf_set_log_cb", None, c_void_p, c_void_p)
        log(configuration, None)

    try:
        return new_client(PRODUCER, {"log_level": 0, "client.id": "embedded-broker"}, silence)
    except KafkaException as error:
        raise ChatflowError(f"the embedded broker cannot start: {error}") from error

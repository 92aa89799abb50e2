"""A Kafka broker inside this process: librdkafka's own mock cluster, for demos and tests.

It speaks the protocol on 127.0.0.1, so other processes and other clients can use it. It keeps
records in memory only and drops the oldest of a partition beyond 5 MiB or 100,000 records; a batch
counts as it arrived, so compressed producers fit more. It cannot create topics on request (a name
that nobody created here appears with 4 partitions when it is first written to).
"""

import contextlib
import ctypes
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from confluent_kafka import cimpl

from config.errors import ChatflowError

_PRODUCER = 0
_CONF_OK = 0


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
            host = _silent_host(library)
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


def _library() -> ctypes.CDLL:
    """The librdkafka that confluent_kafka itself is linked to, its mock cluster declared.

    A symbol looked up in the extension module is found in the libraries it depends on. So there is
    no file name to guess, which differs between Linux and macOS wheels and between releases.
    """
    library = ctypes.CDLL(cimpl.__file__)
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    signatures: dict[str, tuple[object, list[object]]] = {
        "rd_kafka_conf_new": (pointer, []),
        "rd_kafka_conf_set": (number, [pointer, text, text, text, ctypes.c_size_t]),
        "rd_kafka_conf_set_log_cb": (None, [pointer, pointer]),
        "rd_kafka_new": (pointer, [number, pointer, text, ctypes.c_size_t]),
        "rd_kafka_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_new": (pointer, [pointer, number]),
        "rd_kafka_mock_cluster_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_bootstraps": (text, [pointer]),
        "rd_kafka_mock_topic_create": (number, [pointer, text, number, number]),
        "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [pointer, ctypes.c_int32]),
    }
    for name, (result, arguments) in signatures.items():
        try:
            function = getattr(library, name)
        except AttributeError as error:
            raise ChatflowError(
                f"the installed librdkafka has no {name}, so there is no embedded broker; "
                "install confluent-kafka from its wheel, or use a real broker"
            ) from error
        function.restype, function.argtypes = result, arguments
    return library


def _silent_host(library: ctypes.CDLL) -> int:
    """A librdkafka client that only carries the cluster, and never writes to stderr."""
    configuration = library.rd_kafka_conf_new()
    reason = ctypes.create_string_buffer(512)
    size = len(reason)
    for name, value in ((b"log_level", b"0"), (b"client.id", b"embedded-broker")):
        answer = library.rd_kafka_conf_set(configuration, name, value, reason, size)
        assert answer == _CONF_OK, reason.value
    library.rd_kafka_conf_set_log_cb(configuration, None)
    host: int | None = library.rd_kafka_new(_PRODUCER, configuration, reason, size)
    if not host:
        raise ChatflowError(f"the embedded broker cannot start: {reason.value.decode()}")
    return host

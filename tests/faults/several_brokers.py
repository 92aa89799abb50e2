"""Several brokers in librdkafka, of which one can be silent; `EmbeddedBroker` has one only."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_char_p, c_int, c_int32, c_size_t, c_void_p
from pathlib import Path
from typing import Any

import confluent_kafka

_PRODUCER = 0


class SeveralBrokers:
    """Brokers with the numbers 1, 2 and so on."""

    def __init__(self, library: ctypes.CDLL, cluster: int) -> None:
        self._library, self._cluster = library, cluster

    @property
    def addresses(self) -> list[str]:
        """Where they are."""
        found: bytes = self._call("rd_kafka_mock_cluster_bootstraps", result=c_char_p)
        return found.decode().split(",")

    def create_topic(self, topic: str, partitions: int) -> None:
        """Make a topic."""
        self._call("rd_kafka_mock_topic_create", topic.encode(), c_int(partitions), c_int(1))

    def lead(self, topic: str, partition: int, broker: int) -> None:
        """Let a broker be the leader of a partition."""
        place = topic.encode(), c_int32(partition), c_int32(broker)
        self._call("rd_kafka_mock_partition_set_leader", *place)

    def silence(self, broker: int) -> None:
        """Let a broker answer nobody any more."""
        self._call("rd_kafka_mock_broker_set_down", c_int32(broker))

    def _call(self, name: str, *arguments: object, result: type[Any] = c_int) -> Any:
        function = self._library[name]
        function.restype = result
        return function(c_void_p(self._cluster), *arguments)


@contextmanager
def several_brokers(count: int) -> Iterator[SeveralBrokers]:
    """So many brokers while the block lasts."""
    folder = Path(confluent_kafka.__file__).parent.parent / "confluent_kafka.libs"
    (path,) = folder.glob("librdkafka-*.so*")
    library = ctypes.CDLL(str(path))
    library.rd_kafka_conf_new.restype = c_void_p
    library.rd_kafka_new.restype = c_void_p
    library.rd_kafka_mock_cluster_new.restype = c_void_p
    said = ctypes.create_string_buffer(512)
    conf = c_void_p(library.rd_kafka_conf_new())
    client = c_void_p(library.rd_kafka_new(_PRODUCER, conf, said, c_size_t(len(said))))
    assert client.value, said.value
    cluster = library.rd_kafka_mock_cluster_new(client, c_int(count))
    try:
        yield SeveralBrokers(library, cluster)
    finally:
        library.rd_kafka_mock_cluster_destroy(c_void_p(cluster))
        library.rd_kafka_destroy(client)

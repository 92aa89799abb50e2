"""A Kafka client that reads one partition, and leaves its records where librdkafka has them."""

import ctypes
from collections.abc import Mapping
from ctypes import POINTER, c_char_p, c_int, c_int32, c_int64, c_void_p

from confluent_kafka import KafkaError, KafkaException

from native.fetched import Fetched
from native.library import function, library, short_function
from native.librdkafka import CONSUMER, librdkafka_function, new_client
from schemas.events import TopicPartition

_SAID = 512
"""Bytes kept of what a client says about its brokers."""


_CALLS = (
    "rd_kafka_consume_batch_queue",
    "rd_kafka_message_timestamp",
    "rd_kafka_message_destroy",
    "rd_kafka_queue_destroy",
    "rd_kafka_destroy",
)
"""`kafka_calls` of fetched.h."""


class CKafkaClient(ctypes.Structure):
    """`kafka_client` of fetched.h."""

    _fields_ = (
        ("calls", c_void_p * len(_CALLS)),
        ("handle", c_void_p),
        ("queue", c_void_p),
        ("users", c_int),
        ("complaint", c_int32),
        ("said", ctypes.c_char * _SAID),
        ("room", c_void_p),
        ("room_size", c_int64),
    )


def can_read_in_c() -> bool:
    """Whether the library was built, and the functions of librdkafka can be found."""
    if library() is None:
        return False
    try:
        for name in _CALLS:
            librdkafka_function(name, None)
    except AttributeError:
        return False
    return True


class KafkaClient:
    """Reads one partition from an offset on."""

    def __init__(
        self, properties: Mapping[str, object], source: TopicPartition, start: int
    ) -> None:
        """Properties are librdkafka's.

        Raises:
            KafkaException: librdkafka refuses them.
        """
        self._fetch = short_function("fetch", c_void_p, c_void_p, c_int64)
        self._release = function("kafka_client_release", None, c_void_p)
        self._close = librdkafka_function("rd_kafka_consumer_close", c_int, c_void_p)
        self._at: int | None = None
        new = function("kafka_client_new", c_void_p, POINTER(c_void_p))
        self._at = new((c_void_p * len(_CALLS))(*map(_address, _CALLS)))
        self._struct = CKafkaClient.from_address(self._at)
        handle = self._struct.handle = _new_consumer(properties, self._at)
        librdkafka_function("rd_kafka_poll_set_consumer", c_int, c_void_p)(handle)
        queue = librdkafka_function("rd_kafka_queue_get_consumer", c_void_p, c_void_p)
        self._struct.queue = queue(handle)
        _assign(handle, source, start)

    def fetch(self, most: int) -> Fetched | None:
        """What is there already, at most so many records; None: nothing."""
        assert self._at is not None, "it is not closed"
        at = self._fetch(self._at, most)
        return Fetched(at) if at else None

    def complaint(self) -> tuple[int, str] | None:
        """What the client said first of its brokers since the last time: code and words."""
        struct = self._struct
        if not struct.complaint:
            return None
        code, struct.complaint = struct.complaint, 0
        return code, struct.said.decode(errors="replace")

    def close(self) -> None:
        """Stop reading, for good. Records that were handed out stay readable."""
        self._close(self._struct.handle)
        self._let_go()

    def _let_go(self) -> None:
        at, self._at = self._at, None
        if at is not None:
            del self._struct
            self._release(at)

    def __del__(self) -> None:
        self._let_go()


def _new_consumer(properties: Mapping[str, object], client: int) -> int:
    def complain(configuration: int) -> None:
        pointers = (None, c_void_p, c_void_p)
        on_error = ctypes.cast(short_function("kafka_complaint", None), c_void_p)
        librdkafka_function("rd_kafka_conf_set_error_cb", *pointers)(configuration, on_error)
        librdkafka_function("rd_kafka_conf_set_opaque", *pointers)(configuration, client)

    return new_client(CONSUMER, properties, complain)


def _assign(handle: int | None, source: TopicPartition, start: int) -> None:
    new = librdkafka_function("rd_kafka_topic_partition_list_new", c_void_p, c_int)
    place = (c_void_p, c_char_p, c_int32)
    add = librdkafka_function("rd_kafka_topic_partition_list_add", c_void_p, *place)
    put = librdkafka_function("rd_kafka_topic_partition_list_set_offset", c_int, *place, c_int64)
    free = librdkafka_function("rd_kafka_topic_partition_list_destroy", None, c_void_p)
    assign = librdkafka_function("rd_kafka_assign", c_int, c_void_p, c_void_p)
    partitions = new(1)
    try:
        at = (partitions, source.topic.encode(), source.partition)
        add(*at)
        put(*at, start)
        if error := assign(handle, partitions):
            raise KafkaException(KafkaError(error))
    finally:
        free(partitions)


def _address(name: str) -> int | None:
    return ctypes.cast(librdkafka_function(name, None), c_void_p).value

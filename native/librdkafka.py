"""The C functions of librdkafka, in the library that confluent_kafka itself is linked to."""

import ctypes
from collections.abc import Callable, Mapping
from ctypes import c_char_p, c_int, c_size_t, c_void_p
from functools import cache

from confluent_kafka import KafkaError, KafkaException, cimpl

PRODUCER, CONSUMER = 0, 1
"""Kinds of clients."""
_REASON = 512


@cache
def _library() -> ctypes.CDLL:
    """A symbol looked up in the extension module is found in the libraries it depends on.

    So there is no file name to guess, which differs between Linux and macOS wheels and between
    releases.
    """
    return ctypes.CDLL(cimpl.__file__)


@cache
def librdkafka_function(
    name: str, result: object, *arguments: object
) -> "ctypes._NamedFuncPointer":
    """A function of librdkafka, its types declared.

    Raises:
        AttributeError: There is none of this name to be found, as where confluent_kafka was linked
            statically.
    """
    found = _library()[name]
    found.restype, found.argtypes = result, arguments  # type: ignore[assignment]
    return found


def new_client(kind: int, properties: Mapping[str, object], prepare: Callable[[int], None]) -> int:
    """A client of librdkafka; `prepare` is given its configuration before it is made.

    Raises:
        KafkaException: librdkafka refuses a property.
    """
    configuration = librdkafka_function("rd_kafka_conf_new", c_void_p)()
    new = librdkafka_function("rd_kafka_new", c_void_p, c_int, c_void_p, c_char_p, c_size_t)
    try:
        _configure(configuration, properties)
        prepare(configuration)
        reason = ctypes.create_string_buffer(_REASON)
        found: int | None = new(kind, configuration, reason, _REASON)
        if not found:
            raise _refused(reason)
    except KafkaException:
        librdkafka_function("rd_kafka_conf_destroy", None, c_void_p)(configuration)
        raise
    return found


def _configure(configuration: int, properties: Mapping[str, object]) -> None:
    texts = (c_char_p,) * 3
    put = librdkafka_function("rd_kafka_conf_set", c_int, c_void_p, *texts, c_size_t)
    reason = ctypes.create_string_buffer(_REASON)
    for name, value in properties.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if put(configuration, name.encode(), text.encode(), reason, _REASON) != 0:
            raise _refused(reason)


def _refused(reason: "ctypes.Array[ctypes.c_char]") -> KafkaException:
    return KafkaException(KafkaError(KafkaError._INVALID_ARG, reason.value.decode("utf-8")))

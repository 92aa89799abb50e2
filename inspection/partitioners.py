"""Where clients put a record by its key: the three ways in which Kafka's clients hash."""

import zlib
from collections.abc import Callable, Mapping

_32_BITS = 0xFFFFFFFF
_POSITIVE = 0x7FFFFFFF


def fnv1a(key: bytes, partitions: int) -> int:
    """The default of IBM/sarama, a Go client; librdkafka's `fnv1a`."""
    found = 2166136261
    for byte in key:
        found = (found ^ byte) * 16777619 & _32_BITS
    signed = found - 2**32 if found > _POSITIVE else found
    # Go's remainder has the sign of the dividend, and the client drops the sign.
    return abs(signed) % partitions


def murmur2(key: bytes, partitions: int) -> int:
    """The default of the Java client; librdkafka's `murmur2`."""
    mix = 0x5BD1E995
    found = (0x9747B28C ^ len(key)) & _32_BITS
    whole = len(key) // 4 * 4
    for at in range(0, whole, 4):
        word = int.from_bytes(key[at : at + 4], "little") * mix & _32_BITS
        found = found * mix & _32_BITS ^ ((word ^ word >> 24) * mix & _32_BITS)
    if rest := key[whole:]:
        found = (found ^ int.from_bytes(rest, "little")) * mix & _32_BITS
    found = (found ^ found >> 13) * mix & _32_BITS
    return ((found ^ found >> 15) & _POSITIVE) % partitions


def crc32(key: bytes, partitions: int) -> int:
    """The default of librdkafka and the clients made of it: its `consistent`."""
    return zlib.crc32(key) % partitions


PARTITIONERS: Mapping[str, Callable[[bytes, int], int]] = {
    "FNV-1a (sarama)": fnv1a,
    "murmur2 (Java)": murmur2,
    "CRC-32 (librdkafka)": crc32,
}
"""By the name to call it."""

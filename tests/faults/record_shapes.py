"""Turns any bytes into a record, at whatever depth of the wire they are to be read."""

import base64
from collections.abc import Callable

from tests.faults.text_places import NOW, protobufs_with, records_with
from tests.golden_records import golden_records
from tests.odd_values import odd_values

Shape = Callable[[bytes], bytes]

_TIME = str(NOW).encode()
_EVENT = b'{"event_type":"message","user_id":"bob","timestamp":' + _TIME + b',"message_data":'
_USER = b'{"event_type":"user_online","user_id":"ann","timestamp":' + _TIME


def _as_it_is(data: bytes) -> bytes:
    return data


def _protobuf(data: bytes) -> bytes:
    return _EVENT + b'"' + base64.b64encode(data) + b'"}'


def _payload(data: bytes) -> bytes:
    return _EVENT + data + b"}"


def _message_fields(data: bytes) -> bytes:
    return _EVENT + b'{"from":"ann",' + data + b"}}"


def _metadata(data: bytes) -> bytes:
    return _USER + b',"metadata":{' + data + b"}}"


def _address(data: bytes) -> bytes:
    return _USER + b',"metadata":{"client_ip":"' + data + b'"}}'


def _timestamp(data: bytes) -> bytes:
    return b'{"event_type":"user_online","user_id":"ann","timestamp":' + data + b"}"


SHAPES: tuple[Shape, ...] = (
    _as_it_is,
    _protobuf,
    _payload,
    _message_fields,
    _metadata,
    _address,
    _timestamp,
)


def shaped(data: bytes) -> bytes:
    """The record that these bytes mean: the first says the shape, the others are put into it."""
    if not data:
        return b""
    return SHAPES[data[0] % len(SHAPES)](data[1:])


def real_values() -> list[bytes]:
    """What servers wrote, and forms that come close."""
    found = [golden.value for golden in golden_records()]
    found += [value for value in odd_values().values() if value]
    for text in (b"x", b"\xe6\x97\xa9"):
        found += [*records_with(text).values(), *protobufs_with(text).values()]
    return found


def seeds() -> list[bytes]:
    """Inputs for `shaped` to begin with: real values, and a fitting piece for every shape."""
    pieces = (
        b"",
        b"\x1a\x03ann\x22\x03bob\x2a\x02hi\x30\x01\x62\x01m\x5a\x02\xff\xfe",
        b'"eyJmcm9tIjoiYW5uIn0="',
        b'"to":"bob","contentType":"2","file":"aGk=","messageId":7',
        b'"session_id":"s","client_ip":"10.0.0.1:5","connection_time":5,"shard_id":"3"',
        b"[2001:db8::1]:4001",
        b'"2025-09-01T06:13:20.5+02:00"',
    )
    return [
        *(b"\x00" + value for value in real_values()),
        *(bytes([number]) + piece for number, piece in enumerate(pieces)),
    ]

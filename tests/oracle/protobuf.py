"""Reads a binary `protocol.Message`, field by field."""

from collections.abc import Iterator

from tests.oracle.values import Payload

_VARINT, _FIXED_64, _LENGTH, _START_GROUP, _END_GROUP, _FIXED_32 = range(6)
_TEXTS = {1, 2, 3, 4, 5, 7, 9, 10, 12, 17, 18}
_FILE = 11

Field = tuple[int, int, int | bytes]
"""Number, wire type, value."""


class NotProtobufError(ValueError):
    """The bytes are no message."""


def read_message(data: bytes) -> Payload:
    """The message in these bytes; a field that is missing has its default.

    Raises:
        NotProtobufError: They break off, or hold what no message can hold.
    """
    texts: dict[int, str] = {}
    numbers: dict[int, int] = {}
    file_size = 0
    for number, wire_type, value in _fields(data):
        if wire_type == _LENGTH and isinstance(value, bytes):
            if number in _TEXTS:
                texts[number] = _utf8(value)
            elif number == _FILE:
                file_size = len(value)
        elif wire_type == _VARINT and isinstance(value, int):
            numbers[number] = _int32(value)
    return Payload(
        sender=texts.get(3, ""),
        to=texts.get(4, ""),
        content=texts.get(5, ""),
        content_type=numbers.get(6, 0),
        message_type=numbers.get(8, 0),
        file_size=file_size,
        message_id=texts.get(12, ""),
    )


def _fields(data: bytes) -> Iterator[Field]:
    at = 0
    open_groups: list[int] = []
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire_type = tag >> 3, tag & 7
        if number == 0 or tag >= 1 << 32:
            raise NotProtobufError("a field's number is out of range")
        if wire_type == _START_GROUP:
            open_groups.append(number)
        elif wire_type == _END_GROUP:
            if not open_groups or open_groups.pop() != number:
                raise NotProtobufError("a group ends that did not begin")
        else:
            value, at = _value(data, at, wire_type)
            if not open_groups:  # what stands in a group is no field of ours
                yield number, wire_type, value
    if open_groups:
        raise NotProtobufError("a group does not end")


def _value(data: bytes, at: int, wire_type: int) -> tuple[int | bytes, int]:
    if wire_type == _VARINT:
        return _varint(data, at)
    if wire_type == _LENGTH:
        length, at = _varint(data, at)
    elif wire_type in (_FIXED_32, _FIXED_64):
        length = 4 if wire_type == _FIXED_32 else 8
    else:
        raise NotProtobufError("there is no such wire type")
    if at + length > len(data):
        raise NotProtobufError("a field breaks off")
    return data[at : at + length], at + length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(10):
        if at + place >= len(data):
            break
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise NotProtobufError("a number breaks off")


def _int32(value: int) -> int:
    low = value & 0xFFFF_FFFF
    return low - (1 << 32) if low >= 1 << 31 else low


def _utf8(value: bytes) -> str:
    try:
        return value.decode().replace("\0", "\ufffd")
    except UnicodeDecodeError as error:
        raise NotProtobufError("a text is not UTF-8") from error

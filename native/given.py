"""Messages that are Python objects, as the columns that C reads."""

import ctypes
from array import array
from collections.abc import Sequence
from itertools import accumulate

from native.columns import CMessages, CTexts
from schemas.events import ChatMessage


class CountedColumns:
    """What is counted of messages, and no other column; C may read `struct` while this lives.

    `weights` says how many bytes each of them counts for, so all of `content` is empty.
    """

    def __init__(self, messages: Sequence[ChatMessage], weights: Sequence[int]) -> None:
        self._kept: list[array[int] | bytes] = []
        self.struct = CMessages(count=len(messages), room=len(messages))
        numbers = self._numbers
        numbers("kafka_offset", "q", [message.kafka_offset for message in messages])
        numbers("created_at", "q", [message.created_at for message in messages])
        numbers("content_type", "i", [message.content_type for message in messages])
        numbers("file_size", "q", weights)
        self._texts("event_type", [message.event_type for message in messages])
        self._texts("group_id", [message.group_id or "" for message in messages])
        self._texts("from_user", [message.from_user or "" for message in messages])
        self._texts("content", [""] * len(messages))

    def _numbers(self, name: str, code: str, values: Sequence[int]) -> None:
        setattr(self.struct, name, self._address(array(code, values)))

    def _texts(self, name: str, values: Sequence[str]) -> None:
        whole = "".join(values)
        encoded = values if whole.isascii() else [value.encode() for value in values]
        ends = array("i", accumulate(map(len, encoded), initial=0))
        data = whole.encode()
        self._kept.append(data)
        at = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value
        setattr(self.struct, name, CTexts(ends=self._address(ends), bytes=at, used=len(data)))

    def _address(self, values: "array[int]") -> int:
        self._kept.append(values)
        return values.buffer_info()[0]

"""Events out of the bytes in which one process sends them to another; see `native/parcel.h`."""

from array import array
from itertools import pairwise

from schemas.events import ChatMessage, UserEvent


def messages_of(data: bytes) -> list[ChatMessage]:
    """The messages.

    Raises:
        ValueError: The bytes do not hold messages.
    """
    reader = _Reader(data)
    offsets, created_at, recorded_at, event_time, sizes = (reader.numbers("q") for _ in range(5))
    content_types, message_types = reader.numbers("i"), reader.numbers("i")
    event_types, message_ids, conversation_ids = (reader.texts() for _ in range(3))
    from_users, to_users, group_ids = (reader.optional() for _ in range(3))
    contents = reader.texts()
    reader.end()
    columns = (
        *(offsets, event_types, created_at, recorded_at, event_time),
        *(message_ids, conversation_ids, from_users, to_users, group_ids),
        *(contents, content_types, message_types),
        *([None] * reader.count, [size or None for size in sizes]),
    )
    return list(map(ChatMessage, *columns))


def user_events_of(data: bytes) -> list[UserEvent]:
    """The user events.

    Raises:
        ValueError: The bytes do not hold user events.
    """
    reader = _Reader(data)
    offsets, created_at, recorded_at, event_time = (reader.numbers("q") for _ in range(4))
    numbers = [reader.numbers("q") for _ in range(2)]
    worker_ids, connection_times = (
        [number if has else None for number, has in zip(column, reader.numbers("b"), strict=True)]
        for column in numbers
    )
    event_types, user_ids = reader.texts(), reader.texts()
    session_ids, client_ips, group_ids = (reader.optional() for _ in range(3))
    reader.end()
    columns = (
        *(offsets, event_types, created_at, recorded_at, event_time, user_ids),
        *(session_ids, worker_ids, connection_times, client_ips, group_ids),
    )
    return list(map(UserEvent, *columns))


class _Reader:
    """Column after column; never more than there is."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self.count = 1
        self.count = self.numbers("q")[0]

    def numbers(self, code: str) -> "array[int]":
        """A column of integers."""
        found = array(code)
        found.frombytes(self._take(found.itemsize * self.count))
        return found

    def texts(self) -> list[str]:
        """A column of texts."""
        ends = array("i", [0]) + self.numbers("i")
        if any(begin > end for begin, end in pairwise(ends)):
            raise ValueError("a text ends before it begins")
        texts = self._take(ends[-1])
        return [texts[begin:end].decode() for begin, end in pairwise(ends)]

    def optional(self) -> list[str | None]:
        """A column of texts that may be missing."""
        return [text or None for text in self.texts()]

    def end(self) -> None:
        """Nothing may be left."""
        if self._at != len(self._data):
            raise ValueError("there is more than the columns of a batch")

    def _take(self, size: int) -> bytes:
        begin, self._at = self._at, self._at + size
        if not begin <= self._at <= len(self._data):
            raise ValueError("there is less than the columns of a batch")
        return self._data[begin : self._at]

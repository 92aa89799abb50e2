"""The join in C: what it finds, and what it can be told."""

import ctypes
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from ctypes import POINTER, c_char_p, c_int64, c_void_p
from functools import partial

from native.candidates import Taken
from native.join_structures import CCounts, CMemberships, CRowsGiven
from native.library import function, short_function
from native.presence import change_rows, left_rows
from schemas.columns import Numbers, Texts
from schemas.events import TopicPartition
from schemas.rows import Rows

DONE, FULL = range(2)
"""Why it stops: nothing is left, or there is so much to fetch that this comes first."""
SIGN, OPEN, CLOSE, JOIN, LEAVE, _ELSE, PUSHED = range(7)
"""What events can do: be a sign of life, open or close sessions, join or leave a group, cause a
push."""
_TEXT = c_char_p, c_int64


class CGiven(ctypes.Structure):
    """`given` of names.h: texts to be read in C."""

    _fields_ = (
        ("count", c_int64),
        ("sizes", c_void_p),
        ("bytes", c_char_p),
        ("left", c_int64),
    )

    def __init__(self, texts: Sequence[str]) -> None:
        encoded = [text.encode(errors="surrogatepass") for text in texts]
        self._kept = array("i", map(len, encoded))
        data = b"".join(encoded)
        super().__init__(len(encoded), self._kept.buffer_info()[0], data, len(data))


class Join:
    """Owns a `join`; freed when nothing refers to it any more."""

    def __init__(self, kinds: Mapping[str, int], timeout: int, grace: int) -> None:
        """`kinds` says of types of events what they can do; others do nothing.

        Sessions live for `timeout` milliseconds without a sign, and a grace lasts for `grace`.
        """
        self.sources: list[TopicPartition] = []
        """By the number that they have in C."""
        self._numbers: dict[TopicPartition, int] = {}
        at = self._at = _function("join_new", c_void_p, c_int64, c_int64)(timeout, grace)
        self._free = _function("join_free", None, c_void_p)
        self.counts = CCounts.from_address(_function("join_counts", c_void_p, c_void_p)(at))
        """How many users are online or in their grace, and of how many anything is known."""
        found = _function("join_memberships", c_void_p, c_void_p)(at)
        self.memberships = CMemberships.from_address(found)
        """Those that `take_memberships` has found."""
        self._bind_timeline(kinds)
        self._bind_users()

    def _bind_timeline(self, kinds: Mapping[str, int]) -> None:
        self.messages = self._bound("join_messages", c_int64, c_void_p, *(c_int64,) * 3)
        self.user_events = self._bound("join_user_events", c_int64, c_void_p, *(c_int64,) * 3)
        mean = self._bound("join_kind", None, c_char_p, c_int64, c_int64)
        for event_type, kind in kinds.items():
            mean(name := event_type.encode(), len(name), kind)
        self._source = self._bound("join_source", None, c_char_p, c_int64, c_int64)
        self._rank = self._bound("join_rank", None, c_int64, c_int64)
        self.before = self._bound("join_before", c_int64, c_int64)
        self.last = self._bound("join_last", c_int64)
        self.waiting = self._bound("join_waiting", None, c_void_p)
        self.done = self._bound("join_done", c_int64, c_void_p, c_int64)
        # Long enough for other threads to go on meanwhile.
        self.run = partial(function("join_run", c_int64, c_void_p, c_int64, c_int64), self._at)
        self.advance = partial(function("join_advance", c_int64, c_void_p, c_int64), self._at)
        self._take = {
            alike: self._bound(f"join_take_{'alike' if alike else 'apart'}", c_void_p)
            for alike in (True, False)
        }

    def _bind_users(self) -> None:
        self._store_users = self._bound(
            *("join_store_users", c_int64, POINTER(CRowsGiven), c_int64, c_void_p)
        )
        self._state = self._bound("join_state", c_int64, *_TEXT, POINTER(c_void_p))
        self._hold = self._bound("join_hold", None, *_TEXT)
        self._take_changes = self._bound("join_take_changes", c_void_p)
        self._take_left = partial(function("join_take_left", c_void_p, c_void_p), self._at)
        self.take_memberships = self._bound("join_take_memberships", None)
        self._restore_active = self._bound(
            *("join_restore_active", None, c_int64, c_void_p, c_void_p, c_void_p)
        )
        self._restore_members = self._bound("join_restore_members", None, *(POINTER(CGiven),) * 2)
        self._list_group = self._bound("join_list_group", None, c_char_p, c_int64, POINTER(CGiven))

    def taken(self, *, alike: bool) -> "Taken":
        """The candidates found so far for whom one reason holds, or the others."""
        return Taken(self._take[alike](), self.sources)

    def changes(self) -> Rows | None:
        """The changes of statuses found so far, as rows of `presence_changes`."""
        return change_rows(self._take_changes())

    def left(self, step: str) -> Iterator[Rows]:
        """What changed of users since the last time: their states, and rows of `presence`."""
        while (at := self._take_left()) is not None:
            yield from left_rows(at, step)

    def number(self, source: TopicPartition) -> int:
        """The number of a source, given now where it is new."""
        number = self._numbers.get(source)
        if number is None:
            number = self._numbers[source] = len(self.sources)
            self.sources.append(source)
            topic = source.topic.encode()
            self._source(topic, len(topic), source.partition)
            for rank, each in enumerate(sorted(self.sources)):
                self._rank(self._numbers[each], rank)
        return number

    def store_users(self, keys: Texts, states: Texts, *, is_touched: bool = False) -> Sequence[int]:
        """Users as the store has them, or as it is to have them.

        Returns the rows that are not as this release writes them: they are Python's to read.
        """
        count = len(keys)
        unread = array("q", bytes(8 * count))
        given = CRowsGiven(count, keys.ends, keys.texts, states.ends, states.texts)
        left = self._store_users(given, is_touched, unread.buffer_info()[0])
        return unread[:left]

    def state(self, user_id: str) -> bytes | None:
        """What is known of a user, as the store is to have it."""
        name, at = user_id.encode(), c_void_p()
        size = self._state(name, len(name), at)
        return ctypes.string_at(at, size) if size else None

    def hold(self, user_id: str) -> None:
        """A message waits for the end of this user's grace: say when it is over."""
        name = user_id.encode()
        self._hold(name, len(name))

    def restore_active(self, ids: Texts, active_at: Numbers) -> None:
        """When users who are online were last active, as it was left."""
        self._restore_active(len(ids), ids.ends, ids.texts, active_at.at)

    def restore_members(self, groups: Sequence[str], users: Sequence[str]) -> None:
        """Memberships as they were left."""
        self._restore_members(CGiven(groups), CGiven(users))

    def list_group(self, group_id: str, users: Sequence[str]) -> None:
        """The directory says who is in a group, and nothing else does any more."""
        name = group_id.encode(errors="surrogatepass")
        self._list_group(name, len(name), CGiven(users))

    def _bound(self, name: str, result: object, *arguments: object) -> Callable[..., int]:
        return partial(_function(name, result, c_void_p, *arguments), self._at)

    def __del__(self) -> None:
        self._free(self._at)


def _function(name: str, result: object, *arguments: object) -> Callable[..., int]:
    found: Callable[..., int] = short_function(name, result, *arguments)
    return found

"""The join in C: what it says, and what it can be told; it knows no rules of presence."""

import ctypes
from array import array
from collections.abc import Callable, Mapping, Sequence
from ctypes import POINTER, c_char_p, c_int64, c_void_p
from functools import partial

from native.candidates import Taken
from native.join_structures import STOPPED, CCandidates, CReport, CStop, CStored, CTaken
from native.library import short_function
from schemas.columns import Numbers, Texts
from schemas.events import TopicPartition

DONE, EVENT, TIMERS, FULL = range(4)
"""Why it stops."""
SIGN, TURN, JOIN, LEAVE, _ELSE, PUSHED = range(6)
"""What events can do: be a sign of life, stop for rules, join or leave a group, cause a push."""
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

    def __init__(self, kinds: Mapping[str, int]) -> None:
        """`kinds` says of types of events what they can do; others do nothing."""
        self.sources: list[TopicPartition] = []
        """By the number that they have in C."""
        self._numbers: dict[TopicPartition, int] = {}
        at = self._at = _function("join_new", c_void_p)()
        self._free = _function("join_free", None, c_void_p)
        self.stop = CStop.from_address(_function("join_stop", c_void_p, c_void_p)(at))
        self.stopped = partial(STOPPED.unpack_from, self.stop)
        """Reads at once what `stop` begins with, up to how many renewals there are."""
        self.reported = CReport.from_address(_function("join_reported", c_void_p, c_void_p)(at))
        self.stored = CTaken.from_address(_function("join_taken", c_void_p, c_void_p)(at))
        """Users of whom Python has made nothing yet: how many, and who was taken last."""
        found = _function("join_candidates", c_void_p, c_void_p)(at)
        self.apart = CCandidates.from_address(found)
        """Those that are to be looked at one by one."""
        self._bind_timeline(kinds)
        self._bind_users()

    def _bind_timeline(self, kinds: Mapping[str, int]) -> None:
        self.messages = self._bound("join_messages", c_int64, c_void_p, *(c_int64,) * 3)
        self.user_events = self._bound("join_user_events", c_int64, c_void_p, *(c_int64,) * 3)
        mean = self._bound("join_kind", None, c_char_p, c_int64, c_int64)
        for event_type, kind in kinds.items():
            mean(name := event_type.encode(), len(name), kind)
        self._rank = self._bound("join_rank", None, c_int64, c_int64)
        self.before = self._bound("join_before", c_int64, c_int64)
        self.last = self._bound("join_last", c_int64)
        self.waiting = self._bound("join_waiting", None, c_void_p)
        self.done = self._bound("join_done", c_int64, c_void_p, c_int64)
        self.run = self._bound("join_run", c_int64, *(c_int64,) * 3)
        self._take = {
            alike: self._bound(f"join_take_{'alike' if alike else 'apart'}", c_void_p)
            for alike in (True, False)
        }

    def _bind_users(self) -> None:
        self.put = self._bound("join_put", None, *_TEXT, c_int64, c_int64, c_void_p, *_TEXT)
        self.put_online = self._bound("join_put_online", None, *_TEXT, *_TEXT)
        self.put_away = self._bound("join_put_away", None, *_TEXT, c_int64)
        self.look = self._bound("join_look", None, *_TEXT)
        self.active_at = self._bound("join_active_at", c_int64, *_TEXT)
        self.report = self._bound("join_report", None)
        self._restore_users = self._bound(
            *("join_restore_users", None, POINTER(CGiven), c_char_p, c_void_p, c_void_p),
            POINTER(CGiven),
        )
        self._store_users = self._bound(
            *("join_store_users", c_int64, POINTER(CStored), c_int64, c_int64, c_void_p)
        )
        self.take_user = self._bound("join_take_user", c_int64, *_TEXT)
        self.take_due = self._bound("join_take_due", c_int64, c_int64)
        self._restore_active = self._bound(
            *("join_restore_active", None, c_int64, c_void_p, c_void_p, c_void_p)
        )
        self._restore_members = self._bound("join_restore_members", None, *(POINTER(CGiven),) * 2)
        self._list_group = self._bound("join_list_group", None, c_char_p, c_int64, POINTER(CGiven))

    def taken(self, *, alike: bool) -> "Taken":
        """The candidates found so far for whom one reason holds, or the others."""
        return Taken(self._take[alike](), self.sources)

    def number(self, source: TopicPartition) -> int:
        """The number of a source, given now where it is new."""
        number = self._numbers.get(source)
        if number is None:
            number = self._numbers[source] = len(self.sources)
            self.sources.append(source)
            for rank, each in enumerate(sorted(self.sources)):
                self._rank(self._numbers[each], rank)
        return number

    def restore_users(
        self,
        ids: Sequence[str],
        leaving: bytes,
        active_at: Sequence[int],
        counts: Sequence[int],
        sessions: Sequence[str],
    ) -> None:
        """Users online or in their grace, as they were left; `counts` is of the `sessions`."""
        times, sizes = array("q", active_at), array("i", counts)
        at, size_at = times.buffer_info()[0], sizes.buffer_info()[0]
        self._restore_users(CGiven(ids), leaving, at, size_at, CGiven(sessions))

    def store_users(self, keys: Texts, states: Texts, timeout: int, grace: int) -> Sequence[int]:
        """Users as the store has them, of whom Python makes nothing yet.

        Returns the rows that are not as this release writes them: they are Python's to read.
        """
        count = len(keys)
        unread = array("q", bytes(8 * count))
        given = CStored(count, keys.ends, keys.texts, states.ends, states.texts)
        left = self._store_users(given, timeout, grace, unread.buffer_info()[0])
        return unread[:left]

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

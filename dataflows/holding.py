"""Messages that wait for the end of somebody's grace, and what the store is told of them.

The store gets each of them once, in the epoch in which it began to wait, and is told when its
user's grace is over. As part of the user's state all that waits would be written anew with each
message that joins it: in a busy chat dozens of messages, for thousands of users, every epoch.
"""

from collections.abc import Iterable, Iterator

import msgspec

from schemas.events import ChatMessage, TopicPartition


class Held(msgspec.Struct, frozen=True, array_like=True):
    """A message that waits for the end of somebody's grace, and where it stands."""

    source: TopicPartition
    message: ChatMessage


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Held]).decode


class Holding:
    """What waits, by user, each user's in order of time.

    The store has it in rows, several of a user where messages came in several epochs. Their keys
    begin with a number that grows, so that their order is known when they are read again.
    """

    def __init__(self) -> None:
        self._held: dict[str, list[Held]] = {}
        self._stored: dict[str, list[str]] = {}
        """Keys of the rows that the store has of a user."""
        self._fresh: dict[str, list[Held]] = {}
        """What the store has not been told of, by user; it is in `_held` as well."""
        self._over: list[str] = []
        """Keys of rows that are to go."""
        self._number = 0

    def __iter__(self) -> Iterator[str]:
        """The users for the end of whose grace something waits."""
        return iter(self._held)

    def add(self, user_id: str, held: Held) -> None:
        """One more message, later than the others of this user."""
        self._held.setdefault(user_id, []).append(held)
        self._fresh.setdefault(user_id, []).append(held)

    def take(self, user_id: str) -> list[Held]:
        """The grace is over: all that waited for it."""
        self._fresh.pop(user_id, None)
        self._over += self._stored.pop(user_id, ())
        return self._held.pop(user_id, [])

    def changes(self) -> list[tuple[str, bytes | None]]:
        """Rows, by key, that the store is to have, or not any more (None), since the last call."""
        found: list[tuple[str, bytes | None]] = [(key, None) for key in self._over]
        self._number += 1
        for user_id, fresh in self._fresh.items():
            key = f"{self._number}:{user_id}"
            self._stored.setdefault(user_id, []).append(key)
            found.append((key, _encode(fresh)))
        self._over, self._fresh = [], {}
        return found

    def restore(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Go on with the rows that the store has."""
        for number, user_id, key, state in sorted(
            (*_key_of(key), key, state) for key, state in rows
        ):
            self._number = number
            self._held.setdefault(user_id, []).extend(_decode(state))
            self._stored.setdefault(user_id, []).append(key)


def user_in(key: str) -> str:
    """The user whose row this is."""
    return _key_of(key)[1]


def _key_of(key: str) -> tuple[int, str]:
    number, _, user_id = key.partition(":")
    return int(number), user_id

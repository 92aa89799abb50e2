"""Offline recipients of messages; of those who have just left it is known after the grace."""

from collections.abc import Iterable, Iterator, Set
from typing import Protocol

import msgspec

from dataflows.holding import Held, Holding
from schemas.events import SIGNALLING, ChatMessage, TopicPartition


class Recipients(msgspec.Struct, frozen=True, gc=False):
    """Users who were offline at the time of a message: candidates for a push.

    `returned` says that they came back within the grace: they get the message itself. What the
    message says may be missing, unless it is about a call.
    """

    source: TopicPartition
    message: ChatMessage
    users: tuple[str, ...]
    returned: bool = False


class ManyRecipients(Protocol):
    """Recipients of many messages, in a form that need not be looked at one by one."""

    def __iter__(self) -> Iterator[Recipients]:
        """The same, message by message."""


AnyRecipients = Recipients | ManyRecipients


def one_by_one(found: Iterable[AnyRecipients]) -> Iterator[Recipients]:
    """All of them, message by message."""
    for each in found:
        if isinstance(each, Recipients):
            yield each
        else:
            yield from each


class Candidates:
    """The offline recipients of a shard, gathered as time goes on."""

    def __init__(self) -> None:
        self.found: list[AnyRecipients] = []
        self.held = Holding()
        self.leaving: set[str] = set()
        """Users whose grace is running."""

    def add(self, source: TopicPartition, message: ChatMessage, away: Set[str]) -> None:
        """Take the offline recipients of a message."""
        leaving = away & self.leaving
        for user_id in leaving:
            self.held.add(user_id, hold(source, message))
        if gone := away - leaving if leaving else away:
            self.found.append(Recipients(source, message, tuple(gone)))

    def restore(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Go on with what waits, as the store has it."""
        self.held.restore(rows)

    def take_found(self) -> list[AnyRecipients]:
        """Those whom nobody has taken yet."""
        found, self.found = self.found, []
        return found

    def release(self, user_id: str, *, returned: bool) -> None:
        """A grace is over."""
        for held in self.held.take(user_id):
            self.found.append(Recipients(held.source, held.message, (user_id,), returned))


def hold(source: TopicPartition, message: ChatMessage) -> Held:
    """Keep what a decision needs of a message: only of a call is it what the message says."""
    if message.content_type not in SIGNALLING:
        message = msgspec.structs.replace(message, content="", file_name=None)
    return Held(source, message)

"""A store as the engine uses it: epochs of one process, then those of the next."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from dataflows.persist import rows_of
from schemas.events import ChatMessage, TopicPartition
from sinks.epoch import StoreItem
from sinks.memory import STORE, Memory
from sinks.postgres import PostgresStore
from tests.builders import CHAT, batch, message
from tests.places import Place


class Execution:
    """One process: its memory, its sink, and epochs that commit or do not."""

    def __init__(self, place: Place) -> None:
        self.memory, sink = place.open()
        self.part = sink.build_part("store", STORE, None)

    def epoch(self, *items: StoreItem) -> int:
        """Write and commit: an epoch is durable for certain when the next one is closed."""
        self.write(*items)
        self.part.snapshot()
        return self.part.snapshot()

    def write(self, *items: StoreItem) -> None:
        """Write without committing."""
        if items:
            self.part.write_batch(list(items))


@contextmanager
def execution(place: Place) -> Iterator[Execution]:
    """A process that ends with the block: what is not committed is gone."""
    found = Execution(place)
    try:
        yield found
    finally:
        found.part.close()


def run(place: Place, *epochs: Sequence[StoreItem]) -> None:
    """One process that commits these epochs."""
    with execution(place) as process:
        for items in epochs:
            process.epoch(*items)


def remembered(place: Place) -> Memory:
    """What a process that starts now knows."""
    return place.open()[0]


def sent(*offsets: int, source: TopicPartition = CHAT) -> list[StoreItem]:
    """What the store gets of the messages at these offsets."""
    found = [message(at=offset, offset=offset) for offset in offsets]
    return rows_of_messages(found, source)


def rows_of_messages(
    found: Iterable[ChatMessage], source: TopicPartition = CHAT
) -> list[StoreItem]:
    """What the store gets of a batch of messages."""
    return list(rows_of(batch(source, list(found))))


def impatient(url: str) -> PostgresStore:
    """A Postgres store that soon gives up waiting."""
    return PostgresStore(url, lock_timeout=0.3, tolerance=0, window_length=60_000)

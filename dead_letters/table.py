"""Dead letters read from the table, which keeps them for ever."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from dead_letters.letter import Entry, Letter, Place
from sinks.kafka_tail import DeadLetterError
from sinks.lease import open_for_reading

_ENTRIES = """
SELECT kafka_topic, kafka_partition, kafka_offset, reason, detail, epoch_ms("at")
FROM dead_letters WHERE list_contains($topics, kafka_topic) ORDER BY "at"
"""
_ONE = """
SELECT reason, detail, epoch_ms("at"), key, payload, headers FROM dead_letters
WHERE kafka_topic = $topic AND kafka_partition = $partition AND kafka_offset = $offset
"""
_AT_ONCE = 10_000


def entries(database: Path, topics: Sequence[str]) -> Iterator[Entry]:
    """What the table holds of these topics, in the order of record timestamps.

    Raises:
        ChatflowError: There is no such database, or others hold it.
    """
    with open_for_reading(database) as connection:
        found = connection.execute(_ENTRIES, {"topics": list(topics)})
        while rows := found.fetchmany(_AT_ONCE):
            for topic, partition, offset, *rest in rows:
                yield Entry(Place(topic, partition, offset), None, *rest)


def find(database: Path, origin: Place) -> Letter:
    """The row of a record that stood there.

    Raises:
        DeadLetterError: There is none.
        ChatflowError: There is no such database, or others hold it.
    """
    with open_for_reading(database) as connection:
        row = connection.execute(_ONE, origin._asdict()).fetchone()
    if row is None:
        raise DeadLetterError(f"there is no dead letter {origin} in the table")
    reason, detail, at, key, payload, headers = row
    own = msgspec.json.decode(headers or "[]", type=list[tuple[str, str | None]])
    return Letter(Entry(origin, None, reason, detail, at), "", key, payload, tuple(own), whole=True)

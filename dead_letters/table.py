"""Dead letters read from the table, which keeps them for ever."""

from collections.abc import Iterator, Sequence

import msgspec

from config.store import StoreSettings
from dead_letters.letter import Entry, Letter, Place
from sinks.kafka_tail import DeadLetterError
from sinks.questions import rows_of

_ENTRIES = """
SELECT kafka_topic, kafka_partition, kafka_offset, reason, detail, epoch_ms("at")
FROM dead_letters WHERE kafka_topic = ANY($topics) ORDER BY "at"
"""
_ONE = """
SELECT reason, detail, epoch_ms("at"), key, payload, headers FROM dead_letters
WHERE kafka_topic = $topic AND kafka_partition = $partition AND kafka_offset = $offset
"""


def entries(store: StoreSettings, topics: Sequence[str]) -> Iterator[Entry]:
    """What the table holds of these topics, in the order of record timestamps.

    Raises:
        ChatflowError: There is no such database, or others hold it.
    """
    for topic, partition, offset, *rest in rows_of(store, _ENTRIES, {"topics": list(topics)}):
        yield Entry(Place(topic, partition, offset), None, *rest)


def find(store: StoreSettings, origin: Place) -> Letter:
    """The row of a record that stood there.

    Raises:
        DeadLetterError: There is none.
        ChatflowError: There is no such database, or others hold it.
    """
    row = next(rows_of(store, _ONE, origin._asdict()), None)
    if row is None:
        raise DeadLetterError(f"there is no dead letter {origin} in the table")
    reason, detail, at, key, payload, headers = row
    own = msgspec.json.decode(headers or "[]", type=list[tuple[str, str | None]])
    return Letter(Entry(origin, None, reason, detail, at), "", key, payload, tuple(own), whole=True)

"""Dead letters put back into their topics, each at most once, whatever is killed when."""

import contextlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, KafkaException, Producer

from config.errors import ChatflowError
from config.kafka import KafkaSettings, Properties, producer_properties
from dead_letters.letter import REPLAYED_FROM, Letter, Place
from dead_letters.markers import create_missing, marker, read_markers, topic_of
from schemas.events import Header

_TIMEOUT = 10.0
"""Seconds after which the brokers abort the transaction of a replay that is gone.

Until then nobody who reads what is committed gets beyond it, the flow included: so it is short.
"""
_PATIENCE = 60.0
"""Seconds for the brokers to answer at the beginning and at the end of a transaction."""
_FENCED = frozenset(
    {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}
)


class ReplayError(ChatflowError):
    """A replay cannot begin or go on; what it has replayed is known to the next one."""


class Replayer:
    """Puts dead letters of one topic back; inside a `with` block.

    At-most-once: the record and the marker that says so are one transaction of a producer with a
    fixed `transactional.id`. Who opens another one fences this one and ends its transaction, and
    only then reads the markers.

    Raises:
        ReplayError: The brokers refuse; or somebody else has begun to replay the same topic.
    """

    def __init__(self, kafka: KafkaSettings, dead_topic: str) -> None:
        self._kafka = kafka
        self._dead_topic = dead_topic
        self._open = False
        self.done: set[Place] = set()
        """Where the originals of all that was replayed stood, by anybody so far."""

    def __enter__(self) -> Self:
        create_missing(self._kafka, self._dead_topic)
        try:
            self._producer = Producer(_properties(self._kafka, topic_of(self._dead_topic)))
            self._producer.init_transactions(_PATIENCE)
        except KafkaException as error:
            raise self._refused(error) from error
        self.done = read_markers(self._kafka, self._dead_topic)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._abort()

    def replay(self, letters: Sequence[Letter]) -> None:
        """Put them back, all or none of them; none of their origins may be among `done`.

        Each goes to the topic and the partition where it stood, with its key, value, headers and
        record timestamp, and a header that says where that was.
        """
        now = datetime.now(UTC)
        try:
            self._producer.begin_transaction()
            self._open = True
            for letter in letters:
                self._put_back(letter)
                self._note(letter, now)
            self._commit()
        except KafkaException as error:
            raise self._refused(error) from error
        self._open = False
        self.done.update(letter.entry.origin for letter in letters)

    def _put_back(self, letter: Letter) -> None:
        origin = letter.entry.origin
        own = [header for header in letter.headers if header[0] != REPLAYED_FROM]
        headers: list[Header] = [*own, (REPLAYED_FROM, str(origin))]
        self._producer.produce(
            origin.topic,
            value=letter.value,
            key=letter.key,
            partition=origin.partition,
            headers=headers,
            timestamp=letter.entry.recorded_at,
        )

    def _note(self, letter: Letter, now: datetime) -> None:
        key, note = marker(letter, now)
        self._producer.produce(topic_of(self._dead_topic), note, key)

    def _commit(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return self._producer.commit_transaction(_PATIENCE)
            except KafkaException as error:
                if not error.args[0].retriable() or time.monotonic() > deadline:
                    raise

    def _abort(self) -> None:
        if self._open:
            self._open = False
            with contextlib.suppress(KafkaException):  # the next replay ends it, or a timeout
                self._producer.abort_transaction(_TIMEOUT)

    def _refused(self, error: KafkaException) -> ReplayError:
        reason = error.args[0]
        if reason.code() in _FENCED:
            return ReplayError(
                f"somebody else has begun to replay {self._dead_topic}, so this replay ended; what"
                " it had not told yet may have been replayed: `chatflow dlq list` says"
            )
        return ReplayError(
            f"the brokers did not take what was to be replayed from {self._dead_topic}:"
            f" {reason.str()}. Run it again: nothing is replayed twice"
        )


def _properties(kafka: KafkaSettings, name: str) -> Properties:
    own = producer_properties(kafka)
    own.pop("retries")  # a transaction wants to be tried until it times out
    return {
        "log_level": 0,
        **own,
        "acks": "all",
        "enable.idempotence": True,
        "transactional.id": name,
        "transaction.timeout.ms": int(_TIMEOUT * 1000),
        "message.timeout.ms": int(_TIMEOUT * 1000),
    }

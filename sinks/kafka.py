"""Dead letters to `<topic><suffix>`, as they came, with where they stood and why they are here.

The headers have the names that Kafka Connect gives them (`__connect.errors.*`), so tools that show
or replay Connect's dead letters work with these too.
"""

from collections.abc import Callable, Mapping

from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from typing_extensions import override

from config.errors import ChatflowError
from config.kafka import Properties
from schemas.events import DeadLetter, DeadLetterBatch, Header, TopicPartition
from sinks.dead_letter_size import fits
from sinks.epoch import mark_rows
from sinks.kafka_tail import DeadLetterError, published
from sinks.memory import Memory

MARK = "dead_letters"
"""Name of the sink's mark and of its only part."""

PROVENANCE = "__connect.errors."
"""How the headers that say where a dead letter stood and why it is one begin."""
_FLUSH = 60.0
"""Seconds to wait at the end of an epoch for the brokers to take the epoch's dead letters."""


class DeadLetterSink(FixedPartitionedSink[DeadLetterBatch, None]):
    """Write dead letters to their topics, the partition they came from by number.

    Exactly-once: what was written is read back from the end of the topics at start, so a replay
    writes only what is missing. Every epoch waits for the brokers.

    Raises:
        DeadLetterError: The brokers refuse, or do not answer in time.
    """

    def __init__(
        self,
        producer: Properties,
        consumer: Properties,
        memory: Memory,
        *,
        suffix: str,
        name: str,
        partitions: Mapping[str, int],
    ) -> None:
        """`name` tells this flow's dead letters from others'; `partitions` is by dead topic."""
        self._producer = producer
        self._consumer = consumer
        self._memory = memory
        self.on_failure: Callable[[ChatflowError], None] = lambda error: None
        """Told of an error that ends the execution, before it is raised."""
        self._suffix = suffix
        self._name = name
        self._partitions = partitions

    @override
    def list_parts(self) -> list[str]:
        return [MARK]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_Partition":
        written = published(self._consumer, self._partitions, self._name)
        return _Partition(self, self._memory.marks(MARK), written)

    def writer(self) -> Producer:
        """A producer that writes each record once."""
        return Producer({**self._producer, "enable.idempotence": True, "acks": "all"})

    def place(self, source: TopicPartition) -> TopicPartition:
        """Where the dead letters of a partition go."""
        topic = source.topic + self._suffix
        return TopicPartition(topic, source.partition % self._partitions[topic])

    def leave(self, progress: Mapping[TopicPartition, int]) -> None:
        """Tell the store how far dead letters are safe."""
        self._memory.leave(mark_rows(MARK, progress.items()))

    def headers(self, source: TopicPartition, letter: DeadLetter, *, whole: bool) -> list[Header]:
        """The record's own headers if it is written whole, and after them its provenance."""
        provenance = {
            **({} if whole else {"payload": "left out: too large for the topic"}),
            "topic": source.topic,
            "partition": str(source.partition),
            "offset": str(letter.kafka_offset),
            "connector.name": self._name,
            "task.id": "0",
            "stage": "VALUE_CONVERTER",
            "class.name": "schemas.decoding",
            "exception.class.name": letter.reason,
            "exception.message": letter.detail,
        }
        own = letter.headers if whole else ()
        return [*own, *((PROVENANCE + key, text) for key, text in provenance.items())]


class _Partition(StatefulSinkPartition[DeadLetterBatch, None]):
    def __init__(
        self,
        sink: DeadLetterSink,
        marks: Mapping[TopicPartition, int],
        written: Mapping[TopicPartition, set[int]],
    ) -> None:
        self._sink = sink
        self._marks = dict(marks)
        self._written = written
        self._progress: dict[TopicPartition, int] = {}
        self._left: dict[TopicPartition, int] = {}
        self._producer = sink.writer()
        self._refused: str | None = None

    @override
    def write_batch(self, values: list[DeadLetterBatch]) -> None:
        for batch in values:
            source = batch.progress.source
            if source not in self._marks:
                self._begin(source, batch)
            mark = self._marks[source]
            written = self._written.get(source, ())
            for letter in batch.events:
                if letter.kafka_offset >= mark and letter.kafka_offset not in written:
                    self._send(source, letter)
            self._progress[source] = max(batch.progress.next_offset, mark)
        self._producer.poll(0)
        self._raise_refusal()

    @override
    def snapshot(self) -> None:
        try:
            self._flush()
        except ChatflowError as error:
            self._sink.on_failure(error)
            raise
        moved = {
            source: offset
            for source, offset in self._progress.items()
            if offset != self._left.get(source)
        }
        if moved:
            self._left.update(moved)
            self._sink.leave(moved)

    @override
    def close(self) -> None:
        self._producer.purge()

    def _flush(self) -> None:
        left = self._producer.flush(_FLUSH)
        self._raise_refusal()
        if left:
            raise DeadLetterError(
                f"the brokers did not take {left} dead letters within {_FLUSH:.0f} s: check that"
                " they run and that the dead-letter topics accept records of this size"
            )

    def _begin(self, source: TopicPartition, batch: DeadLetterBatch) -> None:
        """A partition never seen: its first mark must be in the store's very first commit.

        Without it, a crash after that commit and before this sink's first epoch is durable would
        begin behind dead letters that were never written.
        """
        first = batch.events[0].kafka_offset if batch.events else batch.progress.next_offset
        self._marks[source] = first
        self._sink.leave({source: first})

    def _send(self, source: TopicPartition, letter: DeadLetter) -> None:
        topic, partition = self._sink.place(source)
        whole = fits(letter)
        while True:
            try:
                return self._producer.produce(
                    topic,
                    value=letter.payload if whole else None,
                    key=letter.key if whole else None,
                    partition=partition,
                    headers=self._sink.headers(source, letter, whole=whole),
                    timestamp=letter.recorded_at,
                    on_delivery=self._on_delivery,
                )
            except KafkaException as error:
                raise DeadLetterError(
                    f"a dead letter was not written to {topic} [{partition}]: {error.args[0].str()}"
                ) from error
            except BufferError:
                # The client's queue is full: wait for the brokers instead of losing a record.
                self._producer.poll(0.1)
                self._raise_refusal()

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._refused = f"{message.topic()} [{message.partition()}]: {error.str()}"

    def _raise_refusal(self) -> None:
        if self._refused is not None:
            raise DeadLetterError(f"a dead letter was not written to {self._refused}")

"""Records into Kafka as they are, and a word about those that did not arrive."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from config.errors import ChatflowError
from config.kafka import KafkaSettings, producer_properties
from sinks.cluster import PATIENCE, partition_counts

Headers = list[tuple[str, str | bytes | None]]

_NO_PARTITION = -1


class DeliveryError(ChatflowError):
    """Records that Kafka did not confirm; the text never holds any of their content."""

    def __init__(
        self, counts: Counter[tuple[str, int]], words: str, brokers: Sequence[str]
    ) -> None:
        self.counts = counts
        """How many records, by topic and partition; partition -1: none was known yet."""
        places = ", ".join(
            f"{topic}{'' if partition == _NO_PARTITION else f'[{partition}]'}: {count}"
            for (topic, partition), count in sorted(counts.items())
        )
        super().__init__(
            f"records not confirmed by Kafka: {counts.total()} ({places}): {words}. Check that "
            f"kafka.brokers ({', '.join(brokers)}) can be reached and has the topics "
            "(`chatflow topics create`); what was not confirmed may have to be sent again"
        )


class RecordProducer:
    """Publish records with the producer settings of the chat server.

    Sending only queues; `flush`, or the end of a `with` block, waits for Kafka's confirmation.
    At-least-once: a record whose confirmation is lost is sent again by the client's retry.
    While the local queue is full, sending waits.

    Args:
        kafka: Brokers and the producer's settings.
        delivery_timeout: How long a record may wait for its confirmation before it counts as
            failed; `message.timeout.ms` in `kafka.properties` has the last word.

    Raises:
        ChatflowError: librdkafka refuses the settings.
    """

    def __init__(
        self, kafka: KafkaSettings, *, delivery_timeout: timedelta = timedelta(seconds=30)
    ) -> None:
        self._brokers = kafka.brokers
        self._failed: Counter[tuple[str, int]] = Counter()
        self._words = ""
        self._broker_words = ""
        properties = {
            "message.timeout.ms": delivery_timeout // timedelta(milliseconds=1),
            # What it would print to stderr arrives through the callbacks.
            "log_level": 0,
            **producer_properties(kafka),
            # A callback a record would cost more than the record.
            "delivery.report.only.error": True,
        }
        try:
            self._client = Producer(
                properties, on_delivery=self._on_delivery, error_cb=self._on_error
            )
        except KafkaException as error:
            words = error.args[0].str()
            raise ChatflowError(f"the Kafka producer cannot start: {words}") from error

    def connect(self, *, patience: float = PATIENCE) -> None:
        """Wait until a broker answers; without this, it is the first delivery that fails.

        Raises:
            ChatflowError: None does within `patience` seconds.
        """
        partition_counts(self._client, self._brokers, patience=patience)

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        at_ms: int,
        headers: Headers | None = None,
    ) -> None:
        """Queue one record as it is; `at_ms` becomes its timestamp, 0 means now.

        Raises:
            DeliveryError: Earlier records failed and the queue is full, or this one is refused.
        """
        while True:
            try:
                self._client.produce(topic, value, key, timestamp=at_ms, headers=headers)
            except BufferError:
                self._client.poll(0.1)
                self.check()
            except KafkaException as error:
                refused = Counter({(topic, _NO_PARTITION): 1})
                raise DeliveryError(refused, error.args[0].str(), self._brokers) from error
            else:
                return

    def check(self) -> None:
        """Raise `DeliveryError` if records are known to have failed; does not wait."""
        self._client.poll(0)
        if not self._failed:
            return
        words = ", ".join(filter(None, (self._words, self._broker_words)))
        failed, self._failed = self._failed, Counter()
        raise DeliveryError(failed, words, self._brokers)

    def flush(self) -> None:
        """Wait until every record sent is confirmed, or has failed.

        Raises:
            DeliveryError: Some were not confirmed; the others were.
        """
        # In slices, so that Ctrl-C is heard between them.
        while self._client.flush(0.2):
            pass
        self.check()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.flush()
        else:  # The block's own error is the one to hear of; what still can be sent, is.
            self._client.flush(1)
            self._client.purge()

    def _on_delivery(self, error: KafkaError | None, record: Message) -> None:
        if error is None:
            return
        partition = record.partition()
        place = record.topic() or "", _NO_PARTITION if partition is None else partition
        self._failed[place] += 1
        self._words = error.str()

    def _on_error(self, error: KafkaError) -> None:
        self._broker_words = error.str()

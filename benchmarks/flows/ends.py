"""When a program that reads for ever has read all that was there when it began."""

from collections.abc import Callable
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from config.kafka import KafkaSettings, client_properties

_PATIENCE = 30.0


class Ends:
    """Stops the application when all that was there at start is processed."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._left = 0
        self._repartitioned = 0
        self._topics = frozenset(kafka.topics.names)
        consumer = Consumer({**client_properties(kafka), "group.id": "ends"})
        for topic in self._topics:
            for partition in consumer.list_topics(topic, _PATIENCE).topics[topic].partitions:
                place = TopicPartition(topic, partition)
                first, end = consumer.get_watermark_offsets(place, _PATIENCE)
                self._left += end - first
        consumer.close()
        self.stop: Callable[[], None] = lambda: None
        """Called when everything is done."""

    def expect(self, event: Any) -> None:
        """One more record goes to the repartition topic, and comes back."""
        self._repartitioned += 1

    def processed(self, topic: str, partition: int, offset: int) -> None:
        """One more record is done."""
        if topic in self._topics:
            self._left -= 1
        else:
            self._repartitioned -= 1
        if not self._left and not self._repartitioned:
            self.stop()

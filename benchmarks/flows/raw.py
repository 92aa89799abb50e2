"""The limit: what librdkafka hands to Python when nothing is done with it."""

from confluent_kafka import Consumer, KafkaError, TopicPartition

from benchmarks.report import Report
from config.kafka import consumer_properties
from config.load import load_settings

_BATCH = 10_000
ONE_QUEUE = {"queued.max.messages.kbytes": 65_536}
"""librdkafka's default: a consumer of all partitions has one queue, the flow one for each."""
_PATIENCE = 30.0


def main() -> None:
    """Read every partition to the end it has at start, and look at each value."""
    report = Report()
    kafka = load_settings().kafka
    consumer = Consumer({**consumer_properties(kafka), **ONE_QUEUE, "group.id": "raw"})
    ends = 0
    places = []
    for topic in kafka.topics.names:
        partitions = consumer.list_topics(topic, _PATIENCE).topics[topic].partitions
        for partition in partitions:
            first, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), _PATIENCE)
            ends += end - first
            places.append(TopicPartition(topic, partition, first))
    consumer.assign(places)
    seen = 0
    while seen < ends:
        for message in consumer.consume(_BATCH, 0.1):
            if (error := message.error()) is None:
                report.first_event()
                message.value()
                seen += 1
            elif error.code() != KafkaError._PARTITION_EOF:
                raise SystemExit(f"the broker says: {error.str()}")
    consumer.close()
    report.totals["records"] = seen


if __name__ == "__main__":
    main()

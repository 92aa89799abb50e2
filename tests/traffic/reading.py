"""What stands in a topic, read back with a client that knows nothing of ours."""

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition

from config.kafka import KafkaSettings

_PATIENCE = 10.0


def kafka_at(bootstrap_servers: str, **more: object) -> KafkaSettings:
    """The `kafka:` section for a broker, everything else as by default."""
    return KafkaSettings.model_validate({"brokers": [bootstrap_servers], **more})


def read_topic(bootstrap_servers: str, topic: str) -> list[Message]:
    """All records of a topic, by partition and offset."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": "reading",
            "log_level": 0,
            "fetch.wait.max.ms": 10,
        }
    )
    numbers = consumer.list_topics(topic, timeout=_PATIENCE).topics[topic].partitions
    places = [TopicPartition(topic, number, OFFSET_BEGINNING) for number in numbers]
    ends = [consumer.get_watermark_offsets(place, timeout=_PATIENCE)[1] for place in places]
    consumer.assign(places)
    found: list[Message] = []
    while len(found) < sum(ends):
        records = consumer.consume(sum(ends) - len(found), timeout=1.0)
        assert records, f"{topic} holds {sum(ends)} records, {len(found)} arrived"
        found += records
    consumer.close()
    return sorted(found, key=lambda record: (record.partition() or 0, record.offset() or 0))

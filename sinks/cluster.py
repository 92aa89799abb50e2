"""Whether a Kafka cluster answers, and which topics it has."""

from collections.abc import Sequence

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient

from config.errors import ChatflowError

PATIENCE = 8.0
"""Seconds to wait for a broker's answer."""


def partition_counts(
    client: Producer | AdminClient, brokers: Sequence[str], *, patience: float = PATIENCE
) -> dict[str, int]:
    """The number of partitions of every topic there is.

    Raises:
        ChatflowError: No broker answers within `patience`; the text names `brokers`.
    """
    try:
        topics = client.list_topics(timeout=patience).topics
    except KafkaException as error:
        raise ChatflowError(
            f"no Kafka broker answers at {', '.join(brokers)} ({error.args[0].str()}); "
            "check kafka.brokers and that the broker runs"
        ) from error
    return {name: len(topic.partitions) for name, topic in topics.items()}

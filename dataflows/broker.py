"""What the flow asks of the brokers besides records: partitions, offsets, the group's members."""

import logging
from collections.abc import Iterable, Mapping

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as Position
from confluent_kafka.admin import AdminClient

from config.errors import ChatflowError, ConfigurationError
from config.kafka import KafkaSettings, Properties, client_properties
from schemas.events import TopicPartition

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds to wait for a broker's answer."""


class BrokerError(ChatflowError):
    """The brokers do not answer, or not as the flow needs."""


class GroupInUseError(ConfigurationError):
    """Somebody else consumes with this group: committing to it would take records from them."""


def partitions_of(kafka: KafkaSettings, topics: Iterable[str]) -> list[TopicPartition]:
    """The partitions of the topics, in order.

    Raises:
        BrokerError: No broker answers, or a topic does not exist; says how to create it.
    """
    admin = AdminClient(_quiet(client_properties(kafka)))
    try:
        found = admin.list_topics(timeout=PATIENCE).topics
    except KafkaException as error:
        raise BrokerError(
            f"no Kafka broker answers at {', '.join(kafka.brokers)} ({error.args[0].str()}):"
            " check kafka.brokers and that the brokers run"
        ) from error
    missing = [topic for topic in topics if topic not in found or found[topic].error is not None]
    if missing:
        raise BrokerError(
            f"the broker has no topic {', '.join(missing)}: create the topics with"
            " `chatflow topics create`, or name others under kafka.topics"
        )
    return [
        TopicPartition(topic, partition)
        for topic in topics
        for partition in sorted(found[topic].partitions)
    ]


def refuse_active_group(kafka: KafkaSettings) -> None:
    """Stop when the group has active members: the chat server delivers through such a group.

    Raises:
        GroupInUseError: It has members; names them.
    """
    group = kafka.consumer.group_id
    admin = AdminClient(_quiet(client_properties(kafka)))
    try:
        members = (
            admin.describe_consumer_groups([group], request_timeout=PATIENCE)[group]
            .result()
            .members
        )
    except KafkaException as error:
        # The embedded broker cannot describe groups, and a group nobody used yet is not found.
        log.debug("the group %s cannot be described: %s", group, error.args[0].name())
        return
    if members:
        names = ", ".join(f"{each.client_id} at {each.host}" for each in members)
        raise GroupInUseError(
            f"kafka.consumer.group_id: the group {group} has active members ({names}); committing"
            " to it would take records away from them. Choose another group_id for this flow"
        )


class GroupOffsets:
    """Publishes how far the flow has durably come as the committed offsets of its group.

    They are for people and monitoring (`kafka-consumer-groups --describe`); the flow itself goes
    on from what its store says, so a commit that fails is only logged.
    """

    def __init__(self, properties: Properties) -> None:
        self._consumer = Consumer(_quiet(properties))

    def publish(self, marks: Mapping[TopicPartition, int]) -> None:
        """Commit positions that have just become durable; returns when the broker has them."""
        if not marks:
            return
        positions = [Position(*source, offset) for source, offset in marks.items() if offset >= 0]
        try:
            self._consumer.commit(offsets=positions, asynchronous=False)
        except KafkaException as error:
            if error.args[0].code() != KafkaError._NO_OFFSET:
                log.warning("group offsets were not committed: %s", error.args[0].str())

    def committed(self, sources: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The committed offsets of those partitions that have one."""
        positions = [Position(*source) for source in sources]
        found = self._consumer.committed(positions, timeout=PATIENCE)
        return {TopicPartition(p.topic, p.partition): p.offset for p in found if p.offset >= 0}


def _quiet(properties: Properties) -> Properties:
    """Failures are told once, by what fails, and not by the client's own lines on stderr."""
    return {"log_level": 2, **properties}

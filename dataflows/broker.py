"""What the flow asks of the brokers besides records: partitions, offsets, the group's members."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as Position
from confluent_kafka.admin import AdminClient

from config.errors import ChatflowError, ConfigurationError
from config.kafka import KafkaSettings, Properties, client_properties
from schemas.events import TopicPartition

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds to wait for a broker's answer."""
_SAY_AGAIN = 30.0
"""Seconds between two lines about brokers in trouble."""
_LAST_WORDS = 5.0
"""Seconds that the end of the flow waits for the group's offsets."""


class BrokerError(ChatflowError):
    """The brokers do not answer, or not as the flow needs."""


class GroupInUseError(ConfigurationError):
    """Somebody else consumes with this group: committing to it would take records from them."""


def partitions_of(kafka: KafkaSettings, topics: Iterable[str]) -> list[TopicPartition]:
    """The partitions of the topics, in order.

    Raises:
        BrokerError: No broker answers, or a topic does not exist; says how to create it.
    """
    admin = AdminClient(quiet(client_properties(kafka)))
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
    admin = AdminClient(quiet(client_properties(kafka)))
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
    on from what its store says. So a thread of its own publishes the newest marks, and a broker
    that does not answer holds up nothing.
    """

    def __init__(self, properties: Properties) -> None:
        self._consumer = Consumer(quiet(properties))
        self._marks: dict[TopicPartition, int] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="group-offsets", daemon=True)
        self._thread.start()

    def publish(self, marks: Mapping[TopicPartition, int]) -> None:
        """Take positions that have just become durable; never waits."""
        with self._changed:
            self._marks.update(marks)
            self._changed.notify()

    def close(self) -> None:
        """Give the last positions a moment to arrive."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(_LAST_WORDS)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._marks or self._closing)
                marks, self._marks = self._marks, {}
                if not marks:
                    return
            self._commit(marks)

    def _commit(self, marks: Mapping[TopicPartition, int]) -> None:
        positions = [Position(*source, offset) for source, offset in marks.items() if offset >= 0]
        try:
            self._consumer.commit(offsets=positions, asynchronous=False)
        except KafkaException as error:
            if error.args[0].code() != KafkaError._NO_OFFSET:
                log.warning("group offsets were not committed: %s", error.args[0].str())


class Complaints:
    """Says that the brokers are in trouble: once, and again when it lasts.

    A client reports each broken connection on its own, several times a second and for every
    partition; it reads on by itself when they are back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._said_at: float | None = None

    def __call__(self, error: KafkaError) -> None:
        """Take a client's error, as its `error_cb`."""
        now = self._now()
        if self._said_at is None or now - self._said_at >= _SAY_AGAIN:
            self._said_at = now
            log.warning("Kafka: %s; reading on when the brokers are back", error.str())


def quiet(properties: Properties) -> Properties:
    """Failures are told once, by what fails, and not by the client's own lines on stderr."""
    return {"log_level": 2, **properties}

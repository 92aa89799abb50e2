"""What the flow asks of the brokers besides records: topics, partitions, and where they end."""

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from confluent_kafka import (
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    TopicCollection,
    Uuid,
)
from confluent_kafka import TopicPartition as Position
from confluent_kafka.admin import AdminClient

from config.kafka import KafkaSettings, client_properties, consumer_properties
from dataflows.complaints import quiet
from schemas.events import TopicPartition
from sinks.contact import PATIENCE as PATIENCE
from sinks.contact import BrokerError as BrokerError
from sinks.contact import connect, has_controller

log = logging.getLogger(__name__)

_ONE = 0.25
"""Seconds to wait for where a partition ends, where another one's broker is silent."""
PASSING = frozenset(
    {
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError._RESOLVE,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError._UNKNOWN_PARTITION,
    }
)
"""Client errors that go away by themselves; the client keeps trying."""


class TopicFacts(NamedTuple):
    """What makes a topic this one."""

    topic_id: str
    """Another topic of the same name has another one."""
    partitions: int


_NO_ID = str(Uuid(0, 0))
NO_TOPIC = TopicFacts("", 0)
"""Of a topic that is not there."""


class Seen(NamedTuple):
    """What brokers said; what nobody answers for is left out."""

    ends: Mapping[TopicPartition, int]
    """As a reader sees them: without what an open transaction has written."""
    facts: Mapping[str, TopicFacts]
    """Empty where brokers give topics no ids."""


NO_ANSWER = Seen({}, {})


class Brokers:
    """Questions about topics; which there are is asked once, at first. Thread-safe.

    Raises:
        BrokerError: No broker answers.
    """

    def __init__(self, kafka: KafkaSettings) -> None:
        cluster = connect(kafka)
        self._topics = {name: it for name, it in cluster.topics.items() if it.error is None}
        self._knows_ids = has_controller(cluster)
        properties = quiet(client_properties(kafka))
        self._admin = AdminClient({"reconnect.backoff.max.ms": 1000, **properties})
        # It follows no topic, so nothing but this tells it where leaders have moved to.
        soon = {"topic.metadata.refresh.interval.ms": 3000}
        self._asker = Consumer({**soon, **quiet(consumer_properties(kafka))})

    def partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        """The partitions of the topics, in order.

        Raises:
            BrokerError: A topic does not exist; says how to create it.
        """
        missing = [name for name in topics if name not in self._topics]
        if missing:
            raise BrokerError(
                f"the broker has no topic {', '.join(missing)}: create the topics with"
                " `chatflow topics create`, or name others under kafka.topics"
            )
        return [
            TopicPartition(topic, partition)
            for topic in topics
            for partition in sorted(self._topics[topic].partitions)
        ]

    def look(self, sources: Iterable[TopicPartition], patience: float) -> Seen:
        """Ask what topics are, and then where partitions end.

        Each of the two takes `patience` seconds at most.
        """
        wanted = list(sources)
        described = self._describe(sorted({source.topic for source in wanted}), patience)
        return Seen(self._ends(wanted, patience), _facts(described))

    def _ends(self, sources: list[TopicPartition], patience: float) -> dict[TopicPartition, int]:
        """Where partitions end, as a consumer is told it.

        Nothing is told of any while the broker of one is silent, so then each is asked about by
        itself. Not asked with `AdminClient.list_offsets`: librdkafka 2.16 looks for unknown leaders
        on the caller's thread and on its own at once, and where a topic was deleted sometimes frees
        the question twice, which ends the process.
        """
        # Serves what waits for the client's owner, such as a token that is to be renewed.
        self._asker.poll(0)
        deadline = time.monotonic() + patience
        if (found := self._asked(sources, patience / 2)) is not None:
            return found
        ends: dict[TopicPartition, int] = {}
        for source in sources:
            if time.monotonic() < deadline:
                ends |= self._asked([source], _ONE) or {}
        return ends

    def _asked(
        self, sources: list[TopicPartition], patience: float
    ) -> dict[TopicPartition, int] | None:
        """In one question to each leader; None where one of them does not answer."""
        wanted = [Position(*source, OFFSET_END) for source in sources]
        try:
            found = self._asker.offsets_for_times(wanted, timeout=patience)
        except KafkaException as error:
            log.debug("nobody says where partitions end: %s", error.args[0].name())
            return None
        return {
            TopicPartition(place.topic, place.partition): place.offset
            for place in found
            if place.error is None and place.offset >= 0
        }

    def topics(self, names: Iterable[str]) -> Mapping[str, TopicFacts]:
        """What the topics are; empty where brokers give topics no ids."""
        facts = _facts(self._describe(list(names), PATIENCE))
        return {name: found for name, found in facts.items() if found != NO_TOPIC}

    def _describe(self, topics: list[str], patience: float) -> Mapping[str, Any]:
        if not self._knows_ids:
            return {}
        return self._admin.describe_topics(TopicCollection(topics), request_timeout=patience)


def _facts(described: Mapping[str, Any]) -> dict[str, TopicFacts]:
    """What each topic is, as far as somebody can say."""
    facts: dict[str, TopicFacts] = {}
    for name, future in described.items():
        answer = _answer(future)
        if not isinstance(answer, KafkaError):
            # Brokers that give topics no ids say this one.
            if (topic_id := str(answer.topic_id)) != _NO_ID:
                facts[name] = TopicFacts(topic_id, len(answer.partitions))
        elif answer.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            facts[name] = NO_TOPIC
    return facts


def _answer(future: Any) -> Any:  # Any: the client's futures and results have no types
    """What came of a question; a `KafkaError` where nobody can say."""
    try:
        return future.result()
    except KafkaException as error:
        return error.args[0]

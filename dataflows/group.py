"""The flow's consumer group: who else is in it, and how far the flow says it has come."""

import logging
import threading
from collections.abc import Mapping

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as Position
from confluent_kafka.admin import AdminClient

from config.errors import ConfigurationError
from config.kafka import KafkaSettings, Properties, client_properties, consumer_properties
from dataflows.broker import PATIENCE
from dataflows.complaints import Seldom, quiet
from schemas.events import TopicPartition

log = logging.getLogger(__name__)

_LAST_WORDS = 5.0
"""Seconds that the end of the flow waits for the group's offsets."""
_RETRY = 5.0
"""Seconds until offsets that the brokers did not take are offered again."""
_OTHERS = frozenset(
    {
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.FENCED_INSTANCE_ID,
    }
)
"""How a group with members answers somebody who is none."""


class GroupInUseError(ConfigurationError):
    """Somebody else consumes with this group: committing to it would take records from them."""


def members_of(kafka: KafkaSettings) -> list[str]:
    """The active members of the flow's group, each by its client and host."""
    group = kafka.consumer.group_id
    admin = AdminClient(quiet(client_properties(kafka)))
    try:
        described = admin.describe_consumer_groups([group], request_timeout=PATIENCE)[group]
        found = described.result().members
    except KafkaException as error:
        # The embedded broker cannot describe groups, and a group nobody used yet is not found.
        log.debug("the group %s cannot be described: %s", group, error.args[0].name())
        return []
    return [f"{each.client_id} at {each.host}" for each in found]


def refuse_active_group(kafka: KafkaSettings) -> None:
    """Stop when the group has active members: the chat server delivers through such a group.

    Raises:
        GroupInUseError: It has members; names them.
    """
    if members := members_of(kafka):
        raise GroupInUseError(
            f"kafka.consumer.group_id: the group {kafka.consumer.group_id} has active members"
            f" ({', '.join(members)}); committing to it would take records away from them. Choose"
            " another group_id for this flow, or set source.active_group to read_only"
        )


class GroupOffsets:
    """Publishes how far the flow has durably come as the committed offsets of its group.

    They are for people and monitoring (`kafka-consumer-groups --describe`); the flow itself goes
    on from what its store says. So a thread of its own publishes the newest marks, and a broker
    that does not answer holds up nothing. What the brokers do not take is offered again.
    """

    def __init__(self, properties: Properties, *, retry: float = _RETRY) -> None:
        self._consumer = Consumer(quiet(properties))
        self._retry = retry
        self._complain = Seldom()
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
            if not self._commit(marks):
                with self._changed:
                    if self._closing:
                        return
                    self._marks = {**marks, **self._marks}
                    self._changed.wait_for(lambda: self._closing, self._retry)

    def _commit(self, marks: Mapping[TopicPartition, int]) -> bool:
        """Whether the brokers took them, or never will."""
        positions = [Position(*source, offset) for source, offset in marks.items() if offset >= 0]
        try:
            self._consumer.commit(offsets=positions, asynchronous=False)
        except KafkaException as error:
            reason = error.args[0]
            if reason.code() == KafkaError._NO_OFFSET:
                return True
            if self._complain():
                because = ": somebody else consumes with it" if reason.code() in _OTHERS else ""
                log.warning(
                    "group offsets were not committed%s (%s); the flow reads on, and tries again",
                    because,
                    reason.str(),
                )
            return False
        return True


def group_offsets(kafka: KafkaSettings, active_group: str) -> GroupOffsets | None:
    """What commits for this flow; None where it is not to commit.

    Raises:
        GroupInUseError: The group has active members, and the flow is not told to read only.
    """
    if active_group == "refuse":
        refuse_active_group(kafka)
        return GroupOffsets(consumer_properties(kafka))
    members = ", ".join(members_of(kafka)) or "nobody now"
    log.warning(
        "source.active_group is read_only: no offsets are committed to the group %s (active: %s)",
        kafka.consumer.group_id,
        members,
    )
    return None

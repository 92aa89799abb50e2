"""The topics that the chat server, the flow and its dead letters need, made where missing."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from config.errors import ChatflowError
from config.kafka import KafkaSettings, client_properties
from sinks.cluster import PATIENCE, partition_counts

_PAUSE = 0.05
_MAX_RECORD_BYTES = 16 * 1024 * 1024
"""The chat server publishes records up to 10 MiB (a file inside a message); this leaves room."""


@dataclass(frozen=True)
class TopicReport:
    """What became of each topic asked for."""

    created: tuple[str, ...]
    existing: tuple[str, ...]
    """Were there already; nothing about them was changed."""
    different: Mapping[str, int]
    """Those of `existing` that have another number of partitions, with that number."""


def create_topics(
    kafka: KafkaSettings,
    *,
    dead_letter_suffix: str,
    partitions: int = 3,
    replication_factor: int = 1,
    patience: float = PATIENCE,
    but: Collection[str] = (),
) -> TopicReport:
    """Create the three topics and their dead-letter topics where they are missing.

    Each takes records up to 16 MiB. Safe to run again, and by several at the same time. On
    return the broker that answered knows all of them. A `replication_factor` of -1 leaves it to
    the brokers; topics in `but` are left alone, whether they are there or not.

    Raises:
        ChatflowError: No broker answers within `patience` seconds, or a topic is refused.
    """
    wanted = tuple(name for name in topic_names(kafka, dead_letter_suffix) if name not in but)
    admin = _connect(kafka)
    found = partition_counts(admin, kafka.brokers, patience=patience)
    missing = [name for name in wanted if name not in found]
    new = [
        NewTopic(
            name,
            num_partitions=partitions,
            replication_factor=replication_factor,
            config={"max.message.bytes": str(_MAX_RECORD_BYTES)},
        )
        for name in missing
    ]
    created = request_topics(admin, new, patience) if new else ()
    if new:
        found = await_topics(admin, kafka, wanted, patience)
    existing = tuple(name for name in wanted if name not in created)
    different = {name: found[name] for name in existing if found[name] != partitions}
    return TopicReport(created, existing, different)


def topic_names(kafka: KafkaSettings, dead_letter_suffix: str) -> tuple[str, ...]:
    """The three topics, then their dead-letter topics in the same order."""
    names = kafka.topics.names
    return names + tuple(name + dead_letter_suffix for name in names)


def _connect(kafka: KafkaSettings) -> AdminClient:
    try:
        # Connection failures are told by what fails, not by the client's own lines on stderr.
        return AdminClient({"log_level": 0, **client_properties(kafka)})
    except KafkaException as error:
        words = error.args[0].str()
        raise ChatflowError(f"the Kafka client cannot start: {words}") from error


def await_topics(
    admin: AdminClient, kafka: KafkaSettings, wanted: tuple[str, ...], patience: float = PATIENCE
) -> dict[str, int]:
    """Wait until a broker knows topics that its cluster has: the news takes a moment."""
    deadline = time.monotonic() + patience
    while True:
        found = partition_counts(admin, kafka.brokers, patience=patience)
        if found.keys() >= set(wanted):
            return found
        if time.monotonic() > deadline:
            unknown = ", ".join(name for name in wanted if name not in found)
            raise ChatflowError(f"topics were created, but no broker knows them yet: {unknown}")
        time.sleep(_PAUSE)


def request_topics(
    admin: AdminClient, new: list[NewTopic], patience: float = PATIENCE
) -> tuple[str, ...]:
    """Ask for the topics; those that somebody else has created meanwhile are left out."""
    answers = admin.create_topics(new, operation_timeout=patience, request_timeout=patience)
    created, refused = [], {}
    for name, answer in answers.items():
        try:
            answer.result()
        except KafkaException as error:
            reason = error.args[0]
            if reason.code() != KafkaError.TOPIC_ALREADY_EXISTS:
                refused[name] = reason.str()
        else:
            created.append(name)
    if refused:
        details = "; ".join(f"{name}: {words}" for name, words in refused.items())
        done = f" ({', '.join(created)} created)" if created else ""
        raise ChatflowError(f"the broker created no topic {details}{done}")
    return tuple(created)

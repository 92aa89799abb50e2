"""Topics of one test alone on a real Kafka, the flow that reads them, and what is done to them."""

import time
import uuid
from collections.abc import Iterable
from pathlib import Path

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions

from tests.expectation import TOPICS, UNHURRIED, Expectation, unhurried_rules
from tests.faults.keyed_records import KeyedRecord, expectation, produce
from tests.flow_process import Finished, FlowProcess, FlowSettings, run_flow
from tests.kafka_server import KafkaServer
from tests.odd_traffic import odd_story
from tests.oracle.reading import read_records
from tests.oracle.values import RawRecord

START = 1_756_700_000_000
SUFFIX = ".dlq"
_PATIENCE = 60.0
_NEVER_IDLE = {"CHAT_SOURCE__IDLE_TIMEOUT": "1h"}
"""Time ends with the newest event, as the oracle's does, however long a live flow waits."""


class OwnTopics:
    """The chat's topics under names of their own."""

    def __init__(self, kafka: KafkaServer, folder: Path, *, partitions: int = 3) -> None:
        own = uuid.uuid4().hex[:8]
        self.kafka = kafka
        self.names = {topic: f"{topic}-{own}" for topic in TOPICS}
        self.topics = tuple(self.names.values())
        self.flow = FlowSettings(
            kafka.bootstrap_servers,
            folder / "flow",
            f"group-{own}",
            {**UNHURRIED, **_NEVER_IDLE, **self.variables()},
        )
        self.admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers, "log_level": 0})
        self._partitions = partitions

    def variables(self, **changed: str) -> dict[str, str]:
        """The environment that tells the flow the names, some of them others."""
        names = {topic.replace("-", "_"): name for topic, name in self.names.items()} | changed
        return {f"CHAT_KAFKA__TOPICS__{key.upper()}": name for key, name in names.items()}

    @property
    def live(self) -> FlowSettings:
        """A flow that reads on."""
        return self.flow.but(stop_at_end=False)

    def create(self) -> None:
        """Make the topics and those of their dead letters."""
        dead = [name + SUFFIX for name in self.topics]
        self.kafka.create_topics(*self.topics, *dead, partitions=self._partitions)

    def delete(self, *topics: str) -> None:
        """Delete topics, and wait until the broker knows them no more."""
        for done in self.admin.delete_topics(list(topics)).values():
            done.result(timeout=_PATIENCE)
        while set(topics) & self.admin.list_topics(timeout=_PATIENCE).topics.keys():
            time.sleep(0.05)

    def add_partitions(self, topic: str, total: int) -> None:
        """Let a topic have so many, and wait until the broker knows them."""
        for done in self.admin.create_partitions([NewPartitions(topic, total)]).values():
            done.result(timeout=_PATIENCE)
        while (
            len(self.admin.list_topics(topic, timeout=_PATIENCE).topics[topic].partitions) < total
        ):
            time.sleep(0.05)

    def delete_records(self, topic: str, partition: int, below: int) -> None:
        """Let a partition begin at this offset, as retention does."""
        asked = self.admin.delete_records([TopicPartition(topic, partition, below)])
        for done in asked.values():
            done.result(timeout=_PATIENCE)

    def story(self, part: int = 0, events: int = 200) -> list[KeyedRecord]:
        """A part of a chat; each is an hour after the one before."""
        found = odd_story(part + 1, START + part * 3_600_000, events=events, pace_ms=3000)
        return [
            KeyedRecord(self.names[r.topic], r.partition, r.value, r.recorded_ms, b"key", r.headers)
            for r in found
        ]

    def last_words(self, part: int) -> list[KeyedRecord]:
        """For each partition a record that nobody can decode: its dead letter tells of the rest."""
        at = START + part * 3_600_000
        return [
            KeyedRecord(topic, partition, b"poison", at, b"key", ())
            for topic in self.topics
            for partition in range(self._partitions)
        ]

    def until_dead_letters(self, count: int) -> None:
        """Wait until the flow has written so many."""
        topics = [name + SUFFIX for name in self.topics]
        deadline = time.monotonic() + _PATIENCE
        while len(read_records(self.kafka.bootstrap_servers, topics)) < count:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def tell(self, records: Iterable[KeyedRecord]) -> None:
        """Write these."""
        produce(self.kafka.bootstrap_servers, records)

    def expected(self) -> Expectation:
        """What is to come of the records that the topics hold now."""
        return Expectation.of(self.kafka.bootstrap_servers, self.topics, unhurried_rules())

    def expected_with(self, read: list[RawRecord]) -> Expectation:
        """The same, and of these that were read before some of them were deleted."""
        kept = {record.coordinates: record for record in [*read, *self.expected().records]}
        return expectation([kept[place] for place in sorted(kept)], unhurried_rules())

    def check(self, expected: Expectation | None = None, flow: FlowSettings | None = None) -> None:
        """Read to the end, and compare all that this and earlier runs left with the oracle."""
        using = flow or self.flow
        finished = run_flow(using)

        assert finished.status == 0, finished.words
        (expected or self.expected()).check(using, SUFFIX)


def until_said(running: FlowProcess, flow: FlowSettings, words: str) -> None:
    """Wait until the flow's log holds these words."""
    deadline = time.monotonic() + _PATIENCE
    log = flow.folder / "flow.log"
    while words not in (told := log.read_text(errors="replace")):
        assert running.is_running, told
        assert time.monotonic() < deadline, f"nobody said {words!r}: {told}"
        time.sleep(0.05)


def assert_told(finished: Finished, *words: str) -> None:
    """It ended with status 1 and one plain message that says these."""
    assert finished.status == 1, finished.words
    for unwanted in ("Traceback", "panicked"):
        assert unwanted not in finished.words, finished.words
    for each in words:
        assert each in finished.words, finished.words

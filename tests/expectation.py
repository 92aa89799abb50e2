"""What a run of the flow must have left behind: the store, dead letters, pushes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.comparison import differences, stored_tables
from tests.dead_letter_records import expected_copies, found_copies
from tests.flow_process import FlowSettings, run_flow
from tests.oracle.reading import read_records
from tests.oracle.tables import Tables, expected_tables
from tests.oracle.values import Directory, RawRecord, Rules
from tests.stored import Database, read
from traffic.embedded import EmbeddedBroker

TOPICS = ("chat-messages", "user-events", "group-messages")
SUFFIX = ".dlq"
"""Of dead-letter topics, unless a setting says otherwise."""
UNHURRIED = {"CHAT_PUSH__MAX_AGE": "3650d", "CHAT_PUSH__CALL_MAX_AGE": "3650d"}
"""Settings with which pushes of a replay are not stale, though what it replays is old."""


def unhurried_flow(broker: EmbeddedBroker, folder: Path) -> FlowSettings:
    """A run on a broker of this process, with the dead-letter topics that it needs."""
    for topic in TOPICS:
        broker.create_topic(topic + SUFFIX)
    return FlowSettings(broker.bootstrap_servers, folder, "unhurried", UNHURRIED)


def unhurried_rules(**changes: int) -> Rules:
    """The rules that go with `UNHURRIED`."""
    ten_years = 3650 * 86_400_000
    rules = Rules(push_max_age=ten_years, call_max_age=ten_years, clock=now_ms())
    return replace(rules, **changes)


def now_ms() -> int:
    """The clock, in the oracle's unit."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Expectation:
    """All records of the topics, and the tables that the oracle makes of them."""

    records: list[RawRecord] = field(repr=False)
    rules: Rules
    tables: Tables = field(repr=False)

    @classmethod
    def of(
        cls,
        bootstrap_servers: str,
        topics: tuple[str, ...],
        rules: Rules,
        directory: Directory | None = None,
    ) -> "Expectation":
        """What the records that the topics hold now are to become."""
        records = read_records(bootstrap_servers, topics)
        return cls(records, rules, expected_tables(records, rules, directory))

    @property
    def messages(self) -> int:
        return self.tables["messages"].total()

    def end_offsets(self) -> Mapping[tuple[str, int], int]:
        """By topic and partition."""
        return {(r.topic, r.partition): r.offset + 1 for r in self.records}

    def check(self, flow: FlowSettings, suffix: str) -> None:
        """Fail unless everything is as it must be, in words without content."""
        wrong = differences(stored_tables(flow.database), self.tables)
        assert not wrong, "\n".join(wrong)
        self._check_dead_letters(flow.bootstrap_servers, suffix)
        decided, delivered = pushes(flow.database)
        assert delivered == decided, (
            f"{len(decided)} pushes were decided, {len(delivered)} delivered"
        )

    def _check_dead_letters(self, bootstrap_servers: str, suffix: str) -> None:
        topics = {record.topic + suffix for record in self.records}
        found = found_copies(read_records(bootstrap_servers, sorted(topics)))
        expected = expected_copies(self.records, suffix, self.rules)
        missing, surplus = expected - found, found - expected
        assert not missing, f"{missing.total()} dead letters are not in their topics"
        assert not surplus, f"{surplus.total()} records too many are in the dead-letter topics"


def pushes(database: Database) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """What was to be sent, and what was delivered: message, user and coordinates, sorted."""
    names = "kafka_topic, kafka_partition, kafka_offset, message_id, user_id"
    decided = read(database, f"SELECT {names} FROM push_decisions WHERE decision = 'sent'")
    return sorted(decided), sorted(read(database, f"SELECT {names} FROM push_deliveries"))


def check_run(flow: FlowSettings) -> Expectation:
    """Run it on what the topics hold, and compare all that it leaves with the oracle."""
    expected = Expectation.of(flow.bootstrap_servers, TOPICS, unhurried_rules())

    finished = run_flow(flow)

    assert finished.status == 0, finished.words
    expected.check(flow, SUFFIX)
    return expected

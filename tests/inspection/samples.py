"""Samples out of simulated traffic or of single records, and what the doctor says of them."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from config.kafka import KafkaSettings
from config.settings import Settings
from inspection.evidence import ClusterFacts, Evidence
from inspection.finding import Finding, Severity
from inspection.partitioners import fnv1a
from inspection.sample import PartitionSample, Sample, observe
from schemas.directory import Directory
from schemas.events import TopicPartition
from sinks.topics import topic_names
from tests.builders import CHAT, GROUPS, USERS, Event, Record
from tests.traffic.plans import START, plan
from tests.wire import records
from traffic.plan import SimulatedRecord
from traffic.simulator import simulate

TOLERANCE = 60_000
PARTITIONS = 3
SETTINGS = Settings()
THERE: Mapping[str, int] = dict.fromkeys(topic_names(KafkaSettings(), ".dlq"), PARTITIONS)
NOW = int(START.timestamp() * 1000) + 600_000

Logs = Mapping[TopicPartition, Sequence[Record]]


@cache
def simulated(**changes: Any) -> tuple[SimulatedRecord, ...]:  # Any: the plan's own fields
    """Two minutes of a small chat."""
    return tuple(simulate(plan(**{"seconds": 120.0, **changes})))


def evidence_of(
    logs: Logs,
    *,
    settings: Settings = SETTINGS,
    cluster: ClusterFacts | None = None,
    directory: Directory | None = None,
    first: int = 0,
    left: int = 0,
    now: int = NOW,
) -> Evidence:
    """Evidence of these logs; `first` above 0 says that there was something before them.

    `left` is how many records after those of user events were not asked for.
    """
    partitions = []
    for source, log in sorted(logs.items()):
        end = first + len(log)
        high = end + (left if source.topic == USERS.topic else 0)
        facts = observe(log, source, TOLERANCE)
        partitions.append(PartitionSample(source, 0, high, first, end, facts))
    sample = Sample(settings.kafka.topics, partitions)
    cluster = cluster or ClusterFacts(THERE)
    return Evidence(sample, settings, cluster, now, directory or Directory())


def logs_of(found: Iterable[SimulatedRecord]) -> Logs:
    """Records as the server's producer would place them."""
    names = dict(KafkaSettings().topics)
    logs: dict[TopicPartition, list[Record]] = {
        TopicPartition(name, number): [] for name in names.values() for number in range(PARTITIONS)
    }
    for each in found:
        log = logs[TopicPartition(names[each.topic], fnv1a(each.key, PARTITIONS))]
        log.append(Record(each.value, len(log), each.recorded_at, each.key))
    return logs


def story(
    chat: Iterable[Event | bytes] = (),
    users: Iterable[Event | bytes] = (),
    groups: Iterable[Event | bytes] = (),
) -> Logs:
    """One partition of each topic, with these events."""
    return {CHAT: records(chat), USERS: records(users), GROUPS: records(groups)}


def findings(evidence: Evidence, check: Any) -> list[Finding]:  # Any: a module with a check
    """What a check finds."""
    return list(check.check(evidence))


def severities(found: Iterable[Finding]) -> set[Severity]:
    """How much they matter."""
    return {finding.severity for finding in found}


def worst(found: Iterable[Finding]) -> Finding:
    """The most urgent of them, the first one of several."""
    order = list(Severity)
    return max(found, key=lambda finding: order.index(finding.severity))


def words(found: Iterable[Finding]) -> str:
    """All that they say."""
    return "\n".join(f"{it.severity}: {it.seen} {it.means} {it.do}" for it in found)

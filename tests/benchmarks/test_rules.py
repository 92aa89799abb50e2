"""The peers of the benchmark do the flow's work: their rules come to the flow's results."""

from datetime import UTC, datetime

from benchmarks.flows.online import Presence
from benchmarks.flows.plain import ChatMessage, DeadLetter, Event, UserEvent, decode
from schemas.events import TopicPartition
from tests.builders import Record
from tests.flow_runs import Flow, settings
from tests.wire import batches
from traffic.plan import Plan, TopicKind
from traffic.simulator import simulate

_PLAN = Plan(
    start=datetime(2026, 3, 1, tzinfo=UTC),
    rate=100,
    seconds=40,
    users=200,
    groups=40,
    poison_ratio=0.02,
    duplicate_ratio=0,
)


def logs() -> dict[TopicPartition, list[Record]]:
    """The simulator's traffic, each topic in one partition."""
    found: dict[TopicPartition, list[Record]] = {TopicPartition(k, 0): [] for k in TopicKind}
    for record in simulate(_PLAN):
        log = found[TopicPartition(record.topic, 0)]
        log.append(Record(record.value, len(log), record.recorded_at, record.key))
    return found


def peers_events() -> list[Event]:
    """The same traffic as the peers decode it."""
    return [
        decode(
            record.value(),
            {
                "kafka_topic": source.topic,
                "kafka_partition": 0,
                "kafka_offset": record.number,
                "recorded_at": record.recorded_at,
            },
        )
        for source, log in logs().items()
        for record in log
    ]


def in_the_order_of_the_flow(events: list[Event]) -> list[ChatMessage | UserEvent]:
    known = [event for event in events if not isinstance(event, DeadLetter)]
    return sorted(known, key=lambda e: (e.created_at, e.recorded_at, isinstance(e, ChatMessage)))


def test_peers_decode_what_the_flow_stores() -> None:
    flow = Flow()
    flow.run(batches(logs(), size=500), per_epoch=1000)
    events = peers_events()
    stored = flow.query("SELECT message_id FROM messages")
    assert {(e.message_id,) for e in events if isinstance(e, ChatMessage)} == set(stored)
    assert len(flow.tables["user_events"]) == sum(isinstance(e, UserEvent) for e in events)
    assert len(flow.tables["dead_letters"]) == sum(isinstance(e, DeadLetter) for e in events) > 0


def test_peers_find_the_candidates_of_the_flow_without_a_grace() -> None:
    flow = Flow(settings=settings(grace=0))
    flow.run(batches(logs(), size=500), per_epoch=1000)
    presence = Presence()
    events = in_the_order_of_the_flow(peers_events())
    found = [row for event in events for row in presence.candidates(event)]
    decided = flow.query("SELECT message_id, user_id FROM push_decisions")
    assert sorted(decided) == sorted((row["message_id"], row["user_id"]) for row in found)
    assert len(found) > 100

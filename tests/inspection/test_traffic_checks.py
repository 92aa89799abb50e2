"""Keys, ids, clocks, order and sizes, each from traffic that has the defect."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from inspection.checks import clocks, keys, members, message_ids, order, sizes
from inspection.evidence import ClusterFacts
from inspection.finding import Severity
from inspection.partitioners import murmur2
from schemas.directory import Directory
from schemas.events import TopicPartition
from tests.builders import CHAT, Record, instant, message, online, user_event
from tests.inspection.samples import (
    PARTITIONS,
    THERE,
    Logs,
    evidence_of,
    findings,
    logs_of,
    simulated,
    story,
    words,
    worst,
)
from tests.wire import records


def keyed(people: Iterable[str]) -> Logs:
    """A message to each of these people, where a Java client puts it."""
    logs: dict[TopicPartition, list[Record]] = {
        TopicPartition("chat-messages", number): [] for number in range(PARTITIONS)
    }
    for name in people:
        (found,) = records([message("ann", name)])
        log = logs[TopicPartition("chat-messages", murmur2(name.encode(), PARTITIONS))]
        log.append(replace(found, the_key=name.encode(), number=len(log)))
    return logs


def test_keys_and_partitioner_of_the_simulated_server_are_told() -> None:
    found = words(findings(evidence_of(logs_of(simulated())), keys))
    assert "chat-messages: key is the recipient:" in found
    assert "group-messages: key is the sender:" in found
    assert "user-events: key is the user:" in found
    assert found.count("partitions: by FNV-1a (sarama)") == 3


def test_another_partitioner_is_told_by_its_name() -> None:
    people = [f"user-{number}" for number in range(40)]
    found = words(findings(evidence_of(keyed(people)), keys))
    assert "partitions: by murmur2 (Java)" in found


def test_keys_in_several_partitions_are_told() -> None:
    people = [f"user-{number}" for number in range(40)]
    logs = dict(keyed(people))
    spread = {place: [*log, *logs[CHAT]] if place != CHAT else log for place, log in logs.items()}
    assert "not by the key alone" in words(findings(evidence_of(spread), keys))


def test_conversations_in_several_partitions_are_told() -> None:
    found = words(findings(evidence_of(logs_of(simulated())), keys))
    assert "direct conversations with several messages are in several partitions" in found


def test_messages_without_an_id_are_a_warning_and_signals_are_not() -> None:
    nameless = [message("ann", "bob", at, offset=at) for at in range(9)]
    signals = [message("ann", "bob", at, offset=at, content_type=6) for at in range(9)]
    assert worst(findings(evidence_of(story(nameless)), message_ids)).severity is Severity.WARNING
    assert worst(findings(evidence_of(story(signals[:1])), message_ids)).severity is Severity.OK


def test_repeats_are_counted_by_whether_they_can_be_folded() -> None:
    once = [message("ann", "bob", 0, message_id="a"), message("ann", "bob", 1, message_id="b")]
    again = [message("ann", "bob", 700, message_id="a")]
    elsewhere = TopicPartition("chat-messages", 1)
    logs = {CHAT: records([*once, once[1], *again]), elsewhere: records([once[0]])}
    found = words(findings(evidence_of(logs), message_ids))
    assert "1 message (20 %) came again in their partition within ten minutes" in found
    assert "1 in another partition, 1 after more than ten minutes, 0 without an id" in found


def test_the_same_bytes_without_an_id_are_a_retry() -> None:
    found = evidence_of(
        story([message("ann", "bob", 0, offset=0), message("ann", "bob", 0, offset=1)])
    )
    assert "1 without an id" in words(findings(found, message_ids))


def test_the_simulated_repeats_are_found() -> None:
    found = words(findings(evidence_of(logs_of(simulated(duplicate_ratio=0.02))), message_ids))
    assert "came again in their partition within ten minutes" in found


def test_right_clocks_are_all_right() -> None:
    found = findings(evidence_of(logs_of(simulated())), clocks)
    assert worst(found).severity is Severity.OK


def test_a_worker_with_another_time_is_named() -> None:
    users = [user_event("user_typing", "ann", at, worker=at % 2) for at in range(40)]
    late = [
        replace(each, recorded_at=each.recorded_at + 90_000) if place % 2 else each
        for place, each in enumerate(records(users))
    ]
    found = words(findings(evidence_of({CHAT: late}), clocks))
    assert "1 of 2 workers have another time: worker 1 90 s before" in found


def test_stamps_of_the_future_are_counted() -> None:
    early = [replace(each, recorded_at=instant(0)) for each in records([online("ann", 3600)])]
    found = findings(evidence_of({CHAT: early}), clocks)
    assert "1 event (100 %) are stamped more than source.future_tolerance (60 s)" in words(found)


def test_records_of_the_future_are_told_by_this_machines_clock() -> None:
    found = findings(evidence_of(story([message()]), now=instant(-60)), clocks)
    assert "records of the future, by this machine's clock: chat-messages: 1" in words(found)


def test_order_within_the_allowed_lateness_is_all_right() -> None:
    evidence = evidence_of(logs_of(simulated(out_of_order_ratio=0.05)))
    assert worst(findings(evidence, order)).severity is Severity.OK


def test_events_that_come_later_say_how_long_to_wait() -> None:
    on_time = [message("ann", "bob", at) for at in range(60)]
    late = [message("ann", "bob", at, recorded_at=at + 20) for at in range(20, 40)]
    logs = {CHAT: sorted(records(on_time) + records(late), key=lambda it: it.recorded_at)}
    found = worst(findings(evidence_of(logs), order))
    assert found.severity is Severity.WARNING
    assert found.seen.startswith("20 events of 80 (25 %) come later than presence.allowed_lateness")
    assert "Set presence.allowed_lateness to 20 s" in found.do


@pytest.mark.parametrize(("limit", "severity"), [(2000, Severity.WARNING), (9000, Severity.OK)])
def test_a_record_near_its_topics_limit_is_a_warning(limit: int, severity: Severity) -> None:
    configs = {"chat-messages": {"max.message.bytes": str(limit)}}
    found = evidence_of(story([message(text="x" * 1500)]), cluster=ClusterFacts(THERE, configs, ()))
    assert worst(findings(found, sizes)).severity is severity


def test_a_dead_letter_topic_that_takes_less_is_a_warning() -> None:
    limits = {"chat-messages": "16000000", "chat-messages.dlq": "1048588"}
    configs = {name: {"max.message.bytes": limit} for name, limit in limits.items()}
    cluster = ClusterFacts(THERE, configs, ())
    found = worst(findings(evidence_of(story([message()]), cluster=cluster), sizes))
    assert found.severity is Severity.WARNING
    assert "chat-messages.dlq takes 1 MiB" in found.seen


def test_groups_whose_members_nobody_names_are_a_warning() -> None:
    said = [message("ann", group="g1"), message("ann", group="g2")]
    joined = [user_event("group_join", "bob", group="g1")]
    listed = Directory(groups={"g1": frozenset({"ann"}), "g2": frozenset({"bob"})})
    story_of = story(groups=said)
    assert worst(findings(evidence_of(story_of), members)).severity is Severity.WARNING
    both = evidence_of(story(groups=said, users=joined))
    assert worst(findings(both, members)).severity is Severity.NOTE
    known = evidence_of(story_of, directory=listed)
    assert worst(findings(known, members)).severity is Severity.OK

"""Topics that change while the flow is stopped or runs: every table equals the oracle, or words."""

import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.comparison import stored_tables
from tests.faults.own_topics import SUFFIX, OwnTopics, assert_told, until_said
from tests.flow_process import FlowProcess, run_flow
from tests.kafka_server import KafkaServer

_CREATE = {"CHAT_SOURCE__MISSING_TOPICS": "create"}


@pytest.fixture
def own(kafka: KafkaServer, tmp_path: Path) -> OwnTopics:
    """Topics that are there."""
    own = OwnTopics(kafka, tmp_path)
    own.create()
    return own


def stored(own: OwnTopics) -> int:
    """Read to the end; how many messages there are then."""
    finished = run_flow(own.flow)
    assert finished.status == 0, finished.words
    return stored_tables(own.flow.store)["messages"].total()


def test_topics_created_again_with_more_records_are_not_taken_for_those_that_were_read(
    own: OwnTopics, tmp_path: Path
) -> None:
    own.tell(own.story(0, events=60))
    stored(own)
    own.delete(*own.topics)
    own.kafka.create_topics(*own.topics)
    own.tell(own.story(1, events=400))

    refused = run_flow(own.flow)

    assert_told(refused, own.topics[0], "was deleted and created again", "store.url")
    own.kafka.create_topics(*(name + ".anew" for name in own.topics))
    anew = own.flow.but(folder=tmp_path / "anew", group_id=own.flow.group_id + "-anew")
    anew = anew.with_environment(CHAT_DEAD_LETTERS__TOPIC_SUFFIX=".anew")
    finished = run_flow(anew)
    assert finished.status == 0, finished.words
    own.expected().check(anew, ".anew")


def test_records_deleted_before_they_were_read_are_missed_by_number_and_gone_without(
    own: OwnTopics,
) -> None:
    topic = own.topics[0]
    own.tell(own.story(0))
    stored(own)
    first = own.expected()
    own.tell(own.story(1))
    mark = first.end_offsets()[topic, 0]
    own.delete_records(topic, 0, below=mark + 5)

    refused = run_flow(own.flow)

    place = f"{topic} [0] was read up to offset {mark}"
    assert_told(refused, place, "5 records are lost", f"next_offset to {mark + 5}")
    with duckdb.connect(str(own.flow.store)) as database:
        database.execute(
            "UPDATE kafka_offsets SET next_offset = $to WHERE kafka_topic = $topic"
            " AND kafka_partition = 0 AND next_offset < $to",
            {"to": mark + 5, "topic": topic},
        )
    own.check(own.expected_with(first.records))


@pytest.mark.parametrize("running", [True, False], ids=["while-it-runs", "while-it-is-stopped"])
def test_added_partitions_are_told_of_and_read_from_their_beginning_at_the_next_start(
    own: OwnTopics, *, running: bool
) -> None:
    topic = own.topics[0]
    later = own.flow.with_environment(CHAT_KAFKA__CONSUMER__AUTO_OFFSET_RESET="latest")
    added = [r._replace(partition=4) if r.topic == topic else r for r in own.story(1)]
    own.tell(own.story(0))
    if running:
        with FlowProcess(own.live) as flow:
            flow.until_stored(own.expected().messages)
            own.add_partitions(topic, 5)
            own.tell(added)
            until_said(flow, own.live, f"{topic} has 5 partitions now and 3 are read")
            flow.send_signal(signal.SIGTERM)
            assert flow.wait().status == 0
    else:
        stored(own)
        own.add_partitions(topic, 5)
        own.tell(added)

    own.check(flow=later)


def test_a_topic_taken_out_of_the_settings_is_told_of_and_read_on_when_it_is_back(
    own: OwnTopics,
) -> None:
    other = own.names["group-messages"] + "-other"
    own.kafka.create_topics(other, other + SUFFIX)
    own.tell(own.story(0))
    stored(own)

    without = run_flow(own.flow.with_environment(**own.variables(group_messages=other)))

    assert without.status == 0, without.words
    assert f"the topic {own.topics[2]} was read before and is not under" in without.words
    own.tell(own.story(1))
    own.check()


def test_a_topic_deleted_while_it_is_read_ends_the_flow_in_words_with_all_of_it_stored(
    own: OwnTopics,
) -> None:
    own.tell([*own.story(0), *own.last_words(1)])
    expected = own.expected()
    with FlowProcess(own.live.but(snapshot_seconds=60)) as flow:
        # All of it is read, and nothing committed, when the topic goes.
        own.until_dead_letters(expected.tables["dead_letters"].total())
        own.delete(own.topics[1])
        ended = flow.wait()

    assert_told(ended, f"the topic {own.topics[1]} was deleted while it was read")
    assert stored_tables(own.flow.store)["messages"] == expected.tables["messages"]
    assert stored_tables(own.flow.store)["user_events"] == expected.tables["user_events"]
    assert_told(run_flow(own.flow), f"the broker has no topic {own.topics[1]}")


def test_brokers_can_be_asked_about_a_deleted_topic_for_ever(
    own: OwnTopics, kafka: KafkaServer
) -> None:
    own.delete(own.topics[1])
    program = "tests.faults.ask_for_ever"
    asked = subprocess.run(
        [sys.executable, "-m", program, kafka.bootstrap_servers, *own.topics[:2]],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.split() == ["told", "every", "time"]


def test_a_topic_created_again_while_it_is_read_ends_the_flow_in_words(own: OwnTopics) -> None:
    topic = own.topics[1]
    own.tell(own.story(0, events=60))
    expected = own.expected()
    with FlowProcess(own.live) as flow:
        flow.until_stored(expected.messages)
        own.delete(topic)
        own.kafka.create_topics(topic)
        own.tell(record for record in own.story(1, events=400) if record.topic == topic)
        ended = flow.wait()

    assert_told(ended, topic, "was deleted and created again", "store.url")


def test_missing_topics_are_created_when_that_is_wished_and_read_from_the_first_record(
    kafka: KafkaServer, tmp_path: Path
) -> None:
    own = OwnTopics(kafka, tmp_path)
    live = own.live.with_environment(**_CREATE, CHAT_KAFKA__CONSUMER__AUTO_OFFSET_RESET="latest")
    with FlowProcess(live) as flow:
        until_said(flow, live, f"created the missing topics {', '.join(own.topics)}")
        own.tell(own.story(0))
        flow.until_stored(own.expected().messages)
        flow.send_signal(signal.SIGTERM)
        assert flow.wait().status == 0

    own.check()


def test_a_topic_that_was_read_and_is_gone_is_not_created_but_refused(own: OwnTopics) -> None:
    own.tell(own.story(0, events=60))
    stored(own)
    own.delete(own.topics[2])

    refused = run_flow(own.flow.with_environment(**_CREATE))

    assert_told(refused, f"the broker has no topic {own.topics[2]}")
    assert own.topics[2] not in own.admin.list_topics(timeout=10).topics

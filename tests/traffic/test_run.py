from datetime import timedelta

import pytest
from confluent_kafka import Message

from tests.traffic.plans import plan
from tests.traffic.reading import kafka_at, read_topic
from traffic.embedded import EmbeddedBroker
from traffic.plan import TopicKind
from traffic.producer import ChatProducer
from traffic.records import DeliveryError
from traffic.run import run
from traffic.simulator import simulate

TOPICS = {
    "chat-messages": TopicKind.CHAT_MESSAGES,
    "user-events": TopicKind.USER_EVENTS,
    "group-messages": TopicKind.GROUP_MESSAGES,
}


def as_sent(topic: str, record: Message) -> tuple[TopicKind, bytes | None, bytes | None, int]:
    return TOPICS[topic], record.key(), record.value(), record.timestamp()[1]


def test_kafka_holds_exactly_the_plan(embedded: EmbeddedBroker) -> None:
    of = plan(poison_ratio=0.05, duplicate_ratio=0.05, out_of_order_ratio=0.05)
    with ChatProducer(kafka_at(embedded.bootstrap_servers)) as producer:
        summary = run(of, producer)
    servers = embedded.bootstrap_servers
    held = [as_sent(topic, record) for topic in TOPICS for record in read_topic(servers, topic)]
    sent = [(r.topic, r.key, r.value, r.recorded_at) for r in simulate(of)]
    assert sorted(map(repr, held)) == sorted(map(repr, sent))
    assert summary.total == len(sent)
    assert not summary.stopped


def test_records_of_a_key_keep_their_order(embedded: EmbeddedBroker) -> None:
    with ChatProducer(kafka_at(embedded.bootstrap_servers)) as producer:
        run(plan(), producer)
    for topic, kind in TOPICS.items():
        sent = [r for r in simulate(plan()) if r.topic == kind]
        popular = max({r.key for r in sent}, key=[r.key for r in sent].count)
        held = read_topic(embedded.bootstrap_servers, topic)
        assert [r.value() for r in held if r.key() == popular] == [
            r.value for r in sent if r.key == popular
        ]


def test_topics_have_the_names_of_the_settings(embedded: EmbeddedBroker) -> None:
    embedded.create_topic("staging.chat")
    kafka = kafka_at(embedded.bootstrap_servers, topics={"chat_messages": "staging.chat"})
    with ChatProducer(kafka) as producer:
        summary = run(plan(seconds=5), producer)
    count = len(read_topic(embedded.bootstrap_servers, "staging.chat"))
    assert count == summary.records[TopicKind.CHAT_MESSAGES] > 0


@pytest.mark.parametrize("pace", [False, True], ids=["fast", "paced"])
def test_stopped_run_has_sent_what_its_summary_says(embedded: EmbeddedBroker, pace: bool) -> None:
    answers = iter([False] * 40 + [True] * 1000)
    with ChatProducer(kafka_at(embedded.bootstrap_servers)) as producer:
        summary = run(plan(rate=1000.0), producer, pace=pace, stop=lambda: next(answers))
    held = [record for topic in TOPICS for record in read_topic(embedded.bootstrap_servers, topic)]
    assert summary.stopped
    assert 0 < summary.total == len(held) <= 40


def test_paced_run_sends_the_whole_plan(embedded: EmbeddedBroker) -> None:
    with ChatProducer(kafka_at(embedded.bootstrap_servers)) as producer:
        summary = run(plan(rate=500.0, seconds=0.4), producer, pace=True)
    assert summary.total == 200
    assert summary.seconds >= 0.39


def test_run_ends_when_kafka_takes_nothing() -> None:
    kafka = kafka_at("127.0.0.1:1", properties={"queue.buffering.max.messages": 10})
    producer = ChatProducer(kafka, delivery_timeout=timedelta(milliseconds=300))
    with pytest.raises(DeliveryError):
        run(plan(seconds=100_000), producer)

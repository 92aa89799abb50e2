from datetime import timedelta

import pytest

from config.errors import ChatflowError
from tests.traffic.reading import kafka_at, read_topic
from traffic.embedded import EmbeddedBroker
from traffic.records import DeliveryError, RecordProducer

NOBODY = "127.0.0.1:1"
SOON = timedelta(milliseconds=300)
SECRET = "the content of a message"


def test_records_are_written_as_they_are(embedded: EmbeddedBroker) -> None:
    with RecordProducer(kafka_at(embedded.bootstrap_servers)) as producer:
        producer.send("chat-messages", b"key", None, 1756000000123, [("why", b"because")])
    (record,) = read_topic(embedded.bootstrap_servers, "chat-messages")
    assert (record.key(), record.value()) == (b"key", None)
    assert record.timestamp()[1] == 1756000000123
    assert record.headers() == [("why", b"because")]


def test_full_queue_delays_the_sender_and_loses_nothing(embedded: EmbeddedBroker) -> None:
    small = kafka_at(embedded.bootstrap_servers, properties={"queue.buffering.max.messages": 10})
    with RecordProducer(small) as producer:
        for number in range(500):
            producer.send("chat-messages", None, b"%d" % number, 0)
    values = [
        int(r.value() or b"-1") for r in read_topic(embedded.bootstrap_servers, "chat-messages")
    ]
    assert sorted(values) == list(range(500))


def test_undelivered_records_are_counted_in_words_without_their_content() -> None:
    producer = RecordProducer(kafka_at(NOBODY), delivery_timeout=SOON)
    for _ in range(3):
        producer.send("chat-messages", SECRET.encode(), SECRET.encode(), 0)
    producer.send("user-events", None, SECRET.encode(), 0)
    with pytest.raises(DeliveryError) as raised:
        producer.flush()
    assert raised.value.counts == {("chat-messages", -1): 3, ("user-events", -1): 1}
    text = str(raised.value)
    assert "records not confirmed by Kafka: 4 (chat-messages: 3, user-events: 1)" in text
    assert "Message timed out" in text
    assert "Connection refused" in text
    assert NOBODY in text
    assert SECRET not in text


def test_failed_records_are_reported_once() -> None:
    producer = RecordProducer(kafka_at(NOBODY), delivery_timeout=SOON)
    producer.send("chat-messages", None, b"lost", 0)
    with pytest.raises(DeliveryError):
        producer.flush()
    producer.flush()


def test_sender_does_not_wait_for_ever_on_a_queue_that_nobody_empties() -> None:
    small = kafka_at(NOBODY, properties={"queue.buffering.max.messages": 10})
    producer = RecordProducer(small, delivery_timeout=SOON)
    for _ in range(10):
        producer.send("chat-messages", None, b"lost", 0)
    with pytest.raises(DeliveryError):
        producer.send("chat-messages", None, b"lost", 0)


def test_record_larger_than_allowed_is_refused_by_name(embedded: EmbeddedBroker) -> None:
    narrow = kafka_at(embedded.bootstrap_servers, properties={"message.max.bytes": 1000})
    with RecordProducer(narrow) as producer, pytest.raises(DeliveryError, match="too large"):
        producer.send("chat-messages", None, bytes(2000), 0)


def test_record_of_ten_mebibytes_passes(embedded: EmbeddedBroker) -> None:
    embedded.create_topic("large", partitions=1)
    with RecordProducer(kafka_at(embedded.bootstrap_servers)) as producer:
        producer.send("large", None, bytes(10 * 1024 * 1024), 0)


def test_error_of_the_block_is_not_hidden_by_undelivered_records() -> None:
    producer = RecordProducer(kafka_at(NOBODY), delivery_timeout=SOON)
    producer.send("chat-messages", None, b"lost", 0)
    with pytest.raises(KeyError), producer:
        raise KeyError


def test_end_of_the_block_reports_undelivered_records() -> None:
    producer = RecordProducer(kafka_at(NOBODY), delivery_timeout=SOON)
    with pytest.raises(DeliveryError), producer:
        producer.send("chat-messages", None, b"lost", 0)


def test_connecting_to_nobody_fails_in_words() -> None:
    producer = RecordProducer(kafka_at(NOBODY))
    with pytest.raises(ChatflowError, match=f"no Kafka broker answers at {NOBODY}"):
        producer.connect(patience=0.3)


def test_setting_that_librdkafka_refuses_is_named() -> None:
    with pytest.raises(ChatflowError, match=r"compression\.codec"):
        RecordProducer(kafka_at(NOBODY, properties={"compression.type": "rar"}))

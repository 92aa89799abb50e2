"""`chatflow doctor` on the embedded broker, as its user runs it."""

import json

import pytest
from confluent_kafka import Consumer, TopicPartition
from typer.testing import CliRunner, Result

from cli.main import app
from schemas.message_pb2 import Message
from tests.dead_letters.dead_topic import dead_topics
from tests.traffic.plans import plan
from tests.traffic.reading import kafka_at
from traffic.embedded import EmbeddedBroker
from traffic.producer import ChatProducer
from traffic.run import run

MANY = 60
CONTENT = "words that nobody else may read"


@pytest.fixture
def brokers(embedded: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CHAT_KAFKA__BROKERS", embedded.bootstrap_servers)
    dead_topics(embedded)
    return embedded.bootstrap_servers


def doctor(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["doctor", *arguments])


def only_to_those_online(producer: ChatProducer) -> None:
    """What a server publishes that asks first whether the recipient is online."""
    producer.send_user_event(
        "user_online", "ann-is-a-user", {"client_ip": "10.0.0.1:5000"}, at=1_000
    )
    for number in range(MANY):
        content = Message(from_user="bob-is-a-user", to="ann-is-a-user", content=CONTENT)
        producer.send_chat_message("ann-is-a-user", content, at=2_000 + number)


def test_a_healthy_server_is_status_0_and_80_columns(brokers: str) -> None:
    with ChatProducer(kafka_at(brokers)) as producer:
        run(plan(seconds=20.0), producer, pace=False)
    result = doctor()
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert result.stdout.splitlines()[-1].startswith("0 problems, ")


def test_a_server_that_hides_messages_to_those_away_is_status_1(brokers: str) -> None:
    with ChatProducer(kafka_at(brokers)) as producer:
        only_to_those_online(producer)
    result = doctor("--format", "json")
    report = json.loads(result.stdout)
    problems = {each["check"] for each in report["findings"] if each["severity"] == "problem"}
    assert (result.exit_code, problems) == (1, {"recipients"})
    assert sum(part["records"] for part in report["sample"]) == MANY + 1


@pytest.mark.parametrize("output", ["text", "json"])
def test_neither_content_nor_ids_of_users_are_told(brokers: str, output: str) -> None:
    with ChatProducer(kafka_at(brokers)) as producer:
        only_to_those_online(producer)
    told = doctor("--format", output).output
    assert [word for word in (CONTENT, "ann-is-a-user", "bob-is-a-user") if word in told] == []


def test_a_sample_is_no_larger_than_asked_for(brokers: str) -> None:
    with ChatProducer(kafka_at(brokers)) as producer:
        only_to_those_online(producer)
    (newest,) = records_read("--records", "10")
    (oldest,) = records_read("--records", "10", "--from-beginning")
    assert (newest["first"], newest["records"]) == (MANY - 10, 10)
    assert (oldest["first"], oldest["records"]) == (0, 10)
    assert records_read("--since", "1970-01-01T00:00:02.050Z")[0]["records"] == 10


def test_it_leaves_nothing_behind_in_the_group(brokers: str) -> None:
    with ChatProducer(kafka_at(brokers)) as producer:
        only_to_those_online(producer)
    doctor()
    asker = Consumer({"bootstrap.servers": brokers, "group.id": "chat-consumer-group"})
    places = [TopicPartition("chat-messages", number) for number in range(3)]
    assert {place.offset for place in asker.committed(places, timeout=10)} == {-1001}
    asker.close()


def test_two_beginnings_are_a_usage_error(brokers: str) -> None:
    assert doctor("--since", "1min", "--from-beginning").exit_code == 2
    assert doctor("--since", "yesterday").exit_code == 2


def records_read(*arguments: str) -> list[dict[str, int]]:
    """The partitions of chat messages of which something was read."""
    sample = json.loads(doctor("--format", "json", *arguments).stdout)["sample"]
    return [part for part in sample if part["records"] and part["topic"] == "chat-messages"]

import json
from typing import Any

import pytest
from confluent_kafka import Message as Record
from typer.testing import CliRunner

from cli.send import app
from schemas.events import ChatMessage, TopicPartition
from tests.traffic.reading import read_topic
from tests.wire import decode
from traffic.embedded import EmbeddedBroker


@pytest.fixture
def brokers(embedded: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CHAT_KAFKA__BROKERS", embedded.bootstrap_servers)
    return embedded.bootstrap_servers


def sent(brokers: str, topic: str, *arguments: str) -> tuple[Record, str]:
    """The one record that the command left in the topic, and what it printed."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    (record,) = read_topic(brokers, topic)
    return record, result.stdout


def message_in(record: Record) -> ChatMessage:
    event = decode(record, TopicPartition("topic", 0), 5_000)
    assert isinstance(event, ChatMessage)
    return event


def test_message_is_a_text_to_one_person(brokers: str) -> None:
    record, printed = sent(
        brokers, "chat-messages", "message", "--from", "ann", "--to", "bob", "hi <you>"
    )
    event = message_in(record)
    assert record.key() == b"bob"
    assert (event.from_user, event.to_user, event.content) == ("ann", "bob", "hi <you>")
    assert (event.event_type, event.content_type) == ("message", 1)
    assert printed == f"sent {event.message_id} to chat-messages\n"


def test_group_message_is_a_text_to_the_group_and_keyed_by_it(brokers: str) -> None:
    record, printed = sent(
        brokers, "group-messages", "group-message", "--from", "ann", "--group", "g1", "lunch?"
    )
    event = message_in(record)
    assert record.key() == b"g1"
    assert (event.from_user, event.group_id, event.content) == ("ann", "g1", "lunch?")
    assert printed == f"sent {event.message_id} to group-messages\n"


def test_user_event_carries_its_metadata(brokers: str) -> None:
    record, printed = sent(
        brokers,
        "user-events",
        *("user-event", "user_online", "--user", "bob"),
        *("--metadata", "client_ip=203.0.113.7:51034", "--metadata", "connection_time=1756000002"),
    )
    event: dict[str, Any] = json.loads(record.value() or b"")  # Any: JSON
    assert (event["event_type"], event["user_id"]) == ("user_online", "bob")
    assert event["metadata"] == {
        "client_ip": "203.0.113.7:51034",
        "connection_time": 1756000002,
    }
    assert printed == "sent user_online of bob to user-events\n"


def test_argument_that_is_not_unicode_is_sent_with_replacement_characters(brokers: str) -> None:
    record, _ = sent(
        brokers, "chat-messages", "message", "--from", "ann", "--to", "bob", "caf\udce9"
    )
    assert message_in(record).content == "caf\ufffd"


@pytest.mark.parametrize("pair", ["client_ip", "=value"], ids=["no value", "no key"])
def test_metadata_that_is_no_pair_is_a_usage_error(pair: str) -> None:
    result = CliRunner().invoke(
        app, ["user-event", "user_online", "--user", "bob", "--metadata", pair]
    )
    assert result.exit_code == 2
    assert "is not KEY=VALUE" in result.output

import json
import uuid

import pytest
from typer.testing import CliRunner

from cli.topics import app
from tests.kafka_server import KafkaServer


def test_create_says_what_it_created_and_what_was_there(
    kafka: KafkaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat, users, groups = names = [f"{kind}-{uuid.uuid4().hex[:8]}" for kind in ("c", "u", "g")]
    for key, name in zip(("CHAT_MESSAGES", "USER_EVENTS", "GROUP_MESSAGES"), names, strict=True):
        monkeypatch.setenv(f"CHAT_KAFKA__TOPICS__{key}", name)
    monkeypatch.setenv("CHAT_KAFKA__BROKERS", json.dumps([kafka.bootstrap_servers]))
    monkeypatch.setenv("CHAT_DEAD_LETTERS__TOPIC_SUFFIX", ".dead")
    kafka.create_topics(users, partitions=2)
    result = CliRunner().invoke(app, ["create", "--partitions", "5"])
    assert result.exit_code == 0, result.output
    created = [chat, groups, f"{chat}.dead", f"{users}.dead", f"{groups}.dead"]
    assert sorted(result.stdout.splitlines()) == sorted(
        [f"created  {name} (5 partitions)" for name in created]
        + [f"existed  {users} with 2 partitions instead of 5; unchanged"]
    )


@pytest.mark.parametrize("option", ["--partitions", "--replication-factor"])
def test_less_than_one_is_a_usage_error(option: str) -> None:
    assert CliRunner().invoke(app, ["create", option, "0"]).exit_code == 2

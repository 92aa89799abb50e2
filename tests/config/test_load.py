from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from config.load import load, load_settings
from config.settings import Settings

WriteConfig = Callable[[str], dict[str, str]]
PACKAGED = Path(__file__).parents[2] / "config"
DEV = """
kafka:
  brokers: ["localhost:9092"]
  topics: {chat_messages: chat-messages, user_events: user-events, group_messages: group-messages}
  consumer: {group_id: chat-consumer-group, auto_offset_reset: latest}
  producer: {acks: all, retries: 3, batch_size: 16384, linger_ms: 1, buffer_memory: 33554432}
"""
PROD = """
kafka:
  brokers: ["kafka1:9092", "kafka2:9092", "kafka3:9092"]
  topics: {chat_messages: chat-messages, user_events: user-events, group_messages: group-messages}
  consumer: {group_id: chat-consumer-group, auto_offset_reset: latest}
  producer: {acks: all, retries: 5, batch_size: 32768, linger_ms: 5, buffer_memory: 67108864}
"""


@pytest.mark.parametrize(("name", "kafka"), [("dev", DEV), ("prod", PROD)], ids=["dev", "prod"])
def test_shipped_files_have_the_kafka_keys_of_the_specification(name: str, kafka: str) -> None:
    file = PACKAGED / f"config.{name}.yaml"
    assert (
        yaml.safe_load(file.read_text(encoding="utf-8"))["kafka"] == yaml.safe_load(kafka)["kafka"]
    )
    assert load({"CHAT_CONFIG": str(file)}).file == file


def test_development_file_leaves_every_setting_at_its_default() -> None:
    assert load_settings({"CHAT_CONFIG": str(PACKAGED / "config.dev.yaml")}) == Settings()


def test_file_in_the_current_directory_comes_before_the_packaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({}).file == PACKAGED / "config.dev.yaml"
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.dev.yaml").write_text("engine: {shards: 3}", encoding="utf-8")
    assert load({}).file == Path("config/config.dev.yaml")
    assert load_settings({}).engine.shards == 3


def test_environment_wins_over_the_file(write_config: WriteConfig) -> None:
    environ = write_config("stats: {window_length: 10 s, allowed_lateness: 1 s}")
    loaded = load({**environ, "CHAT_STATS__WINDOW_LENGTH": "2 min", "PATH": "/bin"})
    assert loaded.settings.stats.window_length == timedelta(minutes=2)
    assert loaded.settings.stats.allowed_lateness == timedelta(seconds=1)
    assert loaded.origins[("stats", "window_length")] == "CHAT_STATS__WINDOW_LENGTH"
    assert loaded.origins[("stats", "allowed_lateness")].endswith("chat.yaml, line 1")


@pytest.mark.parametrize("text", ['["a:1", "b:2"]', "a:1,b:2", " a:1 , b:2, "], ids=repr)
def test_list_in_a_variable_is_json_or_separated_by_commas(text: str) -> None:
    assert load_settings({"CHAT_KAFKA__BROKERS": text}).kafka.brokers == ["a:1", "b:2"]


def test_properties_from_file_and_variables_are_one_mapping(write_config: WriteConfig) -> None:
    environ = write_config("kafka: {properties: {client.id: a, fetch.min.bytes: 5}}") | {
        "CHAT_KAFKA__PROPERTIES": '{"client.id": "b", "socket.keepalive.enable": true}',
        "CHAT_KAFKA__PROPERTIES__SASL_PASSWORD": "hunter2",
    }
    assert load_settings(environ).kafka.properties == {
        "client.id": "b",
        "fetch.min.bytes": 5,
        "socket.keepalive.enable": True,
        "sasl.password": "hunter2",
    }


def test_empty_variable_means_not_set_where_nothing_is_allowed(write_config: WriteConfig) -> None:
    environ = write_config("push: {directory: people.json}") | {"CHAT_PUSH__DIRECTORY": ""}
    assert load_settings(environ).push.directory is None


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "stats:\n", "kafka:\n  properties:\n"], ids=repr
)
def test_empty_file_or_section_changes_nothing(write_config: WriteConfig, text: str) -> None:
    assert load_settings(write_config(text)) == Settings()


def test_yaml_number_stands_for_acks(write_config: WriteConfig) -> None:
    assert load_settings(write_config("kafka: {producer: {acks: 1}}")).kafka.producer.acks == "1"

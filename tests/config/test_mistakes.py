from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.load import load_settings

WriteConfig = Callable[[str], dict[str, str]]


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(environ)
    return str(refused.value)


MISTAKES_IN_YAML = {
    "section": ("statz:\n  x: 1\n", "line 1: statz is not a setting; the nearest is stats"),
    "key": (
        "kafka:\n  consumer:\n    groupid: x\n",
        "line 3: kafka.consumer.groupid is not a setting; the nearest is kafka.consumer.group_id",
    ),
    "key of another section": (
        "stats: {session_timeout: 1}",
        "stats.session_timeout is not a setting; the nearest is presence.session_timeout",
    ),
    "twice": (
        "log:\n  level: INFO\n  level: DEBUG\n",
        "line 3: log.level is already set in ",
    ),
    "value for a section": ("stats: 5", "line 1: stats must hold keys, each with its value"),
    "no mapping": ("- a", "line 1: the file must hold keys"),
    "bad value": (
        "engine:\n  shards: 0\n",
        "line 2: engine.shards must be greater than or equal to 1, not '0'",
    ),
    "choice": (
        "kafka: {consumer: {auto_offset_reset: newest}}",
        "kafka.consumer.auto_offset_reset must be 'latest' or 'earliest', not 'newest'",
    ),
    "list": ("kafka: {brokers: [a b]}", "kafka.brokers must be host:port"),
    "no broker": ("kafka: {brokers: []}", "kafka.brokers must have at least 1 item"),
    "not a date": ("log: {level: 2024-02-31}", "line 1: log.level must be 'DEBUG'"),
    "nested property": (
        "kafka: {properties: {ssl: {ca: x}}}",
        "kafka.properties.ssl must be text, a number, true or false",
    ),
    "same topic": (
        "kafka: {topics: {user_events: a, group_messages: a}}",
        "line 1: kafka.topics.user_events and kafka.topics.group_messages must differ",
    ),
    "suffix": ("dead_letters: {topic_suffix: ''}", "dead_letters.topic_suffix must be letters"),
    "webhook": (
        "push: {provider: webhook, webhook: {url: 'https://push.example'}}",
        "line 1: push.provider is webhook, which needs push.webhook.secret",
    ),
}


@pytest.mark.parametrize(("text", "words"), MISTAKES_IN_YAML.values(), ids=MISTAKES_IN_YAML)
def test_mistake_in_the_file_is_named(write_config: WriteConfig, text: str, words: str) -> None:
    environ = write_config(text)
    error = refusal(environ)
    assert error.startswith(environ["CHAT_CONFIG"])
    assert words in error


MISTAKES_IN_VARIABLES = {
    "section": ("CHAT_STATZ__WINDOW_LENGTH", "5", "the nearest is CHAT_STATS__WINDOW_LENGTH"),
    "key": ("CHAT_KAFKA__BROKER", "a:1", "the nearest is CHAT_KAFKA__BROKERS"),
    "whole section": ("CHAT_LOG", "{}", "log is a section; its settings are CHAT_LOG__LEVEL, "),
    "bad list": ("CHAT_KAFKA__BROKERS", "[a:1", "kafka.brokers must be a valid list"),
    "bad object": ("CHAT_KAFKA__PROPERTIES", "a=b", "kafka.properties must be a JSON object"),
    "number": ("CHAT_ENGINE__SHARDS", "two", "engine.shards must be a valid integer, not 'two'"),
    "duration": ("CHAT_STATS__WINDOW_LENGTH", "0", "stats.window_length must be longer than 0 s"),
    "ratio": ("CHAT_DEAD_LETTERS__MAX_RATIO", "1.5", "dead_letters.max_ratio must be less than"),
}


@pytest.mark.parametrize(
    ("name", "text", "words"), MISTAKES_IN_VARIABLES.values(), ids=MISTAKES_IN_VARIABLES
)
def test_mistake_in_a_variable_is_named(name: str, text: str, words: str) -> None:
    error = refusal({name: text})
    assert error.startswith(f"{name}: ")
    assert words in error


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("group.id", "kafka.consumer.group_id"),
        ("bootstrap.servers", "kafka.brokers"),
        ("auto.offset.reset", "kafka.consumer.auto_offset_reset"),
        ("enable.partition.eof", "kafka.consumer.stop_at_end"),
        ("linger.ms", "kafka.producer.linger_ms"),
        ("enable.auto.commit", "the flow commits offsets itself"),
    ],
)
def test_property_that_the_flow_owns_is_refused(
    write_config: WriteConfig, name: str, instead: str
) -> None:
    error = refusal(write_config(f"kafka:\n  properties:\n    {name}: x\n"))
    assert f"line 3: kafka.properties.{name} cannot be set here: " in error
    assert instead in error


def test_all_mistakes_are_told_at_once(write_config: WriteConfig) -> None:
    environ = write_config("kafk: {}\nlog: {format: xml}\n") | {"CHAT_ENGIN__SHARDS": "2"}
    first, *others = refusal(environ).splitlines()
    assert first == "the configuration has 3 mistakes:"
    assert [line.split(": ")[1].split()[0] for line in others] == ["kafk", "sets", "log.format"]


def test_missing_file_is_named() -> None:
    assert refusal({"CHAT_CONFIG": "no/such.yaml"}) == "CHAT_CONFIG: there is no file no/such.yaml"


@pytest.mark.parametrize(
    ("text", "place"),
    [("log: {level: INFO\nstats: 1\n", "line 2, column 6"), ("a:\n\t- b\n", "line 2, column 1")],
    ids=["brace", "tab"],
)
def test_broken_yaml_is_told_with_line_and_column(
    write_config: WriteConfig, text: str, place: str
) -> None:
    assert f"chat.yaml, {place}: is not YAML: " in refusal(write_config(text))


@pytest.mark.parametrize(
    "content", [b"log: {level: \xff}", b"log: {level: \x00}"], ids=["not UTF-8", "control"]
)
def test_file_that_is_not_text_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "chat.yaml"
    file.write_bytes(content)
    assert refusal({"CHAT_CONFIG": str(file)}).startswith(f"{file}: is not ")


@pytest.mark.parametrize(
    "text",
    [
        "store: {url: 'mysql://me:hunter2@db/chat'}",
        "push: {webhook: {url: 'ftp://me:hunter2@push'}}",
        "push: {webhook: {secret: [hunter2]}}",
        "kafka: {properties: {sasl.password: [hunter2]}}",
        "kafka: {properties: {sasl.password: *hunter2}}",
        "kafka: {properties: {sasl.password: !hunter2 x}}",
        "kafka: {properties: {sasl.password: hunter2: x}}",
    ],
)
def test_error_never_repeats_a_secret(write_config: WriteConfig, text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(write_config(text))
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None or refused.value.__suppress_context__

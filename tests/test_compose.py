"""The development broker of docker-compose.kafka.yml, as far as it shows without an engine."""

import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kafka_jars import kafka_version

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "docker-compose.kafka.yml"
TOOLS = ("kafka-topics", "kafka-console-consumer", "kafka-consumer-groups")
TOPICS = ("chat-messages", "user-events", "group-messages")
PRINT_ARGUMENTS = '#!/bin/sh\necho "$0 $*"\n'


@pytest.fixture
def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return content


@pytest.fixture
def image_tools(tmp_path: Path) -> Path:
    """A stand-in for the image's folder of tools; each prints how it was called."""
    for name in TOOLS:
        tool = tmp_path / f"{name}.sh"
        tool.write_text(PRINT_ARGUMENTS)
        tool.chmod(0o755)
    return tmp_path


def run_in_image(command: list[str], image_tools: Path) -> str:
    """Run a command of the container here, with the image's tools replaced."""
    here = [word.replace("/opt/kafka/bin", str(image_tools)) for word in command]
    return subprocess.run(here, capture_output=True, text=True, check=True).stdout


def test_broker_is_the_kafka_that_the_tests_run_against(compose: dict[str, Any]) -> None:
    images = {compose["services"][name]["image"] for name in ("kafka", "kafka-init")}
    assert images == {f"apache/kafka:{kafka_version()}"}


def test_file_names_no_format_version_and_no_zookeeper(compose: dict[str, Any]) -> None:
    assert "version" not in compose
    assert "zookeeper" not in COMPOSE.read_text().lower()


def test_without_a_profile_there_is_the_broker_alone(compose: dict[str, Any]) -> None:
    always = {name for name, each in compose["services"].items() if "profiles" not in each}
    assert always == {"kafka", "kafka-init"}


def test_broker_is_reached_from_this_machine_only(compose: dict[str, Any]) -> None:
    kafka = compose["services"]["kafka"]
    assert kafka["ports"] == ["127.0.0.1:9092:9092"]
    assert "PLAINTEXT_HOST://localhost:9092" in kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"]


def test_records_outlive_the_container(compose: dict[str, Any]) -> None:
    kafka = compose["services"]["kafka"]
    assert f"kafka-data:{kafka['environment']['KAFKA_LOG_DIRS']}" in kafka["volumes"]
    assert "kafka-data" in compose["volumes"]


def test_topics_are_never_created_by_accident(compose: dict[str, Any]) -> None:
    assert compose["services"]["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


@pytest.mark.parametrize("name", TOOLS)
def test_tool_is_on_the_path_of_the_container(name: str, compose: dict[str, Any]) -> None:
    mount = f"./deploy/kafka-bin/{name}:/usr/local/bin/{name}:ro"
    assert mount in compose["services"]["kafka"]["volumes"]
    assert os.access(ROOT / "deploy" / "kafka-bin" / name, os.X_OK)


@pytest.mark.parametrize("name", TOOLS)
def test_tool_passes_its_arguments_to_that_of_the_image(name: str, image_tools: Path) -> None:
    script = (ROOT / "deploy" / "kafka-bin" / name).read_text()
    told = run_in_image(["sh", "-c", script, name, "--topic", "two words"], image_tools)
    assert told == f"{image_tools / name}.sh --topic two words\n"


@pytest.mark.parametrize("topic", [name + suffix for name in TOPICS for suffix in ("", ".dlq")])
def test_init_creates_topic(topic: str, compose: dict[str, Any], image_tools: Path) -> None:
    command = [word.replace("$$", "$") for word in compose["services"]["kafka-init"]["command"]]
    calls = [shlex.split(line) for line in run_in_image(command, image_tools).splitlines()]
    [call] = [call for call in calls if call[call.index("--topic") + 1] == topic]
    assert "--if-not-exists" in call
    assert call[call.index("--partitions") + 1] == "3"
    assert call[call.index("--config") + 1] == f"max.message.bytes={16 * 1024 * 1024}"


def test_init_waits_until_the_broker_is_healthy(compose: dict[str, Any]) -> None:
    init = compose["services"]["kafka-init"]
    assert init["depends_on"] == {"kafka": {"condition": "service_healthy"}}
    assert "healthcheck" in compose["services"]["kafka"]
    assert init["restart"] == "no"

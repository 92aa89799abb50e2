"""Each dead letter is replayed at most once, whatever is killed when: on a real Kafka."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from config.kafka import KafkaSettings, client_properties
from dead_letters.letter import REPLAYED_FROM
from dead_letters.reading import open_letters
from dead_letters.replay import Replayer, ReplayError
from sinks.topics import await_topics
from tests.cli.running import COMMAND, PROJECT, chatflow, environment
from tests.dead_letters.dead_topic import dead_letter, own_topics, put, put_back
from tests.dead_letters.killed_replay import STEPS
from tests.kafka_server import KafkaServer
from tests.sinks.dead_letters import headers_of

MANY = 2_000
KILLS = 2
UNCOMMITTED = {"isolation.level": "read_uncommitted"}


@pytest.fixture
def settings(kafka: KafkaServer) -> KafkaSettings:
    found = own_topics(kafka.bootstrap_servers)
    names = found.topics.names
    dead = tuple(f"{name}.dlq" for name in names)
    kafka.create_topics(*names, *dead)
    await_topics(AdminClient(client_properties(found)), found, names + dead)
    return found


def variables(settings: KafkaSettings) -> Mapping[str, str]:
    topics = settings.topics.model_dump()
    names = {f"CHAT_KAFKA__TOPICS__{kind.upper()}": name for kind, name in topics.items()}
    return {"CHAT_KAFKA__BROKERS": settings.brokers[0], **names}


def origins(settings: KafkaSettings) -> Counter[int]:
    """The offsets of the originals of what was put back, and how often each was."""
    headers = [dict(headers_of(record)) for record in put_back(settings)]
    return Counter(_offset(said[REPLAYED_FROM]) for said in headers)


def end_of(settings: KafkaSettings) -> int:
    """Where the partition ends that dead letters go back to, whatever is committed."""
    asker = Consumer({"bootstrap.servers": settings.brokers[0], "group.id": "asker", **UNCOMMITTED})
    place = TopicPartition(settings.topics.chat_messages, 1)
    _, end = asker.get_watermark_offsets(place, timeout=10)
    asker.close()
    return int(end)


def _offset(place: str | bytes | None) -> int:
    assert isinstance(place, bytes)
    return int(place.split(b"/")[2])


def test_a_replay_killed_between_any_two_steps_is_finished_by_the_next_one(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    put(settings, *(dead_letter(offset) for offset in range(4)))
    dead_topic = f"{settings.topics.chat_messages}.dlq"
    for step in STEPS:
        command = [sys.executable, "-m", "tests.dead_letters.killed_replay", step, dead_topic]
        killed = subprocess.run(
            command, cwd=PROJECT, env=environment(variables(settings)), check=False
        )
        assert killed.returncode == -signal.SIGKILL
    before = origins(settings)

    finished = chatflow("dlq", "replay", "--yes", cwd=tmp_path, environ=variables(settings))

    assert finished.returncode == 0, finished.stderr
    assert before == {0: 1}  # only what was committed is there
    assert finished.stdout.endswith("replayed 3 records\n")
    assert origins(settings) == Counter(range(4))


def test_a_command_killed_again_and_again_replays_each_record_once(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    put(settings, *(dead_letter(offset) for offset in range(MANY)))
    for _ in range(KILLS):
        enough = end_of(settings) + MANY // 4
        with subprocess.Popen(
            [*COMMAND, "dlq", "replay", "--yes"],
            cwd=tmp_path,
            env=environment(variables(settings)),
            stdout=subprocess.DEVNULL,
        ) as command:
            while end_of(settings) < enough and command.poll() is None:
                time.sleep(0.001)
            command.kill()

    finished = chatflow("dlq", "replay", "--yes", cwd=tmp_path, environ=variables(settings))

    assert finished.returncode == 0, finished.stderr
    assert origins(settings) == Counter(range(MANY))


def test_a_second_replay_ends_the_first_one(settings: KafkaSettings) -> None:
    put(settings, dead_letter(0), dead_letter(1))
    dead_topic = f"{settings.topics.chat_messages}.dlq"
    with open_letters(settings) as reader:
        first, second = reader.read(reader.spans([dead_topic]))
    with Replayer(settings, dead_topic) as slow, Replayer(settings, dead_topic) as quick:
        quick.replay([first])
        with pytest.raises(ReplayError, match="somebody else has begun to replay"):
            slow.replay([first, second])
    assert origins(settings) == {0: 1}

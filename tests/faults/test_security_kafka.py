"""TLS and SASL reach the brokers as they are set, and a wrong setting ends the flow in words."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.kafka import KafkaSettings
from schemas.message_pb2 import Message
from tests.expectation import TOPICS
from tests.faults.canaries import CANARIES, leaks
from tests.faults.secure_kafka import USER, SecureKafka
from tests.flow_process import Finished, FlowProcess, FlowSettings, run_flow
from tests.kafka_server import KafkaServer
from tests.stored import stored_messages
from traffic.producer import ChatProducer

_PASSWORD = CANARIES["broker password"]
_MESSAGES = 20

Properties = Mapping[str, str]


@pytest.fixture(scope="module")
def secure(kafka: KafkaServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    """A broker with TLS and SASL, and messages; where Kafka cannot run, `kafka` says so."""
    found = SecureKafka(tmp_path_factory.mktemp("secure") / "all", _PASSWORD)
    with found.server:
        found.admit()
        found.server.create_topics(*TOPICS, *(topic + ".dlq" for topic in TOPICS), partitions=1)
        with ChatProducer(KafkaSettings(brokers=[found.server.bootstrap_servers])) as producer:
            for _ in range(_MESSAGES):
                producer.send_chat_message("bob", Message(from_user="ann", to="bob", content="hi"))
        yield found


def flow(folder: Path, address: str, properties: Properties) -> FlowSettings:
    variables = {
        f"CHAT_KAFKA__PROPERTIES__{name.replace('.', '_').upper()}": value
        for name, value in properties.items()
    }
    return FlowSettings(address, folder, f"group-{folder.name}", variables)


def tls(secure: SecureKafka) -> Properties:
    return {"security.protocol": "ssl", "ssl.ca.location": str(secure.authority)}


def scram(secure: SecureKafka) -> Properties:
    return {
        "security.protocol": "sasl_ssl",
        "ssl.ca.location": str(secure.authority),
        "sasl.mechanisms": "SCRAM-SHA-512",
        "sasl.username": USER,
        "sasl.password": _PASSWORD,
    }


def plain() -> Properties:
    return {
        "security.protocol": "sasl_plaintext",
        "sasl.mechanisms": "PLAIN",
        "sasl.username": USER,
        "sasl.password": _PASSWORD,
    }


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL", "SASL_PLAINTEXT"])
def test_right_settings_read_everything(secure: SecureKafka, tmp_path: Path, protocol: str) -> None:
    properties = {"SSL": tls(secure), "SASL_SSL": scram(secure), "SASL_PLAINTEXT": plain()}
    found = flow(tmp_path, secure.address(protocol), properties[protocol])

    finished = run_flow(found)

    assert (finished.status, leaks(finished.words)) == (0, [])
    assert stored_messages(found.store) == _MESSAGES


def mistakes(secure: SecureKafka) -> dict[str, tuple[str, Properties]]:
    """Settings that cannot reach a listener, by what is wrong with them."""
    wrong = {"sasl.password": _PASSWORD[::-1]}
    return {
        "authority": ("SSL", {**tls(secure), "ssl.ca.location": str(secure.stranger)}),
        "scram": ("SASL_SSL", {**scram(secure), **wrong}),
        "plain": ("SASL_PLAINTEXT", {**plain(), **wrong}),
        "no TLS": ("SSL", {}),
    }


@pytest.fixture(scope="module")
def refused(secure: SecureKafka, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finished]:
    """How the flow ends with each mistake; all at the same time, because each of them waits."""
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(
                FlowProcess(flow(tmp_path_factory.mktemp("wrong"), secure.address(at), properties))
            )
            for name, (at, properties) in mistakes(secure).items()
        }
        return {name: process.wait() for name, process in running.items()}


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        ("authority", "certificate verify failed"),
        ("authority", "ssl.ca.location"),
        ("scram", "Authentication failed"),
        ("scram", "sasl.username and sasl.password"),
        ("plain", "Authentication failed"),
        ("no TLS", "security.protocol"),
    ],
)
def test_a_wrong_setting_is_told_in_one_sentence_without_the_password(
    refused: dict[str, Finished], mistake: str, words: str
) -> None:
    status, told = refused[mistake]
    (line,) = told.splitlines()
    assert status == 1
    assert line.startswith("chatflow: no Kafka broker answers at 127.0.0.1:")
    assert words in line
    assert _PASSWORD[::-1] not in line
    assert leaks(line) == []

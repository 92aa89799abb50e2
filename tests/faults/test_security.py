"""What people wrote and what nobody may know is in no log, no error, no table's words."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from config.kafka import KafkaSettings
from schemas.message_pb2 import Message
from tests.cli.running import chatflow
from tests.expectation import TOPICS
from tests.faults.canaries import CANARIES, leaks
from tests.flow_process import Finished, FlowSettings, run_flow
from tests.http_server import PushServer, answer
from tests.oracle.reading import read_records
from traffic.embedded import EmbeddedBroker
from traffic.producer import ChatProducer

_DLQ = ".dlq"
_FILE = 5
"""A content type whose content is the name of a file."""
_OTHER = CANARIES["other secret"]
_ECHO = {"Set-Cookie": CANARIES["webhook answer"], "Location": "http://127.0.0.1:9/"}


@pytest.fixture
def webhook() -> Iterator[PushServer]:
    """Fails once, then refuses for good; both with an answer that says too much."""
    body = CANARIES["webhook answer"].encode()
    server = PushServer(answer(500, _ECHO, body), answer(307, _ECHO, body))
    yield server
    server.close()


@pytest.fixture
def secrets(webhook: PushServer) -> dict[str, str]:
    """Settings that hold what nobody may know, and the most talkative log."""
    login = f"{CANARIES['webhook user']}:{CANARIES['webhook password']}"
    place = webhook.url.removeprefix("http://").partition("/")[0]
    path, query = CANARIES["webhook path"], CANARIES["webhook query"]
    return {
        "CHAT_LOG__LEVEL": "DEBUG",
        "CHAT_PUSH__PROVIDER": "webhook",
        "CHAT_PUSH__WEBHOOK__URL": f"http://{login}@{place}/{path}?token={query}",
        "CHAT_PUSH__WEBHOOK__SECRET": f"whsec_{CANARIES['webhook secret']}",
        "CHAT_PUSH__WEBHOOK__MAX_BACKOFF": "0.2",
        "CHAT_KAFKA__PROPERTIES__SASL_PASSWORD": CANARIES["broker password"],
        "RUST_BACKTRACE": "1",
    }


@pytest.fixture
def flow(embedded: EmbeddedBroker, tmp_path: Path, secrets: dict[str, str]) -> FlowSettings:
    for topic in TOPICS:
        embedded.create_topic(topic + _DLQ)
    return FlowSettings(embedded.bootstrap_servers, tmp_path, "canaries", secrets)


def speak(flow: FlowSettings) -> None:
    """A message, and poison of several kinds, all with canaries."""
    kafka = KafkaSettings(brokers=[flow.bootstrap_servers])
    said, poison = CANARIES["message"], CANARIES["poison"].encode()
    values = (
        b'{"event_type":"message","timestamp":1,"message_data":"%b"}' % poison,
        b'{"event_type":"message","timestamp":1,"message_data":{"content":"%b","x":[}}' % poison,
        b'{"event_type":"user_online","timestamp":"%b","user_id":"ann"}' % poison,
        poison + b"\xff",
    )
    with ChatProducer(kafka) as producer:
        for value in values:
            producer.send(TOPICS[0], poison, value, 1_790_000_000_000)
        for content_type in (1, _FILE):
            message = Message(from_user="ann", to="bob", content=said, contentType=content_type)
            message.file = said.encode()
            producer.send_chat_message("bob", message)


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_canary_is_told_while_records_and_pushes_fail(
    flow: FlowSettings, webhook: PushServer, form: str
) -> None:
    speak(flow)

    finished = run_flow(flow.with_environment(CHAT_LOG__FORMAT=form, CHAT_DEAD_LETTERS__WINDOW="9"))

    assert finished.status == 0, leaks(finished.words) or finished.words
    assert leaks(finished.words, *told_elsewhere(flow)) == []
    path = f"/{CANARIES['webhook path']}?token={CANARIES['webhook query']}"
    assert {request.path for request in webhook.received} == {path}
    assert all("authorization" in request.headers for request in webhook.received)


def told_elsewhere(flow: FlowSettings) -> list[str]:
    """What the flow says of failures in tables and in headers of dead letters."""
    with duckdb.connect(str(flow.store), read_only=True) as connection:
        details = connection.execute(
            "SELECT outcome, detail FROM push_deliveries"
            " UNION ALL SELECT reason, detail FROM dead_letters"
        ).fetchall()
    letters = read_records(flow.bootstrap_servers, [topic + _DLQ for topic in TOPICS])
    assert (len(details), len(letters)) == (6, 4)
    headers = [value or b"" for letter in letters for _, value in letter.headers]
    return [str(details), str(headers)]


def failure(flow: FlowSettings) -> Finished:
    finished = run_flow(flow)
    assert finished.status == 1, leaks(finished.words) or finished.words
    return finished


def test_no_canary_is_told_when_too_many_records_are_poison(flow: FlowSettings) -> None:
    speak(flow)
    limits = {"CHAT_DEAD_LETTERS__MAX_RATIO": "0.1", "CHAT_DEAD_LETTERS__WINDOW": "1"}

    finished = failure(flow.with_environment(**limits))

    assert "could not be decoded" in finished.words
    assert leaks(finished.words) == []


def test_no_canary_is_told_when_the_database_refuses_a_message(flow: FlowSettings) -> None:
    assert run_flow(flow).status == 0
    with duckdb.connect(str(flow.store)) as database:
        database.execute("ALTER TABLE messages ALTER file_name TYPE INTEGER")
    speak(flow)

    finished = failure(flow)

    assert "cannot write to messages in the database" in finished.words
    assert leaks(finished.words) == []


def test_no_canary_is_told_of_a_secret_that_cannot_sign(flow: FlowSettings) -> None:
    finished = run_flow(flow.with_environment(CHAT_PUSH__WEBHOOK__SECRET=_OTHER))

    assert finished.status == 2, leaks(finished.words) or finished.words
    assert "whsec_ followed by" in finished.words
    assert leaks(finished.words) == []


def configuration(command: str, environ: dict[str, str], folder: Path) -> tuple[int, str]:
    """Exit status of `chatflow config`, and all that it writes."""
    done = chatflow("config", command, cwd=folder, environ=environ)
    return done.returncode, done.stdout + done.stderr


def test_the_settings_are_shown_without_what_is_secret(
    secrets: dict[str, str], tmp_path: Path
) -> None:
    status, words = configuration("show", secrets, tmp_path)
    assert status == 0, leaks(words)
    assert "127.0.0.1" in words
    assert leaks(words) == []


MISTAKES = {
    "a URL of another kind": {"CHAT_PUSH__WEBHOOK__URL": f"ftp://me:{_OTHER}@host/{_OTHER}"},
    "a local file for a URL": {"CHAT_PUSH__WEBHOOK__URL": f"file:///etc/{_OTHER}"},
    "a URL without a host": {"CHAT_PUSH__WEBHOOK__URL": f"https:///{_OTHER}"},
    "a port that is none": {"CHAT_PUSH__WEBHOOK__URL": f"https://host:{_OTHER}/"},
    "a misspelt setting": {"CHAT_PUSH__WEBHOOK__SECRETT": _OTHER},
    "a section for a secret": {"CHAT_PUSH__WEBHOOK": f'{{"secret": "{_OTHER}"}}'},
    "properties that are no JSON": {"CHAT_KAFKA__PROPERTIES": f'{{"sasl.password": "{_OTHER}"'},
    "a password that is a list": {"CHAT_KAFKA__PROPERTIES": f'{{"sasl.password": ["{_OTHER}"]}}'},
    "a misspelt property": {"CHAT_KAFKA__PROPERTIES__SASL_PASSWROD": _OTHER},
    "a key that is none": {
        "CHAT_KAFKA__PROPERTIES": f'{{"ssl.key.pem": "{_OTHER}", "security.protocol": "ssl"}}'
    },
    "a database elsewhere": {"CHAT_STORE__URL": f"mysql://me:{_OTHER}@host/chat"},
}


@pytest.mark.parametrize("wrong", MISTAKES.values(), ids=MISTAKES)
def test_a_wrong_secret_is_refused_without_being_repeated(
    tmp_path: Path, wrong: dict[str, str]
) -> None:
    status, words = configuration("check", wrong, tmp_path)

    assert status == 2, leaks(words) or words
    assert words.startswith("chatflow: ")
    assert leaks(words) == []

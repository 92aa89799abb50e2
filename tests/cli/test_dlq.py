"""`chatflow dlq`, on the embedded broker."""

import json

import pytest
from typer.testing import CliRunner, Result

from cli.dlq import app
from config.kafka import KafkaSettings
from schemas.rows import Rows
from schemas.tables import DEAD_LETTERS
from tests.dead_letters.dead_topic import (
    READABLE,
    UNREADABLE,
    dead_letter,
    dead_topics,
    put,
    put_back,
)
from tests.places import DuckDBPlace, PostgresPlace
from traffic.embedded import EmbeddedBroker

WRITTEN = ("words that nobody", "secret", READABLE.decode()[-40:], "bob")


@pytest.fixture
def kafka(embedded: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch) -> KafkaSettings:
    monkeypatch.setenv("CHAT_KAFKA__BROKERS", embedded.bootstrap_servers)
    found = dead_topics(embedded)
    put(found, dead_letter(4), dead_letter(5), dead_letter(6, UNREADABLE, reason="invalid_json"))
    return found


def dlq(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_list_counts_by_topic_and_reason(kafka: KafkaSettings) -> None:
    lines = dlq("list").stdout.splitlines()
    assert lines[0].split() == ["chat-messages", "invalid_payload", "2"]
    assert lines[1].endswith("2025-08-24T01:47:05Z, the newest chat-messages/1/5")
    assert lines[3].split() == ["chat-messages", "invalid_json", "1"]


def test_list_takes_topics_reasons_and_times(kafka: KafkaSettings) -> None:
    none = "no dead letters\n"
    assert dlq("list", "--topic", "user-events.dlq").stdout == none
    assert dlq("list", "--until", "2025-08-24T01:47:00Z").stdout == none
    assert dlq("list", "--since", "1min").stdout == none
    (kind,) = json.loads(dlq("list", "--reason", "invalid_json", "--format", "json").stdout)
    assert (kind["topic"], kind["count"], kind["newest"]) == (
        *("chat-messages", 1),
        "chat-messages/1/6",
    )


def test_show_says_where_it_stood_and_why_and_not_what_it_holds(kafka: KafkaSettings) -> None:
    by_origin, by_place = (
        dlq("show", "chat-messages", "1", "6"),
        dlq("show", "chat-messages.dlq", "1", "2"),
    )
    assert by_origin.stdout == by_place.stdout
    for said in (
        "original     chat-messages/1/6, recorded 2025-08-24T01:47:06Z",
        "reason       invalid_json: fixed words",
        "now          cannot be decoded: invalid_json, the value is not JSON",
        "value        8 bytes",
        "header       'trace', 2 bytes",
    ):
        assert said in by_origin.stdout


@pytest.mark.parametrize("output", ["text", "json"])
def test_content_is_printed_only_when_it_is_asked_for(kafka: KafkaSettings, output: str) -> None:
    shown = "show", "chat-messages", "1", "4", "--format", output
    silent = [dlq("list", "--format", output), dlq(*shown), dlq("replay", "--yes")]
    assert [word for word in WRITTEN for result in silent if word in result.output] == []
    asked = dlq(*shown, "--payload").stdout
    assert ("7b 22 65 76 65 6e 74" if output == "text" else '"value": "eyJldmVudF90') in asked


def test_replay_puts_back_what_can_be_decoded_and_never_again(kafka: KafkaSettings) -> None:
    first, second = dlq("replay", "--yes"), dlq("replay", "--yes")
    assert first.stdout.splitlines()[-1] == "replayed 2 records"
    assert "still cannot be decoded" in first.stdout
    assert second.stdout.splitlines()[-1] == "nothing to replay"
    assert len(put_back(kafka)) == 2
    assert ", 2 of them replayed" in dlq("list").stdout
    assert "replayed     yes" in dlq("show", "chat-messages", "1", "4").stdout


def test_replay_takes_single_records_and_a_limit(kafka: KafkaSettings) -> None:
    assert dlq("replay", "--record", "chat-messages/1/6", "--yes").stdout.endswith("to replay\n")
    forced = dlq("replay", "--record", "chat-messages/1/6", "--force", "--yes")
    assert forced.stdout.endswith("replayed 1 record\n")
    assert dlq("replay", "--limit", "1", "--yes").stdout.endswith("replayed 1 record\n")
    assert [record.value() for record in put_back(kafka)] == [UNREADABLE, READABLE]


def test_a_dry_run_writes_nothing(kafka: KafkaSettings) -> None:
    result = dlq("replay", "--dry-run")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "would replay 2 records")
    assert put_back(kafka) == []


def test_a_replay_that_nobody_confirms_is_a_usage_error(kafka: KafkaSettings) -> None:
    result = dlq("replay")
    assert (result.exit_code, put_back(kafka)) == (2, [])
    assert "give --yes or --dry-run" in result.output


@pytest.mark.parametrize("place", ["chat-messages", "chat-messages/1", "chat-messages/1/x"])
def test_a_record_that_is_no_place_is_a_usage_error(place: str) -> None:
    assert dlq("replay", "--record", place).exit_code == 2


def test_the_table_is_asked_when_the_topic_has_forgotten(
    database: DuckDBPlace | PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_STORE__URL", database.url)
    _, store = database.open()
    part = store.build_part("store", "store", None)
    row = ("chat-messages", 1, 4, "invalid_json", "no JSON", b"bob", b"\xff", '[["a","b"]]', 0)
    part.write_batch([Rows.of(DEAD_LETTERS, [row])])
    part.snapshot()
    part.close()
    assert "chat-messages/1/4" in dlq("list", "--table").stdout
    assert "a row of dead_letters" in dlq("show", "chat-messages", "1", "4", "--table").stdout
    missing = dlq("show", "chat-messages", "1", "5", "--table")
    assert "there is no dead letter chat-messages/1/5 in the table" in str(missing.exception)

"""NUL, which not every store takes, and what is no text in a field that nobody reads."""

from pathlib import Path

import duckdb
import pytest

from schemas.events import ChatMessage, DeadLetter, UserEvent
from tests.builders import CHAT, Record
from tests.expectation import TOPICS, check_run, unhurried_flow
from tests.faults.keyed_records import KeyedRecord, produce
from tests.faults.text_places import NOW, protobufs_with, records_with
from tests.flow_process import FlowSettings
from tests.oracle.tables import COLUMNS
from tests.wire import decode
from traffic.embedded import EmbeddedBroker

_VALUES = {**records_with(rb"\u0000"), **protobufs_with(b"\x00")}
_REPLACED = {**records_with(rb"\ufffd"), **protobufs_with("\ufffd".encode())}
_RECORDED = NOW * 1000


def event(value: bytes) -> ChatMessage | UserEvent:
    found = decode(Record(value, 7, _RECORDED), CHAT, 60_000)
    assert isinstance(found, ChatMessage | UserEvent), found
    return found


@pytest.mark.parametrize("place", _VALUES)
def test_nul_is_read_as_the_replacement_character_at_every_place(place: str) -> None:
    assert event(_VALUES[place]) == event(_REPLACED[place])


def test_what_only_looks_like_an_escaped_nul_is_left_as_it_is() -> None:
    found = event(records_with(rb"\\u0000")["content in an object"])
    assert isinstance(found, ChatMessage)
    assert found.content == r"a\u0000z"


def test_users_who_differ_by_a_nul_alone_are_kept_apart_from_those_without() -> None:
    found = event(records_with(rb"\u0000")["user_id of a user event"])
    assert isinstance(found, UserEvent)
    assert found.user_id == "a\ufffdz"


@pytest.mark.parametrize("text", [b"\xff", rb"\ud800"], ids=["a stray byte", "half a pair"])
@pytest.mark.parametrize("field", [b'"%b":1', b'"trace":"%b"'], ids=["name", "value"])
def test_a_field_that_nobody_reads_has_to_be_text_as_well(field: bytes, text: bytes) -> None:
    value = b'{"event_type":"user_online","timestamp":5,"user_id":"ann",' + field % text + b"}"
    found = decode(Record(value, 7, _RECORDED), CHAT, 60_000)
    assert isinstance(found, DeadLetter)
    assert found.reason == "invalid_json"


@pytest.fixture
def flow(embedded: EmbeddedBroker, tmp_path: Path) -> FlowSettings:
    return unhurried_flow(embedded, tmp_path)


def test_no_column_holds_a_nul_and_every_table_equals_the_oracle(flow: FlowSettings) -> None:
    values = [*_VALUES.values(), *records_with(b"\x00").values(), b"\x00", b'{"a":"\x00"}']
    produce(
        flow.bootstrap_servers,
        [
            KeyedRecord(TOPICS[0], 0, value, _RECORDED + number, b"\x00", (("h", b"\x00"),))
            for number, value in enumerate(values)
        ],
    )

    check_run(flow)

    assert texts_with_nul(flow.store) == []


def texts_with_nul(store: Path) -> list[str]:
    """The tables in which any text holds one."""
    with duckdb.connect(str(store), read_only=True) as connection:
        return [
            table
            for table in COLUMNS
            for row in connection.execute(f"SELECT * FROM {table}").fetchall()
            if any(isinstance(value, str) and "\0" in value for value in row)
        ]

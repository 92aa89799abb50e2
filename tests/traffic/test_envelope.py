import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from tests.traffic.golden import golden
from traffic.envelope import Event, LegacyMessage, Metadata, encode, valid_text

ALICE = "8f14e45f-ceea-467f-a0e6-000000000001"
BOB = "8f14e45f-ceea-467f-a0e6-000000000002"


def test_oldest_server_writes_the_payload_as_an_object() -> None:
    message = LegacyMessage(
        from_username="alice",
        from_user=ALICE,
        to=BOB,
        content="hi 你好 <b>",
        content_type=1,
        message_type=1,
    )
    assert (
        encode(Event("message", 1753843200, ALICE, message)) == golden("A", "chat-messages").value
    )


def test_server_of_the_specification_writes_no_worker() -> None:
    expected = golden("B", "chat-messages")
    assert encode(Event("message", 1753958578, BOB, expected.payload)) == expected.value


def test_older_departure_names_its_connection() -> None:
    metadata: Metadata = {"client_ip": "203.0.113.7:51034", "disconnect_time": 1753958578}
    value = encode(Event("user_offline", 1753958999, BOB, UNSET, metadata))
    assert value == golden("B", "user_offline").value


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<a & b>", rb"\u003ca \u0026 b\u003e"),
        ("a\u2028b\u2029c", rb"a\u2028b\u2029c"),
        ("a\u2027b\u202ac", "a\u2027b\u202ac".encode()),
        ('"\\/', rb"\"\\/"),
        ("\t\n\r\x01\x1f\x7f", b"\\t\\n\\r\\u0001\\u001f\x7f"),
        ("é 你 😀", "é 你 😀".encode()),
    ],
    ids=["html", "line separators", "their neighbours", "quotes", "control", "not ascii"],
)
def test_text_is_escaped_as_go_escapes_it(text: str, written: bytes) -> None:
    value = encode(Event("user_online", 1, text))
    assert value == b'{"event_type":"user_online","timestamp":1,"user_id":"' + written + b'"}'


def test_keys_of_metadata_are_sorted() -> None:
    value = encode(Event("user_online", 1, "u", UNSET, {"b": 1, "a": True}, 0))
    assert value.endswith(b'"metadata":{"a":true,"b":1},"worker_id":0}')


@given(st.text(), st.binary(min_size=1), st.dictionaries(st.text(), st.integers(0, 2**53)))
def test_any_json_reader_gets_back_what_was_written(
    user_id: str, payload: bytes, metadata: dict[str, int]
) -> None:
    user_id, metadata = valid_text(user_id), {valid_text(k): v for k, v in metadata.items()}
    read = json.loads(encode(Event("message", 1, user_id, payload, metadata, 7)))
    assert (read["user_id"], read["metadata"], read["worker_id"]) == (user_id, metadata, 7)


def test_what_is_not_unicode_becomes_a_replacement_character() -> None:
    assert valid_text("caf\udce9 é") == "caf\ufffd é"

"""Which session an event speaks of."""

import pytest

from schemas.events import UserEvent
from tests.schemas.wire_forms import event_of, user_envelope

ADDRESS = "203.0.113.7:51034"


def event(metadata: dict[str, object], **fields: object) -> UserEvent:
    return event_of(user_envelope(metadata, **fields))


@pytest.mark.parametrize(
    ("metadata", "worker", "expected"),
    [
        ({"session_id": "s1", "client_ip": ADDRESS, "connection_time": 5}, 3, "s1"),
        ({"session_id": 77}, 3, "77"),
        ({"client_ip": ADDRESS, "connection_time": 5}, 3, ADDRESS),
        ({"client_ip": "[2001:db8::1]:443", "connection_time": 5}, 3, "[2001:db8::1]:443"),
        ({"client_ip": "203.0.113.7", "connection_time": 5}, 3, "connected-5"),
        ({"client_ip": "203.0.113.7:", "connection_time": 5}, 3, "connected-5"),
        ({"client_ip": "2001:db8::1", "connection_time": "5"}, 3, "connected-5"),
        ({"disconnect_time": 5}, 3, "connected-5"),
        ({"connection_time": 5, "disconnect_time": 9}, 3, "connected-5"),
        ({"client_ip": "203.0.113.7"}, 3, None),
        ({"client_ip": "203.0.113.7"}, None, "203.0.113.7"),
        ({"client_ip": "203.0.113.7", "shard_id": 3}, None, None),
        ({"session_id": "", "client_ip": ""}, 3, None),
        ({}, 3, None),
        ({}, None, None),
    ],
    ids=[
        *("session", "session-number", "address", "address-v6", "connection-time", "no-port"),
        *("bare-v6", "disconnect-time", "connect-before-disconnect", "worker-only"),
        *("bare-address", "shard-only", "empty", "worker", "nothing"),
    ],
)
def test_a_session_has_the_most_exact_name(
    metadata: dict[str, object], worker: int | None, expected: str | None
) -> None:
    assert event(metadata, worker_id=worker).session_id == expected


@pytest.mark.parametrize(
    ("address", "host"),
    [
        (ADDRESS, "203.0.113.7"),
        ("203.0.113.7", "203.0.113.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("", None),
    ],
    ids=["v4", "bare-v4", "v6", "v6-without-port", "bare-v6", "empty"],
)
def test_an_address_is_kept_without_its_port(address: str, host: str | None) -> None:
    assert event({"client_ip": address}).client_ip == host


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"connection_time": 5, "session_id": "s1"}, 5),
        ({"disconnect_time": 5}, 5),
        ({"disconnect_time": 5, "session_id": "s1"}, None),
        ({"disconnect_time": 5, "client_ip": ADDRESS}, None),
        ({}, None),
    ],
    ids=["connection", "disconnection", "named-session", "named-address", "none"],
)
def test_the_time_of_a_connection(metadata: dict[str, object], expected: int | None) -> None:
    assert event(metadata).connection_time == expected

"""What the chat server's own producer wrote, one record of each kind."""

from pathlib import Path

import pytest

from schemas.events import ChatMessage, TopicPartition, UserEvent
from tests.builders import Record
from tests.wire import decode

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "golden-records.txt"
ALICE, BOB = (f"8f14e45f-ceea-467f-a0e6-00000000000{number}" for number in (1, 2))
TEAM = "c9f0f895-fb98-4b91-89b0-0000000000aa"
PLACE = TopicPartition("chat-messages", 0)


def values() -> list[bytes]:
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    return [line.encode() for line in lines if line.startswith("{")]


def direct(seconds: int, message_id: str) -> ChatMessage:
    times = (seconds * 1000, seconds * 1000 + 5, seconds * 1000)
    sides = (ALICE, BOB, None)
    words = "hi 你好 <b>"
    pair = f"{ALICE}:{BOB}"
    return ChatMessage(9, "message", *times, message_id, pair, *sides, words, 1, 1, None, None)


def about_bob(
    kind: str, seconds: int, session_id: str | None, worker: int | None, ip: str | None
) -> UserEvent:
    times = (seconds * 1000, seconds * 1000 + 5, seconds * 1000)
    connected = seconds if kind == "user_online" else None
    return UserEvent(9, kind, *times, BOB, session_id, worker, connected, ip, None)


ADDRESS = "203.0.113.7:51034"
EXPECTED: dict[str, ChatMessage | UserEvent] = {
    "A-object": direct(1753843200, "chat-messages-0-9"),
    "B-protobuf": direct(1753958578, "chat-messages-0-9"),
    "C-protobuf": direct(1756000000, "msg_1756000000123_k3j9x0q2a"),
    "C-group": ChatMessage(
        9,
        "group_message",
        *(1756000001000, 1756000001005, 1756000001000),
        "msg_1756000001456_zz81hx7ab",
        TEAM,
        *(ALICE, None, TEAM),
        "@bob lunch?",
        *(1, 2),
        *(None, None),
    ),
    "C-online": about_bob("user_online", 1756000002, ADDRESS, 3, "203.0.113.7"),
    "C-offline": about_bob("user_offline", 1756000090, None, 3, None),
    "B-offline": about_bob("user_offline", 1753958999, ADDRESS, None, "203.0.113.7"),
}


@pytest.mark.parametrize(("place", "name"), list(enumerate(EXPECTED)), ids=list(EXPECTED))
def test_what_servers_wrote_is_understood_exactly(place: int, name: str) -> None:
    expected = EXPECTED[name]
    found = Record(values()[place], 9, expected.recorded_at)
    assert decode(found, PLACE, 60_000) == expected


def test_every_golden_record_is_expected_to_say_something() -> None:
    assert len(values()) == len(EXPECTED)

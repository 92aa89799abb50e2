import pytest

from dataflows.policy import Policy, Reason
from schemas.directory import Directory, UserEntry
from schemas.events import ChatMessage
from tests.builders import CHAT, instant, message

MAX_AGE, CALL_MAX_AGE = 600_000, 30_000
DIRECTORY = Directory(
    users={
        "muted": UserEntry(mute_all=True, devices=()),
        "choosy": UserEntry(muted=frozenset({"team", "ann:choosy"})),
        "bare": UserEntry(devices=()),
        "equipped": UserEntry(devices=("token-1", "token-2")),
    }
)
INVITE = '{"type":"call-invite"}'


def policy(directory: Directory = DIRECTORY) -> Policy:
    return Policy(directory, MAX_AGE, CALL_MAX_AGE, "log")


def reason(
    found: ChatMessage, user_id: str = "bob", now: float = 1, *, returned: bool = False
) -> Reason:
    (only,) = policy().reasons(found, [user_id], instant(now), returned=returned)
    return only


@pytest.mark.parametrize(
    ("found", "user_id", "returned", "expected"),
    [
        (message("ann", "bob"), "bob", False, Reason.OFFLINE),
        (message("ann", group="team"), "ann", False, Reason.SENDER),
        (message("ann", group="team", content_type=6), "ann", True, Reason.SENDER),
        (message(content_type=6, text="offer"), "bob", False, Reason.SIGNALLING),
        (message(content_type=7, text="answer"), "muted", True, Reason.SIGNALLING),
        (message(content_type=7, text=INVITE), "bob", False, Reason.OFFLINE),
        (message(content_type=1, text=INVITE), "bob", False, Reason.OFFLINE),
        (message(), "muted", True, Reason.ONLINE),
        (message(), "muted", False, Reason.MUTED),
        (message("ann", group="team"), "choosy", False, Reason.MUTED),
        (message("ann", "choosy"), "choosy", False, Reason.MUTED),
        (message("bob", "choosy"), "choosy", False, Reason.OFFLINE),
        (message(), "bare", False, Reason.NO_DEVICE),
        (message(), "equipped", False, Reason.OFFLINE),
        (message(), "not-listed", False, Reason.OFFLINE),
    ],
    ids=[
        *("offline", "sender", "sender-of-signalling", "signalling", "signalling-before-muted"),
        *("invite", "invite-in-a-text", "returned-before-muted", "muted-before-devices"),
        *("muted-group", "muted-conversation", "other-conversation", "no-device", "devices"),
        "not-listed",
    ],
)
def test_the_first_reason_that_applies_is_given(
    found: ChatMessage, user_id: str, returned: bool, expected: Reason
) -> None:
    assert reason(found, user_id, returned=returned) is expected


@pytest.mark.parametrize(
    ("found", "age"),
    [(message(), 600), (message(content_type=6, text=INVITE), 30)],
    ids=["message", "call"],
)
def test_a_message_is_stale_from_its_age_on(found: ChatMessage, age: float) -> None:
    assert reason(found, now=age - 0.001) is Reason.OFFLINE
    assert reason(found, now=age) is Reason.STALE


@pytest.mark.parametrize("user_id", ["muted", "bare"])
def test_who_does_not_want_a_push_is_told_so_even_when_it_is_stale(user_id: str) -> None:
    assert reason(message(), user_id, now=601) in (Reason.MUTED, Reason.NO_DEVICE)


def test_reasons_stand_in_the_order_of_the_users() -> None:
    users = ["bare", "ann", "bob", "muted"]
    found = policy().reasons(message("ann", group="team"), users, instant(1), returned=False)
    assert found == [Reason.NO_DEVICE, Reason.SENDER, Reason.OFFLINE, Reason.MUTED]


def test_a_request_says_who_what_and_until_when_but_not_the_words() -> None:
    found = message("ann", group="team", text="secret words", offset=7)
    request = policy().request(CHAT, found, "equipped", instant(2))
    assert (request.kafka_topic, request.kafka_partition, request.kafka_offset) == (*CHAT, 7)
    assert (request.message_id, request.user_id, request.group_id) == ("m7", "equipped", "team")
    assert (request.decided_at, request.expires_at) == (instant(2), instant(600))
    assert request.devices == ("token-1", "token-2")
    assert "secret" not in repr(request)


def test_a_call_that_rings_is_urgent_and_short_lived() -> None:
    found = message(content_type=7, text=INVITE)
    request = policy().request(CHAT, found, "bob", instant(1))
    assert (request.urgent, request.expires_at, request.devices) == (True, instant(30), ())
    assert not policy().request(CHAT, message(), "bob", instant(1)).urgent

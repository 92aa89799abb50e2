"""Users in order of time: who comes, who goes, and who is forgotten."""

import pytest

from dataflows.sessions import Coordinates
from tests.builders import USERS, Event, instant, message, offline, online, user_event
from tests.dataflows.rosters import GRACE, TIMEOUT, changes, roster, see

pytestmark = pytest.mark.usefixtures("each_join")

CAME = ("ann", "online", "connected", 0)


def test_the_first_session_brings_a_user_online() -> None:
    found = roster(online("ann", session="s1", offset=4), online("ann", 1, session="s2", offset=5))
    assert changes(found) == [CAME]
    assert found.changes[0].by == Coordinates(*USERS, 4)


def test_going_away_is_said_after_the_grace_with_the_time_it_happened() -> None:
    found = roster(online("ann"), offline("ann", 50, offset=7))
    assert changes(found, 59.999) == [CAME]
    assert changes(found, 60) == [CAME, ("ann", "offline", "disconnected", 50)]
    assert found.changes[1].by == Coordinates(*USERS, 7)


def test_coming_back_within_the_grace_is_silent() -> None:
    found = roster(online("ann"), offline("ann", 50), online("ann", 59))
    assert changes(found, 1000) == [CAME]


def test_coming_back_when_the_grace_ends_is_too_late() -> None:
    found = roster(online("ann"), offline("ann", 50), online("ann", 60))
    left, back = ("ann", "offline", "disconnected", 50), ("ann", "online", "connected", 60)
    assert changes(found) == [CAME, left, back]


def test_without_a_grace_going_away_is_said_at_once() -> None:
    found = roster(online("ann"), offline("ann", 50), grace=0)
    assert changes(found) == [CAME, ("ann", "offline", "disconnected", 50)]


def test_a_user_stays_online_while_one_session_lives() -> None:
    found = roster(
        online("ann", session="s1"), online("ann", session="s2"), offline("ann", 5, session="s1")
    )
    assert changes(found, 1000) == [CAME]


def test_a_session_without_a_sign_of_life_expires() -> None:
    found = roster(online("ann"))
    assert changes(found, TIMEOUT + GRACE - 0.001) == [CAME]
    assert changes(found, TIMEOUT + GRACE) == [CAME, ("ann", "offline", "expired", TIMEOUT)]
    assert found.changes[1].by == Coordinates()


@pytest.mark.parametrize(
    "sign",
    [
        message("ann", "bob", 100),
        message("ann", group="team", at=100),
        user_event("user_typing", "ann", 100),
        user_event("message_read", "ann", 100, session="s1"),
        user_event("heartbeat", "ann", 100, session="s1"),
    ],
    ids=["message", "group-message", "typing", "read", "heartbeat"],
)
def test_a_sign_of_life_puts_the_expiry_off(sign: Event) -> None:
    found = roster(online("ann", session="s1"), sign)
    assert changes(found, TIMEOUT + GRACE + 99) == [CAME]
    expired = ("ann", "offline", "expired", TIMEOUT + 100)
    assert changes(found, TIMEOUT + GRACE + 100) == [CAME, expired]


@pytest.mark.parametrize(
    "sign",
    [
        message("bob", "ann", 100),
        user_event("user_typing", "ann", 100, session="other"),
        user_event("group_join", "ann", 100, group="team"),
        user_event("unknown", "ann", 100),
    ],
    ids=["message-to-the-user", "another-session", "join", "unknown-type"],
)
def test_other_events_do_not_put_it_off(sign: Event) -> None:
    found = roster(online("ann", session="s1"), sign)
    assert changes(found, TIMEOUT + GRACE) == [CAME, ("ann", "offline", "expired", TIMEOUT)]


def test_a_sign_of_life_in_one_session_does_not_renew_another() -> None:
    found = roster(
        online("ann", session="s1"),
        online("ann", session="s2"),
        user_event("typing", "ann", 100, session="s2"),
        offline("ann", 101, session="s2"),
    )
    assert changes(found, TIMEOUT + GRACE) == [CAME, ("ann", "offline", "expired", TIMEOUT)]


def test_a_message_of_somebody_offline_brings_nobody_online() -> None:
    assert changes(roster(message("ann", "bob"), user_event("typing", "ann", 1)), 1000) == []


def test_users_are_forgotten_when_nothing_can_depend_on_them() -> None:
    found = roster(online("ann"), offline("ann", 50))
    found.advance(instant(50 + TIMEOUT - 0.001))
    assert found.person("ann") is not None
    found.advance(instant(50 + TIMEOUT))
    assert found.counts() == (0, 0)


def test_an_end_without_a_beginning_is_remembered_for_as_long() -> None:
    found = roster(offline("ann", 5))
    see(found, online("ann", 4))
    assert changes(found) == []
    found.advance(instant(5 + TIMEOUT))
    assert found.counts() == (0, 0)


def test_an_expired_user_is_forgotten_after_going_away() -> None:
    found = roster(online("ann"))
    assert len(changes(found, TIMEOUT + GRACE)) == 2
    assert found.counts() == (0, 0)


def test_a_late_online_event_changes_nothing_about_an_ended_session() -> None:
    found = roster(online("ann"), offline("ann", 50, session="s1"), offline("ann", 51))
    see(found, online("ann", 49, session="s1"))
    assert changes(found, 1000)[-1] == ("ann", "offline", "disconnected", 51)

"""Users in order of time: who comes and goes, and who is to be told of a message."""

import pytest

from dataflows.groups import Groups
from dataflows.roster import Roster
from schemas.directory import Directory
from schemas.events import UserEvent
from tests.builders import CHAT, USERS, Event, instant, message, offline, online, user_event

TIMEOUT, GRACE = 1800, 10


def everybody(user_id: str) -> bool:
    return True


def roster(*events: Event, grace: int = GRACE, directory: Directory | None = None) -> Roster:
    """The users after these events, in the order of their time."""
    groups = Groups(directory or Directory(), everybody)
    found = Roster(TIMEOUT * 1000, grace * 1000, groups, everybody)
    for event in events:
        see(found, event)
    return found


def see(found: Roster, event: Event) -> None:
    found.advance(event.event_time)
    if isinstance(event, UserEvent):
        found.on_user_event(USERS, event)
    else:
        found.on_message(CHAT, event)


def changes(found: Roster, until: float | None = None) -> list[tuple[str, str, str, float]]:
    if until is not None:
        found.advance(instant(until))
    return [(c.user_id, c.status, c.reason, (c.at - instant(0)) / 1000) for c in found.changes]


def candidates(found: Roster, until: float | None = None) -> list[tuple[int, list[str], bool]]:
    if until is not None:
        found.advance(instant(until))
    return [(r.message.kafka_offset, sorted(r.users), r.returned) for r in found.recipients]


CAME = ("ann", "online", "connected", 0)


def test_the_first_session_brings_a_user_online() -> None:
    found = roster(online("ann", session="s1", offset=4), online("ann", 1, session="s2", offset=5))
    assert changes(found) == [CAME]
    assert found.changes[0].by == (*USERS, 4)


def test_going_away_is_said_after_the_grace_with_the_time_it_happened() -> None:
    found = roster(online("ann"), offline("ann", 50, offset=7))
    assert changes(found, 59.999) == [CAME]
    assert changes(found, 60) == [CAME, ("ann", "offline", "disconnected", 50)]
    assert found.changes[1].by == (*USERS, 7)


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
    assert found.changes[1].by == (None, None, None)


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


def test_who_is_offline_is_a_candidate() -> None:
    assert candidates(roster(message("ann", "bob", offset=3))) == [(3, ["bob"], False)]


def test_who_is_online_is_none() -> None:
    assert candidates(roster(online("bob"), message("ann", "bob", 1)), 1000) == []


def test_a_session_expires_before_what_happens_at_that_instant() -> None:
    found = roster(online("bob"), message("ann", "bob", TIMEOUT), grace=0)
    assert candidates(found) == [(0, ["bob"], False)]


def test_a_message_within_the_grace_waits_until_it_is_over() -> None:
    found = roster(online("bob"), offline("bob", 50), message("ann", "bob", 55, offset=3))
    assert candidates(found, 59.999) == []
    assert candidates(found, 60) == [(3, ["bob"], False)]


def test_a_message_within_the_grace_of_one_who_returns_is_known_as_such() -> None:
    found = roster(
        online("bob"), offline("bob", 50), message("ann", "bob", 55, offset=3), online("bob", 56)
    )
    assert candidates(found, 1000) == [(3, ["bob"], True)]


def test_members_of_a_group_are_those_who_sent_or_joined() -> None:
    found = roster(
        message("ann", group="team", at=0, offset=0),
        user_event("group_join", "bob", 1, group="team"),
        user_event("group_join", "cid", 1, group="crew"),
        message("dan", group="team", at=2, offset=1),
    )
    assert candidates(found) == [(0, ["ann"], False), (1, ["ann", "bob", "dan"], False)]


def test_who_leaves_a_group_is_no_member_until_sending_again() -> None:
    found = roster(
        message("ann", group="team", at=0, offset=0),
        user_event("group_leave", "ann", 1, group="team"),
        message("bob", group="team", at=2, offset=1),
        message("ann", group="team", at=3, offset=2),
    )
    assert [users for _, users, _ in candidates(found)] == [["ann"], ["bob"], ["ann", "bob"]]


def test_members_of_a_listed_group_are_those_listed() -> None:
    directory = Directory(groups={"team": frozenset({"bob", "cid"})})
    found = roster(
        user_event("group_join", "dan", group="team"),
        online("cid", 1),
        message("ann", group="team", at=2),
        directory=directory,
    )
    assert candidates(found) == [(0, ["bob"], False)]


def test_each_member_of_a_group_waits_for_the_end_of_the_own_grace() -> None:
    directory = Directory(groups={"team": frozenset({"bob", "cid"})})
    events = (online("bob"), offline("bob", 5), message("ann", group="team", at=6))
    found = roster(*events, directory=directory)
    assert candidates(found) == [(0, ["cid"], False)]
    assert candidates(found, 15) == [(0, ["cid"], False), (0, ["bob"], False)]


def test_a_message_of_an_unknown_type_makes_no_candidates() -> None:
    odd = message("ann", "bob")
    fields = {name: getattr(odd, name) for name in odd.__struct_fields__}
    assert candidates(roster(type(odd)(**{**fields, "event_type": "system_notice"}))) == []


def test_users_are_forgotten_when_nothing_can_depend_on_them() -> None:
    found = roster(online("ann"), offline("ann", 50))
    found.advance(instant(50 + TIMEOUT - 0.001))
    assert set(found.people) == {"ann"}
    found.advance(instant(50 + TIMEOUT))
    assert not found.people


def test_an_end_without_a_beginning_is_remembered_for_as_long() -> None:
    found = roster(offline("ann", 5))
    see(found, online("ann", 4))
    assert changes(found) == []
    found.advance(instant(5 + TIMEOUT))
    assert not found.people


def test_an_expired_user_is_forgotten_after_going_away() -> None:
    found = roster(online("ann"))
    assert len(changes(found, TIMEOUT + GRACE)) == 2
    assert not found.people


def test_a_late_online_event_changes_nothing_about_an_ended_session() -> None:
    found = roster(online("ann"), offline("ann", 50, session="s1"), offline("ann", 51))
    found.on_user_event(USERS, online("ann", 49, session="s1"))
    assert changes(found, 1000)[-1] == ("ann", "offline", "disconnected", 51)

"""Who is to be told of a message, and when that is known."""

import pytest

from schemas.directory import Directory
from tests.builders import message, offline, online, user_event
from tests.dataflows.rosters import TIMEOUT, candidates, roster

pytestmark = pytest.mark.usefixtures("each_join")


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
